"""report.xlsx: the full lists as sheets with Chinese headers, filters and frozen heads; equal cell by cell for equal input."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from zaidao.engine import measures
from zaidao.engine.report.material import Material, Row
from zaidao.engine.report.method import PLAIN, PROBLEM_SEVERITIES, code_name
from zaidao.engine.words import ELEMENT_NAMES, FINDING_NAMES, MEASURE_NAMES, NOTICE, SEVERITY_NAMES, STATE_NAMES, name, peer_level

LIMIT = 30_000  # rows a sheet: what opens at once on an office machine; the CSV beside it has all
BATCH = 4_096
CELL = 32_000  # a cell holds at most 32,767 characters
HEAD = PatternFill("solid", fgColor="DCE6EF")
TOP = Alignment(vertical="top", wrap_text=True)

Columns = Sequence[tuple[str, float, str | None]]  # header, width, number format


def write(material: Material, path: Path) -> None:
    """Write the workbook: 概览, 提示, 要素, 应办事项, 汇总, 数据问题, 说明."""
    book = Workbook(write_only=True)
    _sheet(book, "概览", (("项目", 30, None), ("数值", 60, None)), _overview(material))
    _sheet(book, "提示", FINDINGS, _findings(material), total=material.tables["findings"].num_rows, full="findings.csv")
    _sheet(book, "要素", ELEMENTS, _elements(material), total=material.tables["elements"].num_rows, full="elements.csv")
    duties, note = _duty_table(material)
    _sheet(book, "应办事项", DUTIES, _duties(material, duties), total=duties.num_rows, full="duties.csv", note=note)
    _sheet(book, "汇总", ROLLUP, _rollup(material), total=material.tables["rollup"].num_rows, full="rollup.csv")
    _sheet(book, "数据问题", PROBLEMS, _problems(material), total=len(material.problems), full="problems.csv")
    _sheet(book, "说明", (("题目", 24, None), ("内容", 110, None)), PLAIN)
    stamp = _stamp(material)
    book.properties.creator, book.properties.title = "Zaidao", f"{material.group} 组织运行诊断"
    book.properties.created = book.properties.modified = stamp
    book.save(path)
    _fix_times(path, stamp)


def _sheet(
    book: Workbook, title: str, columns: Columns, rows: Iterable[Sequence[Any]], *, total: int = 0, full: str = "", note: str = "",
) -> None:
    """One sheet: the notice, the header with filter and frozen panes, then at most `LIMIT` rows."""
    sheet = book.create_sheet(title)
    for i, (_, width, _) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(i)].width = width
    sheet.freeze_panes = "A3"
    shown = min(total, LIMIT)
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(columns))}{shown + 2}" if total else None
    words = NOTICE + (f"。{note}" if note else "") + (f"。共{total}行,此处列前{LIMIT}行,全部见 {full}。" if total > LIMIT else "")
    sheet.append([_styled(sheet, words, bold=True)])
    sheet.append([_styled(sheet, header, bold=True, fill=HEAD) for header, _, _ in columns])
    formats = [number_format for _, _, number_format in columns]
    for i, row in enumerate(rows):
        if i >= LIMIT:
            break
        sheet.append([_cell(sheet, value, form) for value, form in zip(row, formats, strict=True)])


def _styled(sheet: Any, words: str, *, bold: bool = False, fill: PatternFill | None = None) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, words)
    cell.font = Font(bold=bold)
    if fill:
        cell.fill, cell.alignment = fill, TOP
    return cell


def _cell(sheet: Any, value: Any, number_format: str | None) -> Any:
    """Text stays text whatever it begins with; numbers, dates and empty cells stay what they are."""
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, "".join(c for c in value[:CELL] if c >= " " or c in "\n\t"))
        cell.data_type = "s"  # openpyxl would take a leading = for a formula
        cell.quotePrefix = value[:1] in ("=", "+", "-", "@")
        return cell
    if value is None or number_format is None:
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = number_format
    return cell


def _rows(table: pa.Table) -> Iterator[Row]:
    for batch in table.slice(0, LIMIT).to_batches(max_chunksize=BATCH):
        yield from batch.to_pylist()


def _overview(material: Material) -> list[tuple[str, Any]]:
    shown = material.shown_findings()
    states = material.counted_duties()["state"].to_pylist()
    return [
        ("名称", material.group), ("截止日", material.as_of), ("统计期", material.window),
        ("数据编号", str(material.manifest.get("snapshot", ""))),
        ("规则目录版本", str(material.manifest.get("catalogue", ""))), ("组织", len(material.orgs)),
        ("其中可作判断的组织", sum(bool(o["judged"]) for o in material.orgs)), ("活动记录", material.facts.rows("activity")),
        *((f"应办事项:{label}", states.count(state)) for state, label in STATE_NAMES.items()),
        *((f"提示:{FINDING_NAMES[code]}", sum(f["finding"] == code for f in shown)) for code in FINDING_NAMES),
        ("已说明而不再计入的依据", material.manifest.get("explained_evidence", 0)),
        *((f"未作判断:{code_name(c)}", why) for c, why in sorted(material.unknown.items())),
    ]


SHARE = "0%"
SHARED = "同一现场多数未办,不计"
FINDINGS: Columns = (
    ("组织编号", 12, None), ("组织", 28, None), ("提示", 20, None), ("程度", 12, None),
    ("估计值", 8, SHARE), ("区间下限", 9, SHARE), ("区间上限", 9, SHARE),
    ("说明", 80, None), ("依据", 60, None), ("已核对的常见情形", 40, None), ("可以怎么做", 60, None), ("比较范围", 24, None),
)
ELEMENTS: Columns = (
    ("组织编号", 12, None), ("组织", 28, None), ("要素", 12, None),
    *((f"{MEASURE_NAMES[m]}{part}", 10, SHARE) for m in ("paper", "pulse", "gap") for part in ("", "下限", "上限")),
    ("记录数", 8, "0"), ("比较范围", 24, None), ("未评估的原因", 50, None),
)
DUTIES: Columns = (
    ("组织编号", 12, None), ("组织", 28, None), ("依据条款", 24, None), ("事项", 16, None), ("周期开始", 12, "yyyy-mm-dd"),
    ("应办截止", 12, "yyyy-mm-dd"), ("情况", 14, None), ("活动编号", 18, None), ("原因", 40, None),
)
ROLLUP: Columns = (
    ("组织编号", 12, None), ("组织", 28, None), ("指标", 30, None), ("分子", 12, "0.##"), ("分母", 12, "0.##"), ("比率或均值", 11, "0.00"),
    ("区间下限", 9, "0.00"), ("区间上限", 9, "0.00"),
)
PROBLEMS: Columns = (
    ("文件", 24, None), ("表", 14, None), ("单元格", 10, None), ("列", 14, None), ("代码", 22, None), ("程度", 8, None), ("原值", 24, None),
    ("问题", 50, None), ("怎样改", 50, None),
)


def _findings(material: Material) -> Iterator[list[Any]]:
    names = material.names
    for r in _rows(material.tables["findings"]):
        card = material.cards.get(r["finding"], {})
        yield [
            r["org_id"], names.get(r["org_id"]), FINDING_NAMES.get(r["finding"], r["finding"]), SEVERITY_NAMES[r["severity"]],
            r["score"], r["low"], r["high"], r.get("sentence"), ";".join(r["evidence"] or ()), ";".join(r.get("ruled_out") or ()),
            card.get("path_text") or r.get("path"),
            peer_level(r.get("peer_level"), names),
        ]


def _elements(material: Material) -> Iterator[list[Any]]:
    names = material.names
    measures = [f"{m}{part}" for m in ("paper", "pulse", "gap") for part in ("", "_low", "_high")]
    for r in _rows(material.tables["elements"]):
        yield [
            r["org_id"], names.get(r["org_id"]), ELEMENT_NAMES.get(r["element"], r["element"]), *(r[m] for m in measures), r["n"],
            peer_level(r["peer_level"], names), r.get("why_null"),
        ]


def _duty_table(material: Material) -> tuple[pa.Table, str]:
    """The window's duties where they fit on a sheet, else those of them that were not simply kept."""
    table = material.tables["duties"]
    table = table.filter(table["in_window"]) if "in_window" in table.column_names else table
    if table.num_rows <= LIMIT:
        return table, ""
    shown = pc.is_in(table["state"], value_set=pa.array(["kept_late", "moved", "missed"]))
    return table.filter(shown), "事项较多,此处不列按期有记录和免计的"


def _duties(material: Material, table: pa.Table) -> Iterator[list[Any]]:
    names = material.names
    for r in _rows(table):
        yield [
            r["org_id"], names.get(r["org_id"]), r["source_key"], r["subject"], r["period_start"], r["due_on"],
            SHARED if r.get("shared") else name(STATE_NAMES, r["state"]), r["activity_id"], r.get("reason"),
        ]


def _rollup(material: Material) -> Iterator[list[Any]]:
    names = material.names
    for r in _rows(material.tables["rollup"]):
        yield [r["org_id"], names.get(r["org_id"]), measure_name(r["measure"]), *(r.get(c) for c in ("num", "den", "value", "low", "high"))]


def measure_name(measure: str) -> str:
    """`paper:organisation` as 台账·组织机构; parts without a name stand for themselves."""
    words: Mapping[str, str] = {**measures.NAMES, **MEASURE_NAMES, **ELEMENT_NAMES, **FINDING_NAMES, **STATE_NAMES}
    return "·".join(name(words, part) for part in measure.replace(".", ":").split(":"))


def _problems(material: Material) -> Iterator[list[Any]]:
    for p in material.problems:
        severity = str(p.get("severity"))
        yield [
            *(_text(p.get(f)) for f in ("file", "sheet", "cell", "field", "code")), PROBLEM_SEVERITIES.get(severity, severity),
            *(_text(p.get(f)) for f in ("value", "reason", "remedy")),
        ]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _stamp(material: Material) -> datetime:
    """The day of judgement as the workbook's date, so that two runs write the same file."""
    try:
        day = date.fromisoformat(material.as_of)
    except ValueError:
        day = date(2000, 1, 1)
    return datetime(day.year, day.month, day.day)


def _fix_times(path: Path, stamp: datetime) -> None:
    """openpyxl stamps `modified` and every zip entry with the clock on saving: write them anew with `stamp`."""
    with zipfile.ZipFile(path) as book:
        entries = [(info.filename, book.read(info)) for info in book.infolist()]
    day = f"{stamp:%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for filename, content in entries:
            if filename == "docProps/core.xml":
                stamped = re.sub(rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>" + day, content)
            else:
                stamped = content
            entry = zipfile.ZipInfo(filename, (max(stamp.year, 1980), stamp.month, stamp.day, 0, 0, 0))
            book.writestr(entry, stamped, zipfile.ZIP_DEFLATED)
