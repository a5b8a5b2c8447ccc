"""What is planned and decided in one's own organisations: those where one holds a post. Inside the active scope."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.models import Activity, FollowUp, Participation
from zaidao.core.access import VERBS, Holder
from zaidao.organisations.queries import reach, terms

MOST = 200  # of one's own organisations; more than anybody reads
OFFERED = 200  # parts of the tree to choose from


@dataclass(frozen=True)
class Planned:
    """A meeting that one's own organisation takes part in and that is not filed. `duty`: which duty it was planned for there."""

    pk: int
    title: str
    kind: str
    at: datetime | None
    name: str
    duty: int | None

    def unfiled(self, now: datetime) -> bool:
        """Whether its time has come: what is left is to file it."""
        return self.at is not None and self.at <= now


def own(held: Holder) -> list[str]:
    """Paths of the organisations where somebody holds a post, or stands in for one who does."""
    return sorted({g.path for g in held.grants if g.path and g.role in VERBS[access.MONTH].roles})


def planned(paths: Collection[str], until: date) -> list[Planned]:
    """Not filed and planned before the day, or without a time; the earliest first, at most MOST. One query."""
    before = Q(activity__planned_at=None) | Q(activity__planned_at__lt=midnight(until))
    rows = Participation.objects.within(access.VIEW).filter(
        before, organisation__path__in=paths, activity__state=Activity.State.PLANNED,
    ).select_related("activity", "organisation").order_by("activity__planned_at", "pk")[:MOST]
    return [
        Planned(r.activity_id, r.activity.title, r.activity.kind, r.activity.planned_at, r.organisation.name, r.duty_id) for r in rows
    ]


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def planned_for(duties: Collection[int]) -> dict[int, datetime | None]:
    """Duty -> when the meeting is planned that was planned for it and is not filed. One query."""
    rows = Participation.objects.within(access.VIEW).filter(duty__in=duties, activity__state=Activity.State.PLANNED)
    return dict(rows.order_by("-activity__planned_at", "-pk").values_list("duty_id", "activity__planned_at"))


def follow_ups(paths: Collection[str], until: date) -> list[FollowUp]:
    """Decided and open: due before the day, or told as done and to be confirmed; the earliest due first, at most MOST. One query."""
    waits = Q(state=FollowUp.State.DONE) | Q(state=FollowUp.State.OPEN, due_on__lt=until)
    rows = FollowUp.objects.within(access.VIEW).filter(waits, organisation__path__in=paths).select_related("organisation", "who")
    return list(rows.order_by("due_on", "pk")[:MOST])


def parts(paths: Iterable[str]) -> list[Any]:
    """What stands directly below the organisations that somebody sees to, to look at one part of it. One query each, two at most."""
    return [each for path in list(paths)[:2] for each in reach.below(access.MONTH, path)[:OFFERED]]


def ending(paths: Collection[str], day: date) -> list[terms.Running]:
    """Which of these organisations' terms have ended or end soon, in the tree's order. One query."""
    rows = terms.with_running(reach.standing(access.MONTH).filter(path__in=paths, kind__in=terms.KINDS))
    found = [terms.running(each, day) for each in rows]
    return [r for r in found if r.notice.over or r.notice.step]
