"""What an organisation is asked for again and again: how often a month, how long each time, by which post. For the load of its posts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from zaidao.engine.duties.clauses import MONTHS
from zaidao.institutions.access import DUTIES
from zaidao.institutions.models import Duty


@dataclass(frozen=True)
class Running:
    """One subject. `a_month`: how many times a month on average; `hours`: each time, as its clause says (None: it does not); `who`: the
    post that sees to it, "" where none is named."""

    subject: str
    a_month: float
    hours: float | None
    who: str


def running(organisation: Any, day: date) -> list[Running]:
    """The duties whose period the day lies in, by subject, without those that do not apply; empty where the active scope may not see
    them. One query."""
    rows = Duty.objects.within(DUTIES).filter(organisation=organisation, period_start__lte=day, period_end__gt=day, every__in=MONTHS)
    told = rows.exclude(state=Duty.State.EXEMPT).order_by("subject", "period_start").values_list(
        "subject", "every", "times", "clause__hours", "clause__who")
    found: dict[str, Running] = {}
    for subject, every, times, hours, who in told:
        one = Running(subject, times / MONTHS[every], None if hours is None else float(hours), who or "")
        found[subject] = _together(found[subject], one) if subject in found else one
    return list(found.values())


def _together(a: Running, b: Running) -> Running:
    """A subject that is asked for by the month and by the year."""
    return Running(a.subject, a.a_month + b.a_month, a.hours if a.hours is not None else b.hours, a.who or b.who)
