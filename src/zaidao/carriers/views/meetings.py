"""The list of meetings, and one of them: what it is, who came, what was written down, what followed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.carriers import access
from zaidao.carriers.actions import attending
from zaidao.carriers.actions.planning import notice_text
from zaidao.carriers.forms import planning as forms
from zaidao.carriers.models import Activity
from zaidao.carriers.queries import lists, one
from zaidao.carriers.views.parts import crumbs, tabs, to
from zaidao.core import access as core_access
from zaidao.core import history as acts
from zaidao.core import pages, written
from zaidao.core.access import Denied
from zaidao.core.acts import attempt
from zaidao.organisations.queries import reach

SIZE = 25


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Meetings in sight, the latest first. About eight queries."""
    core_access.require_somewhere(request.user, access.VIEW)
    form = forms.ActivityFilter(request.GET)
    asked, unknown = asked_of(form)
    found = lists.activities(asked, one.own_paths(request.user))
    keys, paging = pages.searched(request, found.none() if unknown else found, SIZE)
    held = core_access.holder(request.user)
    return render(request, "carriers/list.html", {
        "form": form, "rows": lists.of_numbers(keys), "tabs": tabs(request, "list"), "menu": "activities",
        "plans": held.may_somewhere(access.PLAN), "unknown": unknown, "now": timezone.now(), "all": not any(request.GET.values()),
        "exports": held.may_somewhere(access.EXPORT), **paging,
    })


def asked_of(form: forms.ActivityFilter) -> tuple[lists.Asked, str]:
    """What is asked for, and the organisation that was named and is not in sight."""
    if not form.is_valid():
        return lists.Asked(), ""
    told, name = form.cleaned_data, form.cleaned_data["organisation"].strip()
    found = reach.called(access.VIEW, name) if name else []
    asked = lists.Asked(told["kind"], told["state"], told["month"], found[0].path if found else "")
    return asked, name if name and not found else ""


@never_cache
@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting. At most fifteen queries."""
    seen = one.find(request.user, pk)
    activity, filed = seen.activity, seen.activity.state == Activity.State.FILED
    versions = one.minutes(activity) if filed and seen.may["read"] else []
    tells = [p for p in seen.participations if core_access.holder(request.user).may(access.ATTEND, p.organisation.path)]
    return render(request, "carriers/activity.html", {
        "seen": seen, "activity": activity, "may": seen.may, "filed": filed, "versions": versions,
        "last": versions[0] if versions else None, "moved": _moved(activity), "now": timezone.now(),
        "lists": one.came(tells) if tells else [],
        "follow_ups": one.follow_ups(request.user, activity) if filed and seen.may["read"] else [],
        "notices": one.notices(activity), "text": notice_text(activity) if seen.may["plan"] and not filed else "",
        "due_to_file": activity.planned_at is not None and activity.planned_at <= timezone.now(),
        "today": timezone.localdate(), "crumbs": crumbs(activity), "menu": "activities",
    })


def _moved(activity: Activity) -> bool:
    """Whether it was first planned for another day than it is now, or was held."""
    day = activity.held_at or activity.planned_at
    return activity.planned_for is not None and day is not None and timezone.localdate(day) != activity.planned_for


@never_cache
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of the record, for those who see to the organisation."""
    found = core_access.get_for(request.user, access.PLAN, Activity, pk)
    return render(request, "carriers/history.html", {
        "activity": found, "entries": acts.of(found, limit=100), "crumbs": crumbs(found, ("变动记录", None)), "menu": "activities",
    })


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """A member says, once, that they cannot come."""
    seen = one.find(request.user, pk)
    if not seen.expected:
        raise Denied("只有应到的同志可以请假。", verb=access.MINE)
    form = forms.LeaveForm(request.POST or None)

    def do(told: Any) -> None:
        attending.ask_leave(actor=request.user, activity=seen.activity, why=told["why"])

    if request.method == "POST" and form.is_valid() and attempt(form, do):
        messages.success(request, "已请假,组织者登记到会情况时会看到。")
        return redirect(to(seen.activity))
    return render(request, "carriers/form.html", {
        "form": form, "title": "请假", "cancel": to(seen.activity), "submit": "请假", "menu": "activities",
        "crumbs": crumbs(seen.activity, ("请假", None)), "facts": [("主题", seen.activity.title), ("时间", _when(seen.activity))],
    })


def _when(activity: Activity) -> str | None:
    return written.moment(timezone.localtime(activity.planned_at)) if activity.planned_at else None
