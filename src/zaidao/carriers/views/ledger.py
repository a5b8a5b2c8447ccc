"""The ledger of meetings, as a page and as a workbook with the same cells."""

import io
from typing import Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zaidao.carriers import access as verbs
from zaidao.carriers.columns import COLUMNS
from zaidao.carriers.decisions.record import FIRST_YEAR
from zaidao.carriers.forms_out import sheets
from zaidao.carriers.models import Participation
from zaidao.carriers.queries import ledger
from zaidao.carriers.views.parts import tabs
from zaidao.core import access, audit, pages
from zaidao.engine import schema

SIZE = 20
MOST_ROWS = 20_000  # of one file; more is exported part by part
KINDS = [("", "全部"), ("lessons", "三会一课"), *schema.ACTIVITY_KINDS.items()]


class LedgerFilter(forms.Form):
    """Empty: the whole scope, this year, every kind."""

    organisation = forms.CharField(label="组织(名称或编号)", required=False, max_length=120)
    year = forms.IntegerField(label="年度", required=False, min_value=FIRST_YEAR, max_value=9998)
    kind = forms.ChoiceField(label="类别", required=False, choices=KINDS)

    def asked(self) -> ledger.Asked:
        """What was asked for; what could not be read counts as not asked."""
        told = self.cleaned_data if self.is_valid() else {}
        return ledger.Asked(told.get("organisation", ""), told.get("year") or timezone.localdate().year, told.get("kind", ""))


@never_cache
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The ledger of one's scope, SIZE lines a page. Twelve queries (one more where an organisation is named), however many lines; of more
    than a thousand only those are counted and paged."""
    access.require_somewhere(request.user, verbs.EXPORT)
    return _page(request)


def _page(request: HttpRequest, *, too_many: bool = False) -> HttpResponse:
    form = LedgerFilter(request.GET or {"year": timezone.localdate().year})
    asked = form.asked()
    found, page = ledger.rows(asked), pages.page_of(request)
    counted = ledger.at_most(found, pages.MOST)
    total = min(counted, pages.MOST)
    lines = ledger.page(found, (page - 1) * SIZE, min(page * SIZE, total)) if (page - 1) * SIZE < total else []
    return render(request, "carriers/ledger.html", {
        "form": form, "columns": COLUMNS, "rows": [(line, [(c, c.of(line)) for c in COLUMNS]) for line in lines], "asked": asked,
        "menu": "activities", "tabs": tabs(request, "ledger"),
        "too_many": too_many, "most": MOST_ROWS, "beyond": counted > pages.MOST, **pages.paging(page, SIZE, total),
    }, status=422 if too_many else 200)


@never_cache
@require_GET
def export(request: HttpRequest) -> HttpResponse | FileResponse:
    """The same lines as a workbook, all pages of them; on record."""
    access.require_somewhere(request.user, verbs.EXPORT)
    asked = LedgerFilter(request.GET).asked()
    found = ledger.rows(asked)
    numbers = list(found.values_list("pk", flat=True)[:MOST_ROWS + 1])
    if len(numbers) > MOST_ROWS:
        return _page(request, too_many=True)
    recorded(request, Participation, {"form": "台账", "rows": len(numbers), **{k: v for k, v in vars(asked).items() if v}})
    lines = ([c.of(line) for c in COLUMNS] for part in ledger.parts(numbers) for line in part)
    page = sheets.Page("台账", [(c.header, c.long) for c in COLUMNS], lines)
    return attachment(sheets.workbook([page]), f"三会一课台账{asked.year}.xlsx", sheets.XLSX)


def recorded(request: HttpRequest, obj: Any, told: dict[str, Any], path: str = "") -> None:
    """Put an export on record before the file is given. `path`: where it is about; "" for a list of one's whole scope."""
    held = access.holder(request.user)
    grant = held.grant_for(verbs.EXPORT, path) if path else held.grant_somewhere(verbs.EXPORT)
    audit.record(request.user, verbs.EXPORT, obj, path=path, changes={k: [None, v] for k, v in told.items()}, grant=grant)


def attachment(data: bytes, name: str, kind: str) -> FileResponse:
    """A file that no cache keeps."""
    response = FileResponse(io.BytesIO(data), as_attachment=True, filename=name, content_type=kind)
    response["Cache-Control"] = "no-store"
    return response
