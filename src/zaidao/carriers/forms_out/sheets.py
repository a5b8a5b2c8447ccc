"""Workbooks of what a page shows. Cells are texts and whole numbers; nothing in them is ever run as a formula."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from zaidao.core import mark
from zaidao.sheets.values import literal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_767  # characters of a cell, as the format has it
CUT = "…(全文见该次记录)"
WIDE, NARROW = 32, 13  # characters
Cell = str | int | None


@dataclass(frozen=True)
class Page:
    """One sheet: its name, its headers (True: a wide column), and its lines."""

    title: str
    headers: Sequence[tuple[str, bool]]
    lines: Iterable[Sequence[Cell]]


def workbook(pages: Iterable[Page]) -> bytes:
    """The file, written line by line; the first line of each sheet stays in sight and repeats on paper."""
    book = Workbook(write_only=True)
    for page in pages:
        sheet = book.create_sheet(page.title)
        mark.sheet(sheet)
        sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
        sheet.page_setup.orientation, sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = "landscape", 0, True
        for n, (_, wide) in enumerate(page.headers, 1):
            sheet.column_dimensions[get_column_letter(n)].width = WIDE if wide else NARROW
        sheet.append([_cell(sheet, header, bold=True) for header, _ in page.headers])
        for line in page.lines:
            sheet.append([_cell(sheet, value) for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: object, value: Cell, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text(value) if isinstance(value, str) else value)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell


def text(value: str) -> str | None:
    """A text as a cell can hold it: no formula, no sign that a sheet refuses, not longer than a cell; empty is nothing."""
    kept = "".join(c if c >= " " or c in "\t\n" else " " for c in value if not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    kept = literal(kept)
    return (kept if len(kept) <= LONGEST else kept[:LONGEST - len(CUT)] + CUT) or None
