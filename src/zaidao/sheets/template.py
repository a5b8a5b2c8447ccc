"""An empty workbook from column specifications: headings, drop-downs, text format where digits would be lost, one example row."""

import io
import re
import zipfile
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from zaidao.sheets.spec import Column, Sheet

ROWS = 5000  # rows that get formats and drop-downs; more can be filled, without them
EPOCH = "2020-01-01T00:00:00Z"  # a fixed time of making, so that the same template is the same bytes
MARK = "示例"
EXPLANATION = "说明"
KINDS = {
    "text": "文字",
    "date": "日期，如 2024-03-05",
    "time": "日期和时间，如 2024-03-05 14:30",
    "integer": "整数",
    "number": "数字",
    "enum": "从下拉列表选择",
    "codes": "编号，用顿号或分号隔开",
    "hashes": "系统导出的指纹，用分号隔开",
}
DATES = {"date": "2024-03-05", "time": "2024-03-05 14:30"}


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The template as .xlsx, the same bytes for the same specifications. Its example rows are recognised and skipped by the reader."""
    book = Workbook()
    _explain(book.active, sheets)
    for sheet in sheets:
        _lay_out(book.create_sheet(sheet.title), sheet)
    out = io.BytesIO()
    book.save(out)
    return _settled(out.getvalue())


def _explain(page: Worksheet, sheets: Sequence[Sheet]) -> None:
    """The first sheet: how to fill, then every column of every sheet."""
    page.title = EXPLANATION
    lines = [
        "每张工作表的第一行是列名，请不要改动；第二行是示例，填写时可以删去，留着也不会被读取。",
        "带 * 的列必填；不知道的留空，不要填 0。编号、公民身份号码、电话各列已设为文本格式。",
        "缺少的工作表或列可以不填：缺什么，就不判断什么。只有“组织”表必须有。",
        "",
    ]
    for line in lines:
        page.append([line])
    page.append(["工作表", "列名", "必填", "填写方式", "可选内容"])
    for cell in page[page.max_row]:
        cell.font = Font(bold=True)
    for sheet in sheets:
        for column in sheet.columns:
            page.append([sheet.title, column.header, "是" if column.required else "", KINDS[column.kind], "、".join(column.choices)])
    for letter, width in zip("ABCDE", (12, 18, 6, 28, 80), strict=True):
        page.column_dimensions[letter].width = width


def _lay_out(page: Worksheet, sheet: Sheet) -> None:
    page.append([c.header + ("*" if c.required else "") for c in sheet.columns])
    page.append([_example(c, first=i == 0) for i, c in enumerate(sheet.columns)])
    page.freeze_panes = "A2"
    for index, column in enumerate(sheet.columns, start=1):
        _dress(page, index, column)


def _dress(page: Worksheet, index: int, column: Column) -> None:
    """Format, width, drop-down and comment of one column."""
    letter = get_column_letter(index)
    page.column_dimensions[letter].width = max(12, 2 * len(column.header) + 4)
    if column.is_code or column.kind in ("codes", "hashes"):
        page.column_dimensions[letter].number_format = "@"
        for row in range(2, ROWS // 10):
            page.cell(row, index).number_format = "@"
    head = page.cell(1, index)
    head.font, head.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
    head.fill = PatternFill("solid", start_color="DDEBF7" if column.required else "F2F2F2")
    head.comment = Comment(KINDS[column.kind] + ("；必填" if column.required else ""), "模板")
    page.cell(2, index).font = Font(italic=True, color="808080")
    if column.kind == "enum":
        options = DataValidation(type="list", formula1='"' + ",".join(column.choices) + '"', allow_blank=True, showErrorMessage=True)
        options.error, options.errorTitle = "请从下拉列表中选择。", column.header
        options.add(f"{letter}3:{letter}{ROWS}")
        page.add_data_validation(options)


def _example(column: Column, *, first: bool) -> str:
    """The example row is marked in its first cell, where the reader looks for the mark; sensitive columns get none."""
    if first:
        return f"{MARK}{column.example}"
    if column.sensitive:
        return ""
    return DATES.get(column.kind) or (column.choices[0] if column.choices else column.example)


def _settled(data: bytes) -> bytes:
    """The same package with fixed times and entries in order of names."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", EPOCH.encode(), content)
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    return out.getvalue()
