"""The rows that were not imported as a workbook: correct them there, upload it again."""

import io
from collections.abc import Iterator

from django.db.models import Q
from openpyxl import Workbook

from zaidao.core import mark
from zaidao.core.models import Plan, PlanRow
from zaidao.core.plans.compare import text_of
from zaidao.core.plans.registry import kind
from zaidao.core.plans.shown import label, problems
from zaidao.sheets.spec import Column, Sheet
from zaidao.sheets.values import CLEAR, literal, writable

EXTRA = "问题和改法"
TABLES_AT_ONCE = 500


def workbook(plan: Plan) -> bytes:
    """One sheet a table, the columns of the template and 问题和改法; only rows with errors and rows that were refused."""
    book = Workbook(write_only=True)
    for importer in kind(plan.kind).importers:
        rows = plan.rows.filter(Q(state=PlanRow.State.ERROR) | Q(outcome=PlanRow.Outcome.REFUSED), table=importer.table).order_by("n")
        if rows.exists():
            page = book.create_sheet(importer.sheet.title)
            mark.sheet(page)
            page.append([c.header for c in importer.sheet.columns] + [EXTRA])
            for line in _lines(rows.iterator(TABLES_AT_ONCE), importer.sheet):
                page.append(line)
    if not book.worksheets:
        book.create_sheet("没有需要改正的行")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _lines(rows: Iterator[PlanRow], sheet: Sheet) -> Iterator[list[str]]:
    for row in rows:
        yield [_cell(row, column) for column in sheet.columns] + [_text("\n".join(problems(row, sheet)))]


def _cell(row: PlanRow, column: Column) -> str:
    """What stood in the cell: as it was where it could not be read, else the value that was understood."""
    entry = row.fields.get(column.name)
    if entry is None:
        return ""
    if entry.get("raw"):
        return _text(text_of(entry["raw"]))
    if entry["after"] is None:
        return CLEAR if entry["before"] is not None else ""
    return _text(text_of(label(column, entry["after"])))


def _text(told: str) -> str:
    """A text table may hold signs that no workbook takes."""
    return literal(writable(told))
