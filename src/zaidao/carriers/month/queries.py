"""What is planned and decided in one's own organisations: those where one holds a post. Inside the active scope."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, DateField, DateTimeField, F, Q, Value
from django.db.models.functions import Coalesce
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


@dataclass(frozen=True)
class Decided:
    """A follow-up that is open, or waits to be confirmed. `activity`: the meeting that decided it; `path`: of the organisation, to see
    who may close it; `who` "": nobody."""

    pk: int
    activity: int
    path: str
    what: str
    due_on: date
    name: str
    who: str
    waits: bool

    @property
    def label(self) -> str:
        return str((FollowUp.State.DONE if self.waits else FollowUp.State.OPEN).label)


def own(held: Holder) -> list[str]:
    """Paths of the organisations where somebody holds a post, or stands in for one who does."""
    return sorted({g.path for g in held.grants if g.path and g.role in VERBS[access.MONTH].roles})


def open_in(paths: Collection[str], until: date) -> tuple[list[Planned], list[Decided]]:
    """Meetings that are not filed and planned before the day, without a time or for a duty that began before, be it in its grace; and what
    is decided and open: due before the day, or told as done and to be confirmed. Each the earliest first, at most MOST in all. A query."""
    rows = _meetings(paths, until).union(_follow_ups(paths, until), all=True).order_by("on", "at", "number")[:MOST]
    meetings, decided = [], []
    for what, number, title, kind, at, on, name, duty, who, pk, path in rows:
        if what == "meeting":
            meetings.append(Planned(number, title, kind, at, name, duty))
        else:
            decided.append(Decided(pk, number, path, title, on, name, who, waits=kind == FollowUp.State.DONE))
    return sorted(meetings, key=lambda m: (m.at is None, m.at or timezone.now(), m.pk)), sorted(decided, key=lambda d: d.due_on)


COLUMNS = ("what_", "number", "title_", "kind_", "at", "on", "name_", "duty_", "who_", "row", "path_")


def _meetings(paths: Collection[str], until: date) -> Any:
    near = Q(activity__planned_at=None) | Q(activity__planned_at__lt=midnight(until)) | Q(duty__period_start__lt=until)
    rows = Participation.objects.within(access.VIEW).filter(
        near, organisation__path__in=paths, activity__state=Activity.State.PLANNED,
    ).order_by()
    return rows.annotate(
        what_=Value("meeting", CharField()), number=F("activity_id"), title_=F("activity__title"), kind_=F("activity__kind"),
        at=F("activity__planned_at"), on=Value(None, DateField()), name_=F("organisation__name"), duty_=F("duty_id"),
        who_=Value("", CharField()), row=F("pk"), path_=F("organisation__path"),
    ).values_list(*COLUMNS)


def _follow_ups(paths: Collection[str], until: date) -> Any:
    waits = Q(state=FollowUp.State.DONE) | Q(state=FollowUp.State.OPEN, due_on__lt=until)
    rows = FollowUp.objects.within(access.VIEW).filter(waits, organisation__path__in=paths).order_by()
    return rows.annotate(
        what_=Value("follow_up", CharField()), number=F("activity_id"), title_=F("what"), kind_=F("state"), at=Value(None, DateTimeField()),
        on=F("due_on"), name_=F("organisation__name"), duty_=Value(None, BigIntegerField()), who_=Coalesce("who__name", Value("")),
        row=F("pk"), path_=F("organisation__path"),
    ).values_list(*COLUMNS)


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def planned_for(duties: Collection[int]) -> dict[int, datetime | None]:
    """Duty -> when the meeting is planned that was planned for it and is not filed. One query."""
    rows = Participation.objects.within(access.VIEW).filter(duty__in=duties, activity__state=Activity.State.PLANNED)
    return dict(rows.order_by("-activity__planned_at", "-pk").values_list("duty_id", "activity__planned_at"))


def parts(paths: Iterable[str]) -> list[Any]:
    """What stands directly below the organisations that somebody sees to, to look at one part of it. One query each, two at most."""
    return [each for path in list(paths)[:2] for each in reach.below(access.MONTH, path)[:OFFERED]]


def ending(paths: Collection[str], day: date) -> list[terms.Running]:
    """Which of these organisations' terms have ended or end soon, in the tree's order. One query."""
    rows = terms.with_running(reach.standing(access.MONTH).filter(path__in=paths, kind__in=terms.KINDS))
    found = [terms.running(each, day) for each in rows]
    return [r for r in found if r.notice.over or r.notice.step]
