"""The lists of meetings, follow-ups and carriers as workbooks: what the screen shows, all pages of it, where one may export."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zaidao.carriers import access as verbs
from zaidao.carriers.forms import follow_ups as carrier_forms
from zaidao.carriers.forms import planning as forms
from zaidao.carriers.forms_out import sheets
from zaidao.carriers.models import Activity, Carrier, FollowUp, Participation
from zaidao.carriers.queries import lists
from zaidao.carriers.views.ledger import MOST_ROWS, attachment, recorded
from zaidao.carriers.views.meetings import asked_of
from zaidao.core import access
from zaidao.core.scope import active
from zaidao.organisations.queries import reach

Answer = HttpResponse | FileResponse
Line = Sequence[str | int | None]
MEETINGS = (("主题", True), ("类别", False), ("组织", True), ("时间", False), ("地点", True), ("状态", False))
FOLLOW_UPS = (("事项", True), ("责任人", False), ("完成时限", False), ("组织", True), ("来自", True), ("状态", False), ("办理情况", True))
CARRIERS = (("名称", True), ("类别", False), ("发起方式", False), ("组织", True), ("开始", False), ("结束", False))


@never_cache
@require_GET
def meetings(request: HttpRequest) -> Answer:
    """The list of meetings by its filters."""
    access.require_somewhere(request.user, verbs.EXPORT)
    asked, unknown = asked_of(forms.ActivityFilter(request.GET))
    found = _own(lists.activities(asked))
    rows = (found.none() if unknown else found).select_related("organisation")
    now = timezone.now()
    return _file(request, Activity, "会议和活动", MEETINGS, rows, lambda row: (
        row.title, row.kind, row.organisation.name, _moment(row.held_at or row.planned_at), row.place, _state(row, now)), "carriers:list")


def _own(found: Any) -> Any:
    """Of meetings in sight those that organisations convene or join where one may export, not only look."""
    where = active().reach(verbs.EXPORT)
    if "" in where.subtrees:
        return found
    joined = Participation.objects.within(verbs.EXPORT).filter(activity=OuterRef("pk"))
    return found.filter(where.q("organisation__path") | Exists(joined))


@never_cache
@require_GET
def follow_ups(request: HttpRequest) -> Answer:
    """The list of follow-ups of one state, of organisations in sight."""
    access.require_somewhere(request.user, verbs.EXPORT)
    asked = request.GET.get("what", "")
    rows = lists.follow_ups(asked if asked in ("open", "done", "closed") else "open").within(verbs.EXPORT)
    return _file(request, FollowUp, "办理事项", FOLLOW_UPS, rows, lambda row: (
        row.what, row.who.name if row.who else None, row.due_on.isoformat(), row.organisation.name, row.activity.title,
        row.get_state_display(), row.note), "carriers:follow_ups")


@never_cache
@require_GET
def carriers(request: HttpRequest) -> Answer:
    """The list of carriers by its filters."""
    access.require_somewhere(request.user, verbs.EXPORT)
    form = carrier_forms.CarrierFilter(request.GET)
    told: dict[str, Any] = dict(form.cleaned_data) if form.is_valid() else {"kind": "", "ended": False, "organisation": ""}
    name = told["organisation"].strip()
    found = reach.called(verbs.EXPORT, name) if name else []
    rows = lists.carriers(kind=told["kind"], ended=told["ended"], path=found[0].path if found else "").within(verbs.EXPORT)
    return _file(request, Carrier, "载体", CARRIERS, rows.none() if name and not found else rows, lambda row: (
        row.name, row.get_kind_display(), row.get_origin_display(), row.organisation.name, row.started_on.isoformat(),
        row.ended_on.isoformat() if row.ended_on else None), "carriers:carriers")


def _file(
    request: HttpRequest, model: Any, title: str, headers: Sequence[tuple[str, bool]], rows: Any, line: Any, back: str,
) -> Answer:
    """The workbook, on record; back to the list where it would be too long."""
    found = list(rows[:MOST_ROWS + 1])
    if len(found) > MOST_ROWS:
        messages.error(request, f"没有导出:一次最多导出{MOST_ROWS}条,请加条件分次导出。")
        return redirect(back)
    recorded(request, model, {"form": title, "rows": len(found)})
    told: Iterable[Line] = (line(row) for row in found)
    return attachment(sheets.workbook([sheets.Page(title, headers, told)]), f"{title}{timezone.localdate():%Y%m%d}.xlsx", sheets.XLSX)


def _moment(at: datetime | None) -> str | None:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else None


def _state(row: Activity, now: datetime) -> str:
    """As the list says it: what is over and not filed waits for its record."""
    if row.state == Activity.State.PLANNED and row.planned_at and row.planned_at < now:
        return "待归档"
    return row.get_state_display()
