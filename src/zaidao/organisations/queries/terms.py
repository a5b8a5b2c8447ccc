"""Terms that end or have ended, and organisations without a secretary: by the database, so that lists of thousands have pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, FilteredRelation, OuterRef, Q, Value

from zaidao.core import rulebook
from zaidao.engine import structure
from zaidao.engine.catalogue import Catalogue
from zaidao.engine.schema import ORG_KINDS
from zaidao.organisations import access
from zaidao.organisations.decisions import terms as decisions
from zaidao.organisations.decisions.terms import Notice
from zaidao.organisations.models import Appointment, Organisation, Post, Term
from zaidao.organisations.queries.posts import in_office

KINDS = ("committee", "general_branch", "branch")


@dataclass(frozen=True)
class Running:
    """The running term of an organisation and how near its end is; `term` None where none is registered."""

    organisation: Organisation
    term: Term | None
    notice: Notice
    request: decisions.Request | None = None


def with_running(rows: Any) -> Any:
    """Organisations with their running terms beside them, for `of`."""
    beside = FilteredRelation("terms", condition=Q(terms__ended_on=None))
    return rows.annotate(term_read=Value(True), term_running=beside).select_related("term_running")  # noqa: FBT003


def has_been_read(organisation: Organisation) -> bool:
    """Whether the running term was read along with the organisation."""
    return getattr(organisation, "term_read", False)


def of(organisation: Organisation) -> Term | None:
    """The running term. One query, none where it was read along (`with_running`)."""
    if has_been_read(organisation):
        return getattr(organisation, "term_running", None)  # not set where there is none
    return Term.objects.filter(organisation=organisation, ended_on=None).first()


def running(organisation: Organisation, day: date) -> Running:
    """At most one query."""
    return told(organisation, of(organisation), day)


def told(organisation: Organisation, term: Term | None, day: date) -> Running:
    """The term with its notice. No query."""
    known = rulebook.on(day)
    ends = decisions.end_of(organisation.kind, term.started_on, term.years, term.extended_to, known) if term else None
    asked = decisions.request(ends, term.requested_on if term else None, day, _request_months(known))
    return Running(organisation, term, decisions.notice(ends, day, known.param("living.term_notice_days")), asked)


def _request_months(known: Catalogue) -> Sequence[int]:
    """How many months before its end the superior is asked for the next election: the earliest and the latest."""
    months: Sequence[int] = known.rule("election.request_before_months").values["local"]
    return months


def past(organisation: Organisation) -> list[Term]:
    """Terms that have ended, newest first. One query."""
    return list(Term.objects.filter(organisation=organisation).exclude(ended_on=None).order_by("-started_on"))


def counts(day: date, within: int) -> dict[str, int]:
    """How many terms are `over`, how many end `soon`, and for how many the superior is to be asked (`to_request`). Two queries."""
    known = lengths()
    ended, near = (_ended(limit, known) for limit in (day - timedelta(days=1), day + timedelta(days=within)))
    asked = _to_request(day, known)
    return dict(_running("").order_by().aggregate(
        over=Count("pk", filter=ended), soon=Count("pk", filter=near & ~ended), to_request=Count("pk", filter=asked & ~ended)))


def over(day: date, under: str = "") -> Any:
    """Running terms that ended before the day, in the tree's order: a queryset. One query to learn which lengths are on file."""
    return _running(under).filter(_ended(day - timedelta(days=1), lengths()))


def soon(day: date, within: int, under: str = "") -> Any:
    """Running terms that end from the day on, at most `within` days later, in the tree's order: a queryset. One query for lengths."""
    known = lengths()
    return _running(under).filter(_ended(day + timedelta(days=within), known)).exclude(_ended(day - timedelta(days=1), known))


def to_request(day: date, under: str = "") -> Any:
    """Running terms for whose election the superior is to be asked and was not, in the tree's order: a queryset. One query for lengths."""
    known = lengths()
    return _running(under).filter(_to_request(day, known)).exclude(_ended(day - timedelta(days=1), known))


def _to_request(day: date, on_file: list[float]) -> Q:
    limit = structure.months_after(day, max(_request_months(rulebook.on(day))))
    return Q(requested_on=None) & _ended(limit, on_file)


def lengths() -> list[float]:
    """The lengths of terms on file anywhere, without those that follow the rule. One query."""
    rows = Term.everything.filter(ended_on=None).exclude(years=None).order_by("years").values_list("years", flat=True).distinct()
    return [float(years) for years in rows if years is not None]


def _running(under: str) -> Any:
    rows = Term.objects.within(access.PEOPLE).filter(ended_on=None, organisation__dissolved_on=None, organisation__kind__in=KINDS)
    return rows.under(under).select_related("organisation").order_by("organisation__path")


def _ended(limit: date, on_file: list[float]) -> Q:
    """Terms whose end, extension included, is not after `limit`."""
    by_rule = {kind: years for kind, years in rulebook.today().rule("branch.term_years").values.items() if kind in ORG_KINDS}
    ended = Q(pk__in=())
    for kind, years in by_rule.items():
        ended |= Q(years=None, organisation__kind=kind, started_on__lte=decisions.latest_start(limit, years))
    for years in on_file:
        ended |= Q(years=years, started_on__lte=decisions.latest_start(limit, years))
    return ended & (Q(extended_to=None) | Q(extended_to__lte=limit))


def without_secretary(day: date, under: str = "") -> Any:
    """Organisations that must have a secretary and have none on the day, in the tree's order: a queryset. One query for the titles."""
    known = rulebook.on(day)
    settled = day - timedelta(days=known.param("structure_gap.settling_days"))
    rows = Organisation.objects.within(access.PEOPLE).filter(Q(established_on=None) | Q(established_on__lte=settled), kind__in=KINDS)
    standing = rows.filter(dissolved_on=None).exclude(form__in=known.param("structure_gap.silent_forms"))
    return standing.filter(*(~Exists(rows) for rows in _secretaries(day))).under(under).order_by("path")


def _secretaries(day: date) -> tuple[Any, ...]:
    """Appointments that fill the secretary's post of the outer organisation: by title, open or ending later; by running it (主持工作).
    Apart, so that each is read from an index of its own."""
    titles = Post.everything.order_by("title").values_list("title", flat=True).distinct()
    elected = [title for title in titles if structure.is_committee_post(title)]
    heads = [title for title in elected if structure.role(title) == structure.SECRETARY]
    there = Appointment.everything.filter(post__organisation=OuterRef("pk"))
    begun = Q(since=None) | Q(since__lte=day)
    by_title = there.filter(begun, post__title__in=heads, post__domain__in=("party", ""))
    acting = there.filter(in_office(day), post__title__in=elected, tenure="主持工作")
    return by_title.filter(until=None), by_title.filter(until__gt=day), acting
