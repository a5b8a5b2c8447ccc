"""What the month adds to the home page: the day's reminder, one's own organisations, and counts of those below."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.month import board, decisions, digest, queries
from zaidao.carriers.month.forms import DigestForm
from zaidao.core import access as core_access
from zaidao.core import mail, menu, panels
from zaidao.institutions.queries import month as duties

SHOWN = 8  # lines of each kind; the month's page has them all

menu.item("本月", "carriers:month", verb=access.MONTH, order=5)


@panels.panel("home", "carriers/panels/digest.html", order=4)
def digest_panel(request: HttpRequest, user: Any) -> Mapping[str, Any] | None:  # noqa: ARG001
    """What was near this morning, until closed. One query."""
    found = digest.today_of(user, timezone.localdate())
    return {"lines": decisions.lines(found.told), "day": found.day} if found else None


@panels.panel("home", "carriers/panels/month.html", order=2, verb=access.MONTH)
def month_panel(request: HttpRequest, user: Any) -> Mapping[str, Any] | None:  # noqa: ARG001
    """What one's own organisations owe this month and what is open. Three queries."""
    found = board.of(core_access.holder(request.user), timezone.now(), timezone.localdate())
    if found is None or found.empty:
        return None
    return {"board": found, "today": timezone.localdate(), "slice": f":{SHOWN}"}


@panels.panel("home", "carriers/panels/month_below.html", order=6, verb=access.MONTH, later="所辖组织本月的办理情况")
def below_panel(request: HttpRequest, user: Any) -> Mapping[str, Any] | None:  # noqa: ARG001
    """Counts by subject of everything in sight, where that is more than one's own organisations and their groups, whose month stands on
    the page already: apart from the page. Two queries."""
    today, paths = timezone.localdate(), queries.own(core_access.holder(request.user))
    if all(each.kind == "group" for each in queries.parts(paths)):
        return None
    found = duties.tallies(today, today)
    return {"tallies": found, "today": today} if found else None


@panels.panel("account", "carriers/panels/account_digest.html", order=50, verb=access.MINE)
def account_panel(request: HttpRequest, user: Any) -> Mapping[str, Any] | None:  # noqa: ARG001
    """How the day's reminder comes. One query."""
    return {"form": DigestForm(initial={"how": digest.wanted_by(request.user)}), "mailed": mail.able()}
