"""Pages of hand-over lists: those that wait, one list, its items, and the two confirmations."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zaidao.core import access as core_access
from zaidao.core.once import once
from zaidao.core.pages import page_of, paging
from zaidao.organisations import access
from zaidao.organisations.actions import hand_over as actions
from zaidao.organisations.forms.posts import ConfirmForm, HandOverForm
from zaidao.organisations.models import HandOver, Person
from zaidao.organisations.queries import posts as queries
from zaidao.organisations.views.parts import act, attempt

SIZE = 25


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Lists that wait: one's own, and those of the subtree. About five queries."""
    page, rows = page_of(request), queries.hand_overs_in_reach()
    return render(request, "organisations/hand_overs.html", {
        "own": queries.own_hand_overs(request.user), "rows": list(rows[(page - 1) * SIZE:page * SIZE]), "menu": "structure",
        "tabs": tabs("hand_overs"), **paging(page, SIZE, rows.count()),
    })


def tabs(here: str) -> list[dict[str, Any]]:
    """The pages of an office beside one another."""
    named = {"structure": ("组织设置", "structure_list"), "terms": ("任期", "terms"), "hand_overs": ("交接", "hand_overs")}
    return [{"text": text, "href": reverse(f"organisations:{url}"), "here": key == here} for key, (text, url) in named.items()]


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    found, user = _found(request, pk), request.user
    path, held = found.appointment.post.organisation.path, core_access.holder(user)
    return render(request, "organisations/hand_over.html", {
        "found": found, "organisation": found.appointment.post.organisation, "menu": "structure", "form": ConfirmForm(),
        "is_giver": actions.is_side(user, found, actions.GIVEN), "is_receiver": actions.is_side(user, found, actions.RECEIVED),
        "may_act_for": held.may(access.APPOINT, path), "may_edit": actions.is_party(user, found) or held.may(access.HAND_OVER, path),
        "crumbs": [("交接", reverse("organisations:hand_overs")), (found.appointment.post.title, None)],
    })


@require_http_methods(["GET", "POST"])
@once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    people = _receivers(found)
    form = HandOverForm(request.POST or None, people=people, initial=HandOverForm.of(found))

    def do(told: dict[str, Any], confirmed: list[str]) -> None:  # noqa: ARG001
        receiver = next((p for p in people if str(p.pk) == told["receiver"]), None)
        actions.edit(actor=request.user, hand_over=found, items=told["items"].splitlines(), receiver=receiver)

    return act(request, form, do, title="修改交接清单", to=_one(found), done="清单已保存;双方需要重新确认。",
               where=[("交接", reverse("organisations:hand_overs")), ("清单", _one(found)), ("修改", None)])


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _found(request, pk), ConfirmForm(request.POST)

    def do(told: dict[str, Any], confirmed: list[str]) -> None:  # noqa: ARG001
        actions.confirm(actor=request.user, hand_over=found, side=told["side"], note=told["note"])

    if form.is_valid() and attempt(form, do):
        messages.success(request, "已确认。")
    else:
        messages.warning(request, ";".join(str(e) for errors in form.errors.values() for e in errors))
    return redirect(_one(found))


def _found(request: HttpRequest, pk: int) -> HandOver:
    """The list, for its two sides and those who see to it. Raises Http404 for everybody else."""
    found = queries.hand_over_for(request.user, pk)
    if found is None:
        raise Http404("没有找到")
    return found


def _receivers(found: HandOver) -> list[Person]:
    """Who may receive: those in office in the organisation, and whoever is named already."""
    return [p for p in queries.receivers(found, timezone.localdate()) if p.pk != found.appointment.person_id]


def _one(found: HandOver) -> str:
    return reverse("organisations:hand_over", args=[found.pk])
