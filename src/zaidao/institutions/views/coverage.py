"""Functions of the field against what is laid down, and clauses that ask less than a firm rule."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from zaidao.core import access, pages
from zaidao.engine import catalogue
from zaidao.institutions import access as verbs
from zaidao.institutions.forms import UnderFilter
from zaidao.institutions.queries import coverage as queries
from zaidao.institutions.views import parts
from zaidao.organisations.queries import one as organisation_of
from zaidao.organisations.queries import reach
from zaidao.organisations.queries.people import within

SIZE = 25


@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """Organisations in the tree's order against the functions of the field. About nine queries."""
    access.require_somewhere(request.user, verbs.VIEW)
    form, page = UnderFilter(request.GET), pages.page_of(request)
    named = form.cleaned_data["organisation"] if form.is_valid() else ""
    found = reach.standing(verbs.VIEW).filter(within("path", named), kind__in=queries.KINDS)
    shown = list(found[(page - 1) * SIZE:page * SIZE])
    cells = queries.covered(shown, timezone.localdate())
    return render(request, "institutions/coverage.html", {
        "form": form, "rows": [(o, cells[o.pk]) for o in shown], "sums": queries.sums(cells.values()), "menu": parts.MENU,
        "tabs": parts.tabs(request, "coverage"), **pages.paging(page, SIZE, found.count()),
    })


@require_GET
def of_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """The functions of one organisation, each with the rule that covers it. About seven queries."""
    organisation = organisation_of(request.user, verbs.VIEW, pk)
    cells = queries.covered([organisation], timezone.localdate())[organisation.pk]
    known = {f["function"]: f for f in catalogue.load().functions}
    return render(request, "institutions/coverage_of.html", {
        "organisation": organisation, "rows": [(cell, known[cell.function]) for cell in cells], "menu": parts.MENU,
        "crumbs": [(organisation.name, reverse("organisations:organisation", args=[pk])), ("职能对照", None)],
    })


@require_GET
def conflicts(request: HttpRequest) -> HttpResponse:
    """Clauses in force that ask less than a firm rule. About seven queries."""
    access.require_somewhere(request.user, verbs.VIEW)
    found, page = queries.conflicts(timezone.localdate()), pages.page_of(request)
    return render(request, "institutions/conflicts.html", {
        "rows": found[(page - 1) * SIZE:page * SIZE], "menu": parts.MENU, "tabs": parts.tabs(request, "conflicts"),
        **pages.paging(page, SIZE, len(found)),
    })
