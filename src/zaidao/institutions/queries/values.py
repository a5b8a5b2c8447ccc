"""The catalogue as this office has set it."""

from datetime import date

from zaidao.engine import catalogue
from zaidao.engine.catalogue import Catalogue
from zaidao.institutions.decisions.values import Own, with_values
from zaidao.institutions.models import OfficeValue


def own_values(day: date | None = None) -> list[Own]:
    """The office's values, the earliest first; with a day, those that have begun by then. One query."""
    rows = OfficeValue.objects.order_by("since", "pk")
    begun = rows.filter(since__lte=day) if day else rows
    return [Own(*row) for row in begun.values_list("key", "value", "since")]


def catalogue_on(day: date) -> Catalogue:
    """The catalogue with the office's values in force on a day. One query."""
    return with_values(catalogue.load(), own_values(day))
