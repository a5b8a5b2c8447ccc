"""关于我的记录, and the requests for correction that come from it with their answers."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zaidao.core import masks, pages
from zaidao.core.access import get_for
from zaidao.core.once import once
from zaidao.organisations import access as verbs
from zaidao.organisations.actions import objections, people, standing
from zaidao.organisations.forms import people as forms
from zaidao.organisations.models import Objection, Person
from zaidao.organisations.queries import own as queries
from zaidao.organisations.queries import person as about
from zaidao.organisations.views.roster import act, crumbs, to_person

SIZE = 30
OWN_REASON = "本人查看自己的号码"


def _self(request: HttpRequest) -> Person | None:
    """The person behind the account; None where there is none."""
    return getattr(request.user, "person", None)


def tabs(here: str) -> list[dict[str, Any]]:
    named = (("own", "登记的内容"), ("own_acts", "谁看过、改过"))
    return [{"text": text, "href": reverse(f"organisations:{name}"), "here": name == here} for name, text in named]


@never_cache
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Everything kept on oneself."""
    found = _self(request)
    if found is None:
        return render(request, "organisations/own.html", {"menu": "own"})
    return render(request, "organisations/own.html", _kept(found) | {"person": found, "tabs": tabs("own"), "menu": "own"})


@never_cache
@require_GET
def acts(request: HttpRequest) -> HttpResponse:
    """Who read or changed it: by which post, when, why."""
    found = _self(request)
    if found is None:
        raise Http404("没有找到")
    page, entries = pages.page_of(request), queries.entries(found)
    return render(request, "organisations/own_acts.html", {
        "acts": queries.acts(entries[(page - 1) * SIZE:page * SIZE], found.user_id), "tabs": tabs("own_acts"), "menu": "own",
        **pages.paging(page, SIZE, entries.count()),
    })


def _kept(found: Person) -> dict[str, Any]:
    return {
        "facts": about.facts(found), "masked": {n: masks.shown(found, n) for n in people.SENSITIVE}, **about.belongings(found),
        "posts": list(about.in_office(found)), "fields": forms.KEPT, "days": standing.clocks().objection_days,
    }


@never_cache
@require_POST
def reveal(request: HttpRequest) -> HttpResponse:
    """One's own numbers, shown once in the answer; on record like every opening."""
    found = _self(request)
    if found is None or found.organisation is None:
        raise Http404("没有找到")
    values = masks.reveal(actor=request.user, verb=verbs.OWN, obj=found, fields=people.SENSITIVE, reason=OWN_REASON, confirmed=True)
    shown = [(forms.SENSITIVE[n], v or None) for n, v in values.items()]
    return render(request, "organisations/own_reveal.html", {"values": shown, "menu": "own"})


@require_http_methods(["GET", "POST"])
@once
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a correction, or object."""
    form = forms.ObjectionForm(request.POST or None, initial={"field": request.GET.get("field", "name")})

    def do(told: Any) -> None:
        objections.ask(actor=request.user, **told)

    own, days = reverse("organisations:own"), standing.clocks().objection_days
    facts = [("由谁答复", "所在组织的名册管理人员;关于管理人员本人的,由上级答复"), ("答复期限", f"{days}个工作日")]
    return act(request, form, do, title="请求更正或提出异议", to=own, done="已提交,答复会显示在本页。", submit="提交",
               where=[("关于我的记录", own), ("请求更正", None)], facts=facts)


@require_http_methods(["GET", "POST"])
@once
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The keeper's answer."""
    found = get_for(request.user, verbs.ANSWER, Objection, pk)
    who = found.person

    def do(told: Any) -> None:
        objections.answer(actor=request.user, objection=found, **told)

    facts = [
        ("姓名", who.name), ("事项", forms.KEPT.get(found.field, found.field)), ("说明", found.text),
        ("提出日期", timezone.localdate(found.created_at)), ("答复期限", found.due_on),
    ]
    return act(request, forms.AnswerForm(request.POST or None), do, title=f"答复{who.name}的更正请求", to=to_person(who), done="已答复。",
               where=crumbs(who, ("答复", None)), facts=facts, submit="提交答复")
