"""What the pages of posts and terms have in common: one form that runs an action, and where a page stands."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from zaidao.core import access
from zaidao.core.errors import Refused
from zaidao.organisations.actions.doubts import Unconfirmed
from zaidao.organisations.forms.posts import DoubtForm
from zaidao.organisations.models import Organisation

Crumbs = list[tuple[str, str | None]]
Do = Callable[[dict[str, Any], list[str]], Any]


def crumbs(organisation: Organisation, *more: tuple[str, str | None]) -> Crumbs:
    """The organisation, then the pages below it."""
    return [(organisation.name, reverse("organisations:organisation", args=[organisation.pk])), *more]


def day_of(text: str | None) -> date:
    """A day from an address (2026-03-05); today for anything else."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return timezone.localdate()


def somewhere(request: HttpRequest, verb: str) -> None:
    """Lists are for those who may do the verb anywhere. Raises Denied."""
    if not access.holder(request.user).may_somewhere(verb):
        raise access.Denied(f"您现在的岗位不能“{access.VERBS[verb].label}”。")


def act(
    request: HttpRequest, form: DoubtForm, do: Do, *, title: str, to: str, done: str, where: Crumbs, submit: str = "保存", **more: Any,
) -> HttpResponse:
    """Show the form; once posted and whole, do it and go to `to`. Refusals and doubts are said on the form, what was typed stays."""
    if request.method == "POST" and form.is_valid() and attempt(form, do):
        messages.success(request, done)
        return redirect(to)
    return render(request, "organisations/posts_form.html", {
        "form": form, "title": title, "cancel": to, "crumbs": where, "submit": submit, "menu": "structure", **more,
    })


def attempt(form: DoubtForm, do: Do) -> bool:
    """Whether the action went through; what stood against it is on the form."""
    try:
        do(form.cleaned_data, form.confirmed)
    except Unconfirmed as told:
        form.doubts = told.doubts
        form.add_error(None, "有几项需要您核实:请逐项勾选后再提交。")
    except Refused as told:
        for reason in told.reasons:
            form.add_error(None, reason)
    else:
        return True
    return False
