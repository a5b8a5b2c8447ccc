"""Functions of the field against what is laid down, and clauses that ask less than a firm rule."""

from collections.abc import Mapping
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zaidao.core import access, pages
from zaidao.engine import catalogue
from zaidao.institutions import access as verbs
from zaidao.institutions import columns
from zaidao.institutions.forms import UnderFilter
from zaidao.institutions.models import Institution
from zaidao.institutions.queries import coverage as queries
from zaidao.institutions.views import parts
from zaidao.organisations.queries import one as organisation_of
from zaidao.organisations.queries import reach
from zaidao.organisations.queries.people import within

SIZE = 25
MOST_ROWS = 5000  # of one file


@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """Organisations in the tree's order against the functions of the field. About nine queries."""
    access.require_somewhere(request.user, verbs.VIEW)
    form, page = UnderFilter(request.GET), pages.page_of(request)
    found = _found(form, verbs.VIEW)
    shown = list(found[(page - 1) * SIZE:page * SIZE])
    cells = queries.covered(shown, timezone.localdate())
    return render(request, "institutions/coverage.html", {
        "form": form, "rows": [(o, cells[o.pk]) for o in shown], "sums": queries.sums(cells.values()), "menu": parts.MENU,
        "tabs": parts.tabs(request, "coverage"), "exports": _exports(request), **pages.paging(page, SIZE, found.count()),
    })


@require_GET
def of_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """The functions of one organisation, each with the rule that covers it. About seven queries."""
    organisation = organisation_of(request.user, verbs.VIEW, pk)
    return render(request, "institutions/coverage_of.html", {
        "organisation": organisation, "rows": _functions(organisation), "menu": parts.MENU,
        "crumbs": [(organisation.name, reverse("organisations:organisation", args=[pk])), ("职能对照", None)],
    })


@require_GET
def conflicts(request: HttpRequest) -> HttpResponse:
    """Clauses in force that ask less than a firm rule. About seven queries."""
    access.require_somewhere(request.user, verbs.VIEW)
    found, page = queries.conflicts(timezone.localdate()), pages.page_of(request)
    return render(request, "institutions/conflicts.html", {
        "rows": found[(page - 1) * SIZE:page * SIZE], "menu": parts.MENU, "tabs": parts.tabs(request, "conflicts"),
        "exports": _exports(request),
        **pages.paging(page, SIZE, len(found)),
    })


@never_cache
@require_GET
def export(request: HttpRequest) -> FileResponse:
    """The organisations against the functions as a workbook, all pages of it, where one may export; on record."""
    access.require_somewhere(request.user, verbs.EXPORT)
    form = UnderFilter(request.GET)
    shown = list(_found(form, verbs.EXPORT)[:MOST_ROWS])
    cells = queries.covered(shown, timezone.localdate())
    lines = [[o.name, *(cell.words for cell in cells[o.pk])] for o in shown]
    return parts.handed_out(request, Institution, "职能对照", ("组织", *queries.functions()), lines, _named(form))


@never_cache
@require_GET
def export_of(request: HttpRequest, pk: int) -> FileResponse:
    """The functions of one organisation as a workbook; on record."""
    organisation = organisation_of(request.user, verbs.EXPORT, pk)
    lines = [[cell.function, cell.words, *_of(cell), known["source"]] for cell, known in _functions(organisation)]
    return parts.handed_out(request, Institution, "职能对照", columns.COVERAGE, lines, organisation.code)


@never_cache
@require_GET
def export_conflicts(request: HttpRequest) -> FileResponse:
    """The clauses that ask less than a firm rule as a workbook; on record."""
    access.require_somewhere(request.user, verbs.EXPORT)
    lines = [
        [c.institution.code, c.institution.title, c.article, c.institution.organisation.name, c.subject, c.clause_asks, c.rule_asks,
         c.ground, c.resolution] for c in queries.conflicts(timezone.localdate(), verbs.EXPORT)
    ]
    return parts.handed_out(request, Institution, "与规定不一致的条款", columns.CONFLICTS, lines)


def _exports(request: HttpRequest) -> bool:
    return access.holder(request.user).may_somewhere(verbs.EXPORT)


def _named(form: UnderFilter) -> str:
    return str(form.cleaned_data["organisation"]) if form.is_valid() else ""


def _found(form: UnderFilter, verb: str) -> Any:
    """Standing organisations of which rules for functions are required, in the tree's order."""
    return reach.standing(verb).filter(within("path", _named(form)), kind__in=queries.KINDS)


def _functions(organisation: Any) -> list[tuple[queries.Cell, Mapping[str, str]]]:
    """Each function with how the organisation stands to it. Two queries."""
    known = {f["function"]: f for f in catalogue.load().functions}
    return [(cell, known[cell.function]) for cell in queries.covered([organisation], timezone.localdate())[organisation.pk]]


def _of(cell: queries.Cell) -> tuple[str, str]:
    return (cell.institution.title, cell.institution.organisation.name) if cell.institution else ("", "")
