"""Filed meetings for tests of what is handed on, written as rows: what filing itself does is tested with it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from tests.world import World, person
from zaidao.carriers.models import Activity, Attendance, Decision, FollowUp, Minutes, Participation

TEXT = "学习了支部工作条例第三章。\n会议讨论了下月安排。"


def at(year: int = 2026, month: int = 3, day: int = 5, hour: int = 15) -> datetime:
    return datetime(year, month, day, hour, 30, tzinfo=timezone.get_current_timezone())


def meeting(
    made: World, where: str = "branch", *, kind: str = "支委会", held: datetime | None = None, text: str = TEXT, **more: Any,
) -> Activity:
    """A filed meeting of one organisation: two came, one was on leave, one guest; a vote and a follow-up."""
    organisation, when = made.orgs[where], held or at()
    activity = Activity.everything.create(
        code=f"A-{where}-{Activity.everything.count()}", organisation=organisation, kind=kind, planned_at=when, planned_for=when.date(),
        held_at=when, hours="1.5", state="filed", filed_at=when + timedelta(days=1), host=made.people["secretary"],
        **{"title": "三月工作", "agenda": "学习和讨论", "place": "二楼会议室", **more},
    )
    part = Participation.everything.create(
        activity=activity, organisation=organisation, eligible=3, voting=2, present=2, voting_present=2)
    away = person(f"P-away-{activity.pk}", f"请假同志{activity.pk}", organisation)
    Attendance.everything.create(participation=part, person=made.people["secretary"], state="present", counted=True, votes=True)
    Attendance.everything.create(participation=part, person=away, state="leave", why="出差", counted=True, votes=True)
    Attendance.everything.create(participation=part, person=None, guest="上级组织员", state="observer")
    minutes = Minutes.everything.create(
        activity=activity, number=1, text=text, opinions="有同志建议推迟", filed_at=when + timedelta(days=1))
    Decision.everything.create(
        minutes=minutes, position=1, kind="vote_resolution", text="同意月度计划", in_favour=2, against=0, abstained=0, passed=True,
        verdict="应到会有表决权的过半数赞成",
    )
    FollowUp.everything.create(
        activity=activity, organisation=organisation, what="更新公示栏", who=made.people["secretary"], due_on=date(2026, 3, 20))
    return activity


def joint(made: World, activity: Activity, other: str) -> Participation:
    """Let another organisation have met along."""
    return Participation.everything.create(
        activity=activity, organisation=made.orgs[other], eligible=5, voting=5, present=4, voting_present=4, joined=True)
