"""What organisations owe around a month, by which rule, and how far it is: for modules above. Inside the active scope, a query each.

One organisation has one duty of a subject in the period that a month lies in, so counts by subject and month have exact denominators.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from zaidao.core import rulebook
from zaidao.engine import catalogue
from zaidao.engine.catalogue.rules import cite
from zaidao.engine.schema import ACTIVITY_KINDS
from zaidao.institutions.access import DUTIES
from zaidao.institutions.decisions.values import LEFT_OPEN
from zaidao.institutions.models import Duty

MOST = 400  # of one's own organisations; more than anybody reads
OPEN, EXEMPT = Duty.State.OPEN.value, Duty.State.EXEMPT.value
BESIDE = ("organisation", "clause__edition__institution")
SHOWN = {"open": "还没有办的", "past": "逾期未见记录的", "done": "有记录的", "exempt": "不适用的", "all": "全部"}


@dataclass(frozen=True)
class Due:
    """One duty as pages of the month show it. `basis`: source and article of the rule that asks. `institution`: its number where the rule
    is one of the group's own, else None. `period_end` does not belong to the period any more; `due_on` is the last day with grace."""

    pk: int
    organisation: int
    name: str
    path: str
    kind: str
    subject: str
    every: str
    period_start: date
    period_end: date
    due_on: date
    times: int
    done: int
    state: str
    why: str
    basis: str
    institution: int | None

    @property
    def open(self) -> bool:
        return self.state == OPEN

    @property
    def label(self) -> str:
        """What is recorded, in words."""
        return str(Duty.State(self.state).label)

    @property
    def ends_on(self) -> date:
        """The last day of the period."""
        return self.period_end - timedelta(days=1)

    @property
    def left(self) -> int:
        """How many times are still asked for."""
        return max(self.times - self.done, 0)


@dataclass(frozen=True)
class Tally:
    """One subject among many organisations. `owed` leaves out the `exempt` ones; `past`: those of the open ones that are overdue."""

    subject: str
    owed: int
    kept: int
    late: int
    moved: int
    open: int
    past: int
    exempt: int

    @property
    def done(self) -> int:
        return self.kept + self.late + self.moved


def basis(source: str, clause: Any) -> str:
    """Where a duty comes from, in words: 《…》第三条, or a rule of the field with its article, and that its rhythm is the office's own."""
    return _cited(source, clause.edition.institution.title, clause.article) if clause is not None else _cited(source)


def _cited(source: str, title: str | None = None, article: str | None = None) -> str:
    if title is not None:
        return f"《{title}》{article}"
    key = source.removeprefix("rule:")
    known = rulebook.today() if key in LEFT_OPEN else catalogue.load()
    found = next((rule for rule in known.rules if rule.key == key), None)
    return cite(found) if found else ""


def owed(paths: Collection[str], day: date, back: int) -> list[Due]:
    """Duties of exactly these organisations: of the periods that the day lies in, and the open ones that were due at most `back` days
    before; the soonest due first, at most MOST. One query."""
    running, late = Q(period_end__gt=day), Q(state=OPEN, due_on__gte=day - timedelta(days=back))
    rows = Duty.objects.within(DUTIES).filter(running | late, organisation__path__in=paths, period_start__lte=day)
    return told(rows.order_by("due_on", "organisation__path", "subject").select_related(*BESIDE)[:MOST])


def told(rows: Iterable[Duty]) -> list[Due]:
    """Rows that were read with BESIDE. No query of its own."""
    return [
        Due(d.pk, d.organisation_id, d.organisation.name, d.organisation.path, d.organisation.kind, d.subject, d.every, d.period_start,
            d.period_end, d.due_on, d.times, d.done, d.state, d.why, basis(d.source, d.clause),
            d.clause.edition.institution_id if d.clause else None)
        for d in rows
    ]


def periods(month: date) -> list[tuple[date, date]]:
    """The month, quarter, half-year and year that the month of the day lies in, as first day and the day after the last: periods follow
    the calendar."""
    return [
        (date(month.year, first, 1), date(month.year + (first + length - 1) // 12, (first + length - 1) % 12 + 1, 1))
        for length in (1, 3, 6, 12) for first in ((month.month - 1) // length * length + 1,)
    ]


def around(month: date, under: str = "", verb: str = DUTIES) -> QuerySet[Any]:
    """Duties of the periods that a month (any day of it) lies in, of the organisations in the active scope of the verb, or of a subtree of
    it."""
    starts, ends = zip(*periods(month), strict=True)
    # Every such start with every such end spans the month; and so asked, the index alone answers the counts.
    return Duty.objects.within(verb).under(under).filter(period_start__in=starts, period_end__in=ends)  # type: ignore[no-any-return]


def tallies(month: date, today: date, under: str = "", subject: str = "", verb: str = DUTIES) -> list[Tally]:
    """By subject, or of one, in the order of the field's kinds of activities; others behind. One query."""
    rows = around(month, under, verb).filter(subject=subject) if subject else around(month, under, verb)
    counted = rows.order_by().values("subject").annotate(
        n=Count("subject"), kept=Count("subject", filter=Q(state="kept")), late=Count("subject", filter=Q(state="kept_late")),
        moved=Count("subject", filter=Q(state="moved")), open=Count("subject", filter=Q(state=OPEN)),
        past=Count("subject", filter=Q(state=OPEN, due_on__lt=today)), exempt=Count("subject", filter=Q(state=EXEMPT)),
    )
    places = {name: n for n, name in enumerate(ACTIVITY_KINDS)}
    found = [
        Tally(r["subject"], r["n"] - r["exempt"], r["kept"], r["late"], r["moved"], r["open"], r["past"], r["exempt"]) for r in counted
    ]
    return sorted(found, key=lambda t: (places.get(t.subject, len(places)), t.subject))


def of_subject(month: date, subject: str, show: str, today: date, under: str = "", verb: str = DUTIES) -> QuerySet[Any]:
    """The duties of one subject as a key of SHOWN says, in the tree's order: for `told`, page by page."""
    wanted = {
        "open": Q(state=OPEN), "past": Q(state=OPEN, due_on__lt=today), "exempt": Q(state=EXEMPT), "all": Q(),
        "done": ~Q(state__in=(OPEN, EXEMPT)),
    }[show]
    return around(month, under, verb).filter(wanted, subject=subject).order_by("organisation__path", "period_start").select_related(*BESIDE)


def places(month: date, subject: str, show: str, today: date, under: str = "") -> list[int]:
    """The organisations of `of_subject`, whose duties `standing_at` then reads page by page. One query, which an index answers alone:
    asked for fifty rows PostgreSQL walks the tree until it has them, all of it where there are fewer."""
    return list(of_subject(month, subject, show, today, under).select_related(None).values_list("organisation", flat=True))


def named(month: date, subject: str, organisations: Collection[int]) -> list[tuple[int, str, date, str]]:
    """(duty, name of its organisation, day after the last of its period, basis) of these, in the tree's order: for texts that name many.
    One query."""
    rows = standing_at(month, subject, organisations).select_related(None).values_list(
        "pk", "organisation__name", "period_end", "source", "clause__edition__institution__title", "clause__article")
    return [(pk, name, until, _cited(*source)) for pk, name, until, *source in rows]


def standing_at(month: date, subject: str, organisations: Collection[int]) -> QuerySet[Any]:
    """Their duties of the subject, in the tree's order: for `told`. One query."""
    return of_subject(month, subject, "all", month).filter(organisation__in=organisations)


def counted(today: date, until: date, back: int) -> dict[int, tuple[int, int]]:
    """Organisation -> how many of its open duties are overdue by at most `back` days, and how many fall due up to `until`: those of the
    whole scope, for a job. One query."""
    rows = Duty.objects.filter(state=OPEN, due_on__gte=today - timedelta(days=back)).filter(
        Q(period_end__lte=until + timedelta(days=1)) | Q(due_on__lte=until), period_start__lte=today,
    )
    past, soon = Count("pk", filter=Q(due_on__lt=today)), Count("pk", filter=Q(due_on__gte=today))
    found = rows.order_by().values("organisation").annotate(past=past, soon=soon)
    return {row["organisation"]: (row["past"], row["soon"]) for row in found}
