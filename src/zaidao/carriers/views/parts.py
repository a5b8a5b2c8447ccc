"""What the pages of meetings have in common."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string

from zaidao.carriers import access
from zaidao.core import access as core_access
from zaidao.core.acts import attempt
from zaidao.organisations.queries import reach

Crumbs = list[tuple[str, str | None]]
Do = Callable[[Mapping[str, Any]], Any]
TABS = (
    ("list", "会议和活动", access.VIEW), ("follow_ups", "办理事项", access.VIEW), ("carriers", "载体", access.VIEW),
    ("sheets", "成批录入", access.FILE), ("ledger", "三会一课台账", access.EXPORT),
)


def tabs(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    held = core_access.holder(request.user)
    shown = [(name, text) for name, text, verb in TABS if held.may_somewhere(verb)]
    return [{"text": text, "href": reverse(f"carriers:{name}"), "here": name == here} for name, text in shown]


def crumbs(activity: Any, *more: tuple[str, str | None]) -> Crumbs:
    return [("会议和活动", reverse("carriers:list")), (activity.title, to(activity) if more else None), *more]


def to(activity: Any) -> str:
    return reverse("carriers:activity", args=[activity.pk])


def token(request: HttpRequest) -> str:
    """Of a form: the one that was sent with it, else a new one. A form sent twice is done once."""
    sent = request.POST.get("token", "")
    return sent if sent.isalnum() and len(sent) <= 40 else get_random_string(24)


def own_place(request: HttpRequest, verb: str) -> Any:
    """The organisation where somebody does the verb by their own post, the one before that of others; None where they have none."""
    held = core_access.holder(request.user)
    grant = held.grant_somewhere(verb)
    if grant is None or not grant.path:
        return None
    return reach.standing(verb).filter(path=grant.path).first()


def act(
    request: HttpRequest, form: forms.Form, do: Do, *, title: str, back: str, done: str, where: Crumbs, submit: str = "保存", **more: Any,
) -> HttpResponse:
    """Show the form; once posted and whole, do it and go `back`. What stands against it is said on the form, what was typed stays."""
    if request.method == "POST" and form.is_valid() and attempt(form, do):
        messages.success(request, done)
        return redirect(back)
    return render(request, "carriers/form.html", {
        "form": form, "title": title, "cancel": back, "crumbs": where, "submit": submit, "menu": "activities",
        "cancel_text": "返回", **more,
    })
