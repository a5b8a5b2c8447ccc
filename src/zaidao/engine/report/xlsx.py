"""A plain workbook writer: rows in, SpreadsheetML (ECMA-376) out; the same bytes for the same rows.

Writes what a report needs and no more: text, numbers, dates, widths, a frozen filtered header. A million cells take
seconds, and nothing in the file comes from the clock. Text is always inline text, so nothing can become a formula.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

Cell = str | float | int | bool | date | None
EPOCH = date(1899, 12, 30)
LONGEST = 32_000  # a cell holds at most 32,767 characters
UNWRITABLE = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # not allowed in XML
WIDE = 40.0  # columns from this width wrap their text
NUMBER_FORMATS = ("General", "0", "0%", "0.00", "0.##", "yyyy-mm-dd")
PLAIN, QUOTED, WRAPPED, WRAPPED_QUOTED, TITLE, HEAD, FIRST_FORMAT = range(7)
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OPEN_XML = "application/vnd.openxmlformats"
SHEET_ML = f"{OPEN_XML}-officedocument.spreadsheetml"


@dataclass(frozen=True)
class Column:
    """A header with its width in characters and the number format of its values (one of `NUMBER_FORMATS`)."""

    header: str
    width: float
    number_format: str = "General"


@dataclass(frozen=True)
class Sheet:
    """A title line, a header, and rows as long as there are columns."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]] = field(default=())


def write(path: Path, sheets: Sequence[Sheet], *, title: str, stamp: date) -> None:
    """Write the sheets as one workbook; `stamp` is its only date. Raises ValueError for a cell type it does not know."""
    when = (max(stamp.year, 1980), stamp.month, stamp.day, 0, 0, 0)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as book:

        def put(name: str, content: str) -> None:
            entry = zipfile.ZipInfo(name, when)
            book.writestr(entry, XML + content, zipfile.ZIP_DEFLATED)

        put("[Content_Types].xml", _content_types(len(sheets)))
        put("_rels/.rels", _package_relations())
        put("docProps/core.xml", _properties(title, stamp))
        put("xl/workbook.xml", _book([s.name for s in sheets]))
        put("xl/_rels/workbook.xml.rels", _book_relations(len(sheets)))
        put("xl/styles.xml", _styles())
        for i, sheet in enumerate(sheets, 1):
            put(f"xl/worksheets/sheet{i}.xml", _sheet(sheet, first=i == 1))


def letters(i: int) -> str:
    """The name of the i-th column, from 1."""
    return (letters((i - 1) // 26) if i > 26 else "") + chr(65 + (i - 1) % 26)


def _sheet(sheet: Sheet, *, first: bool) -> str:
    names = [letters(i) for i in range(1, len(sheet.columns) + 1)]
    lines = [_row(1, names, [sheet.title], [TITLE]), _row(2, names, [c.header for c in sheet.columns], [HEAD] * len(names))]
    styles = [FIRST_FORMAT + NUMBER_FORMATS.index(c.number_format) for c in sheet.columns]
    texts = [WRAPPED if c.width >= WIDE else PLAIN for c in sheet.columns]
    for number, values in enumerate(sheet.rows, 3):
        lines.append(_row(number, names, values, [t if isinstance(v, str) else s for v, s, t in zip(values, styles, texts, strict=True)]))
    widths = "".join(f'<col min="{i}" max="{i}" width="{c.width}" customWidth="1"/>' for i, c in enumerate(sheet.columns, 1))
    pane = '<pane ySplit="2" topLeftCell="A3" activePane="bottomLeft" state="frozen"/>'
    chosen = ' tabSelected="1"' if first else ""
    view = f'<sheetViews><sheetView{chosen} workbookViewId="0">{pane}</sheetView></sheetViews>'
    last = f"{names[-1]}{len(lines)}"
    return (
        f'<worksheet xmlns="{MAIN}"><dimension ref="A1:{last}"/>{view}<cols>{widths}</cols><sheetData>{"".join(lines)}</sheetData>'
        f'<autoFilter ref="A2:{last}"/></worksheet>'
    )


def _row(number: int, names: Sequence[str], values: Sequence[Cell], styles: Sequence[int]) -> str:
    cells = [_cell(f"{name}{number}", value, style) for name, value, style in zip(names, values, styles, strict=False) if value is not None]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, value: Cell, style: int) -> str:
    if isinstance(value, str):
        text = UNWRITABLE.sub("", value[:LONGEST])
        quoted = style + 1 if style in (PLAIN, WRAPPED) and text[:1] in tuple("=+-@") and text else style
        return f'<c r="{place}" s="{quoted}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
    if isinstance(value, bool):
        return f'<c r="{place}" s="{style}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}" s="{style}"><v>{value!r}</v></c>'
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return f'<c r="{place}" s="{style}"><v>{(day - EPOCH).days}</v></c>'
    raise ValueError(type(value).__name__)


def _styles() -> str:
    """The cell formats in the order of the constants above, then one for each number format."""
    top, wrap = '<alignment vertical="top"/>', '<alignment vertical="top" wrapText="1"/>'
    formats = [
        _format(top), _format(top, quoted=True), _format(wrap), _format(wrap, quoted=True),
        _format(top, font=1), _format(wrap, font=1, fill=2),
        *(_format(top, number=100 + i if i else 0) for i in range(len(NUMBER_FORMATS))),
    ]
    own = "".join(f'<numFmt numFmtId="{100 + i}" formatCode="{escape(n)}"/>' for i, n in enumerate(NUMBER_FORMATS) if i)
    fill = '<fill><patternFill patternType="solid"><fgColor rgb="FFDCE6EF"/></patternFill></fill>'
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="{len(NUMBER_FORMATS) - 1}">{own}</numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="等线"/></font><font><b/><sz val="11"/><name val="等线"/></font></fonts>'
        f'<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>{fill}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(formats)}">{"".join(formats)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _format(alignment: str, *, number: int = 0, font: int = 0, fill: int = 0, quoted: bool = False) -> str:
    quote = ' quotePrefix="1"' if quoted else ""
    return (
        f'<xf numFmtId="{number}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0"{quote} applyNumberFormat="1" applyFont="1"'
        f' applyFill="1" applyAlignment="1">{alignment}</xf>'
    )


def _book(names: Sequence[str]) -> str:
    sheets = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(names, 1))
    return f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>'


def _book_relations(count: int) -> str:
    parts = [("worksheet", f"worksheets/sheet{i}.xml") for i in range(1, count + 1)] + [("styles", "styles.xml")]
    return _relations((f"{RELATIONS}/{kind}", target) for kind, target in parts)


def _package_relations() -> str:
    core = f"{PACKAGE}/relationships/metadata/core-properties"
    return _relations([(f"{RELATIONS}/officeDocument", "xl/workbook.xml"), (core, "docProps/core.xml")])


def _relations(parts: Iterable[tuple[str, str]]) -> str:
    each = "".join(f'<Relationship Id="rId{i}" Type="{kind}" Target="{target}"/>' for i, (kind, target) in enumerate(parts, 1))
    return f'<Relationships xmlns="{PACKAGE}/relationships">{each}</Relationships>'


def _content_types(count: int) -> str:
    kinds = {f"/xl/worksheets/sheet{i}.xml": f"{SHEET_ML}.worksheet+xml" for i in range(1, count + 1)} | {
        "/xl/workbook.xml": f"{SHEET_ML}.sheet.main+xml", "/xl/styles.xml": f"{SHEET_ML}.styles+xml",
        "/docProps/core.xml": f"{OPEN_XML}-package.core-properties+xml",
    }
    each = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    rest = {"rels": f"{OPEN_XML}-package.relationships+xml", "xml": "application/xml"}
    default = "".join(f'<Default Extension="{ending}" ContentType="{kind}"/>' for ending, kind in rest.items())
    return f'<Types xmlns="{PACKAGE}/content-types">{default}{each}</Types>'


def _properties(title: str, stamp: date) -> str:
    day = f'xsi:type="dcterms:W3CDTF">{stamp.isoformat()}T00:00:00Z'
    return (
        f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>Zaidao</dc:creator>"
        f"<dcterms:created {day}</dcterms:created><dcterms:modified {day}</dcterms:modified></cp:coreProperties>"
    )
