"""Paper sheets of up to ten branches in one grid; each is filed on its own, and what is refused stays in the grid with its reason."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zaidao.carriers import access
from zaidao.carriers.actions import sheets as actions
from zaidao.carriers.decisions import usual
from zaidao.carriers.forms import sheets as forms
from zaidao.carriers.forms.rows import Rows, count
from zaidao.carriers.views.parts import tabs
from zaidao.core import access as core_access
from zaidao.organisations.queries import gathering, reach

OFFERED = 100


@require_http_methods(["GET", "POST"])
def sheets(request: HttpRequest) -> HttpResponse:
    """`then`: more (rows), else file what is written. Seven queries to look; ten more a sheet to file."""
    core_access.require_somewhere(request.user, access.FILE)
    filed: list[Any] = []
    if request.method == "POST" and request.POST.get("then") != "more":
        grid, filed = _file(request)
    elif request.method == "POST":
        typed = [{n: request.POST.get(f"s-{i}-{n}", "") for n in forms.SheetForm.base_fields} for i in range(count(request.POST, "s"))]
        grid = Rows(forms.SheetForm, "s", first=typed, least=min(len(typed) + 3, forms.MOST))
        del grid.forms[forms.MOST:]
    else:
        grid = Rows(forms.SheetForm, "s", first=_first(), least=forms.LEAST)
        del grid.forms[forms.MOST:]
    wrong = any(form.is_bound and form.errors for form in grid)
    return render(request, "carriers/sheets.html", {
        "grid": grid, "filed": filed, "offered": list(reach.standing(access.FILE)[:OFFERED]), "tabs": tabs(request, "sheets"),
        "menu": "activities", "most": forms.MOST, "wrong": wrong,
    }, status=422 if wrong else 200)


def _first() -> list[dict[str, Any]]:
    """The branches that the person sees to, as far as one grid holds them all. One query."""
    found = list(reach.standing(access.FILE).filter(kind="branch")[:forms.MOST + 1])
    return [{"organisation": each.name, "kind": "主题党日"} for each in found] if len(found) <= forms.MOST else []


def _file(request: HttpRequest) -> tuple[Rows, list[Any]]:
    """The rows that are left, each with what stood against it, and the meetings that were filed."""
    grid = Rows(forms.SheetForm, "s", data=request.POST)
    del grid.forms[forms.MOST:]
    written = [form for form in grid.forms if form.has_changed()]
    ready = _ready([form for form in written if form.is_valid()])
    outcomes = actions.file_sheets(actor=request.user, rows=[sheet for _, sheet in ready]) if ready else []
    filed = []
    for (form, _), outcome in zip(ready, outcomes, strict=True):
        for error in outcome.errors:
            form.add_error(None, error)
        if not outcome.errors:
            filed.append(outcome.activity)
            grid.forms.remove(form)
    if filed:
        messages.success(request, f"已归档 {len(filed)} 份。")
    elif not written:
        messages.info(request, "还没有填写记录。")
    return grid, filed


def _ready(written: list[Any]) -> list[tuple[Any, actions.Sheet]]:
    """The rows that are sheets of organisations in reach, with what they say. Two queries, however many."""
    places = reach.called_each(access.FILE, [_called(form) for form in written])
    rosters = gathering.rosters([found[0] for found in places.values() if len(found) == 1])
    sheets = [(form, _sheet(form, places[_called(form)], rosters)) for form in written]
    return [(form, sheet) for form, sheet in sheets if sheet is not None]


def _called(form: Any) -> str:
    """Which organisation the row names."""
    return str(form.cleaned_data["organisation"]).strip()


def _sheet(form: Any, found: list[Any], rosters: dict[int, list[Any]]) -> actions.Sheet | None:
    """A row as a sheet; None, with the reason on the form, where a name on it is nobody's."""
    told = form.cleaned_data
    if len(found) != 1:
        form.add_error("organisation", "在您可以归档的组织里没有找到,或不止一个;请填组织编号。")
        return None
    people, wrong = forms.unknown(form.names(), rosters[found[0].pk])
    for reason in wrong:
        form.add_error(None, reason)
    if wrong:
        return None
    record = form.record(people)
    day = timezone.localdate(record.held_at)
    return actions.Sheet(
        found[0], told["kind"], told["title"] or usual.title(told["kind"], day), replace(record, ticks={found[0].pk: record.ticks[0]}),
        told["late_reason"], form.fresh,
    )
