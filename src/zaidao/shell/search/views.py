"""One page: what was found of every kind, or one kind page by page. A query a kind, however much there is."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zaidao.core import access, pages, search, tokens
from zaidao.organisations.access import SENSITIVE
from zaidao.organisations.queries.people import looks_sensitive

FIRST = 6  # of each kind on the common page
SIZE = 50
LAST = pages.MOST // SIZE  # page of one kind; whoever wants more says more


@dataclass(frozen=True)
class Group:
    """What was found of a kind. `more`: there is more than is shown."""

    source: search.Source
    hits: list[search.Hit]
    more: bool


@never_cache
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Things that hold every word of the question, by kind: organisations, people, rules and decisions before the rest."""
    question = request.GET.get("q", "").strip()[:tokens.LONGEST_QUESTION]
    if looks_sensitive(question):
        return _elsewhere(request)
    kinds = search.kinds(access.holder(request.user).may_somewhere)
    chosen = [kind for kind in kinds if kind.kind == request.GET.get("kind")]
    page, size = (min(pages.page_of(request), LAST), SIZE) if chosen else (1, FIRST)
    common = search.common(question)
    groups = [_group(kind, question, (page - 1) * size, size, many=kind.kind in common) for kind in chosen or kinds]
    return render(request, "search/search.html", {
        "question": question, "asked": bool(tokens.ask(question)), "groups": [g for g in groups if g.hits], "kinds": kinds,
        "menu": "search", "one": chosen[0] if chosen else None, "before": page - 1 if chosen and page > 1 else None,
        "after_page": page + 1 if chosen and groups[0].more and page < LAST else None,
    })


def _elsewhere(request: HttpRequest) -> HttpResponse:
    """A number of a person does not belong into an address: to the page that takes it in the body, for whoever may use that."""
    if access.holder(request.user).may_somewhere(SENSITIVE):
        messages.warning(request, "号码不能放在网址里查找;请用下面的“按号码查找”。")
        return redirect("organisations:people_find")
    messages.warning(request, "身份号码、电话不能在这里查找。")
    return redirect("shell:search")


def _group(kind: search.Source, question: str, start: int, size: int, *, many: bool) -> Group:
    hits = search.find(kind, question, start, start + size + 1, many=many)
    return Group(kind, hits[:size], len(hits) > size)
