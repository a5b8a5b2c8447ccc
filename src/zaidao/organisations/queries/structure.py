"""What the judgement of structure stands on, for one organisation or a page of them, and the lists of an office.

Always four queries, for one organisation as for many.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q

from zaidao.engine import catalogue, structure
from zaidao.engine.structure import Case
from zaidao.organisations import access
from zaidao.organisations.decisions import structure as decisions
from zaidao.organisations.decisions.structure import Bodies, Judged, Line
from zaidao.organisations.models import Appointment, Link, Membership, Organisation, Term

BATCH, SHOWN = 200, 40  # organisations looked through for one page, and lines of organisations shown on it
LISTS = {"open": "有待补的", "vacant": "岗位空缺", "term": "任期届满", "size": "人数", "all": "全部组织"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One organisation with its verdict and the lines that the list asks for."""

    organisation: Organisation
    judged: Judged
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Listing:
    """A part of the list in the tree's order. `seen`: organisations looked through; `after`: where the next part begins, or empty."""

    entries: list[Entry]
    seen: int
    after: str


def judged(organisation: Organisation, day: date) -> Judged:
    """The verdict on one organisation. Four queries."""
    return judge_all([organisation], day)[organisation.pk]


def judge_all(organisations: Sequence[Organisation], day: date) -> dict[int, Judged]:
    """Number -> verdict. Four queries."""
    known = catalogue.load()
    return {pk: decisions.judge(bodies, day, known) for pk, bodies in _bodies(organisations, day).items()}


def listing(day: date, *, what: str = "open", under: str = "", after: str = "") -> Listing:
    """The next organisations of the list `what` behind the path `after`, in the tree's order. Five queries.

    A verdict is no column, so a page looks through a batch and says how many it has looked through.
    """
    rows = Organisation.objects.within(access.PEOPLE).filter(dissolved_on=None, path__gt=after).exclude(kind="group").under(under)
    batch = list(rows.order_by("path")[:BATCH + 1])
    verdicts = judge_all(batch[:BATCH], day)
    found: list[Entry] = []
    for seen, org in enumerate(batch[:BATCH], 1):
        lines = wanted(verdicts[org.pk], what)
        if lines or what == "all":
            found.append(Entry(org, verdicts[org.pk], lines))
        if len(found) == SHOWN and seen < len(batch):
            return Listing(found, seen, org.path)
    return Listing(found, min(len(batch), BATCH), batch[BATCH - 1].path if len(batch) > BATCH else "")


def wanted(verdict: Judged, what: str) -> tuple[Line, ...]:
    """The open lines that a list is about."""
    if what == "vacant":
        return tuple(line for line in verdict.open if line.vacancy)
    if what == "term":
        return tuple(line for line in verdict.open if line.name == structure.TERM)
    if what == "size":
        return tuple(line for line in verdict.open if not line.vacancy and line.name != structure.TERM)
    return verdict.open


def _bodies(organisations: Sequence[Organisation], day: date) -> dict[int, Bodies]:
    numbers = [o.pk for o in organisations]
    groups = _groups(numbers)
    counts = _counts([*numbers, *(g for found in groups.values() for g in found)], day)
    terms = {t.organisation_id: t for t in Term.objects.filter(organisation__in=numbers, ended_on=None)}
    held = _appointments(numbers)
    return {
        org.pk: _one(org, _sum(counts, (org.pk, *groups.get(org.pk, ()))), terms.get(org.pk), held.get(org.pk, []), day)
        for org in organisations
    }


def _one(org: Organisation, counts: Mapping[str, int], term: Term | None, held: list[Row], day: date) -> Bodies:
    years = float(term.years) if term and term.years is not None else None
    case = Case(
        org.kind, org.form, org.established_on, term.started_on if term else None, years, term.extended_to if term else None,
        counts["now"], counts["before"], counts["members"], structure.tenures(held),
    )
    now = [r for r in held if (r["since"] or date.min) <= day < (r["until"] or date.max)]
    elected = [r for r in now if r["domain"] in ("party", None) and structure.is_committee_post(r["post"])]
    deputies = len({r["person"] for r in elected if structure.is_deputy(r["post"])})
    return Bodies(case, _there(now), len({r["person"] for r in elected}), deputies)


def _there(now: Iterable[Row]) -> dict[str, str]:
    """Required post -> who holds it."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in now:
        for name in structure.fills(row["post"], row["domain"], row["tenure"]):
            found[name].append(row["name"] + (f"({row['tenure']})" if row["tenure"] in ("代理", "主持工作") else ""))
    return {name: "、".join(dict.fromkeys(people)) for name, people in found.items()}


def _groups(numbers: Collection[int]) -> dict[int, list[int]]:
    """Branch -> its groups today: their members are the branch's."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Link.objects.filter(parent__in=numbers, parent__kind="branch", until=None, child__kind="group", child__dissolved_on=None)
    for parent, child in rows.values_list("parent_id", "child_id"):
        found[parent].append(child)
    return found


def _counts(numbers: Collection[int], day: date) -> dict[int, dict[str, int]]:
    """Organisation -> full members now, as long ago as a crossed limit is left alone, and all members; as the engine counts them."""
    then = day - timedelta(days=catalogue.load().param("structure_gap.settling_days"))
    full = Q(person__category="full")
    before = full & _there_on(then) & (Q(person__full_since=None) | Q(person__full_since__lte=then))
    rows = Membership.objects.filter(organisation__in=numbers).order_by().values("organisation_id").annotate(
        now=Count("pk", filter=full & _there_on(day)), before=Count("pk", filter=before),
        members=Count("pk", filter=Q(person__category__in=("full", "probationary")) & _there_on(day)),
    )
    return {row["organisation_id"]: row for row in rows}


def _there_on(day: date) -> Q:
    return (Q(since=None) | Q(since__lte=day)) & (Q(until=None) | Q(until__gt=day))


def _sum(counts: Mapping[int, Mapping[str, int]], numbers: Iterable[int]) -> dict[str, int]:
    parts = [counts[n] for n in numbers if n in counts]
    return {name: sum(part[name] for part in parts) for name in ("now", "before", "members")}


def _appointments(numbers: Collection[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    columns = ("post__organisation_id", "post__title", "post__domain", "tenure", "since", "until", "person_id", "person__name")
    for org, post, domain, tenure, since, until, person, name in Appointment.objects.filter(post__organisation__in=numbers).order_by(
            "pk").values_list(*columns):
        if since is None or since != until:
            found[org].append({"post": post, "domain": domain or None, "tenure": tenure, "since": since, "until": until, "person": person,
                               "name": name})
    return found
