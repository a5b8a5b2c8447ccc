"""The office's own values for the catalogue."""

from collections.abc import Callable
from datetime import date
from functools import cache

from zaidao.engine import catalogue
from zaidao.engine.catalogue import Catalogue
from zaidao.institutions.decisions.values import Own, with_values
from zaidao.institutions.models import OfficeValue


def own_values() -> list[Own]:
    """The office's values, the earliest first. One query."""
    return [Own(*row) for row in OfficeValue.objects.order_by("since", "pk").values_list("key", "value", "since")]


def read() -> Callable[[date], Catalogue]:
    """The catalogue of any day, with the office's values that have begun by then. One query."""
    own = own_values()
    return cache(lambda day: with_values(catalogue.load(), [each for each in own if each.since <= day]))
