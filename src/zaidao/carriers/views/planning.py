"""A meeting is planned, put off, called off, announced."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zaidao.carriers import access
from zaidao.carriers.actions import planning as actions
from zaidao.carriers.decisions import usual
from zaidao.carriers.forms import planning as forms
from zaidao.carriers.models import Activity
from zaidao.carriers.queries import lists, one
from zaidao.carriers.views.parts import act, crumbs, own_place, to, token
from zaidao.core import access as core_access
from zaidao.core import calendar, written
from zaidao.core.access import Denied, get_for
from zaidao.core.acts import attempt
from zaidao.core.errors import Refused
from zaidao.core.pages import key
from zaidao.institutions.queries.planned import to_plan
from zaidao.organisations import queries as organisations
from zaidao.organisations.queries import gathering, reach


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """One click from a duty (`?duty=`), or for an organisation (`?organisation=`), else for one's own. About ten queries."""
    core_access.require_somewhere(request.user, access.PLAN)
    duty = to_plan(request.user, key(request.GET["duty"])) if "duty" in request.GET else None
    organisation = _organisation(request, duty)
    people, running = gathering.roster(organisation), lists.running(organisation)
    first = None if request.method == "POST" else _first(request, organisation, duty)
    others = list(reach.standing(access.PLAN).exclude(pk=organisation.pk)[:forms.FEW + 1])
    form = forms.PlanForm(request.POST or None, initial=first, people=people, carriers=running, others=others)
    made: list[Activity] = []

    def do(told: Any) -> None:
        made.append(_plan(request, organisation, duty, form, told, running))

    if request.method == "POST" and form.is_valid() and attempt(form, do):
        return _planned(request, made[0])
    return render(request, "carriers/plan.html", {
        "form": form, "organisation": organisation, "duty": duty, "token": token(request), "menu": "activities",
        "crumbs": [("会议和活动", reverse("carriers:list")), ("安排会议和活动", None)],
    })


def _organisation(request: HttpRequest, duty: Any) -> Any:
    """For whom it is planned. Raises Http404, Denied."""
    if duty is not None:
        core_access.require(request.user, access.PLAN, duty.organisation.path)
        return duty.organisation
    if "organisation" in request.GET:
        return organisations.one(request.user, access.PLAN, key(request.GET["organisation"]))
    own = own_place(request, access.PLAN)
    if own is None:
        raise Denied("请先打开要安排会议的组织,再从它的页面进入。", verb=access.PLAN)
    return own


def _first(request: HttpRequest, organisation: Any, duty: Any) -> dict[str, Any]:
    """What a plan begins with: from the duty's rule, and from when and where they usually meet. Five queries."""
    kind, title, agenda = actions.agenda_for(duty) if duty is not None else (request.GET.get("kind", ""), "", "")
    kind = kind if kind in dict(forms.KINDS) else "主题党日"
    last, today = one.last_like(organisation, kind), timezone.localdate()
    met = one.local(last.held_at or last.planned_at) if last else None
    period = {"start": duty.period_start, "until": duty.period_end} if duty is not None else {}
    day, at = usual.proposed(today, met, calendar.load().is_working_day, **period)
    return {
        "kind": kind, "title": title,
        "planned_at": timezone.make_aware(datetime.combine(day, at)), "place": last.place if last else "", "agenda": agenda,
        "host": gathering.chair(organisation, today),
    }


def _plan(request: HttpRequest, organisation: Any, duty: Any, form: forms.PlanForm, told: Any, running: list[Any]) -> Activity:
    joint, people = [_named(name) for name in form.names()], gathering.roster(organisation)
    return actions.plan(
        actor=request.user, organisation=organisation, kind=told["kind"], planned_at=told["planned_at"], place=told["place"],
        title=told["title"] or usual.title(told["kind"], timezone.localdate(told["planned_at"])), agenda=told["agenda"], joint=joint,
        carrier=next((c for c in running if c.pk == told.get("carrier")), None), duty=duty,
        host=next((p for p in people if p.pk == told["host"]), None), token=token(request),
    )


def _named(name: str) -> Any:
    found = reach.called(access.PLAN, name)
    if len(found) != 1:
        raise Refused(f"在您可以安排会议的组织里没有找到“{name}”,或不止一个;请填组织编号。")
    return found[0]


def _planned(request: HttpRequest, made: Activity) -> HttpResponse:
    """Where one goes on: announced at once where that was asked for, or straight to the record of what was held already."""
    messages.success(request, "已安排。")
    if request.POST.get("then") == "notice":
        actions.give_notice(actor=request.user, activity=made, text=actions.notice_text(made))
        messages.success(request, "通知已发出。")
    return redirect(reverse("carriers:record", args=[made.pk]) if request.POST.get("then") == "record" else to(made))


@require_http_methods(["GET", "POST"])
def replan(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, access.PLAN, Activity, pk)
    fields = ("planned_at", "place", "title", "agenda")
    form = forms.ReplanForm(request.POST or None, initial={name: getattr(found, name) for name in fields})

    def do(told: Any) -> None:
        actions.replan(actor=request.user, activity=found, **told)

    return act(request, form, do, title="改期或修改", back=to(found), done="已修改。发过通知的,请再发一次。",
               where=crumbs(found, ("改期或修改", None)))


@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, access.PLAN, Activity, pk)
    form = forms.ReasonForm(request.POST or None)

    def do(told: Any) -> None:
        actions.cancel(actor=request.user, activity=found, reason=told["reason"])

    return act(request, form, do, title="取消会议", back=to(found), done="已取消。发过通知的,请发取消通知。", submit="取消会议",
               where=crumbs(found, ("取消", None)), facts=[("主题", found.title), ("计划时间", _said(found.planned_at))])


def _said(moment: datetime | None) -> str | None:
    return written.moment(timezone.localtime(moment)) if moment else None


@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The text to read through, change and give out."""
    found = get_for(request.user, access.PLAN, Activity, pk)
    form = forms.NoticeForm(initial={"text": actions.notice_text(found)})
    return _notice(request, found, form)


def _notice(request: HttpRequest, found: Activity, form: forms.NoticeForm) -> HttpResponse:
    return render(request, "carriers/notice.html", {
        "form": form, "activity": found, "crumbs": crumbs(found, ("通知", None)), "menu": "activities",
        "notices": one.notices(found),
    })


@require_POST
def give_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it out: as it stood in the form, or as it is made where none was shown."""
    found = get_for(request.user, access.PLAN, Activity, pk)
    form = forms.NoticeForm(request.POST if "text" in request.POST else {"text": actions.notice_text(found)})

    def do(told: Any) -> None:
        actions.give_notice(actor=request.user, activity=found, text=told["text"])

    if form.is_valid() and attempt(form, do):
        messages.success(request, "通知已发出,相关同志登录后可以看到。")
        return redirect(to(found))
    return _notice(request, found, form)


