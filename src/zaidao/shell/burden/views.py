"""One month of every organisation in scope in which enough people worked, in the tree's order."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from zaidao.core import access, burden, pages
from zaidao.organisations.models import Organisation
from zaidao.shell.access import BURDEN

SIZE = 50
MONTHS = 12  # that are offered


@dataclass(frozen=True)
class Line:
    """A month of an organisation. `asked`: what it was asked for, and how often."""

    organisation: Any
    month: date
    filled: int
    exports: int
    asked: list[tuple[str, int]]


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Counts of a month that is over; never of one that runs. Eleven queries."""
    access.require_somewhere(request.user, BURDEN)
    today = timezone.localdate()
    months = offered(today)
    month = next((m for m in months if f"{m:%Y-%m}" == request.GET.get("month")), months[0])
    found = Organisation.objects.within(BURDEN).filter(pk__in=burden.nodes(month, today)).order_by("path")
    page, total = pages.page_of(request), found.count()
    rows = {o.pk: o for o in found[(page - 1) * SIZE:page * SIZE]}
    return render(request, "burden/burden.html", {
        "months": months, "month": month, "names": list(burden.names()), "lines": lines(rows, burden.shown(list(rows), today, month=month)),
        "least": burden.least(), "menu": "burden", **pages.paging(page, SIZE, total),
    })


def offered(today: date) -> list[date]:
    """The latest months that are over, the newest first."""
    months = [burden.before(today.replace(day=1))]
    while len(months) < MONTHS:
        months.append(burden.before(months[-1]))
    return months


def lines(organisations: dict[int, Any], counts: list[burden.Counted]) -> list[Line]:
    """Counts of one month with what was asked of these organisations, in their order. A query for each thing that can be asked."""
    by_node = {c.node: c for c in counts}
    asked = burden.asks(list(by_node), counts[0].month) if counts else {}
    return [
        Line(o, by_node[pk].month, by_node[pk].filled, by_node[pk].exports, [(name, told.get(pk, 0)) for name, told in asked.items()])
        for pk, o in organisations.items() if pk in by_node
    ]
