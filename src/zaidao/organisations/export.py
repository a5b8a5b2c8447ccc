"""What the import reads, written: organisations, people and appointments inside one's scope, with the same columns.

Sensitive cells are masked (a masked cell changes nothing when it comes back). They are written whole only where the person may reveal
them, has passed a second factor and says why; such a file is built in memory and lies nowhere.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import Workbook

from zaidao.core import access, audit, mark
from zaidao.core.errors import Refused
from zaidao.core.fields import EncryptedTextField
from zaidao.organisations import access as verbs
from zaidao.organisations.actions.standing import clocks
from zaidao.organisations.columns import SHEETS
from zaidao.organisations.imports import KIND
from zaidao.organisations.models import Appointment, Organisation
from zaidao.organisations.queries import people as roster
from zaidao.sheets.problem import masked
from zaidao.sheets.spec import Column, Sheet
from zaidao.sheets.values import literal, writable

MOST_ROWS = 50_000  # of one file; more is exported part by part
CHUNK = 500
LEAST_REASON = 4  # characters
LONG_DIGITS = 12  # from here a spreadsheet that opens a text table makes a number of a code and loses digits
NAMES = {s.name: s.title for s in SHEETS}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
Line = list[Any]


@dataclass(frozen=True)
class Asked:
    """Which tables, of whom, how. `whole`: sensitive cells in full. `bare`: they stay empty, for nothing could read them."""

    tables: tuple[str, ...]
    people: roster.Asked
    day: date
    whole: bool = False
    reason: str = ""
    confirmed: bool = False
    bare: bool = False


@dataclass(frozen=True)
class File:
    """A finished file."""

    name: str
    kind: str
    data: bytes


def workbook(*, actor: Any, asked: Asked) -> File:
    """One workbook with a sheet for each table. Raises Denied, Refused; the export is on record before the file is given."""
    return _book(actor, asked, _begin(actor, asked))


def rescued(day: date) -> File:
    """What can be read of all that stands where the keys are lost: everything but sensitive cells. Only within a system scope; it cannot
    be put on record, for that takes a key."""
    asked = Asked(tables=tuple(NAMES), people=roster.Asked(), day=day, bare=True)
    return _book(None, asked, [(sheet, rows_of(sheet.name, asked)) for sheet in SHEETS])


def _book(actor: Any, asked: Asked, chosen: Iterable[tuple[Sheet, Any]]) -> File:
    book = Workbook(write_only=not asked.whole)  # writing only streams through a temporary file: not for what must lie nowhere
    if asked.whole:
        book.remove(book.active)
    for sheet, rows in chosen:
        page = book.create_sheet(sheet.title)
        mark.sheet(page)
        page.append([c.header for c in sheet.columns])
        for line in _lines(actor, asked, sheet, rows):
            page.append(line)
    out = io.BytesIO()
    book.save(out)
    return File(f"载道台账{asked.day:%Y%m%d}.xlsx", XLSX, out.getvalue())


def text_table(*, actor: Any, asked: Asked) -> File:
    """One table as CSV with a mark that Excel and WPS understand."""
    [(sheet, rows)] = _begin(actor, asked)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([c.header for c in sheet.columns])
    writer.writerows([_digits_kept(c, v) for c, v in zip(sheet.columns, line, strict=True)]
                     for line in _lines(actor, asked, sheet, rows))
    return File(f"{sheet.title}{asked.day:%Y%m%d}.csv", CSV, b"\xef\xbb\xbf" + out.getvalue().encode())


def _digits_kept(column: Column, value: Any) -> Any:
    """Codes of many digits, or with a leading zero, stay text where a text table is opened as a sheet."""
    risky = isinstance(value, str) and column.is_code and value.isdigit() and (len(value) >= LONG_DIGITS or value[0] == "0")
    return f"'{value}" if risky else value


def _begin(actor: Any, asked: Asked) -> list[tuple[Sheet, Any]]:
    """Ask, count, put on record."""
    if not access.holder(actor).may_somewhere(verbs.EXPORT):
        raise access.Denied("您现在的岗位不能导出台账。")
    if asked.whole:
        _may_be_whole(actor, asked)
    chosen = [(sheet, rows_of(sheet.name, asked)) for sheet in SHEETS if sheet.name in asked.tables]
    counts = {sheet.title: rows.count() for sheet, rows in chosen}
    if sum(counts.values()) > MOST_ROWS:
        raise Refused(f"一次最多导出 {MOST_ROWS} 行,现在有 {sum(counts.values())} 行。请按组织分次导出。")
    told = {"rows": [None, counts], "of": [None, {k: v for k, v in vars(asked.people).items() if v}], "sensitive": [None, asked.whole]}
    grant = access.holder(actor).grant_somewhere(verbs.SENSITIVE if asked.whole else verbs.EXPORT)
    audit.record(actor, verbs.EXPORT, Organisation, changes=told, reason=asked.reason, grant=grant)
    return chosen


def _may_be_whole(actor: Any, asked: Asked) -> None:
    if not access.holder(actor).may_somewhere(verbs.SENSITIVE):
        raise access.Denied("您现在的岗位不能导出完整的身份号码和电话。")
    if not asked.confirmed:
        raise Refused("导出完整号码前,请先通过第二重验证(动态口令或通行密钥)。")
    if len(asked.reason.strip()) < LEAST_REASON:
        raise Refused(f"请写明导出完整号码的理由(不少于 {LEAST_REASON} 个字)。")


def rows_of(table: str, asked: Asked) -> Any:
    """The rows of a table inside the active scope, as the list on the screen has them."""
    if table == "person":
        return roster.people(asked.people, asked.day, clocks()).within(verbs.EXPORT)
    field, model = ("path", Organisation) if table == "organisation" else ("post__organisation__path", Appointment)
    rows = model.objects.within(verbs.EXPORT).filter(roster.within(field, asked.people.organisation))
    if table == "organisation":
        return rows.filter(dissolved_on=None).order_by("path")
    related = rows.filter(post__organisation__dissolved_on=None).select_related("post__organisation", "person")
    return related.order_by("post__organisation__path", "post__title", "since", "pk")


def _lines(actor: Any, asked: Asked, sheet: Sheet, rows: Any) -> Iterator[Line]:
    """Rows as cells, a chunk of objects at a time."""
    importer: Any = KIND.importer(sheet.name)
    visible = set(Organisation.objects.values_list("code", flat=True)) if sheet.name == "organisation" else set()
    for part in _parts(rows):
        for obj in part if asked.bare else ():
            obj.__dict__.update({f.attname: "" for f in obj._meta.concrete_fields if isinstance(f, EncryptedTextField)})
        kept = importer.kept(part)
        for obj in part:
            facts = kept[obj.pk]
            if sheet.name == "organisation" and facts["parent_id"] not in visible:
                facts["parent_id"] = None
            open_here = asked.whole and access.holder(actor).may(verbs.SENSITIVE, facts.get("_path", ""))
            yield [_cell(column, facts, whole=open_here) for column in sheet.columns]


def _parts(rows: Any) -> Iterator[list[Any]]:
    part: list[Any] = []
    for obj in rows.iterator(CHUNK):
        part.append(obj)
        if len(part) == CHUNK:
            yield part
            part = []
    if part:
        yield part


def _cell(column: Column, facts: Mapping[str, Any], *, whole: bool) -> Any:
    """A value as the import reads it back: nothing for unknown, numbers as numbers, days and choices as text."""
    value = facts.get(column.name)
    if value is None or value == "":
        return None
    if column.sensitive and not whole:
        return masked(str(value))
    if column.kind in ("integer", "number"):
        return float(value) if column.kind == "number" else value
    if column.kind == "enum":
        return next((said for said, code in column.labels.items() if code == value), value)
    return literal(writable(value.isoformat() if isinstance(value, date) else str(value)))


def titles(tables: Iterable[str]) -> list[str]:
    return [NAMES[t] for t in tables]
