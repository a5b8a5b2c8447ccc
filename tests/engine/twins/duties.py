"""Twin of `engine.duties` in plain Python over dicts, written from docs/reference/duties.md; knows the schema only."""

from collections import defaultdict
from datetime import date, time, timedelta
from typing import Any

from zaidao.engine.schema import ACTIVITY_KINDS, ORG_KINDS

Row = dict[str, Any]
LENGTH = {"month": 1, "quarter": 3, "half": 6, "year": 12}
CODES = {label: code for code, label in ORG_KINDS.items()}
COMMITTEE_POSTS = ("书记", "副书记", "组织委员", "宣传委员", "纪检委员")
DAY = timedelta(days=1)


def plus(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


class World:
    """All rows of a small world. `rules`: the catalogue's (key, subject, applies_to, every, at_least, since), all of confidence S."""

    def __init__(self, tables: dict[str, list[Row]], rules: list[Row], as_of: date) -> None:
        self.orgs = {r["org_id"]: r for r in tables["organisation"]}
        self.posts, self.people = tables.get("appointment", []), tables.get("person", [])
        self.acts, self.rules, self.as_of = tables.get("activity", []), rules, as_of
        made = {r["institution_id"]: r for r in tables.get("institution", [])}
        self.clauses = [{**made[c["institution_id"]], **c} for c in tables.get("clause", [])]
        self.first = self._first_month()

    def _first_month(self) -> date:
        floor = plus(self.as_of.replace(day=1), -24)
        kinds = [k for k in ACTIVITY_KINDS if k != "其他"]
        days = [
            a["held_at"].date() for a in self.acts if a["held_at"] and a["kind"] in kinds and floor <= a["held_at"].date() <= self.as_of
        ]
        if not days:
            return floor
        return max(floor, min(days).replace(day=1) if min(days).day <= 7 else plus(min(days), 1))

    def began(self, org: str) -> date:
        """The founding date; without one, the first start of a term, a post or a meeting."""
        told = self.orgs[org]["established_on"]
        signs = [self.orgs[org]["term_started_on"], *(p["since"] for p in self.posts if p["org_id"] == org)]
        signs += [a["held_at"].date() for a in self.acts if a["org_id"] == org and a["held_at"]]
        return told or min((s for s in signs if s is not None), default=date.min)

    def above(self, org: str) -> list[str]:
        return [org, *(self.above(self.orgs[org]["parent_id"]) if self.orgs[org]["parent_id"] else [])]


def duties_of(world: World, org: str) -> dict[tuple[str, date], tuple[str, str | None]]:
    """(subject, first day) -> (state, deciding record) of every duty due by the day of judgement, in and before the window."""
    out = {}
    for subject in sorted({a["kind"] for a in world.acts if a["held_at"] and a["held_at"].date() <= world.as_of}):
        if subject != "其他":
            out |= {(subject, start): verdict for start, verdict in _subject(world, org, subject).items()}
    return out


def _subject(world: World, org: str, subject: str) -> dict[date, tuple[str, str | None]]:
    periods = _periods(world, org, subject)
    due = [p for p in periods if p["exempt"] is None]
    acts = [a for a in world.acts if a["org_id"] == org and a["kind"] == subject and _day(a) <= world.as_of]
    acts.sort(
        key=lambda a: (
            _day(a) if not a["held_at"] else a["held_at"].date(),
            a["held_at"].time() if a["held_at"] else time.min,
            a["activity_id"],
        )
    )
    _match(due, [a for a in acts if a["held_at"]])
    out: dict[date, tuple[str, str | None]] = {}
    for p in periods:
        if p["end"] - DAY + timedelta(days=p["grace"]) > world.as_of:
            continue
        if p["exempt"]:
            out[p["start"]] = ("exempt", None)
            continue
        unheld = [a["activity_id"] for a in acts if not a["held_at"] and _inside(p, a["planned_for"])]
        out[p["start"]] = _verdict(p, unheld[0] if unheld else None)
    return out


def _day(act: Row) -> date:
    return act["held_at"].date() if act["held_at"] else act["planned_for"]


def _inside(period: Row | None, day: date | None) -> bool:
    return period is not None and day is not None and period["start"] <= day < period["end"]


def _verdict(p: Row, unheld: str | None) -> tuple[str, str | None]:
    own, moved, late = p["own"], p["moved"], p["late"]
    if len(own) >= p["times"]:
        return "kept", own[-1]["activity_id"]
    if len(own) + len(moved) + len(late) < p["times"]:
        return "missed", unheld
    return ("moved" if moved else "kept_late"), p["order"][-1]["activity_id"]


def _match(due: list[Row], acts: list[Row]) -> None:
    for p in due:
        p.update(own=[], moved=[], late=[], order=[])
    left = list(acts)
    for p in due:
        inside = [a for a in acts if _inside(p, a["held_at"].date())]
        stated = {a["activity_id"] for a in inside if _stated(a) and a["planned_for"] is None}
        other = {a["activity_id"] for a in inside for q in due if q is not p and _inside(q, a["planned_for"])}
        inside.sort(key=lambda a: a["activity_id"] in stated | other)  # stable: planned for the period first, then by time
        p["own"] = inside[: p["times"]]
        left = [a for a in left if a not in p["own"]]
    for a in left:
        target, how = _target(due, a)
        if target is not None and len(target["own"]) + len(target["order"]) < target["times"]:
            target[how].append(a)
            target["order"].append(a)


def _target(due: list[Row], act: Row) -> tuple[Row | None, str]:
    day = act["held_at"].date()
    planned = next((p for p in due if _inside(p, act["planned_for"])), None)
    here = next((p for p in due if _inside(p, day)), None)
    if planned is not None and planned is not here and planned["start"] - timedelta(10) <= day < planned["end"] + timedelta(45):
        return planned, "moved"
    begun = here["start"] if here else day.replace(day=1)
    past = next((p for p in due if _inside(p, begun - DAY)), None)
    if past is not None and day < past["end"] + timedelta(past["grace"]):
        return past, "late"
    if past is not None and _stated(act) and day < past["end"] + timedelta(45):
        return past, "moved"
    return None, ""


def _stated(act: Row) -> bool:
    return any(word in (act["title"] or "") for word in ("补开", "(补)", "推迟", "延期", "顺延", "改期"))


def _periods(world: World, org: str, subject: str) -> list[Row]:
    """Periods of the source that holds on each of their days; where its own condition fails, of what would hold without it."""
    first = _laid(world, org, subject, narrow=True)
    second = _laid(world, org, subject, narrow=False) if any(p["source"]["narrow"] for p in _all(world, org, subject)) else []
    good = [p for p in first if p["exempt"] != "condition"]
    filled = [p for p in second if not any(_overlap(p, q) for q in good)]
    kept = [p for p in first if p["exempt"] != "condition" or not any(_overlap(p, q) for q in filled)]
    return sorted(kept + filled, key=lambda p: p["start"])


def _overlap(a: Row, b: Row) -> bool:
    return a["start"] < b["end"] and b["start"] < a["end"]


def _all(world: World, org: str, subject: str) -> list[Row]:
    return [{"source": s} for _, s in _sources(world, org, subject)]


def _laid(world: World, org: str, subject: str, *, narrow: bool) -> list[Row]:
    sources = [(d, s) for d, s in _sources(world, org, subject) if narrow or not s["narrow"]]
    out = []
    holding = {}
    for every, months in LENGTH.items():
        start = date(world.first.year, 1, 1)
        while start <= world.as_of:
            end = plus(start, months)
            if start >= world.first and any(s["every"] == every for _, s in sources):
                days = [start + k * DAY for k in range((end - start).days)]
                holders = {id(holding.setdefault(d, _holder(sources, d))) for d in days}
                holder = holding[start]
                if len(holders) == 1 and holder is not None and holder["every"] == every:
                    out.append(_period(world, org, holder, start, end))
            start = end
    return [p for p in out if p is not None]


def _period(world: World, org: str, source: Row, start: date, end: date) -> Row | None:
    founded, gone = world.began(org), world.orgs[org]["dissolved_on"] or date.max
    if founded >= end or gone <= start:
        return None
    exempt = "life" if founded > start or gone < end else None
    if exempt is None and not all(_met(world, org, c, start) for c in source["conditions"]):
        exempt = "condition"
    if exempt is None and _not_its_ledger(world, org, source["subject"]):
        exempt = "ledger"
    return {"start": start, "end": end, "grace": source["grace"], "times": source["times"], "source": source, "exempt": exempt}


def _not_its_ledger(world: World, org: str, subject: str) -> bool:
    """Meetings of a group that its branch files; committee meetings of a branch under seven that never filed one."""
    files = {a["org_id"] for a in world.acts if a["kind"] == subject and a["held_at"] and _day(a) <= world.as_of}
    if world.orgs[org]["kind"] == "group" and org not in files and world.orgs[org]["parent_id"] in files:
        return True
    return subject == "支委会" and org not in files and world.people != [] and _full(world, org, world.as_of) < 7


def _full(world: World, org: str, day: date) -> int:
    groups = (
        {o for o, r in world.orgs.items() if r["kind"] == "group" and r["parent_id"] == org}
        if world.orgs[org]["kind"] == "branch"
        else set()
    )
    mine = [p for p in world.people if p["org_id"] in {org, *groups}]
    return sum(p["category"] == "full" and (p["full_since"] or date.min) <= day for p in mine)


def _met(world: World, org: str, condition: str, day: date) -> bool:
    if condition in ("设支委会", "不设支委会"):
        mine = [p for p in world.posts if p["org_id"] == org and p["post"] in COMMITTEE_POSTS]
        term = world.orgs[org]["term_started_on"]
        at_term = lambda p: p["since"] is None or (term is not None and abs((p["since"] - term).days) <= 31)  # noqa: E731
        sitting = {p["person_id"] for p in mine if (at_term(p) or p["since"] <= day) and (p["until"] is None or p["until"] > day)}
        return (len(sitting) >= 3) == (condition == "设支委会")
    if condition == "设党小组":
        groups = {o: r for o, r in world.orgs.items() if r["kind"] == "group" and r["parent_id"] == org}
        return any(world.began(o) <= day < (r["dissolved_on"] or date.max) for o, r in groups.items())
    return _full(world, org, day) >= int(condition.removeprefix("正式党员数≥"))


def _sources(world: World, org: str, subject: str) -> list[tuple[int, Row]]:
    """(distance, source): local clauses by how far up they were made; the catalogue's rules with distance -1."""
    kind, above = world.orgs[org]["kind"], world.above(org)
    out: list[tuple[int, Row]] = []
    implied: dict[str, list[str]] = defaultdict(list)
    for rule in world.rules:
        kinds, conditions = _applies(rule["applies_to"])
        implied[rule["subject"]] = conditions
        if rule["subject"] == subject and kind in kinds:
            out.append((-1, {**rule, "conditions": conditions, "grace": 0, "times": rule["at_least"], "until": date.max, "narrow": False}))
    for c in world.clauses:
        kinds, conditions = _applies(c["applies_to"] or "")
        bound = c["org_id"] in above and (kind in kinds or (not kinds and c["org_id"] == org))
        if c["subject"] == subject and bound and c["every"] in LENGTH:
            extra = [x for x in implied[subject] if x not in conditions]
            out.append(
                (
                    above.index(c["org_id"]),
                    {
                        "key": f"{c['institution_id']}|{c['article']}",
                        "subject": subject,
                        "every": c["every"],
                        "times": c["at_least"] or 1,
                        "grace": c["grace_days"] or 0,
                        "since": c["adopted_on"] or date.min,
                        "until": c["repealed_on"] or date.max,
                        "conditions": conditions + extra,
                        "narrow": bool(set(conditions) - set(implied[subject])),
                    },
                )
            )
    return out


def _applies(text: str) -> tuple[set[str], list[str]]:
    head, *conditions = text.split("且")
    return {CODES[part] for part in head.split("、") if part}, conditions


def _holder(sources: list[tuple[int, Row]], day: date) -> Row | None:
    """The nearest local clause in force; the catalogue's rule where there is none or the clause asks for less."""
    force = [(d, s) for d, s in sources if s["since"] <= day < s["until"]]
    rule = next((s for d, s in force if d < 0), None)
    local = [(d, s) for d, s in force if d >= 0]
    if not local:
        return rule
    near = min(d for d, _ in local)
    strict = sorted((s for d, s in local if d == near), key=lambda s: (-s["times"] / LENGTH[s["every"]], LENGTH[s["every"]], s["key"]))[0]
    if rule is None:
        return strict
    months, least = LENGTH[strict["every"]], LENGTH[rule["every"]]
    return strict if months <= least and strict["times"] / months >= rule["times"] / least else rule
