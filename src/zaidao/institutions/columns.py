"""What the lists of this module write into a workbook: the columns that the screen shows."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook

from zaidao.core import mark
from zaidao.sheets.values import literal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REGISTER = ("制度编号", "制度名称", "制定组织", "来源", "状态", "版次", "施行日期", "文号", "产生应办事项的条款", "不产生应办事项的条款")
EXECUTION = ("事项", "依据", "制定组织", "应办", "已办", "宽限期内补办", "已说明顺延", "待办", "逾期未见记录", "不适用(另计)")
BY_ORGANISATION = ("组织", *EXECUTION[3:])
DUTIES = ("事项", "周期", "起", "止", "办结期限", "次数", "已办次数", "情况", "说明", "依据")

COVERAGE = ("职能", "情况", "制度", "制定组织", "出处")
CONFLICTS = ("制度编号", "制度名称", "条款", "制定组织", "事项", "条款要求", "上位规定", "出处", "处理")
VALUES = ("类别", "项目", "随系统提供的取值", "出处或理由", "本单位取值", "起用日期", "情况", "设定的理由", "依据")


def workbook(title: str, headers: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """A workbook of one sheet; texts stay texts, unknown cells stay empty."""
    book = Workbook(write_only=True)
    page = book.create_sheet(title)
    mark.sheet(page)
    page.append(list(headers))
    for line in lines:
        page.append([_cell(value) for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value.isoformat()
    return literal("".join(c if c >= " " or c == "\n" else " " for c in value)) if isinstance(value, str) else value
