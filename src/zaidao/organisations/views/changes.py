"""Structural changes on pages: form, preview, confirmation. What was shown is what is made, or the new state is shown again."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.core.access import get_for, holder, require
from zaidao.core.errors import Refused
from zaidao.core.once import once
from zaidao.organisations import access
from zaidao.organisations.actions import changes as verbs
from zaidao.organisations.actions import establish as establishing
from zaidao.organisations.actions import structure
from zaidao.organisations.actions.structure import Stale
from zaidao.organisations.decisions.structure_changes import Preview
from zaidao.organisations.forms.changes import FORMS, ChangeForm, EditForm, EstablishForm
from zaidao.organisations.models import Organisation
from zaidao.organisations.queries import choosing
from zaidao.organisations.views.tree import crumbs

NOT_CARRIED = {"csrfmiddlewaretoken", "step", "token"}


def about(request: HttpRequest, pk: int) -> Organisation:
    """The organisation that the person decides about. Raises Http404 or Denied."""
    top = choosing.top(pk) if holder(request.user).may(access.TOP) else None
    found: Organisation = top or get_for(request.user, access.RESTRUCTURE, Organisation, pk)
    return found


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """One kind of change of one organisation. `step`: show the preview, confirm it, or go back to the form."""
    if kind not in FORMS:
        raise Http404("没有这种变动")
    organisation = about(request, pk)
    form = FORMS[kind](organisation, request.POST or None)
    step = request.POST.get("step", "")
    if step not in ("show", "confirm") or not form.is_valid():
        return _form(request, form)
    if not form.whole:
        return _form(request, FORMS[kind](organisation, request.POST))
    return _confirm(request, form) if step == "confirm" else _preview(request, form, structure.preview(request.user, form.order()))


def _form(request: HttpRequest, form: ChangeForm) -> HttpResponse:
    return render(request, "organisations/change.html", {
        "form": form, "organisation": form.about, "title": form.title, "suggestions": form.suggestions(), "menu": "tree",
        "crumbs": [*crumbs(form.about, []), (form.title, None)], "cancel": _home(request, form.about),
    })


def _preview(request: HttpRequest, form: ChangeForm, seen: Preview) -> HttpResponse:
    """What it would do, with everything that was asked carried along; refusals go back to the form."""
    if seen.refusals:
        for reason in seen.refusals:
            form.add_error(None, reason)
        return _form(request, form)
    carried = [(name, value) for name, values in request.POST.lists() if name not in NOT_CARRIED for value in values]
    return render(request, "organisations/change_preview.html", {
        "form": form, "organisation": form.about, "title": form.title, "preview": seen, "carried": carried, "menu": "tree",
        "order": form.order(), "crumbs": [*crumbs(form.about, []), (form.title, None)], "cancel": _home(request, form.about),
    })


def _confirm(request: HttpRequest, form: ChangeForm) -> HttpResponse:
    """Make it if it is still what was shown."""
    try:
        verbs.make(actor=request.user, order=form.order(), reason=form.cleaned_data["reason"], token=request.POST.get("token") or "missing")
    except Stale as told:
        messages.warning(request, str(told))
        return _preview(request, form, told.preview)
    except Refused as told:
        for reason in told.reasons:
            form.add_error(None, reason)
        return _form(request, form)
    messages.success(request, f"{form.about.name}:{form.title}已登记。")
    return redirect(_home(request, form.about))


def _home(request: HttpRequest, organisation: Organisation) -> str:
    """The page that the person may see afterwards."""
    if not organisation.depth and not holder(request.user).may(access.VIEW, organisation.path):
        return reverse("organisations:top")
    return reverse("organisations:organisation", args=[organisation.pk])


@require_http_methods(["GET", "POST"])
def establish(request: HttpRequest, pk: int) -> HttpResponse:
    """A new organisation under one."""
    above = get_for(request.user, access.ESTABLISH, Organisation, pk)
    return _establish(request, above, [*crumbs(above, []), ("设立下级组织", None)])


@require_http_methods(["GET", "POST"])
def establish_top(request: HttpRequest) -> HttpResponse:
    """A new organisation at the top, registered by the system's administrator."""
    require(request.user, access.TOP)
    return _establish(request, None, [("最上级组织", reverse("organisations:top")), ("登记", None)])


def _establish(request: HttpRequest, above: Organisation | None, where: list[tuple[str, str | None]]) -> HttpResponse:
    form = EstablishForm(above, request.POST or None, initial={"token": secrets.token_hex(16), "effective_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            row = establishing.establish(actor=request.user, parent=above.pk if above else None, **form.cleaned_data)
        except Refused as told:
            for reason in told.reasons:
                form.add_error(None, reason)
        else:
            messages.success(request, f"{row.name}已设立。")
            return redirect("organisations:organisation", row.pk) if above else redirect("organisations:top")
    cancel = reverse("organisations:organisation", args=[above.pk]) if above else reverse("organisations:top")
    return render(request, "organisations/establish.html", {
        "form": form, "above": above, "crumbs": where, "cancel": cancel, "menu": "tree" if above else "top",
    })


@require_GET
def top(request: HttpRequest) -> HttpResponse:
    """The organisations at the top, for the system's administrator: names only. About eight queries."""
    require(request.user, access.TOP)
    return render(request, "organisations/top.html", {"rows": choosing.tops(), "menu": "top"})


@require_http_methods(["GET", "POST"])
@once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What needs no document."""
    organisation = get_for(request.user, access.EDIT, Organisation, pk)
    form = EditForm(organisation, request.POST or None)
    if request.method == "POST" and form.is_valid() and _edited(request, organisation, form):
        return redirect("organisations:organisation", pk)
    return render(request, "organisations/edit.html", {
        "form": form, "organisation": organisation, "crumbs": [*crumbs(organisation, []), ("修改资料", None)], "menu": "tree",
        "cancel": reverse("organisations:organisation", args=[pk]),
    })


def _edited(request: HttpRequest, organisation: Organisation, form: EditForm) -> bool:
    told: dict[str, Any] = dict(form.cleaned_data)
    told["position"] = told["position"] if told["position"] is not None else organisation.position
    try:
        establishing.edit(actor=request.user, organisation=organisation.pk, **told)
    except Refused as refused:
        for reason in refused.reasons:
            form.add_error(None, reason)
        return False
    messages.success(request, "已保存。")
    return True
