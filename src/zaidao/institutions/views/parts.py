"""What the pages of this module have in common: where a page stands, one form that runs an action, a file to take away."""

import io
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from zaidao.core import access, audit
from zaidao.core.acts import attempt
from zaidao.institutions import access as verbs
from zaidao.institutions.columns import XLSX, workbook
from zaidao.institutions.models import Institution

Crumbs = list[tuple[str, str | None]]
MENU = "institutions"


def tabs(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    """The lists of this module that the person may open."""
    may = access.holder(request.user).may_somewhere
    named = (
        ("register", "制度", verbs.VIEW), ("execution", "执行情况", verbs.DUTIES), ("coverage", "职能对照", verbs.VIEW),
        ("conflicts", "与规定不一致的条款", verbs.VIEW), ("values", "单位取值", verbs.VIEW),
    )
    return [{"text": text, "href": reverse(f"institutions:{name}"), "here": name == here} for name, text, verb in named if may(verb)]


def crumbs(institution: Institution, *more: tuple[str, str | None]) -> Crumbs:
    """The register, the institution, then the pages below it."""
    return [("制度", reverse("institutions:register")), (institution.title, to(institution)), *more]


def to(institution: Institution) -> str:
    return reverse("institutions:institution", args=[institution.pk])


def act(
    request: HttpRequest, form: forms.Form, do: Callable[[dict[str, Any]], Any], *, title: str, back: str, done: str, where: Crumbs,
    submit: str = "保存", then: str = "", **more: Any,
) -> HttpResponse:
    """Show the form; once posted and whole, do it and go `then` or back. Refusals are said on the form, what was typed stays."""
    if request.method == "POST" and form.is_valid() and attempt(form, do):
        messages.success(request, done)
        return redirect(then or back)
    return render(request, "institutions/form.html", {
        "form": form, "title": title, "cancel": back, "crumbs": where, "submit": submit, "menu": MENU, **more,
    })


def handed_out(
    request: HttpRequest, obj: Any, title: str, headers: Sequence[str], lines: Sequence[Sequence[Any]], of: Any = "",
) -> FileResponse:
    """A list as a workbook, on record. `of`: which part of it was asked for."""
    grant = access.holder(request.user).grant_somewhere(verbs.EXPORT)
    changes = {"form": [None, title], "rows": [None, len(lines)]} | ({"of": [None, of]} if of else {})
    audit.record(request.user, verbs.EXPORT, obj, changes=changes, grant=grant)
    return attachment(workbook(title, headers, lines), f"{title}{timezone.localdate():%Y%m%d}.xlsx")


def attachment(data: bytes, name: str) -> FileResponse:
    """A workbook to take away, kept by no browser."""
    response = FileResponse(io.BytesIO(data), as_attachment=True, filename=name, content_type=XLSX)
    response["Cache-Control"] = "no-store"
    return response
