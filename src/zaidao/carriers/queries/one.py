"""One meeting as its pages show it, for whoever may see it: a keeper, a member, or somebody of a group of the branch that meets."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q
from django.http import Http404
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.models import Activity, Attendance, Decision, FollowUp, Minutes, Notice, Participation
from zaidao.carriers.queries.ledger import dated
from zaidao.carriers.queries.lists import TALK, WHEN
from zaidao.core import access as core_access
from zaidao.core.scope import WIDTH, active
from zaidao.engine.schema import PRIVATE_KINDS


@dataclass
class Seen:
    """A meeting and what one person may do with it. `own`: their own entry in the tick list; `where`: participations in their sight."""

    activity: Activity
    participations: list[Participation]
    may: dict[str, bool] = field(default_factory=dict)
    own: Attendance | None = None
    expected: bool = False  # whether the person belongs to an organisation that meets


def own_paths(user: Any) -> list[str]:
    """Paths of the organisations whose meetings are a person's own: theirs, and the branch of their group. No query of its own."""
    _ = core_access.holder(user).grants
    person = getattr(user, "person", None)
    if person is None or person.organisation is None:
        return []
    path = person.organisation.path
    return [path, path[:-WIDTH]] if person.organisation.kind == "group" and len(path) > WIDTH else [path]


def find(user: Any, pk: int) -> Seen:
    """The meeting, where this person convenes, sees or belongs to one of its organisations, each with what it was called on the day
    (`name_then`). Raises Http404. Three queries."""
    found = Activity.everything.select_related("organisation", "carrier", "host", "recorder").filter(pk=pk).first()
    if found is None:
        raise Http404("没有找到")
    rows = dated(Participation.everything.filter(activity=found).select_related("organisation", "duty"))
    parts = list(rows.order_by("organisation__path"))
    for part in parts:
        part.activity = found
    reach, paths = active().reach(access.VIEW), own_paths(user)
    places = [found.organisation.path, *(p.organisation.path for p in parts)]
    if not any(reach.covers(path) or path in paths for path in places):
        raise Http404("没有找到")
    seen = Seen(found, parts, expected=any(path in paths for path in places[1:]))
    person = getattr(user, "person", None)
    if person is not None and seen.expected:
        seen.own = Attendance.everything.filter(participation__in=parts, person=person).first()
    if found.kind == TALK and seen.own is None and not _leads(core_access.holder(user), places):
        raise Http404("没有找到")
    seen.may = _may(user, seen)
    return seen


def _leads(held: core_access.Holder, places: list[str]) -> bool:
    """Whether somebody leads one of these organisations, or stands above: whoever only belongs there is told less."""
    return any(held.may(access.PRIVATE, path) for path in places)


def _may(user: Any, seen: Seen) -> dict[str, bool]:
    held, activity = core_access.holder(user), seen.activity
    here = activity.organisation.path
    may = {name: held.may(f"carriers.{name}", here) for name in ("plan", "attend", "file", "correct", "close")}
    may["tell"] = any(held.may(access.ATTEND, p.organisation.path) for p in seen.participations)
    may["read"] = _reads(held, seen)
    may["leave"] = seen.expected and activity.state == Activity.State.PLANNED and (seen.own is None or not seen.own.state)
    return may


def _reads(held: core_access.Holder, seen: Seen) -> bool:
    """Whether somebody may read the minutes; of private kinds only those who see to the organisation and those who were there."""
    places = [p.organisation.path for p in seen.participations]
    leads = _leads(held, places)
    present = seen.own is not None and seen.own.state == Attendance.State.PRESENT
    if seen.activity.kind in PRIVATE_KINDS:
        return leads or present
    return leads or present or seen.expected or any(held.may(access.READ, path) for path in places)


def minutes(activity: Activity) -> list[Minutes]:
    """The filed versions with what was decided, the last first. Two queries."""
    rows = Minutes.everything.filter(activity=activity).select_related("filed_by").order_by("-number")
    return list(rows.prefetch_related(Prefetch("decisions", Decision.everything.order_by("position"))))


def notices(activity: Activity) -> list[Notice]:
    """What was given out, the first first. One query."""
    return list(Notice.everything.filter(activity=activity).order_by("pk"))


def follow_ups(user: Any, activity: Activity) -> list[FollowUp]:
    """What was to follow in organisations in sight, and one's own; whoever met along has theirs told at home. One query."""
    reach, paths, person = active().reach(access.VIEW), own_paths(user), getattr(user, "person", None)
    rows = FollowUp.everything.filter(activity=activity).select_related("who", "organisation").order_by("due_on", "pk")
    return [
        row for row in rows if reach.covers(row.organisation.path) or row.organisation.path in paths or (person and row.who_id == person.pk)
    ]


def attendances(parts: list[Participation]) -> list[Attendance]:
    """What is told about who came. One query."""
    rows = Attendance.everything.filter(participation__in=[p.pk for p in parts]).select_related("person")
    return list(rows.order_by("participation", "pk"))


def last_like(organisation: Any, kind: str) -> Activity | None:
    """The last meeting of the kind there: when and where they usually meet. One query."""
    rows = Activity.objects.filter(Q(planned_at__isnull=False) | Q(held_at__isnull=False), organisation=organisation, kind=kind)
    return rows.exclude(state=Activity.State.CANCELLED).order_by(WHEN.desc(), "-pk").first()


def local(moment: datetime | None) -> datetime | None:
    return timezone.localtime(moment) if moment else None


@dataclass(frozen=True)
class Came:
    """Who came, in one organisation: those of each state by name with the reason, and what is frozen once filed."""

    participation: Participation
    rows: tuple[Attendance, ...]

    def _of(self, state: str) -> list[Attendance]:
        return [row for row in self.rows if row.state == state]

    @property
    def present(self) -> list[Attendance]:
        return self._of("present")

    @property
    def leave(self) -> list[Attendance]:
        return self._of("leave")

    @property
    def absent(self) -> list[Attendance]:
        return self._of("absent")

    @property
    def observers(self) -> list[Attendance]:
        return self._of("observer")


def came(parts: list[Participation]) -> list[Came]:
    """The tick lists as they stand, for those who keep them. One query."""
    rows = attendances(parts)
    return [Came(part, tuple(r for r in rows if r.participation_id == part.pk)) for part in parts]
