"""The register: institutions that one may read, one institution in its editions, and the list as a workbook."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zaidao.core import access, audit, history, pages
from zaidao.institutions import access as verbs
from zaidao.institutions import columns
from zaidao.institutions.forms import RegisterFilter
from zaidao.institutions.models import Institution
from zaidao.institutions.queries import register as queries
from zaidao.institutions.views import parts
from zaidao.organisations.queries import reach

SIZE = 40
MOST_ROWS = 5000  # of one file; more is exported part by part


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The institutions that the person may read, in the tree's order. About ten queries, however many."""
    access.require_somewhere(request.user, verbs.VIEW)
    today, form = timezone.localdate(), RegisterFilter(request.GET)
    found, page = queries.found(queries.Asked(**form.told), today), pages.page_of(request)
    rows = queries.rows(list(found[(page - 1) * SIZE:page * SIZE]), today)
    may = access.holder(request.user).may_somewhere
    return render(request, "institutions/register.html", {
        "form": form, "rows": rows, "tabs": parts.tabs(request, "register"), "menu": parts.MENU, "drafts": may(verbs.DRAFT),
        "exports": may(verbs.EXPORT), **pages.paging(page, SIZE, found.count()),
    })


@never_cache
@require_GET
def export(request: HttpRequest) -> FileResponse:
    """The same list as a workbook, in the part of the tree that the person may export; on record."""
    access.require_somewhere(request.user, verbs.EXPORT)
    today, form = timezone.localdate(), RegisterFilter(request.GET)
    institutions = list(queries.found(queries.Asked(**form.told), today, verbs.EXPORT)[:MOST_ROWS])
    lines = [_line(row) for row in queries.rows(institutions, today, verbs.EXPORT)]
    told = {"rows": [None, len(lines)], "of": [None, {k: v for k, v in form.told.items() if v}]}
    audit.record(request.user, verbs.EXPORT, Institution, changes=told, grant=access.holder(request.user).grant_somewhere(verbs.EXPORT))
    return parts.attachment(columns.workbook("制度", columns.REGISTER, lines), f"制度{today:%Y%m%d}.xlsx")


def _line(row: queries.Row) -> list[Any]:
    about, edition = row.institution, row.edition
    text = [about.code, about.title, about.organisation.name, about.get_origin_display(), row.pill["words"]]
    told = [edition.number, edition.since, edition.document_no] if edition else [None, None, None]
    return [*text, *told, row.asks, row.silent]


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One institution: an edition's articles with what they ask of whom, all editions, what became of it. At most fifteen queries."""
    access.require_somewhere(request.user, verbs.VIEW)
    institution = queries.one(pk)
    if institution is None:
        raise Http404("没有找到")
    today, editions = timezone.localdate(), queries.editions(institution)
    edition = queries.chosen(editions, pages.number(request.GET.get("edition"), 0), today)
    articles = queries.articles(edition) if edition else []
    return render(request, "institutions/institution.html", {
        "institution": institution, "editions": editions, "edition": edition, "articles": articles, "menu": parts.MENU,
        "state": queries.pill(queries.state(institution, edition, today)), "bound": _bound(institution, articles),
        "crumbs": parts.crumbs(institution), "draft": next((e for e in editions if not e.since), None),
        "entries": _entries(request, institution), "successor": queries.one(institution.successor_id),
    })


def _bound(institution: Institution, articles: list[queries.Read]) -> dict[str, Any]:
    """Whom its clauses reach, as far as the person sees them."""
    clauses = [a.clause for a in articles if a.clause and not a.silent]
    kinds = queries.bound(clauses)
    counted = reach.kinds(verbs.VIEW, institution.organisation.path, kinds) if kinds else {}
    return {"kinds": [(queries.kind_name(kind), n) for kind, n in sorted(counted.items())], "any": bool(clauses), "self": not kinds}


def _entries(request: HttpRequest, institution: Institution) -> list[history.Told] | None:
    """What became of it, for those who see to the organisation that made it."""
    may = access.holder(request.user).may(verbs.DRAFT, institution.organisation.path)
    return history.of(institution) if may else None
