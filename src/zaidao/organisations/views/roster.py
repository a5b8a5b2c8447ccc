"""What the roster's pages have in common: one form that runs one action, with what stands against it said where it belongs."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from zaidao.core import access
from zaidao.core.access import Denied
from zaidao.core.errors import Refused
from zaidao.organisations import access as verbs
from zaidao.organisations.actions.refusals import Conflict, Flawed
from zaidao.organisations.models import Organisation, Person

Crumbs = list[tuple[str, str | None]]
Do = Callable[[Mapping[str, Any]], Any]
MOST_NAMED = 100  # organisations offered beside a field


def crumbs(person: Person, *more: tuple[str, str | None]) -> Crumbs:
    return [("名册", reverse("organisations:people")), (person.name, to_person(person)), *more]


def to_person(person: Person) -> str:
    return reverse("organisations:person", args=[person.pk])


def act(
    request: HttpRequest, form: forms.Form, do: Do, *, title: str, to: str, done: str, where: Crumbs, submit: str = "保存",
    facts: Iterable[tuple[str, Any]] = (), **more: Any,
) -> HttpResponse:
    """Show the form; once posted and whole, do it and go to `to`. What stands against it is said on the form, what was typed stays."""
    if request.method == "POST" and form.is_valid() and attempt(form, do):
        messages.success(request, done)
        return redirect(to)
    shown = {"form": form, "title": title, "cancel": to, "crumbs": where, "submit": submit, "facts": list(facts), "menu": "people"}
    return render(request, "organisations/person_form.html", shown | more)


def attempt(form: forms.Form, do: Do) -> bool:
    """Whether the action went through."""
    try:
        do(form.cleaned_data)
    except Conflict as told:
        _conflict(form, told)
    except Flawed as told:
        for name, reason in told.fields.items():
            form.add_error(name if name in form.fields else None, reason)
    except Refused as told:
        for reason in told.reasons:
            form.add_error(None, reason)
    else:
        return True
    return False


def _conflict(form: forms.Form, told: Conflict) -> None:
    """Both values of what differs, and the version as of which the form now stands: saving again is meant."""
    form.add_error(None, told.reasons[0])
    form.theirs = [  # type: ignore[attr-defined]
        (form.fields[name].label, value, form.cleaned_data.get(name)) for name, value in told.theirs.items() if name in form.fields
    ]
    data: Any = copy(form.data)  # lists of ticks stay lists
    data["version"] = str(told.version)
    form.data = data


def require_somewhere(request: HttpRequest, verb: str) -> None:
    """Raises Denied where the person may do it nowhere."""
    if not access.holder(request.user).may_somewhere(verb):
        raise Denied(f"您现在的岗位不能“{access.VERBS[verb].label}”。", verb=verb)


def organisations(verb: str) -> Any:
    """Standing organisations where the active scope may do it."""
    return Organisation.objects.within(verb).filter(dissolved_on=None)


def offered(verb: str) -> list[Organisation]:
    """The first of them, for the list beside a field. One query."""
    return list(organisations(verb).only("code", "name")[:MOST_NAMED])


def asked_or_only(request: HttpRequest, rows: list[Organisation]) -> str:
    """What a field for an organisation begins with: the one asked for, else the only one there is."""
    return request.GET.get("organisation", "") or (rows[0].code if len(rows) == 1 else "")


def keeps(request: HttpRequest, person: Person) -> bool:
    """Whether the person who asks keeps this roster."""
    return person.organisation is not None and access.holder(request.user).may(verbs.PEOPLE_EDIT, person.organisation.path)
