"""The year of one organisation on one page, and as a workbook of the same tables."""

from datetime import date
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zaidao.carriers import access as verbs
from zaidao.carriers.decisions.record import FIRST_YEAR
from zaidao.carriers.forms_out import sheets
from zaidao.carriers.models import Participation
from zaidao.carriers.queries import year as queries
from zaidao.carriers.views.ledger import attachment, recorded
from zaidao.core import pages
from zaidao.organisations import queries as organisations
from zaidao.organisations.queries import then

FOLLOW = (("到期事项", "n"), ("已办结", "closed"), ("待确认", "waiting"), ("不再办理", "dropped"))


@never_cache
@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Twelve months by subject, and counts. Eleven queries."""
    organisation, year = organisations.one(request.user, verbs.EXPORT, pk), _year(request)
    name = _name(organisation, year)
    return render(request, "carriers/year.html", {
        "organisation": organisation, "name": name, "year": year, "months": queries.MONTHS, "menu": "activities",
        "before": year - 1, "following": year + 1, **_told(organisation, year),
        "crumbs": [("三会一课台账", reverse("carriers:ledger")), (f"{name}{year}年一览", None)],
    })


@never_cache
@require_GET
def export(request: HttpRequest, pk: int) -> FileResponse:
    """The same tables as a workbook; on record."""
    organisation, year = organisations.one(request.user, verbs.EXPORT, pk), _year(request)
    told = _told(organisation, year)
    recorded(request, Participation, {"form": "年度一览", "year": year}, organisation.path)
    duties = sheets.Page("应办事项", [("事项", False), ("依据", True), ("责任岗位", False), *((f"{m}月", False) for m in queries.MONTHS)],
                         [[r.subject, r.basis, r.who, *_spread(r)] for r in told["rows"]])
    names = ("类别", "次数", "应到人次", "实到人次", "应到人数已知的次数", "延迟归档次数", "更正次数")
    counts = sheets.Page("统计", [(name, False) for name in names],
                         [[t.kind, t.n, t.eligible, t.present, t.known, t.late, t.corrected] for t in told["tallies"]])
    follow = sheets.Page("办理事项", [(name, False) for name, _ in FOLLOW], [[n for _, n in told["follow"]]])
    return attachment(sheets.workbook([duties, counts, follow]), f"{_name(organisation, year)}{year}年一览.xlsx", sheets.XLSX)


def _told(organisation: Any, year: int) -> dict[str, Any]:
    """Five queries."""
    follow = queries.follow(organisation, year)
    return {
        "rows": queries.rows(organisation, year, timezone.localdate()), "tallies": queries.tallies(organisation, year),
        "follow": [(text, getattr(follow, name)) for text, name in FOLLOW],
    }


def _spread(row: queries.Row) -> list[str | None]:
    """A cell for each of the twelve months: a longer period stands in its first."""
    return [text for cell in row.cells for text in ([cell.text] + [None] * (cell.months - 1) if cell else [None])]


def _name(organisation: Any, year: int) -> str:
    """What it was called at the end of the year, or today where that has not come. One query."""
    return then.name_on(organisation, min(date(year, 12, 31), timezone.localdate()))


def _year(request: HttpRequest) -> int:
    asked = pages.number(request.GET.get("year"), 0)
    return asked if FIRST_YEAR <= asked <= 9998 else timezone.localdate().year
