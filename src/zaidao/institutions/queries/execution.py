"""How rules are carried out: counts of duties by source and by organisation, and the duties of one organisation.

A duty belongs to the month and the year in which its period ends. Counts have exact denominators; what does not apply stands apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Max, Q, QuerySet, Value, When
from django.db.models.functions import Substr

from zaidao.core.scope import after
from zaidao.engine import catalogue, schema
from zaidao.institutions.access import DUTIES
from zaidao.institutions.models import Clause, Duty, Exemption, Fulfilment
from zaidao.institutions.queries.month import basis

LENGTHS = (1, 3, 6, 12)  # months of a period
BESIDE = ("organisation", "clause__edition__institution")
STATE_WORDS = {
    "open": "待办", "past": "逾期未见记录", "kept": "已办", "kept_late": "宽限期内补办", "moved": "已说明顺延", "exempt": "不适用",
}
PILLS = {"open": "open", "past": "wait", "kept": "done", "kept_late": "done", "moved": "done", "exempt": "off"}


@dataclass(frozen=True)
class Span:
    """A calendar month, or a whole year where `month` is None: the duties whose periods end in it."""

    year: int
    month: int | None = None

    @property
    def q(self) -> Q:
        if self.month is None:
            return Q(period_start__gte=date(self.year, 1, 1), period_start__lt=date(self.year + 1, 1, 1))
        end = self.year * 12 + self.month
        return Q(period_end=_first(end), period_start__in=[_first(end - length) for length in LENGTHS])

    @property
    def words(self) -> str:
        return f"{self.year}年" + (f"{self.month}月" if self.month else "")


def _first(months: int) -> date:
    """The first day of a month counted from year 0."""
    return date(months // 12, months % 12 + 1, 1)


@dataclass(frozen=True)
class Counts:
    """Duties by what is recorded. `owed` leaves out the `exempt` ones; `past`: open ones after their last day; `open`: the others."""

    owed: int = 0
    kept: int = 0
    late: int = 0
    moved: int = 0
    open: int = 0
    past: int = 0
    exempt: int = 0

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Counts":
        return cls(row["n"] - row["exempt"], *(row[name] for name in ("kept", "late", "moved", "open", "past", "exempt")))


def _counting(today: date) -> dict[str, Count]:
    waiting = Q(state=Duty.State.OPEN)
    return {
        "n": Count("pk"), "kept": Count("pk", filter=Q(state="kept")), "late": Count("pk", filter=Q(state="kept_late")),
        "moved": Count("pk", filter=Q(state="moved")), "open": Count("pk", filter=waiting & Q(due_on__gte=today)),
        "past": Count("pk", filter=waiting & Q(due_on__lt=today)), "exempt": Count("pk", filter=Q(state="exempt")),
    }


def duties(span: Span, under: str = "", source: str = "") -> QuerySet[Any]:
    """The duties of a span in the active scope, of a subtree, of one source."""
    rows = Duty.objects.within(DUTIES).under(under).filter(span.q)
    return (rows.filter(source=source) if source else rows).order_by()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class OfSource:
    """What one source asked. `institution`: its number where it is one of the group's own, else None."""

    source: str
    subject: str
    basis: str
    maker: str
    institution: int | None
    counts: Counts


def by_source(span: Span, today: date, under: str = "") -> list[OfSource]:
    """Sources with their counts: rules of the field in the catalogue's order, then institutions by the tree. Two queries."""
    rows = list(duties(span, under).values("source", "subject").annotate(clause_pk=Max("clause"), **_counting(today)))
    known = Clause.everything.select_related("edition__institution__organisation").in_bulk([r["clause_pk"] for r in rows if r["clause_pk"]])
    places = {f"rule:{rule.key}": n for n, rule in enumerate(catalogue.load().rules)}

    def place(row: dict[str, Any]) -> tuple[Any, ...]:
        clause = known.get(row["clause_pk"])
        path = clause.edition.institution.organisation.path if clause else ""
        return path, places.get(row["source"], len(places)), row["source"], row["subject"]

    return [_of_source(row, known.get(row["clause_pk"])) for row in sorted(rows, key=place)]


def _of_source(row: dict[str, Any], clause: Clause | None) -> OfSource:
    about = clause.edition.institution if clause else None
    maker = about.organisation.name if about else "上级规定"
    return OfSource(row["source"], row["subject"], basis(row["source"], clause), maker, about.pk if about else None, Counts.of(row))


def by_path(organisations: Sequence[Any], span: Span, today: date, source: str = "") -> dict[str, Counts]:
    """Path -> counts of the whole subtree, for organisations of which none stands below another. One query."""
    if not organisations:
        return {}
    lengths = {len(o.path) for o in organisations}
    paths = sorted(o.path for o in organisations)
    rows = duties(span, source=source).filter(organisation__path__gte=paths[0], organisation__path__lt=after(paths[-1]))
    counted = rows.annotate(top=_top(paths, lengths)).values("top").annotate(**_counting(today))
    return {row["top"]: Counts.of(row) for row in counted if row["top"] in paths}


def _top(paths: list[str], lengths: set[int]) -> Any:
    """The path among `paths` that a duty's organisation stands at or under: a piece of its own path where all are of one length."""
    if len(lengths) == 1:
        return Substr("organisation__path", 1, lengths.pop())
    whens = [When(organisation__path__gte=path, organisation__path__lt=after(path), then=Value(path)) for path in paths]
    return Case(*whens, default=Value(""), output_field=CharField())


def own(path: str, span: Span, today: date, source: str = "") -> Counts:
    """The counts of exactly one organisation. One query."""
    row = duties(span, source=source).filter(organisation__path=path).aggregate(**_counting(today))
    return Counts.of(row)


@dataclass(frozen=True)
class Line:
    """A duty as lists show it."""

    duty: Duty
    basis: str
    state: str

    @property
    def words(self) -> str:
        return STATE_WORDS[self.state]

    @property
    def pill(self) -> str:
        return PILLS[self.state]


def state(duty: Duty, today: date) -> str:
    """What is recorded, and whether the last day of an open one has passed: a key of STATE_WORDS."""
    return "past" if duty.state == Duty.State.OPEN and duty.due_on < today else str(duty.state)


def lines(rows: Iterable[Duty], today: date) -> list[Line]:
    """Duties read with BESIDE. No query of its own."""
    return [Line(d, basis(d.source, d.clause), state(d, today)) for d in rows]


def of_organisation(organisation: Any, year: int) -> QuerySet[Any]:
    """The duties of one organisation whose periods end in a year, in the order of time."""
    rows = Duty.objects.within(DUTIES).filter(Span(year).q, organisation=organisation)
    return rows.select_related(*BESIDE).order_by("period_end", "period_start", "subject")  # type: ignore[no-any-return]


def records(duty: Duty) -> list[Fulfilment]:
    """What was recorded on a duty, withdrawn records too. One query."""
    return list(Fulfilment.everything.filter(duty=duty).select_related("recorded_by").order_by("held_on", "pk"))


def exemptions(duty: Duty) -> list[Exemption]:
    """Exemptions and postponements of a duty, withdrawn ones too. One query."""
    return list(Exemption.everything.filter(duty=duty).select_related("decided_by").order_by("pk"))


def every(duty: Duty) -> str:
    """The rhythm in words."""
    return schema.PERIODS.get(duty.every, duty.every)


def last_day(duty: Duty) -> date:
    """The last day of the period."""
    return duty.period_end - timedelta(days=1)


def waiting(organisation: Any, today: date, most: int) -> list[Line]:
    """The open duties of one organisation whose periods have begun, the soonest due first, at most `most`. One query."""
    rows = Duty.objects.within(DUTIES).filter(organisation=organisation, state=Duty.State.OPEN, period_start__lte=today)
    return lines(rows.select_related(*BESIDE).order_by("due_on", "subject")[:most], today)
