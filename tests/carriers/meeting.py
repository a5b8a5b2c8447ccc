"""A branch that meets: what the tests of carriers build upon."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tests import world
from zaidao.carriers.actions import filing, planning
from zaidao.carriers.decisions.record import Record, Ticks
from zaidao.carriers.models import Activity, Participation
from zaidao.organisations.models import Membership, Person

MINUTES = "会议由书记主持。会议讨论了本月工作。"


def at(days: int, hour: int = 15) -> datetime:
    """So many days from today, at an hour of the office's clock."""
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour))


def planned(
    made: world.World, *, org: str = "branch", actor: str = "secretary", days: int = -1, kind: str = "党员大会", **more: Any,
) -> Activity:
    return planning.plan(
        actor=made.users[actor], organisation=made.orgs[org], kind=kind, title="研究工作", planned_at=at(days), place="会议室", **more)


def everybody(org: Any, **more: Any) -> dict[int, Ticks]:
    """All expected of one organisation came."""
    return {org.pk: Ticks(rest="present", **more)}


def record(made: world.World, *, days: int = -1, org: str = "branch", **more: Any) -> Record:
    told: dict[str, Any] = {"ticks": everybody(made.orgs[org]), "hours": 1.5, "place": "会议室"} | more
    return Record(held_at=at(days), text=MINUTES, **told)


def filed(
    made: world.World, *, days: int = -1, org: str = "branch", actor: str = "secretary", kind: str = "党员大会", **more: Any,
) -> Activity:
    row = planned(made, org=org, actor=actor, days=days, kind=kind)
    return filing.file(actor=made.users[actor], activity=row, record=record(made, days=days, org=org, **more))


def part(activity: Activity) -> Participation:
    return Participation.everything.get(activity=activity, organisation=activity.organisation_id)


def belongs(person: Person, **values: Any) -> None:
    """Change where or since when somebody belongs."""
    Membership.everything.filter(person=person).update(**values)
