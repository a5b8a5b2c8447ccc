"""The page of a record: who came, what was said and decided, what is to follow; kept as a draft while it is written, then filed."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from zaidao.carriers import access
from zaidao.carriers.actions import attending, correcting, drafts, filing
from zaidao.carriers.decisions.record import late
from zaidao.carriers.forms import record as forms
from zaidao.carriers.models import Activity, Participation
from zaidao.carriers.queries import expecting, one
from zaidao.carriers.views.parts import crumbs, to, token
from zaidao.core import rulebook, scrub
from zaidao.core.access import get_for
from zaidao.core.errors import Refused
from zaidao.organisations.queries import gathering

HOURS = "1"  # what an ordinary meeting takes: a value to begin with, to be changed
MORE = ("decisions", "tasks")  # parts of the form to which rows can be added
SECRET = ("csrfmiddlewaretoken", "then", "token")


@never_cache
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Attendance, minutes and filing on one page. `then`: draft, rest (everybody else came), decisions or tasks (two rows more), file."""
    activity = get_for(request.user, access.FILE, Activity, pk)
    if activity.state != Activity.State.PLANNED:
        return redirect(to(activity))
    lists, then = expecting.lists(request.user, activity), request.POST.get("then", "")
    if request.method == "POST" and then == "file":
        return _file(request, activity, lists)
    typed = request.POST if request.method == "POST" else _draft(request, activity)
    if request.method == "POST":
        _keep(request, activity)
        if then == "draft":
            messages.success(request, "草稿已保存,24小时内可以接着写;退出登录即清空。")
            return redirect(request.path)
    people = _people(lists, activity)
    more = then if then in MORE else ""
    form = forms.RecordForm(people=people, typed=typed, first=None if typed else _first(request, activity), more=more)
    shown = [forms.ticked(each, typed, rest=then == "rest") for each in lists] if typed else lists
    return _page(request, activity, form, shown, resumed=request.method == "GET" and bool(typed))


def _first(request: HttpRequest, activity: Activity) -> dict[str, Any]:
    """The head as planned; minutes begin empty."""
    person = getattr(request.user, "person", None)
    return {
        "held_at": activity.planned_at, "hours": activity.hours or HOURS, "place": activity.place, "host": activity.host_id,
        "recorder": activity.recorder_id or (person.pk if person else None),
    }


def _people(lists: list[forms.List], activity: Activity) -> list[Any]:
    """Those who can be named in the record: whoever is on a list, else the roster."""
    found = [line.person for each in lists for line in each.lines]
    return found or gathering.roster(activity.organisation)


def _page(request: HttpRequest, activity: Activity, form: forms.RecordForm, lists: list[forms.List], **more: Any) -> HttpResponse:
    today, planned = timezone.localdate(), timezone.localdate(activity.planned_at) if activity.planned_at else None
    days = None if planned is None or planned >= today else int(rulebook.on(today).param("living.late_filing_days"))
    return render(request, "carriers/record.html", {
        "activity": activity, "form": form, "lists": lists, "token": token(request), "crumbs": crumbs(activity, ("写记录、归档", None)),
        "menu": "activities", "title": "写记录、归档", "submit": "归档",
        "late": days is not None and planned is not None and late(planned, today, days), **more,
    }, status=422 if form.wrong or more.get("refused") else 200)


def _file(request: HttpRequest, activity: Activity, lists: list[forms.List]) -> HttpResponse:
    form = forms.RecordForm(data=request.POST, people=_people(lists, activity))
    shown = [forms.ticked(each, request.POST) for each in lists]
    if forms.numbers(shown):
        form.head.add_error(None, forms.NUMBERS)
    elif form.is_valid():
        told = {each.participation.organisation_id: forms.ticks(each, before) for each, before in zip(shown, lists, strict=True)}
        try:
            filing.file(actor=request.user, activity=activity, record=form.record(told),
                        late_reason=form.head.cleaned_data["late_reason"], token=token(request))
        except Refused as refused:
            for reason in refused.reasons:
                form.head.add_error(None, reason)
        else:
            messages.success(request, "已归档。内容已锁定,需要更正时另存新版。")
            return redirect(to(activity))
    _keep(request, activity)  # what was typed is not lost, whatever stood against it
    return _page(request, activity, form, shown, refused=True)


@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is typed, by itself every few seconds."""
    activity = get_for(request.user, access.FILE, Activity, pk)
    _keep(request, activity)
    return render(request, "carriers/draft.html", {"at": timezone.now()})


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    activity = get_for(request.user, access.FILE, Activity, pk)
    drafts.discard(actor=request.user, activity=activity)
    messages.info(request, "草稿已清除。")
    return redirect("carriers:record", activity.pk)


def _keep(request: HttpRequest, activity: Activity) -> None:
    body = {name: scrub.numbers(str(value)) for name, value in request.POST.items() if name not in SECRET}  # drafts hold nobody's number
    drafts.save(actor=request.user, activity=activity, body=json.dumps(body, ensure_ascii=False))


def _draft(request: HttpRequest, activity: Activity) -> dict[str, str] | None:
    text = drafts.get(actor=request.user, activity=activity)
    return json.loads(text) if text else None


@never_cache
@require_http_methods(["GET", "POST"])
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """The tick list of one organisation by itself: for its own keepers, before or while the record is written."""
    rows = Participation.objects.select_related("organisation", "activity__organisation")
    part = get_for(request.user, access.ATTEND, Participation, pk, rows)
    activity = part.activity
    if activity.state != Activity.State.PLANNED:
        return redirect(to(activity))
    before = expecting.listed(part)
    shown, wrong = before, []
    if request.method == "POST":
        shown = forms.ticked(before, request.POST, rest=request.POST.get("then") == "rest")
        if request.POST.get("then") != "rest":
            wrong = _tell(request, part, shown, before)
            if not wrong:
                messages.success(request, "到会情况已保存。")
                return redirect(to(activity))
    return render(request, "carriers/attendance.html", {
        "activity": activity, "lists": [shown], "crumbs": crumbs(activity, ("到会情况", None)), "menu": "activities", "wrong": wrong,
    }, status=422 if wrong else 200)


def _tell(request: HttpRequest, part: Participation, shown: forms.List, before: forms.List) -> list[str]:
    if forms.numbers([shown]):
        return [forms.NUMBERS]
    told = forms.ticks(shown, before)
    try:
        attending.tell(actor=request.user, participation=part, states=told.states, guests=told.guests)
    except Refused as refused:
        return list(refused.reasons)
    return []


@never_cache
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """A new version of what is filed, with its reason; attendance is told anew, the earlier version stays."""
    activity = get_for(request.user, access.CORRECT, Activity, pk)
    versions = one.minutes(activity)
    if activity.state != Activity.State.FILED or not versions:
        return redirect(to(activity))
    last, lists = versions[0], expecting.lists(request.user, activity)
    people, then = _people(lists, activity), request.POST.get("then", "")
    if request.method == "POST" and then == "file":
        form = forms.RecordForm(data=request.POST, people=people, correcting=True)
        shown = [forms.ticked(each, request.POST) for each in lists]
        if form.is_valid() and _correct(request, activity, form, shown, lists, last.number):
            messages.success(request, "已更正,原来的版本仍可查看。")
            return redirect(to(activity))
    else:
        typed = request.POST if request.method == "POST" else None
        form = forms.RecordForm(people=people, typed=typed, first=_filed(activity, last), decisions=_decided(last), correcting=True,
                                more=then if then in MORE else "")
        shown = [forms.ticked(each, typed, rest=then == "rest") for each in lists] if typed else lists
    return _page(request, activity, form, shown, correcting=last, title="更正记录", submit="保存为新版",
                 crumbs=crumbs(activity, ("更正", None)), refused=form.head.is_bound and form.head.errors)


def _correct(
    request: HttpRequest, activity: Activity, form: forms.RecordForm, shown: list[forms.List], before: list[forms.List], number: int,
) -> bool:
    if forms.numbers(shown):
        form.head.add_error(None, forms.NUMBERS)
        return False
    told = {new.participation.organisation_id: forms.ticks(new, old) for new, old in zip(shown, before, strict=True)}
    try:
        correcting.correct(actor=request.user, activity=activity, record=form.record(told), correction=form.head.cleaned_data["correction"],
                           number=number, token=token(request))
    except Refused as refused:
        for reason in refused.reasons:
            form.head.add_error(None, reason)
        return False
    return True


def _filed(activity: Activity, last: Any) -> dict[str, Any]:
    return {
        "held_at": activity.held_at, "hours": activity.hours, "place": activity.place, "host": activity.host_id,
        "recorder": activity.recorder_id, "text": last.text, "opinions": last.opinions,
    }


def _decided(last: Any) -> list[dict[str, Any]]:
    names = ("kind", "text", "in_favour", "against", "abstained", "written")
    return [{name: getattr(each, name) for name in names} for each in last.decisions.all()]
