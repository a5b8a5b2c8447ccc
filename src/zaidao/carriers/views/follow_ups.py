"""Follow-ups: lists, and what is done with one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.carriers import access
from zaidao.carriers.actions import follow_ups as actions
from zaidao.carriers.forms import follow_ups as forms
from zaidao.carriers.models import FollowUp
from zaidao.carriers.queries import lists
from zaidao.carriers.views.parts import act, tabs
from zaidao.core import access as core_access
from zaidao.core import pages, written
from zaidao.core.access import get_for

SIZE = 25
NOTHING = {"mine": "现在没有等您办的事项", "open": "没有正在办理的事项", "done": "没有等待确认的事项", "closed": "还没有办结的事项"}
LISTS = {"mine": "我的", "open": "办理中", "done": "待确认", "closed": "已办结"}


@never_cache
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """One's own, and those of organisations in sight. About eight queries."""
    held = core_access.holder(request.user)
    sees = held.may_somewhere(access.VIEW)
    what = request.GET.get("what", "")
    what = what if what in LISTS else "open" if held.may_somewhere(access.CLOSE) else "mine"
    if not sees:
        what = "mine"
    person = getattr(request.user, "person", None)
    rows = lists.own_follow_ups(person.pk if person else None) if what == "mine" else lists.follow_ups(what)
    page, total = pages.page_of(request), rows.count()
    shown = list(rows[(page - 1) * SIZE:page * SIZE]) if total else []
    kinds = [{"text": text, "href": f"?what={key}", "here": key == what} for key, text in LISTS.items() if sees or key == "mine"]
    return render(request, "carriers/follow_ups.html", {
        "rows": [(row, _steps(held, row, person)) for row in shown], "what": what, "kinds": kinds, "tabs": tabs(request, "follow_ups"),
        "nothing": NOTHING[what], "today": timezone.localdate(), "menu": "activities",
        "exports": what != "mine" and held.may_somewhere(access.EXPORT),
        **pages.paging(page, SIZE, total),
    })


def _steps(held: core_access.Holder, row: FollowUp, person: Any) -> list[tuple[str, str]]:
    """What this person may do with it now: address and word."""
    keeps, own = held.may(access.CLOSE, row.organisation.path), person is not None and row.who_id == person.pk
    steps: list[tuple[str, str]] = []
    if row.state == FollowUp.State.OPEN:
        steps += [("done", "已办")] if own and not keeps else []
        steps += [("confirm", "办结"), ("drop", "不再办理")] if keeps else []
    elif row.state == FollowUp.State.DONE and keeps:
        steps += [("confirm", "确认办结"), ("reopen", "退回")]
    return [(reverse(f"carriers:follow_up_{name}", args=[row.pk]), word) for name, word in steps]


@require_http_methods(["GET", "POST"])
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """Said by whoever has it, wherever that was decided, or by whoever sees to the organisation."""
    found = _own(request, pk) or get_for(request.user, access.CLOSE, FollowUp, pk)
    form = forms.DoneForm(request.POST or None, initial={"on": timezone.localdate()})

    def do(told: Any) -> None:
        actions.done(actor=request.user, follow_up=found, **told)

    return _act(request, found, form, do, title="登记已办", done="已登记,等组织确认。", submit="已办")


def _own(request: HttpRequest, pk: int) -> FollowUp | None:
    _ = core_access.holder(request.user).grants
    person = getattr(request.user, "person", None)
    if person is None:
        return None
    return FollowUp.everything.filter(who=person, pk=pk).select_related("organisation", "activity", "who").first()


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, access.CLOSE, FollowUp, pk)
    form = forms.ConfirmForm(request.POST or None, initial={"on": found.done_on or timezone.localdate(), "note": found.note})

    def do(told: Any) -> None:
        actions.confirm(actor=request.user, follow_up=found, **told)

    return _act(request, found, form, do, title="确认办结", done="已办结。", submit="确认办结")


@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, access.CLOSE, FollowUp, pk)

    def do(told: Any) -> None:
        actions.reopen(actor=request.user, follow_up=found, **told)

    return _act(request, found, forms.WhyForm(request.POST or None), do, title="退回继续办理", done="已退回。", submit="退回")


@require_http_methods(["GET", "POST"])
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, access.CLOSE, FollowUp, pk)

    def do(told: Any) -> None:
        actions.drop(actor=request.user, follow_up=found, **told)

    return _act(request, found, forms.WhyForm(request.POST or None), do, title="不再办理", done="已登记不再办理。", submit="不再办理")


def _act(request: HttpRequest, found: FollowUp, form: Any, do: Any, *, title: str, done: str, submit: str) -> HttpResponse:
    back = f"{reverse('carriers:follow_ups')}"
    who = found.who.name if found.who else None
    facts = [("事项", found.what), ("责任人", who), ("完成时限", written.day(found.due_on)), ("状态", found.get_state_display())]
    return act(request, form, do, title=title, back=back, done=done, submit=submit, facts=facts,
               where=[("办理事项", back), (title, None)])
