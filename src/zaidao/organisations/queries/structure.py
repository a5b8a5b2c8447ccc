"""What the judgement of structure stands on, for one organisation or a page of them, and the lists of an office.

Three queries, for one organisation as for many, and one for the office's values where they were not read yet (`core.rulebook`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, F, Q, When
from django.db.models.functions import Length, Substr

from zaidao.core import rulebook
from zaidao.core.scope import WIDTH, after
from zaidao.engine import structure
from zaidao.engine.catalogue import Catalogue
from zaidao.organisations import access
from zaidao.organisations.decisions import structure as decisions
from zaidao.organisations.decisions.structure import Bodies, Judged, Line
from zaidao.organisations.models import Appointment, Membership, Organisation, Term
from zaidao.organisations.queries import terms

NOBODY = {"now": 0, "before": 0, "members": 0}
BATCH, SHOWN = 80, 40  # organisations looked through for one page, and lines of organisations shown on it
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


def judged(organisation: Organisation, day: date, held: Iterable[Appointment] | None = None) -> Judged:
    """The verdict on one organisation. Three queries, fewer where its term or its appointments (`held`) were read already."""
    told = None if held is None else {organisation.pk: [row for each in held if (row := _told(each))]}
    return judge_all([organisation], day, told)[organisation.pk]


def judge_all(organisations: Sequence[Organisation], day: date, held: Mapping[int, list[Row]] | None = None) -> dict[int, Judged]:
    """Number -> verdict. Three queries."""
    known = rulebook.on(day)
    return {pk: decisions.judge(bodies, day, known) for pk, bodies in _bodies(organisations, day, known, held).items()}


def listing(day: date, *, what: str = "open", under: str = "", after: str = "") -> Listing:
    """The next organisations of the list `what` behind the path `after`, in the tree's order. Three queries.

    A verdict is no column, so a page looks through a batch and says how many it has looked through.
    """
    rows = Organisation.objects.within(access.PEOPLE).filter(dissolved_on=None, path__gt=after).exclude(kind="group").under(under)
    batch = list(terms.with_running(rows).order_by("path")[:BATCH + 1])
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


def _bodies(
    organisations: Sequence[Organisation], day: date, known: Catalogue, held: Mapping[int, list[Row]] | None,
) -> dict[int, Bodies]:
    counts, running = _counts(organisations, day, known), _terms(organisations)
    rows = _appointments([o.pk for o in organisations]) if held is None else held
    return {org.pk: _one(org, counts.get(org.path, NOBODY), running.get(org.pk), rows.get(org.pk, []), day) for org in organisations}


def _terms(organisations: Sequence[Organisation]) -> dict[int, Term]:
    """The running terms; none of them asked for again that were read along."""
    if all(map(terms.has_been_read, organisations)):
        return {o.pk: term for o in organisations if (term := terms.of(o))}
    return {t.organisation_id: t for t in Term.objects.filter(organisation__in=organisations, ended_on=None)}


def _one(org: Organisation, counts: Mapping[str, int], term: Term | None, held: list[Row], day: date) -> Bodies:
    years = float(term.years) if term and term.years is not None else None
    case = structure.Case(
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


def _counts(organisations: Sequence[Organisation], day: date, known: Catalogue) -> dict[str, dict[str, int]]:
    """Path -> full members now, as long ago as a crossed limit is left alone, and all members; as the engine counts them. Members of a
    branch's groups are the branch's: what stands below a branch are its groups."""
    then = day - timedelta(days=known.param("structure_gap.settling_days"))
    full = Q(person__category="full")
    before = full & _there_on(then) & (Q(person__full_since=None) | Q(person__full_since__lte=then))
    superior = Substr("organisation__path", 1, Length("organisation__path") - WIDTH)
    group = Q(organisation__kind="group", organisation__dissolved_on=None)
    rows = Membership.objects.filter(_around(organisations), group | ~Q(organisation__kind="group")).order_by().annotate(
        top=Case(When(group, then=superior), default=F("organisation__path")),
    ).values("top").annotate(
        now=Count("pk", filter=full & _there_on(day)), before=Count("pk", filter=before),
        members=Count("pk", filter=Q(person__category__in=("full", "probationary")) & _there_on(day)),
    )
    return {row["top"]: row for row in rows}


def _around(organisations: Sequence[Organisation]) -> Q:
    """Everything between the first and the last of them in the tree's order, the groups of branches included."""
    if not organisations:
        return Q(pk__in=())
    last = max(organisations, key=lambda o: o.path)
    end = Q(organisation__path__lt=after(last.path)) if last.kind == "branch" else Q(organisation__path__lte=last.path)
    return end & Q(organisation__path__gte=min(o.path for o in organisations))


def _there_on(day: date) -> Q:
    return (Q(since=None) | Q(since__lte=day)) & (Q(until=None) | Q(until__gt=day))


COLUMNS = ("post__title", "post__domain", "tenure", "since", "until", "person_id", "person__name")


def _appointments(numbers: Collection[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    rows = Appointment.objects.filter(post__organisation__in=numbers).order_by("pk").values_list("post__organisation_id", *COLUMNS)
    for number, *told in rows:
        if row := _row(*told):
            found[number].append(row)
    return found


def _told(held: Appointment) -> Row | None:
    return _row(held.post.title, held.post.domain, held.tenure, held.since, held.until, held.person_id, held.person.name)


def _row(post: str, domain: str, tenure: str, since: date | None, until: date | None, person: int, name: str) -> Row | None:
    """What bears on the judgement; None for an appointment that was registered by mistake."""
    if since is not None and since == until:
        return None
    return {"post": post, "domain": domain or None, "tenure": tenure, "since": since, "until": until, "person": person, "name": name}
