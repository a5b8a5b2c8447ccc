"""One carrier, activity and whatever else carriers has in 车间支部, each with its canary; see `planted.py`."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from tests.world import World, canary
from zaidao.carriers.models import Activity, Attendance, Carrier, Decision, FollowUp, Minutes, Notice, Participation

CANARY = canary("sibling")


def plant(made: World, keys: dict[str, int]) -> None:
    """Write them, and put the numbers that addresses want into `keys`."""
    sibling, person = made.orgs["sibling"], made.people["at_sibling"]
    carrier = Carrier.everything.create(
        code="Z-1", organisation=sibling, name=f"{CANARY}先锋岗", kind="先锋岗", origin="own", started_on=date(2026, 1, 5),
        aim=f"{CANARY}目的",
    )
    coming = _planned(made, carrier, timezone.now() + timedelta(days=5))
    part = Participation.everything.create(activity=coming, organisation=sibling)
    Attendance.everything.create(participation=part, person=person, state="leave", why=f"{CANARY}事假")
    Attendance.everything.create(participation=part, state="observer", guest=f"{CANARY}来宾")
    Notice.everything.create(activity=coming, text=f"{CANARY}通知")
    filed, minutes = _filed(made, timezone.now() - timedelta(days=9))
    Decision.everything.create(minutes=minutes, position=1, text=f"{CANARY}决议")
    follow_up = FollowUp.everything.create(
        activity=filed, organisation=sibling, what=f"{CANARY}事项", who=person, due_on=timezone.localdate() + timedelta(days=9))
    keys |= {"carrier": carrier.pk, "activity": coming.pk, "participation": part.pk, "filed": filed.pk, "follow_up": follow_up.pk}


def _planned(made: World, carrier: Carrier, at: datetime) -> Activity:
    return Activity.everything.create(
        code="H-1", organisation=made.orgs["sibling"], kind="主题党日", carrier=carrier, title=f"{CANARY}主题", agenda=f"{CANARY}议程",
        place=f"{CANARY}会议室", planned_at=at, planned_for=timezone.localdate(at), remark=f"{CANARY}说明",
    )


def _filed(made: World, at: datetime) -> tuple[Activity, Minutes]:
    """One of the private kinds, whose minutes are read by few."""
    filed = Activity.everything.create(
        code="H-2", organisation=made.orgs["sibling"], kind="组织生活会", title=f"{CANARY}生活会", planned_at=at, held_at=at, filed_at=at,
        state="filed", host=made.people["at_sibling"], recorder=made.people["at_sibling"],
    )
    part = Participation.everything.create(
        activity=filed, organisation=made.orgs["sibling"], eligible=2, voting=2, present=1, voting_present=1)
    Attendance.everything.create(participation=part, person=made.people["at_sibling"], state="present", counted=True, votes=True)
    minutes = Minutes.everything.create(
        activity=filed, number=1, text=f"{CANARY}记录正文", opinions=f"{CANARY}发言", filed_at=at, told={"title": f"{CANARY}生活会"})
    return filed, minutes
