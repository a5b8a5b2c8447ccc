"""Carriers (载体): the list, one of them, its beginning and its end."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.carriers import access
from zaidao.carriers.actions import carriers as actions
from zaidao.carriers.forms import follow_ups as forms
from zaidao.carriers.models import Carrier
from zaidao.carriers.queries import lists
from zaidao.carriers.views.parts import Crumbs, act, own_place, tabs, token
from zaidao.core import access as core_access
from zaidao.core import pages
from zaidao.core.access import Denied, get_for
from zaidao.core.pages import key
from zaidao.organisations import queries as organisations
from zaidao.organisations.queries import reach

SIZE = 25
MEETINGS = 20  # the latest of one carrier


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Carriers in sight, in the tree's order. About seven queries."""
    core_access.require_somewhere(request.user, access.VIEW)
    form = forms.CarrierFilter(request.GET)
    told: dict[str, Any] = form.cleaned_data if form.is_valid() else {"kind": "", "ended": False, "organisation": ""}
    name = told["organisation"].strip()
    found = reach.called(access.VIEW, name) if name else []
    rows = lists.carriers(kind=told["kind"], ended=told["ended"], path=found[0].path if found else "")
    page, total = pages.page_of(request), 0 if name and not found else rows.count()
    return render(request, "carriers/carriers.html", {
        "form": form, "rows": list(rows[(page - 1) * SIZE:page * SIZE]) if total else [], "tabs": tabs(request, "carriers"),
        "begins": own_place(request, access.CARRY) is not None, "menu": "activities",
        "exports": core_access.holder(request.user).may_somewhere(access.EXPORT), **pages.paging(page, SIZE, total),
    })


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, access.VIEW, Carrier, pk)
    meetings = list(found.activities.filter(lists.discreet()).select_related("organisation")[:MEETINGS])
    return render(request, "carriers/carrier.html", {
        "carrier": found, "meetings": meetings, "crumbs": _trail(found), "menu": "activities", "most": MEETINGS,
        "facts": [
            ("组织", found.organisation.name), ("类别", found.get_kind_display()), ("发起方式", found.get_origin_display()),
            ("部署文号", found.directive_no or "—"), ("目的", found.aim or None),
        ],
    })


def _trail(found: Carrier, *more: tuple[str, str | None]) -> Crumbs:
    here = reverse("carriers:carrier", args=[found.pk]) if more else None
    return [("载体", reverse("carriers:carriers")), (found.name, here), *more]


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """For an organisation (`?organisation=`), else for one's own."""
    core_access.require_somewhere(request.user, access.CARRY)
    where = _organisation(request)
    form = forms.CarrierForm(request.POST or None, initial={"started_on": timezone.localdate()})

    def do(told: Any) -> None:
        actions.begin(actor=request.user, organisation=where, token=token(request), **told)

    return act(request, form, do, title=f"为{where.name}登记载体", back=reverse("carriers:carriers"), done="已登记。", submit="登记",
               where=[("载体", reverse("carriers:carriers")), ("登记载体", None)], token=token(request))


def _organisation(request: HttpRequest) -> Any:
    if "organisation" in request.GET:
        return organisations.one(request.user, access.CARRY, key(request.GET["organisation"]))
    own = own_place(request, access.CARRY)
    if own is None:
        raise Denied("请先打开要登记载体的组织,再从它的页面进入。", verb=access.CARRY)
    return own


@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_for(request.user, access.CARRY, Carrier, pk)
    form = forms.EndForm(request.POST or None, initial={"on": timezone.localdate()})

    def do(told: Any) -> None:
        actions.end(actor=request.user, carrier=found, **told)

    return act(request, form, do, title=f"结束{found.name}", back=reverse("carriers:carrier", args=[found.pk]), done="已登记结束。",
               submit="登记结束", where=_trail(found, ("登记结束", None)))
