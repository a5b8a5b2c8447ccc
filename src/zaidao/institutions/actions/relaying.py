"""Duties follow what they stand on: whose rows are laid out anew, at once where few are concerned, by a job where many."""

from collections.abc import Collection
from datetime import date

from django.utils import timezone

from zaidao.core import tasks
from zaidao.institutions.actions.laying import lay_out
from zaidao.institutions.decisions.laying import span
from zaidao.organisations.queries import bound

AT_ONCE = 60  # organisations that are laid out while somebody waits
BELOW, EVERYBODY = "institutions.lay_out_below", "institutions.lay_out"


def relay(organisations: Collection[int] | None, today: date | None = None) -> dict[str, int]:
    """Lay out the running and the coming periods of these organisations (None: of all)."""
    first, months = span(today or timezone.localdate())
    return lay_out(organisations, first, months)


def relay_below(organisation: int) -> None:
    """Those of an organisation and all below it."""
    numbers = bound.whole([organisation])
    if len(numbers) <= AT_ONCE:
        relay(numbers)
    else:
        tasks.enqueue(BELOW, organisation)


def relay_everybody() -> None:
    tasks.enqueue(EVERYBODY, 0)
