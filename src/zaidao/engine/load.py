"""Hours that the posts held at the same time ask for, per holder and organisation (SIGNALS 4.7; data/hours.csv).

Standard hours of a post are uncertain by 30 %, independently from post to post, so that of a sum is the root of the summed
squares. The first administrative post of a person is the line job and costs nothing extra. Shown inside one organisation
only, ordered by post: never a list of persons.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import hypot
from typing import Any

import pyarrow as pa

from zaidao.engine.catalogue import Catalogue
from zaidao.engine.context import Context

LOAD = pa.schema([
    ("org_id", pa.string()), ("post", pa.string()), ("person_id", pa.string()), ("domain", pa.string()), ("full_time", pa.bool_()),
    ("acting", pa.bool_()), ("hours", pa.float64()), ("person_hours", pa.float64()), ("person_low", pa.float64()),
    ("person_high", pa.float64()), ("posts_at_once", pa.int32()), ("capacity", pa.float64()), ("next_quarter", pa.int32()),
    ("hanging", pa.int32()), ("hanging_share", pa.float64()), ("would_stop", pa.string()), ("ord", pa.int32()),
])
MASS_WORDS = ("工会", "团", "女工", "妇", "武装")
PREFIXES = ("党支部", "支部", "党总支", "总支", "党委", "机关")


@dataclass(frozen=True)
class Post:
    """One post in office at T. `since` is None where it is known to be older than anything on file, e.g. held before re-election."""

    person_id: str
    org_id: str
    post: str
    domain: str
    full_time: bool | None
    acting: bool
    since: date | None
    started_known: bool


@dataclass
class Holder:
    """One person's posts with hours each, and their sum with its bounds (hours a month)."""

    posts: list[Post]
    hours: list[float] = field(default_factory=list)
    at_once: int = 0
    low: float = 0.0
    high: float = 0.0
    capacity: float = 0.0

    @property
    def total(self) -> float:
        return sum(self.hours)

    @property
    def full_time(self) -> bool:
        return any(p.full_time for p in self.posts)


@dataclass(frozen=True)
class Scale:
    """Standard hours and thresholds of one catalogue, looked up once."""

    hours: Mapping[tuple[str, str, str], float]
    line_job: float
    beside: float
    full_time: float
    spread: float
    pairs: Mapping[str, list[str]]
    acting: tuple[str, ...]
    slack: timedelta
    steady: timedelta

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Scale":
        param = catalogue.param
        hours: dict[tuple[str, str, str], float] = {}
        for row in catalogue.hours:
            hours[row["domain"], row["post"], row["organisation_kind"]] = float(row["hours_a_month"])
            hours.setdefault((row["domain"], row["post"], "any"), float(row["hours_a_month"]))
        return cls(
            hours, hours["administrative", "第二个及以上行政职务", "any"],
            hours["", "capacity_beside_line_job", ""], hours["", "capacity_full_time", ""],
            param("overloaded_posts.hours_spread"), param("overloaded_posts.pairs"), tuple(param("overloaded_posts.acting_words")),
            timedelta(days=param("overloaded_posts.term_slack_days")), timedelta(days=param("overloaded_posts.at_once_days")),
        )

    def of_post(self, post: "Post", kind: str | None) -> float:
        """Hours a month of one post, by name and kind of organisation; what the table lacks falls to 其他 of its domain."""
        if post.domain == "administrative":
            return self.line_job
        name = bare(post.post) if post.domain == "party" else post.post
        other = "其他委员" if post.domain == "party" else "其他群团职务"
        found = self.hours.get((post.domain, name, str(kind)))
        return found if found is not None else self.hours.get((post.domain, name, "any"), self.hours[post.domain, other, "any"])


def holders(ctx: Context) -> dict[str, Holder]:
    """Everyone in office at T, by person; computed once per run."""
    return ctx.once("holders", lambda: _holders(ctx))  # type: ignore[no-any-return]


def _holders(ctx: Context) -> dict[str, Holder]:
    kinds = dict(zip(ctx.orgs["org_id"].to_pylist(), ctx.orgs["kind"].to_pylist(), strict=True))
    scale = Scale.of(ctx.catalogue)
    found: dict[str, list[Post]] = defaultdict(list)
    for post in in_office(ctx, scale):
        found[post.person_id].append(post)
    return {person: weigh(posts, kinds, scale, ctx.as_of) for person, posts in sorted(found.items())}


def in_office(ctx: Context, scale: Scale) -> list[Post]:
    """Posts held at T, each (person, organisation, post) once with its earliest start, by organisation, post and person."""
    terms = dict(zip(ctx.orgs["org_id"].to_pylist(), ctx.orgs["term_started_on"].to_pylist(), strict=True))
    rows = [r for r in ctx.facts.table("appointment").to_pylist() if r["org_id"] in terms and r["person_id"] and r["post"]]
    left = predecessors(rows)
    earliest: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        if (row["since"] is None or row["since"] <= ctx.as_of) and (row["until"] is None or row["until"] > ctx.as_of):
            key = (row["org_id"], row["post"], row["person_id"])
            if key not in earliest or (row["since"] or date.max) < (earliest[key]["since"] or date.max):
                earliest[key] = row
    return [held(earliest[key], terms[key[0]], left, scale) for key in sorted(earliest)]


def predecessors(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[tuple[str, date]]]:
    """Who left which post when."""
    found: dict[tuple[str, str], list[tuple[str, date]]] = defaultdict(list)
    for row in rows:
        if row["until"]:
            found[row["org_id"], row["post"]].append((row["person_id"], row["until"]))
    return found


def held(row: Mapping[str, Any], term: date | None, predecessors: Mapping[tuple[str, str], list[tuple[str, date]]], scale: Scale) -> Post:
    """A post that dates from the term's start counts as held before, unless somebody else left it just then."""
    since, left = row["since"], predecessors.get((row["org_id"], row["post"]), ())
    at_term = bool(since and term and abs(since - term) <= scale.slack)
    until = [day for who, day in left if who != row["person_id"]]
    renewed = at_term and not any(since - 2 * scale.slack <= day <= since + scale.slack for day in until)
    said = f"{row['tenure'] or ''}{row['basis'] or ''}{row['post']}"
    acting = any(word in said for word in scale.acting)
    full_time = None if row["full_time"] is None else row["full_time"] == "yes"
    return Post(
        row["person_id"], row["org_id"], row["post"], domain_of(row), full_time, acting,
        since=None if renewed else since, started_known=renewed or since is not None,
    )


def domain_of(row: Mapping[str, Any]) -> str:
    """The post's domain, from the name where the column is empty."""
    if row["domain"]:
        return str(row["domain"])
    if any(word in row["post"] for word in MASS_WORDS):
        return "mass"
    return "party" if row["post"].endswith(("书记", "委员", "干事")) or row["post"] == "党小组组长" else "administrative"


def weigh(posts: list[Post], kinds: Mapping[str, str | None], scale: Scale, day: date) -> Holder:
    """Hours of each post and of all, and how many posts have been held at once for long enough, acting ones left out."""
    holder = Holder(posts)
    has_line_job = False
    for post in posts:
        joined = paired(post, posts, scale)
        line = post.domain == "administrative" and not post.acting and not joined
        free = post.acting or joined or (line and not has_line_job)
        holder.hours.append(0.0 if free else scale.of_post(post, kinds.get(post.org_id)))
        has_line_job |= line
    spread = scale.spread * hypot(*holder.hours)
    holder.low, holder.high = max(holder.total - spread, 0.0), holder.total + spread
    holder.capacity = scale.full_time if holder.full_time else scale.beside
    holder.at_once = posts_at_once(posts, scale, day)
    return holder


def posts_at_once(posts: list[Post], scale: Scale, day: date) -> int:
    """Posts held together for longer than the least time; those of one committee and pairs that the rules require count once."""
    steady = [p for p in posts if not p.acting and p.started_known and (p.since is None or p.since < day - scale.steady)]
    committees = {p.org_id for p in steady if p.domain == "party"}
    return len(committees) + sum(p.domain != "party" and not paired(p, steady, scale) for p in steady)


def paired(post: Post, posts: list[Post], scale: Scale) -> bool:
    """Whether an administrative post is one that the rules join to a Party post held in the same organisation."""
    if post.domain != "administrative":
        return False
    party = (bare(p.post) for p in posts if p.org_id == post.org_id and p.domain == "party")
    return any(post.post in scale.pairs.get(name, ()) for name in party)


def bare(post: str) -> str:
    """The post without the body's name before it: 支部书记 is 书记."""
    for prefix in PREFIXES:
        if post.startswith(prefix) and len(post) > len(prefix):
            return post.removeprefix(prefix)
    return post


def build(ctx: Context) -> pa.Table:
    """LOAD: every post held at T, organisations in tree order, posts in the order of data/hours.csv; empty without appointments."""
    if not ctx.facts.has("appointment", "post"):
        return LOAD.empty_table()
    hanging, due = _hanging(ctx)
    position = {org: i for i, org in enumerate(ctx.tree.order)}
    order = {r["post"]: i for i, r in reversed(list(enumerate(ctx.catalogue.hours)))}
    rows = []
    for person, holder in holders(ctx).items():
        for post, hours in zip(holder.posts, holder.hours, strict=True):
            subjects = hanging.get((post.org_id, person), {})
            rows.append(_row(post, hours, holder, subjects, due.get(post.org_id)))
    rows.sort(key=lambda r: (position[r["org_id"]], order.get(bare(r["post"]), len(order)), r["post"], r["person_id"]))
    return pa.Table.from_pylist([r | {"ord": i} for i, r in enumerate(rows)], LOAD)


def _row(post: Post, hours: float, holder: Holder, subjects: Mapping[str, int], due: int | None) -> dict[str, Any]:
    resting = sum(subjects.values())
    return {
        "org_id": post.org_id, "post": post.post, "person_id": post.person_id, "domain": post.domain, "full_time": post.full_time,
        "acting": post.acting, "hours": hours,
        "person_hours": holder.total, "person_low": round(holder.low, 6), "person_high": round(holder.high, 6),
        "posts_at_once": holder.at_once, "capacity": holder.capacity, "next_quarter": due, "hanging": resting if due else None,
        "hanging_share": round(resting / due, 6) if due else None,
        "would_stop": "、".join(sorted(s for s, n in subjects.items() if n)) if due else None,
    }


def _hanging(ctx: Context) -> tuple[dict[tuple[str, str], dict[str, int]], dict[str, int]]:
    """(organisation, person) -> subject -> duties of the next quarter, as last year's, whose records only they write or chair;
    and organisation -> all duties of that quarter. Empty without duties or recorders."""
    if "duty" not in ctx.engine.names():
        return {}, {}
    duty = ctx.t("duty")
    months = list(range(ctx.param("overloaded_posts.next_months")))
    asked = duty.filter(duty.m.isin(months) & (duty.state != "exempt")).group_by("org_id", "subject").agg(due=lambda t: t.count())
    sole = _sole_hands(ctx)
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    due: Counter[str] = Counter()
    for row in ctx.run(asked.order_by("org_id", "subject")).to_pylist():
        due[row["org_id"]] += row["due"]
        for person in sole.get((row["org_id"], row["subject"]), ()):
            found[row["org_id"], person][row["subject"]] = row["due"]
    return found, dict(due)


def _sole_hands(ctx: Context) -> dict[tuple[str, str], set[str]]:
    """(organisation, kind of activity) -> who alone recorded, or alone chaired, nearly all of them in W."""
    act = ctx.t("act")
    held = act.filter(act.held & act.m.notnull())
    least, share = ctx.param("overloaded_posts.sole_records"), ctx.param("overloaded_posts.sole_share")
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for column in ("recorder_id", "host_id"):
        if ctx.facts.has("activity", column):
            known = held.filter(held[column].notnull()).group_by("org_id", "kind", person=held[column]).agg(times=lambda t: t.count())
            total = known.group_by("org_id", "kind").agg(total=known.times.sum())
            both = known.inner_join(total, ["org_id", "kind"])
            for row in ctx.run(both.filter((both.total >= least) & (both.times >= both.total * share))).to_pylist():
                found[row["org_id"], row["kind"]].add(row["person"])
    return found
