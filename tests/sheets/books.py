"""Small workbooks and specifications for the tests of reading."""

import io
import zipfile
from pathlib import Path

from openpyxl import Workbook

from zaidao.sheets.spec import Column, Sheet

PEOPLE = Sheet(
    "people",
    "人员",
    ("code",),
    (
        Column("code", "人员编号", required=True, is_code=True, synonyms=("工号",), example="P1"),
        Column("name", "姓名"),
        Column("number", "身份证号", is_code=True, identity=True, sensitive=True),
        Column("born", "出生日期", "date"),
        Column("kind", "类别", "enum", labels={"甲": "a", "乙": "b"}, choices=("甲", "乙")),
        Column("hours", "时长(小时)", "number", scales={"分钟": 1 / 60}),
    ),
    ("花名册",),
)
PLACES = Sheet(
    "places",
    "地点",
    ("place",),
    (Column("place", "地点编号", required=True, is_code=True), Column("title", "名称"), Column("since", "启用时间", "date")),
)
SHEETS = (PEOPLE, PLACES)
HEAD = ["人员编号", "姓名", "身份证号", "出生日期", "类别", "时长(小时)"]


def book(path: Path, sheets: dict[str, list[list]], change=lambda book: None) -> Path:
    """Write sheets of rows as .xlsx; `change` may do more to the workbook."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
    change(made)
    made.save(path)
    return path


def repacked(path: Path, replaced: dict[str, bytes]) -> Path:
    """The same zip package with some entries replaced."""
    data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, replaced.get(name, source.read(name)))
    return path


def ods(path: Path, sheets: dict[str, list[list]]) -> Path:
    """A minimal OpenDocument spreadsheet with text cells."""
    body = "".join(
        f'<table:table table:name="{name}">'
        + "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
                if cell is not None
                else "<table:table-cell/>"
                for cell in row
            )
            + "</table:table-row>"
            for row in rows
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    content = (
        f'{head}<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>{body}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'{head}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return path
