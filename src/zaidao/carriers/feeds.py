"""A person's calendar (iCalendar): when and where the meetings of their own organisation are, and by when their own follow-ups are due.

It leaves the system for telephones and their makers' machines. So it holds kinds, days, places and addresses of pages, no text that
somebody has written: no titles, no names, no minutes. What it is about is read in the system.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from zaidao.accounts.access import MEMBER
from zaidao.carriers.actions.feeds import digest
from zaidao.carriers.decisions.gathering import Gathering, gathering
from zaidao.carriers.models import Activity, Attendance, Feed, FollowUp, Participation
from zaidao.carriers.queries.lists import TALK
from zaidao.carriers.queries.one import own_paths
from zaidao.core import access, rulebook
from zaidao.core.scope import system_scope

BACK, AHEAD = timedelta(days=31), timedelta(days=366)
MOST = 300  # meetings of one calendar
DOMAIN = "zaidao"
Address = Callable[[str, int], str]


def user_of(token: str) -> Any:
    """Whose open address it is; None for any other, and for an account that is closed. One query."""
    feed = Feed.objects.select_related("user").filter(token_hash=digest(token), revoked_at=None).first()
    return feed.user if feed and feed.user.is_active else None


def read(user: Any, day: Any) -> None:
    """Note the day on which it was last fetched, once a day."""
    Feed.objects.filter(user=user.pk, revoked_at=None).exclude(read_at=day).update(read_at=day)


def calendar(user: Any, now: datetime, address: Address) -> bytes:
    """The calendar as of `now`. `address`: of a page, by the name of its address and a number. Eight queries."""
    made = Calendar()
    for name, value in (("prodid", "-//zaidao//activities//ZH"), ("version", "2.0"), ("method", "PUBLISH"), ("x-wr-calname", "载道"),
                        ("x-wr-timezone", "Asia/Shanghai")):
        made.add(name, value)
    with system_scope("a person's own calendar"):
        for each in _meetings(user, now):
            made.add_component(_meeting(each, address))
        for task in _follow_ups(user, now):
            made.add_component(_task(task, address))
    return bytes(made.to_ical())


def _meetings(user: Any, now: datetime) -> list[Participation]:
    """Those of one's own organisation that concern oneself: the committee's for who leads there, a talk for who takes part in it."""
    paths = own_paths(user)
    rows = Participation.everything.filter(
        organisation__path__in=paths, activity__planned_at__gte=now - BACK, activity__planned_at__lt=now + AHEAD,
    ).select_related("organisation", "activity").order_by("activity__planned_at", "activity_id")[:MOST]
    found = list(rows) if paths else []
    mine = Attendance.everything.filter(participation__in=[p.pk for p in found], person__user=user.pk)
    named = set(mine.values_list("participation_id", flat=True)) if found else set()
    leads = {g.path for g in access.holder(user).grants if g.role != MEMBER}
    by_activity = {p.activity_id: p for p in found if p.pk in named or _concerns(p, leads)}
    return list(by_activity.values())


def _concerns(participation: Participation, leads: set[str]) -> bool:
    kind, organisation = participation.activity.kind, participation.organisation
    if kind == TALK:
        return False
    return gathering(kind, organisation.kind, rulebook.today()) is not Gathering.COMMITTEE or organisation.path in leads


def _meeting(participation: Participation, address: Address) -> Event:
    activity, event = participation.activity, Event()
    moment: Any = activity.held_at or activity.planned_at
    cancelled = activity.state == Activity.State.CANCELLED
    event.add("uid", f"activity-{activity.pk}@{DOMAIN}")
    event.add("dtstamp", _utc(activity.made_at))
    event.add("sequence", activity.version)
    event.add("dtstart", _utc(moment))
    if activity.hours:
        event.add("dtend", _utc(moment + timedelta(hours=float(activity.hours))))
    event.add("summary", f"{'已取消:' if cancelled else ''}{activity.kind}({participation.organisation.name})")
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if activity.place:
        event.add("location", activity.place)
    event.add("url", address("carriers:activity", activity.pk))
    return event


def _follow_ups(user: Any, now: datetime) -> list[FollowUp]:
    open_ones = FollowUp.everything.filter(who__user=user.pk, state=FollowUp.State.OPEN, due_on__gte=(now - BACK).date())
    return list(open_ones.select_related("activity").order_by("due_on", "pk")[:MOST])


def _task(task: FollowUp, address: Address) -> Event:
    """A whole day that leaves one free for other things."""
    event = Event()
    event.add("uid", f"follow-up-{task.pk}@{DOMAIN}")
    event.add("dtstamp", _utc(task.activity.made_at))
    event.add("sequence", task.version)
    event.add("dtstart", task.due_on)
    event.add("dtend", task.due_on + timedelta(days=1))
    event.add("summary", f"本人承办的办理事项到期({task.activity.kind})")
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("url", address("carriers:activity", task.activity_id))
    return event


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
