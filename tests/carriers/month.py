"""Duties, meetings and follow-ups of a month for its tests, written straight into the tables: dates are told, nothing is laid out."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from tests import world
from zaidao.carriers.models import Activity, FollowUp, Participation
from zaidao.institutions.models import Clause, Duty, Edition, Institution

NOW = datetime(2026, 11, 26, 9, 30)  # a Thursday, in the office's time
TODAY = NOW.date()
RULE = "rule:frequency.theme_day"


def at(day: date, hour: int = 15) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour))


def duty(org: Any, subject: str = "主题党日", start: date = date(2026, 11, 1), end: date = date(2026, 12, 1), **more: Any) -> Duty:
    """One duty of a period, due with the period where nothing else is told."""
    told = {"source": RULE, "every": "month", "due_on": end - timedelta(days=1)} | more
    return Duty.everything.create(organisation=org, subject=subject, period_start=start, period_end=end, **told)


def meeting(org: Any, when: datetime | None, title: str, *, duty: Duty | None = None, **more: Any) -> Activity:
    made = Activity.everything.create(
        code=f"A-{title}", organisation=org, kind="主题党日", title=title, planned_at=when, **more,
    )
    Participation.everything.create(activity=made, organisation=org, duty=duty)
    return made


def follow_up(activity: Activity, what: str, due_on: date, who: Any = None, state: str = "open") -> FollowUp:
    return FollowUp.everything.create(
        activity=activity, organisation=activity.organisation, what=what, due_on=due_on, who=who, state=state,
    )


def clause(org: Any, title: str = "主题党日办法") -> Clause:
    """A clause of an institution of the organisation, in force."""
    made = Institution.everything.create(code=f"Z-{org.code}", organisation=org, title=title, origin="own")
    edition = Edition.everything.create(institution=made, number=1, since=world.SINCE)
    return Clause.everything.create(edition=edition, article="第三条", subject="主题党日", applies_to="党支部", every="month")
