"""What meetings add to pages: the next and the last on an organisation's, one's own on the home page, a person's follow-ups on theirs."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.queries import lists, one
from zaidao.core import access as core_access
from zaidao.core import history, menu, panels

menu.item("会议和活动", "carriers:list", verb=access.VIEW, order=25, key="activities")
history.words(
    "carriers.activity", "会议", state="状态", organisations="组织", duty="应办事项", minutes="记录版次", notice="通知",
    eligible="应到", present="实到",
)
history.words("carriers.participation", "到会情况", present="到会", leave="请假", absent="缺席", observer="列席", entries="改动人数")
history.words("carriers.attendance", "到会情况", state="状态")
history.words("carriers.followup", "办理事项", state="状态")
history.words("carriers.feed", "日历订阅", open="已开通")
history.words("carriers.notice", "会议通知")
history.words("carriers.minutes", "会议记录")
history.words("carriers.carrier", "载体")


@panels.panel("organisation", "carriers/panels/organisation.html", order=15, verb=access.VIEW)
def organisation_panel(request: HttpRequest, organisation: Any) -> Mapping[str, Any]:
    """The next meetings, the last one filed, open follow-ups. Three queries."""
    held = core_access.holder(request.user)
    plans = organisation.dissolved_on is None and held.may(access.PLAN, organisation.path)
    return {"organisation": organisation, "plans": plans, **lists.of_organisation(organisation, timezone.now())}


@panels.panel("person", "carriers/panels/person.html", order=60, verb=access.VIEW, later="要落实的事项")
def person_panel(request: HttpRequest, person: Any) -> Mapping[str, Any] | None:  # noqa: ARG001
    """What the person is to do, as far as it was decided in sight. One query."""
    found = lists.follow_ups_of(person)
    return {"follow_ups": found} if found else None


@panels.panel("home", "carriers/panels/home.html", order=8, verb=access.MINE)
def home_panel(request: HttpRequest, user: Any) -> Mapping[str, Any] | None:  # noqa: ARG001
    """One's own next meetings, and what one is to do. Two queries."""
    person = getattr(user, "person", None)
    if person is None:
        return None
    posts = any(g.role != "member" and not g.on_behalf_of for g in core_access.holder(user).grants)
    meetings = lists.own_meetings(person, one.own_paths(user), timezone.now(), posts=posts)
    tasks = list(lists.own_follow_ups(person.pk)[:lists.MOST_OWN])
    return {"meetings": meetings, "tasks": tasks, "today": timezone.localdate()} if meetings or tasks else None
