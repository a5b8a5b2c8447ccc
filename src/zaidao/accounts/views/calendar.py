"""The calendar of days of rest and work: what stands on record, and a sheet put in its place."""

import io
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.accounts.access import CALENDAR_IMPORT
from zaidao.accounts.columns import HOLIDAYS
from zaidao.accounts.views import tried, who
from zaidao.core import access, calendar
from zaidao.core.errors import Refused
from zaidao.sheets import template
from zaidao.sheets.reader import read_file

MOST = 2 * 1024 * 1024  # bytes of a sheet of days
SHOWN = 10  # problems of a sheet that are told at once
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Sent:
    """A file that came with the request, read where it is."""

    def __init__(self, file: UploadedFile) -> None:
        path = Path(str(file.name))
        self.name, self.stem, self.suffix, self.read_bytes = path.name, path.stem, path.suffix, file.read


class Days(forms.Form):
    sheet = forms.FileField(
        label="节假日表", help_text="Excel 或 CSV,列:日期、类别(休或班)、名称、依据。周末不必写;同一天以新表为准。",
        error_messages={"required": "请先选择文件。", "empty": "文件是空的。"},
    )

    def clean_sheet(self) -> UploadedFile:
        chosen: UploadedFile = self.cleaned_data["sheet"]
        if (chosen.size or 0) > MOST:
            raise forms.ValidationError("文件超过 2 MB,不像是节假日表,请检查后再选。")
        return chosen


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The years on record with their days; the form that imports."""
    access.require_somewhere(request.user, CALENDAR_IMPORT)
    form = Days(request.POST or None, request.FILES or None)
    done = tried(request, form, lambda told: _import(who(request), told["sheet"]))
    if done is not None:
        messages.success(request, f"已导入:新增 {done.new} 天,改动 {done.changed} 天,未变 {done.unchanged} 天。")
        return redirect("accounts:calendar")
    year = timezone.localdate().year
    days = calendar.on_record()
    return render(request, "accounts/calendar.html", {
        "form": form, "years": sorted({d.day.year for d in days}, reverse=True), "days": days, "menu": "calendar",
        "missing": [y for y in (year, year + 1) if not calendar.known(y)],
    }, status=422 if form.errors else 200)


def _import(actor: Any, sheet: UploadedFile) -> calendar.Imported:
    """Read and put on record, or refuse the whole sheet with its cells."""
    grant = access.require(actor, CALENDAR_IMPORT)
    return calendar.import_holidays(_rows(sheet), actor=actor, verb=CALENDAR_IMPORT, grant=grant)


def _rows(sheet: UploadedFile) -> list[calendar.HolidayRow]:
    read = read_file(Sent(sheet), [HOLIDAYS])
    wrong = [f"{p.cell} {p.value}:{p.reason}{p.remedy}".strip() for p in read.problems if p.severity == "error"]
    if wrong:
        raise Refused(*wrong[:SHOWN])
    found = [dict(zip(s.values, row, strict=True)) for s in read.sheets for row in zip(*s.values.values(), strict=True)]
    if not found:
        raise Refused("没有读到任何一天。表头应有“日期”和“类别”两列。")
    return [calendar.HolidayRow(r["day"], r["kind"], r.get("name") or "", r.get("source") or "") for r in found]


@require_GET
def blank(request: HttpRequest) -> FileResponse:
    """The empty sheet."""
    access.require_somewhere(request.user, CALENDAR_IMPORT)
    return FileResponse(io.BytesIO(template.workbook([HOLIDAYS])), as_attachment=True, filename="节假日表模板.xlsx", content_type=XLSX)
