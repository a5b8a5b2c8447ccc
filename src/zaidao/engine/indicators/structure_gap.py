"""组织设置待补: posts, committee, term and size against the rules, for full members on the roster (SIGNALS 4.1)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from zaidao.engine import extensions
from zaidao.engine.context import Context
from zaidao.engine.duties.conditions import day_of, full_members
from zaidao.engine.frame import is_committee_post
from zaidao.engine.indicators.base import EVIDENCE, RULED_FIELDS, Ruled, nothing
from zaidao.engine.sentences import day

RULED = pa.schema([
    *RULED_FIELDS, ("required", pa.int32()), ("open", pa.int32()), ("unknown_items", pa.int32()), ("problems", pa.string()),
    ("full_members", pa.int32()), ("term_ends", pa.date32()), ("vacant_months", pa.float64()),
])
SECRETARY, COMMITTEE, TERM, SIZE = "书记", "支部委员会", "任期", "规模"
PLAIN = "委员"  # a member of the committee without a named portfolio

Tenures = Mapping[str, list[tuple[date, date]]]  # required post -> [since, until) of its holders


@dataclass(frozen=True)
class Item:
    """One requirement. severity 0: met; None: cannot be told. `words` name what is open."""

    name: str
    severity: int | None
    words: str = ""
    vacant_days: int | None = None


def structure_gap(ctx: Context) -> Ruled:
    """A verdict per judged branch, general branch and committee; score = share of requirements open, unknown ones give the bounds."""
    facts = ctx.facts
    if not (facts.has("appointment", "post") or facts.has("organisation", "term_started_on") or facts.has("person", "category")):
        return nothing(Ruled, "没有任职、本届开始日期和人员类别,组织设置不作判断")
    tenures, before = _tenures(ctx), _members_before(ctx)
    rows = []
    for org in extended(ctx):
        if org["judged"] and org["kind"] != "group" and not _silent(org, ctx):
            held = tenures.get(org["org_id"], {}) if tenures is not None else None
            rows.append(_verdict(org, _items(org, held, before, ctx), term_ends(org, ctx.catalogue.rule("branch.term_years").values)))
    table = pa.Table.from_pylist(sorted(rows, key=lambda r: r["org_id"]), RULED)
    found = [r["org_id"] for r in table.to_pylist() if r["severity"]]
    evidence = pa.table({"org_id": found, "key": [f"organisation:{o}" for o in found], "ord": [0] * len(found)}, schema=EVIDENCE)
    return Ruled(table, evidence)


def extended(ctx: Context) -> list[dict[str, Any]]:
    """The organisations; where a term is over, the extension that the records tell stands in for the column.

    An extension without a day leaves the term unknown.
    """
    orgs, years = ctx.orgs.to_pylist(), ctx.catalogue.rule("branch.term_years").values
    over = {o["org_id"] for o in orgs if o["judged"] and (ends := term_ends(o, years)) and ends < ctx.as_of}
    told = ctx.once("extensions", lambda: extensions.told(ctx, over))
    changes = {org: {"extended_to": until} if until else {"term_started_on": None} for org, until in told.items()}
    return [o | changes.get(o["org_id"], {}) for o in orgs]


def _silent(org: Mapping[str, Any], ctx: Context) -> bool:
    """New, joint and temporary organisations."""
    days = ctx.param("structure_gap.settling_days")
    new = org["established_on"] is not None and (ctx.as_of - org["established_on"]).days < days
    return new or org["form"] in ctx.param("structure_gap.silent_forms")


@cache
def role(post: str | None) -> str | None:
    """The required post that a title fills: 书记, 组织委员, 宣传委员, both as `组织宣传委员`; 委员 without a portfolio; None for others."""
    if not is_committee_post(post) or post is None:
        return None
    if post.endswith("书记"):
        return None if "副" in post or "纪" in post else SECRETARY
    named = [w for w in ("组织", "宣传") if w in post or "组宣" in post]
    return "".join(named) + "委员" if named else PLAIN if post.endswith(("支委", "支部委员")) or post == PLAIN else "其他委员"


def _tenures(ctx: Context) -> dict[str, dict[str, list[tuple[date, date]]]] | None:
    """Organisation -> required post -> tenures [since, until); a deputy who runs the branch holds the secretary's."""
    if not ctx.facts.has("appointment", "post"):
        return None
    found: dict[str, dict[str, list[tuple[date, date]]]] = defaultdict(lambda: defaultdict(list))
    for row in ctx.facts.table("appointment", ["org_id", "post", "domain", "since", "until", "tenure"]).to_pylist():
        held = role(row["post"]) if row["domain"] in ("party", None) else None
        if row["tenure"] == "主持工作" and is_committee_post(row["post"]):
            held = SECRETARY
        for name in _fills(held):
            found[row["org_id"]][name].append((row["since"] or date.min, row["until"] or date.max))
    return found


def _fills(held: str | None) -> tuple[str, ...]:
    if held is None:
        return ()
    if held == SECRETARY:
        return (SECRETARY,)
    return (COMMITTEE, *(("组织委员", "宣传委员") if held == "组织宣传委员" else (held,)))


def _members_before(ctx: Context) -> Mapping[str, int] | None:
    """Full members as many days ago as a crossed limit is left alone."""
    if not ctx.facts.has("person", "category"):
        return None
    then = day_of(ctx.as_of - timedelta(days=ctx.param("structure_gap.settling_days")))
    return dict(zip(ctx.orgs["org_id"].to_pylist(), full_members(ctx, np.array([then]))[0].tolist(), strict=True))


def _items(org: Mapping[str, Any], tenures: Tenures | None, before: Mapping[str, int] | None, ctx: Context) -> list[Item]:
    branch, now = org["kind"] == "branch", org["full_members"]
    steady = None if now is None or before is None or not org["members"] else min(now, before[org["org_id"]])
    items = [_post(org, SECRETARY, tenures, ctx), _term(org, ctx)]
    if not branch:
        return items
    items.append(_size(now, steady, ctx))
    if steady is not None and steady >= ctx.catalogue.rule("branch.committee_required_from").value:
        items += _committee(org, tenures, ctx)
    return items


def _post(org: Mapping[str, Any], name: str, tenures: Tenures | None, ctx: Context) -> Item:
    """Vacant since the last holder left; without a former holder on file since the term began."""
    if tenures is None:
        return Item(name, None)
    held = tenures.get(name, [])
    if any(since <= ctx.as_of < until for since, until in held) or (name != SECRETARY and _open_portfolio(tenures, ctx.as_of)):
        return Item(name, 0)
    left = [until for since, until in held if until <= ctx.as_of]
    since = max(left, default=org["term_started_on"] or org["established_on"])
    if since is None:
        return Item(name, None)
    days = (ctx.as_of - since).days
    severity = 2 if days > ctx.param("structure_gap.vacant_days") else 1
    if name in (SECRETARY, COMMITTEE) and days > ctx.param(f"structure_gap.{'secretary' if name == SECRETARY else 'committee'}_days"):
        severity = 3
    words = "应设未设支部委员会" if name == COMMITTEE else f"{name}空缺"
    return Item(name, severity, f"{words}约{round(days / 30.4375)}个月", days)


def _open_portfolio(tenures: Tenures, on: date) -> bool:
    """A committee member without a named portfolio is in office: who has which portfolio cannot be told."""
    return any(since <= on < until for since, until in tenures.get(PLAIN, []))


def _committee(org: Mapping[str, Any], tenures: Tenures | None, ctx: Context) -> list[Item]:
    """No committee at all is one item; otherwise each required post of it."""
    committee = _post(org, COMMITTEE, tenures, ctx)
    if committee.severity is None or committee.severity > 0:
        return [committee]
    return [committee, *(_post(org, name, tenures, ctx) for name in ctx.param("structure_gap.committee_posts"))]


def _term(org: Mapping[str, Any], ctx: Context) -> Item:
    """Days over the term, or over the approved extension; an unknown start is not judged."""
    ends = term_ends(org, ctx.catalogue.rule("branch.term_years").values)
    if ends is None:
        return Item(TERM, None)
    over = (ctx.as_of - ends).days
    if over <= 0:
        return Item(TERM, 0)
    return Item(TERM, 2 if over > ctx.param("structure_gap.over_term_days") else 1, f"本届已于{day(ends)}届满未换届")


def term_ends(org: Mapping[str, Any], years: Mapping[str, int]) -> date | None:
    """The day the term ends: its length on file or by the rules, or the day it was extended to."""
    start, length = org["term_started_on"], org["term_years"] or years.get(org["kind"] or "")
    if start is None or length is None:
        return None
    month = start.year * 12 + start.month - 1 + round(length * 12)
    last = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    ends = date(month // 12, month % 12 + 1, min(start.day, last.day))
    return max(ends, org["extended_to"] or ends)


def _size(now: int | None, steady: int | None, ctx: Context) -> Item:
    if now is None or steady is None:
        return Item(SIZE, None)
    most, least = ctx.catalogue.rule("branch.max_members_soft").value, ctx.catalogue.rule("branch.min_formal_members").value
    if steady > most:
        plain = steady > most * (1 + ctx.param("structure_gap.oversize"))
        return Item(SIZE, 2 if plain else 1, f"正式党员{now}人,超过一般上限{most}人")
    return Item(SIZE, 1, f"正式党员{now}人,不足成立支部的{least}人") if now < least else Item(SIZE, 0)


def _verdict(org: Mapping[str, Any], items: list[Item], ends: date | None) -> dict[str, Any]:
    open_ones, unknown = [i for i in items if i.severity], [i for i in items if i.severity is None]
    known = len(items) - len(unknown)
    vacant = [i.vacant_days for i in open_ones if i.vacant_days is not None]
    return {
        "org_id": org["org_id"], "score": len(open_ones) / known if known else 0.0, "low": len(open_ones) / len(items),
        "high": (len(open_ones) + len(unknown)) / len(items), "severity": max((i.severity or 0 for i in items), default=0),
        "required": len(items), "open": len(open_ones), "unknown_items": len(unknown), "problems": "、".join(i.words for i in open_ones),
        "full_members": org["full_members"], "term_ends": ends, "vacant_months": round(max(vacant) / 30.4375, 1) if vacant else None,
    }
