"""The tree of any day, opened level by level; the page of one organisation, today and as of a day."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from zaidao.core import history as audit_history
from zaidao.core import written
from zaidao.core.access import get_for
from zaidao.core.pages import number
from zaidao.organisations import access
from zaidao.organisations.forms.changes import TreeDayForm
from zaidao.organisations.models import Organisation
from zaidao.organisations.queries import kin as around
from zaidao.organisations.queries import terms
from zaidao.organisations.queries import tree as queries

SIZE = 100  # organisations of one level at once
DEEPEST = 4  # steps of indentation


@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """Where the person's part of the tree begins, on a day. About six queries."""
    day, form = day_of(request)
    return render(request, "organisations/tree.html", _rows(request, queries.tops(day), day) | {"form": form, "menu": "tree"})


@require_GET
def level(request: HttpRequest, pk: int) -> HttpResponse:
    """What stood under an organisation on a day: rows for the open page, or a page of its own. About seven queries."""
    organisation = get_for(request.user, access.VIEW, Organisation, pk)
    day, form = day_of(request)
    told = _rows(request, queries.level(pk, day), day, organisation)
    if request.headers.get("HX-Request") == "true":
        return render(request, "organisations/tree_rows.html", told)
    return render(request, "organisations/tree.html", told | {"form": form, "menu": "tree", "crumbs": _tree_crumbs(organisation)})


def _rows(request: HttpRequest, rows: QuerySet[Any], day: date, parent: Organisation | None = None) -> dict[str, Any]:
    """A page of a level. The numbers of the subtrees, which take longer, are fetched apart; with `numbers` they come along."""
    today, start = timezone.localdate(), number(request.GET.get("start"), 0)
    nodes = queries.nodes(rows, start, SIZE + 1)
    shown, depth, along = nodes[:SIZE], min(number(request.GET.get("depth"), 0), DEEPEST), "numbers" in request.GET
    below, counted = queries.below(shown, day), queries.numbers(shown, day, today) if along else {}
    return {
        "rows": [(node, below[node.pk], counted.get(node.pk)) for node in shown], "day": day, "today": today, "depth": depth,
        "parent": parent, "deeper": min(depth + 1, DEEPEST), "next": start + SIZE if len(nodes) > SIZE else None,
        "of": ",".join(str(node.pk) for node in shown),
        "apart_from": "" if along else f"?day={day.isoformat()}&start={start}&numbers=1",
    }


@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    """The numbers of organisations that a tree shows: cells for their rows there. About nine queries."""
    day, _ = day_of(request)
    asked = [number(text, 0) for text in request.GET.get("of", "").split(",")[:SIZE]]
    nodes = queries.nodes(queries.these(asked, day))
    counted = queries.numbers(nodes, day, timezone.localdate())
    return render(request, "organisations/tree_numbers.html", {"rows": [(node, counted[node.pk]) for node in nodes]})


def day_of(request: HttpRequest) -> tuple[date, TreeDayForm]:
    """The day asked for, today where none is or it lies ahead, and the form that shows it."""
    today = timezone.localdate()
    form = TreeDayForm({"day": request.GET.get("day") or today.isoformat()})
    asked = form.cleaned_data["day"] if form.is_valid() else None
    if asked and asked > today:
        form.add_error("day", "还没有到这一天,下面是今天的情况。")
    return (asked if asked and asked <= today else today), form


def _tree_crumbs(organisation: Organisation) -> list[tuple[str, str | None]]:
    return [("组织树", reverse("organisations:tree")), (organisation.name, None)]


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One organisation: facts, what stands under it, its latest changes, and what other parts add. Three queries and the panels'."""
    organisation = get_for(request.user, access.VIEW, Organisation, pk, terms.with_running(Organisation.objects.all()))
    kin = around.kin(organisation)
    return render(request, "organisations/organisation.html", {
        "organisation": organisation, "kin": kin, "changes": around.changes(organisation), "facts": facts(organisation), "menu": "tree",
        "crumbs": crumbs(organisation, kin.above),
    })


def crumbs(organisation: Organisation, above: list[Organisation]) -> list[tuple[str, str | None]]:
    """From the tree through the superiors that the person sees to the organisation."""
    found: list[tuple[str, str | None]] = [("组织树", reverse("organisations:tree"))]
    return found + [(o.name, reverse("organisations:organisation", args=[o.pk])) for o in [*above, organisation]]


def facts(organisation: Organisation) -> list[tuple[str, Any]]:
    told = [
        ("组织编号", organisation.code), ("组织类型", organisation.get_kind_display()), ("组织形式", organisation.get_form_display()),
        ("所在单位", organisation.unit), ("职工人数", organisation.headcount), ("成立日期", said(organisation.established_on)),
    ]
    return told if organisation.dissolved_on is None else [*told, ("撤销日期", said(organisation.dissolved_on))]


def said(day: date | None) -> str | None:
    return written.day(day) if day else None


@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Every structural change by its document, and who did what here. About ten queries."""
    organisation = get_for(request.user, access.EDIT, Organisation, pk)
    return render(request, "organisations/history.html", {
        "organisation": organisation, "changes": organisation.changes.all(), "entries": audit_history.of(organisation, 50), "menu": "tree",
        "crumbs": [*crumbs(organisation, []), ("变动记录", None)],
    })


@require_GET
def as_of(request: HttpRequest, pk: int) -> HttpResponse:
    """One organisation as it was on a day: name, superior, numbers, what stood under it. About fifteen queries."""
    organisation = get_for(request.user, access.VIEW, Organisation, pk)
    day, form = day_of(request)
    node = queries.node_as_of(pk, day)
    told: dict[str, Any] = {"organisation": organisation, "day": day, "form": form, "node": node, "menu": "tree"}
    if node:
        children = queries.nodes(queries.level(pk, day), 0, SIZE + 1)
        told |= {
            "numbers": queries.numbers([node], day, timezone.localdate())[pk], "above": queries.above(node, day),
            "children": children[:SIZE], "more": len(children) > SIZE,
        }
    return render(request, "organisations/as_of.html", told | {"crumbs": [*crumbs(organisation, []), ("历史情况", None)]})
