"""Through whose hands the meetings of an organisation went: for the load of its posts."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time
from statistics import median
from typing import Any

from django.utils import timezone

from zaidao.carriers.access import VIEW
from zaidao.carriers.models import Activity
from zaidao.carriers.queries.lists import TALK


@dataclass
class Hands:
    """Meetings of one kind: how many were filed, how long they lasted where that is on record, and how many each person chaired or
    recorded."""

    n: int = 0
    lasted: list[float] = field(default_factory=list)
    by: Counter[int] = field(default_factory=Counter)

    @property
    def usual(self) -> float | None:
        """The median of how long they lasted, in hours; None where no record says it."""
        return median(self.lasted) if self.lasted else None


def hands(organisation: Any, since: date, until: date) -> dict[str, Hands]:
    """Kind -> whose hands, of the meetings that the organisation filed as held in [since, until); talks with single people are left out.
    Empty where the active scope may not see them. One query."""
    rows = Activity.objects.within(VIEW).filter(
        organisation=organisation, state=Activity.State.FILED, held_at__gte=_begin(since), held_at__lt=_begin(until),
    ).exclude(kind=TALK)
    found: dict[str, Hands] = defaultdict(Hands)
    for kind, hours, host, recorder in rows.order_by("pk").values_list("kind", "hours", "host_id", "recorder_id"):
        each = found[kind]
        each.n += 1
        each.lasted += [] if hours is None else [float(hours)]
        each.by.update({host, recorder} - {None})
    return dict(found)


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
