"""What the roster adds to pages: numbers and what is due on an organisation's, what waits for somebody on the home page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from zaidao.core import access as core_access
from zaidao.core import history, menu, panels
from zaidao.organisations import access
from zaidao.organisations.actions import reading
from zaidao.organisations.actions.standing import clocks
from zaidao.organisations.forms.people import KEPT
from zaidao.organisations.models import Organisation, Person
from zaidao.organisations.queries import dates, people

SHOWN = 6  # of what is due; the rest has a page of its own

menu.item("名册", "organisations:people", verb=access.PEOPLE, order=20)
menu.item("关于我的记录", "organisations:own", verb=access.OWN, order=10, section="me")
history.words(
    "organisations.person", "人员", moved_in_on="转入日期", moved_out_on="离册日期", user="账号", since="转入日期", organisation="所在组织",
)
history.words("organisations.absence", "流动、外出、停止")
history.words("organisations.transfer", "组织关系转接", receiver="接收组织")
history.words("organisations.objection", "更正请求", due_on="答复期限")
history.values("organisations.objection", "field", KEPT)


def _opened(user: Any, pk: int) -> Person:
    """Somebody of whose page a part is fetched apart: that is on record as the page is."""
    found: Person = core_access.get_for(user, access.PEOPLE, Person, pk)
    reading.read(actor=user, person=found)
    return found


panels.found_by("person", _opened)


def _large(organisation: Organisation) -> bool:
    """Whether others stand below: people are counted one by one."""
    return organisation.kind not in ("branch", "group")


@panels.panel("organisation", "organisations/panels/people.html", order=10, verb=access.PEOPLE, later="名册", only=_large)
def people_panel(request: HttpRequest, organisation: Organisation) -> Mapping[str, Any]:  # noqa: ARG001
    """The roster by category. One query."""
    return {"organisation": organisation, "numbers": people.by_category(organisation.path)}


@panels.panel("organisation", "organisations/panels/people_dues.html", order=11, verb=access.PEOPLE_EDIT, later="名册近期要办")
def dues_panel(request: HttpRequest, organisation: Organisation) -> Mapping[str, Any] | None:
    """What is due to those who keep the roster: apart from the page, for it looks at every date. One query."""
    due = dates.dues(timezone.localdate(), clocks(), path=organisation.path, me=request.user.pk)
    return {"dues": due[:SHOWN], "due": len(due), "most": len(due) >= dates.MOST} if due else None


@panels.panel("home", "organisations/panels/home_people.html", order=10, verb=access.PEOPLE_EDIT, later="名册上要办的")
def home_panel(request: HttpRequest, user: Any) -> Mapping[str, Any] | None:  # noqa: ARG001
    """Transfers to receive, dates, requests to answer: what waits for the person, apart from the page as on an organisation's. One
    query."""
    due = dates.dues(timezone.localdate(), clocks(), me=user.pk)
    return {"dues": due[:SHOWN], "due": len(due), "most": len(due) >= dates.MOST} if due else None


@panels.panel("account", "organisations/panels/account_people.html", order=40)
def account_panel(request: HttpRequest, user: Any) -> Mapping[str, Any] | None:  # noqa: ARG001
    """Where one reads what is kept on oneself. One query."""
    found = Person.everything.filter(user=user.pk).only("pk").first()
    return {"own": found.pk} if found else None
