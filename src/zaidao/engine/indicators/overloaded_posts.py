"""岗位负荷偏重: how much of an organisation's Party-post hours rests on people over capacity (SIGNALS 4.7).

Over capacity: four posts or more at once for over three months, and more hours a month than fit beside a line job.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from zaidao.engine.context import Context
from zaidao.engine.indicators.base import EVIDENCE, Ruled, nothing
from zaidao.engine.load import Holder, Post, bare, holders

NEEDED = {"post": "职务", "since": "任职日期", "full_time": "专兼职"}


@dataclass
class _Shares:
    """An organisation's Party posts: hours and number, and of these what rests on people over capacity (surely, and at most)."""

    hours: float = 0.0
    posts: int = 0
    over: dict[str, float] = field(default_factory=lambda: {"low": 0.0, "mid": 0.0, "high": 0.0})
    over_posts: dict[str, int] = field(default_factory=lambda: {"low": 0, "mid": 0, "high": 0})
    people: set[str] = field(default_factory=set)

    def share(self, bound: str) -> float:
        return self.over[bound] / self.hours if self.hours else 0.0

    def largest(self, bound: str) -> float:
        """By hours or by posts: whichever shows more. One of five committee posts counts, though a secretary's hours outweigh it."""
        return max(self.share(bound), self.over_posts[bound] / self.posts if self.posts else 0.0)


def overloaded_posts(ctx: Context) -> Ruled:
    """Severity 2 where the share exceeds the floor even with hours at their lower bound, 3 where it exceeds twice the floor,
    1 where it does so only at the standard hours."""
    for column, header in NEEDED.items():
        if not ctx.facts.has("appointment", column):
            return nothing(Ruled, f"任职表没有“{header}”,无法判断岗位负荷")  # type: ignore[return-value]
    people = holders(ctx)
    shares = _shares(ctx, people)
    rows = [_row(ctx, org, shares[org], people) for org in _judged(ctx) if org in shares and shares[org].posts]
    return Ruled(pa.Table.from_pylist(rows) if rows else nothing(Ruled, "").table, _evidence(rows, shares, people))


def _judged(ctx: Context) -> list[str]:
    return [org for org, judged in zip(ctx.orgs["org_id"].to_pylist(), ctx.orgs["judged"].to_pylist(), strict=True) if judged]


def _shares(ctx: Context, people: Mapping[str, Holder]) -> dict[str, _Shares]:
    found: dict[str, _Shares] = defaultdict(_Shares)
    relieved = {p.org_id for h in people.values() for p in h.posts if p.full_time and p.domain == "party"}
    small = _small(ctx, people)
    for person, holder in people.items():
        bounds = _over(ctx, holder)
        for post, hours in zip(holder.posts, holder.hours, strict=True):
            if post.domain == "party" and not post.acting:
                spared = post.org_id in relieved or post.org_id in small
                _count(found[post.org_id], person, hours, () if spared else bounds)
    return found


def _over(ctx: Context, holder: Holder) -> tuple[str, ...]:
    """At which bounds of the hours this person is over capacity; full-time holders never are."""
    if holder.full_time or holder.at_once < ctx.param("overloaded_posts.least_posts"):
        return ()
    return tuple(b for b, hours in (("low", holder.low), ("mid", holder.total), ("high", holder.high)) if hours > holder.capacity)


def _small(ctx: Context, people: Mapping[str, Holder]) -> set[str]:
    """Branches under seven members whose only Party post is the one secretary that the rules prescribe."""
    columns = (ctx.orgs[name].to_pylist() for name in ("org_id", "kind", "full_members"))
    size = {org: (kind, members) for org, kind, members in zip(*columns, strict=True)}
    posts: dict[str, list[Post]] = defaultdict(list)
    for holder in people.values():
        for post in holder.posts:
            if post.domain == "party":
                posts[post.org_id].append(post)
    least = ctx.param("overloaded_posts.committee_from")
    return {
        org for org, held in posts.items()
        if size[org][0] == "branch" and (size[org][1] or least) < least and [bare(p.post) for p in held] == ["书记"]
    }


def _count(shares: _Shares, person: str, hours: float, bounds: tuple[str, ...]) -> None:
    shares.hours += hours
    shares.posts += 1
    for bound in bounds:
        shares.over[bound] += hours
        shares.over_posts[bound] += 1
    if "mid" in bounds:
        shares.people.add(person)


def _row(ctx: Context, org: str, shares: _Shares, people: Mapping[str, Holder]) -> dict[str, Any]:
    floor = ctx.param("overloaded_posts.floor")
    surely, probably = shares.largest("low"), shares.largest("mid")
    severity = 3 if surely > 2 * floor else 2 if surely > floor else int(probably > floor)
    over = [people[p] for p in sorted(shares.people)]
    return {
        "org_id": org, "score": shares.share("mid"), "low": shares.share("low"), "high": shares.share("high"), "severity": severity,
        "k": shares.over_posts["mid"], "n": shares.posts, "persons": len(over), "posts_at_once": max((h.at_once for h in over), default=0),
        "hours": max((h.total for h in over), default=0.0), "hours_low": max((h.low for h in over), default=0.0),
        "hours_high": max((h.high for h in over), default=0.0), "capacity": max((h.capacity for h in over), default=0.0),
    }


def _evidence(rows: list[dict[str, Any]], shares: Mapping[str, _Shares], people: Mapping[str, Holder]) -> pa.Table:
    """The people over capacity and every post they hold, wherever."""
    out = []
    for row in rows:
        keys: list[str] = []
        for person in sorted(shares[row["org_id"]].people) if row["severity"] else ():
            keys.append(f"person:{person}")
            keys += [f"appointment:{p.person_id}|{p.org_id}|{p.post}" for p in people[person].posts if not p.acting]
        out += [{"org_id": row["org_id"], "key": key, "ord": i} for i, key in enumerate(keys)]
    return pa.Table.from_pylist(out, EVIDENCE)
