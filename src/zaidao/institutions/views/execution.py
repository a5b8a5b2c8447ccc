"""How rules are carried out, by rule and by organisation, as pages and as workbooks."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zaidao.core import access, audit, pages
from zaidao.core.scope import parents
from zaidao.institutions import access as verbs
from zaidao.institutions import columns
from zaidao.institutions.forms import SpanFilter
from zaidao.institutions.models import Duty
from zaidao.institutions.queries import execution as queries
from zaidao.institutions.queries.month import basis
from zaidao.institutions.views import parts
from zaidao.organisations.queries import reach

SIZE = 50
MOST_ROWS = 5000  # organisations of one level in a file
WAYS = {"execution": "按规定", "execution_organisations": "按组织"}


class Asked:
    """What a page of counts is asked for: a span, a part of the tree, one source."""

    def __init__(self, request: HttpRequest, verb: str = verbs.DUTIES) -> None:
        today = timezone.localdate()
        told = request.GET if request.GET.get("year") else request.GET | {"year": today.year, "month": today.month}
        self.form = SpanFilter(told)
        found: dict[str, Any] = self.form.cleaned_data if self.form.is_valid() else {"year": today.year, "month": today.month}
        self.span = queries.Span(found["year"], found["month"])
        self.source = str(found.get("source", ""))
        self.top = reach.standing(verb).filter(pk=pages.key(found.get("under"))).first()

    @property
    def under(self) -> str:
        return self.top.path if self.top else ""


@require_GET
def by_source(request: HttpRequest) -> HttpResponse:
    """What each rule and clause asked in a span, and what is recorded. About eight queries."""
    access.require_somewhere(request.user, verbs.DUTIES)
    asked = Asked(request)
    rows = queries.by_source(asked.span, timezone.localdate(), asked.under)
    return render(request, "institutions/execution.html", _page(request, asked, "execution") | {"rows": rows})


@require_GET
def by_organisation(request: HttpRequest) -> HttpResponse:
    """One organisation and those directly under it, each with what lies below, in the tree's order. About ten queries."""
    access.require_somewhere(request.user, verbs.DUTIES)
    asked, today = Asked(request), timezone.localdate()
    found = _level(asked)
    page, total = pages.page_of(request), found.count()
    shown = list(found[(page - 1) * SIZE:page * SIZE])
    counted = queries.by_path(shown, asked.span, today, asked.source)
    rows = [(organisation, counted.get(organisation.path, queries.Counts())) for organisation in shown]
    told = _page(request, asked, "execution_organisations") | pages.paging(page, SIZE, total)
    return render(request, "institutions/execution_organisations.html", told | {
        "rows": rows, "own": queries.own(asked.under, asked.span, today, asked.source) if asked.top else None,
        "source": _source(asked.source),
    })


def _level(asked: Asked, verb: str = verbs.DUTIES) -> Any:
    """The organisations of the page: those under one, else where the person's part of the tree begins; of one top its own level."""
    if asked.top is None:
        tops = list(reach.tops(verb)[:2])
        if len(tops) != 1:
            return reach.tops(verb).order_by("path")
        asked.top = tops[0]
    return reach.below(verb, asked.top.path).order_by("path")


def _source(key: str) -> str:
    """One source in words, where the page is about one."""
    if not key:
        return ""
    duty = Duty.objects.filter(source=key).select_related(*queries.BESIDE).order_by("-clause").first()
    return basis(duty.source, duty.clause) if duty else ""


def _page(request: HttpRequest, asked: Asked, here: str) -> dict[str, Any]:
    query = request.GET.copy()
    query.pop("page", None)
    ways = [{"text": text, "href": f"{reverse(f'institutions:{name}')}?{query.urlencode()}", "here": name == here}
            for name, text in WAYS.items()]
    return {
        "form": asked.form, "span": asked.span, "top": asked.top, "tabs": parts.tabs(request, "execution"), "ways": ways,
        "menu": parts.MENU,
        "exports": access.holder(request.user).may_somewhere(verbs.EXPORT), "place": query.urlencode(),
        "up": _up(asked.top), "year": asked.span.year, "month": asked.span.month or "",
    }


def _up(top: Any) -> Any:
    """The superior of the organisation of the page, where the person sees it."""
    above = parents(top.path)[-1:] if top else []
    return reach.standing(verbs.DUTIES).filter(path__in=above).first() if above else None


@never_cache
@require_GET
def export(request: HttpRequest) -> FileResponse:
    """The counts by rule as a workbook, on record."""
    access.require_somewhere(request.user, verbs.EXPORT)
    asked, today = Asked(request, verbs.EXPORT), timezone.localdate()
    rows = queries.by_source(asked.span, today, asked.under)
    lines = [[r.subject, r.basis, r.maker, *vars(r.counts).values()] for r in rows]
    return _file(request, asked, columns.EXECUTION, lines)


@never_cache
@require_GET
def export_organisations(request: HttpRequest) -> FileResponse:
    """The counts of one level by organisation as a workbook, on record."""
    access.require_somewhere(request.user, verbs.EXPORT)
    asked, today = Asked(request, verbs.EXPORT), timezone.localdate()
    shown = list(_level(asked, verbs.EXPORT)[:MOST_ROWS])
    counted = queries.by_path(shown, asked.span, today, asked.source)
    own = [(f"{asked.top.name}本级", queries.own(asked.under, asked.span, today, asked.source))] if asked.top else []
    rows = [*own, *((o.name, counted.get(o.path, queries.Counts())) for o in shown)]
    return _file(request, asked, columns.BY_ORGANISATION, [[name, *vars(counts).values()] for name, counts in rows])


def _file(request: HttpRequest, asked: Asked, headers: tuple[str, ...], lines: list[list[Any]]) -> FileResponse:
    of = {"span": asked.span.words, "under": asked.top.code if asked.top else ""}
    grant = access.holder(request.user).grant_somewhere(verbs.EXPORT)
    audit.record(request.user, verbs.EXPORT, Duty, changes={"rows": [None, len(lines)], "of": [None, of]}, grant=grant)
    return parts.attachment(columns.workbook("执行情况", headers, lines), f"执行情况{asked.span.words}.xlsx")
