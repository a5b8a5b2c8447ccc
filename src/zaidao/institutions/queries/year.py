"""What one organisation owed in a year and by which day it was done: for the overview of its year in modules above."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch

from zaidao.institutions.access import DUTIES
from zaidao.institutions.models import Duty, Fulfilment
from zaidao.institutions.queries.month import BESIDE, Due, told


@dataclass(frozen=True)
class Kept:
    """A duty with the days of the records that keep it, the earliest first, and which post sees to it ("" where none is named)."""

    due: Due
    days: tuple[date, ...]
    who: str


def of_year(organisation: Any, year: int) -> list[Kept]:
    """The duties whose period begins in the year, by subject and time; empty where the active scope may not see them. Two queries."""
    valid = Fulfilment.everything.filter(withdrawn_at=None).order_by("held_on", "pk")
    rows = list(Duty.objects.within(DUTIES).filter(
        organisation=organisation, period_start__gte=date(year, 1, 1), period_start__lt=date(year + 1, 1, 1),
    ).select_related(*BESIDE).prefetch_related(Prefetch("fulfilments", queryset=valid)).order_by("subject", "period_start"))
    return [
        Kept(due, tuple(f.held_on for f in duty.fulfilments.all()), duty.clause.who if duty.clause else "")
        for duty, due in zip(rows, told(rows), strict=True)
    ]
