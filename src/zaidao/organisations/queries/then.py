"""Organisations as they stood and were called on the day of a record, for modules above: a later move or change of name alters nothing
of what was on record before. Who may look follows from the scope of today.

Expressions for rows that name an organisation and have a `day` (a date, as a field or an annotation); without a day they tell of today.
Days before an organisation's first place or name on record count as those of today.
"""

from datetime import date
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from zaidao.core.scope import Reach, tops
from zaidao.organisations.models import Naming, Organisation, Place
from zaidao.organisations.queries.people import PLACES


def name(organisation: str = "organisation", day: str = "day") -> Coalesce:
    """What it was called on the day of the row."""
    return _then(Naming, "name", organisation, day)


def path(organisation: str = "organisation", day: str = "day") -> Coalesce:
    """Where it stood on the day of the row."""
    return _then(Place, "path", organisation, day)


def _then(model: Any, field: str, organisation: str, day: str) -> Coalesce:
    """What has ended since the day, else what holds today."""
    ended = model.everything.filter(organisation=OuterRef(organisation), since__lte=OuterRef(day), until__gt=OuterRef(day))
    return Coalesce(Subquery(ended.order_by("-since").values(field)[:1]), F(f"{organisation}__{field}"))


def name_on(organisation: Organisation, day: date) -> str:
    """What it was called on a day. One query."""
    ended = Naming.everything.filter(organisation=organisation, since__lte=day, until__gt=day).order_by("-since")
    return ended.values_list("name", flat=True).first() or organisation.name


def below(rows: QuerySet[Any], named: str, begin: date, end: date) -> QuerySet[Any]:
    """`rows` (with `organisation` and `day`) of a span of days, half-open, of what stood on its day in the subtrees of the organisations
    in scope that a code, else a part of a name of today or of then, stands for; in the tree's order of then. Two queries of its own,
    three where one of those organisations has moved since."""
    meant = _meant(named.strip(), begin, end)
    reach = Reach(frozenset(tops(meant.values())))
    moved = _moved(reach, list(meant), begin, end)
    before = {path for number, path in moved if number in meant}
    if before:
        reach = Reach(frozenset(tops([*meant.values(), *before])))
        moved = _moved(reach, list(meant), begin, end)
    if not moved:  # the usual case: the tree of today is that of then, and an index finds it
        return rows.filter(reach.q("organisation__path")).order_by("organisation__path")
    elsewhere = {number for number, _ in moved}
    near = Organisation.everything.filter(reach.q("path") | Q(pk__in=elsewhere)).order_by().values("pk")
    stood = Case(When(organisation__in=elsewhere, then=path()), default=F("organisation__path"))  # looked up for these alone
    return rows.alias(stood=stood).filter(reach.q("stood"), organisation__in=near).order_by("stood")


def _meant(named: str, begin: date, end: date) -> dict[int, str]:
    """Number -> today's path of the organisations that a text stands for."""
    called = Exists(Naming.everything.filter(organisation=OuterRef("pk"), name__contains=named, since__lt=end, until__gt=begin))
    rows = Organisation.objects.filter(Q(code=named) | Q(name__contains=named) | called).order_by("path")
    found = list(rows.values_list("pk", "code", "path")[:PLACES])
    return {pk: path for pk, _, path in [each for each in found if each[1] == named] or found}


def _moved(reach: Reach, meant: list[int], begin: date, end: date) -> list[tuple[int, str]]:
    """Who stood elsewhere than today on some day of a span, and where: of those that stand or stood within reach."""
    ended = Place.everything.filter(since__lt=end, until__gt=begin)
    near = ended.filter(reach.q("path") | reach.q("organisation__path") | Q(organisation__in=meant))
    return list(near.order_by().values_list("organisation_id", "path"))
