"""The sample's ledgers as they would lie in the office today: every date moved, and nothing that has not happened yet."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import openpyxl

from zaidao.diagnosis.demo import packaged
from zaidao.shell.demo import moving

LAST = date(2026, 10, 31)  # what the packaged ledgers are written as of
FIRST_CELL = "序号"
KEPT = frozenset({"序号", "身份证号", "手机号", "出生年月日", "内部核对码", "照片指纹"})  # nobody's birth moves, and numbers are no dates


@dataclass(frozen=True)
class Future:
    """What becomes of a row whose day has not come. `gone`: columns that make the row itself unhappened; `open`: a column that is
    emptied, with what goes with it. Any other day becomes today: somebody came to a branch, a term began."""

    gone: tuple[str, ...] = ()
    open: tuple[tuple[str, tuple[str, ...]], ...] = ()


VERDICT = ("结果值", "结论", "办结说明", "固化制度编号")
FUTURE = {
    "活动记录": Future(gone=("实际召开时间", "录入系统时间")),
    "载体": Future(gone=("开始日期",), open=(("结束日期", ("结束原因",)),)),
    "创新点子(含办结)": Future(
        gone=("提出日期",), open=(("采纳日期", VERDICT), ("试点开始", VERDICT), ("试点结束", VERDICT)),
    ),
}


@cache
def made(today: date) -> bytes:
    """The workbook, for `today`. Some seconds, once a process."""
    book = openpyxl.load_workbook(io.BytesIO(packaged()))
    for sheet in book.worksheets:
        _move(sheet, today)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _move(sheet: Any, today: date) -> None:
    by, columns = moving.months(LAST, today), {}
    for row in sheet.iter_rows():
        if row[0].value == FIRST_CELL:
            columns = {cell.column: str(cell.value or "").strip() for cell in row}
        elif not columns:
            _state(row, today)
        elif _happened(row, columns, sheet.title.strip(), by, today):
            _rewrite(row, columns, by, today)
        else:
            for cell in row:
                cell.value = None


def _state(row: Any, today: date) -> None:
    """The title says as of when."""
    for cell in row:
        if isinstance(cell.value, str):
            cell.value = moving.written(cell.value, lambda _: today)


def _happened(row: Any, columns: dict[int, str], title: str, by: int, today: date) -> bool:
    """Whether the row has happened; empties what has not."""
    rule, cells = FUTURE.get(title, Future()), {columns.get(cell.column, ""): cell for cell in row}
    if any(_comes(cells.get(name), by, today) for name in rule.gone):
        return False
    for name, along in rule.open:
        if _comes(cells.get(name), by, today):
            for other in (name, *along):
                cells[other].value = None
    return True


def _comes(cell: Any, by: int, today: date) -> bool:
    day = _day(cell.value) if cell is not None else None
    return day is not None and moving.moved(day, by) > today


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return moving.read(value) if isinstance(value, str) else None


def _rewrite(row: Any, columns: dict[int, str], by: int, today: date) -> None:
    today_at_latest = moving.until(today)

    def now(day: date) -> date:
        return today_at_latest(moving.moved(day, by))

    for cell, value in _texts(row, columns):
        if isinstance(value, datetime):
            cell.value = now(value)
        elif moving.read(value):
            cell.value = moving.written(value, now)
        else:
            cell.value = moving.told(value, by)


def _texts(row: Any, columns: dict[int, str]) -> Iterator[tuple[Any, Any]]:
    """Cells that may hold a date: dates and texts, but for numbers that only look like one."""
    for cell in row:
        if isinstance(cell.value, str | datetime) and columns.get(cell.column, "") not in KEPT and cell.value != "":
            yield cell, cell.value
