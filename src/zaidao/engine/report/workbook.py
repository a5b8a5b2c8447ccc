"""report.xlsx: the full lists as sheets with Chinese headers, filters and frozen heads; equal cell by cell for equal input."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine import measures
from zaidao.engine.report import xlsx
from zaidao.engine.report.material import Material, Row
from zaidao.engine.report.method import PLAIN, PROBLEM_SEVERITIES, code_name, header
from zaidao.engine.report.xlsx import Column, Sheet
from zaidao.engine.words import ELEMENT_NAMES, FINDING_NAMES, MEASURE_NAMES, NOTICE, SEVERITY_NAMES, STATE_NAMES, name, peer_level

LIMIT = 20_000  # rows a sheet: what still opens on an office machine; the CSV beside it has all
BATCH = 4_096


def write(material: Material, path: Path) -> None:
    """Write the workbook: 概览, 提示, 要素, 应办事项, 汇总, 数据问题, 说明."""
    tables = material.tables
    duties, note = _duty_table(material)
    sheets = [
        _sheet("概览", (Column("项目", 30), Column("数值", 60)), _overview(material)),
        _sheet("提示", FINDINGS, _findings(material), total=tables["findings"].num_rows, full="findings.csv"),
        _sheet("要素", ELEMENTS, _elements(material), total=tables["elements"].num_rows, full="elements.csv"),
        _sheet("应办事项", DUTIES, _duties(material, duties), total=duties.num_rows, full="duties.csv", note=note),
        _sheet("汇总", ROLLUP, _rollup(material), total=tables["rollup"].num_rows, full="rollup.csv"),
        _sheet("数据问题", PROBLEMS, _problems(material), total=len(material.problems), full="problems.csv"),
        _sheet("说明", (Column("题目", 24), Column("内容", 110)), PLAIN),
    ]
    xlsx.write(path, sheets, title=f"{material.group} 组织运行诊断", stamp=_stamp(material))


def _sheet(name: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, total: int = 0, full: str = "", note: str = "") -> Sheet:
    """One sheet: the notice (with what is left out) above the header, then at most `LIMIT` rows."""
    cut = f"。共{total}行,此处列前{LIMIT}行,全部见 {full}" if total > LIMIT else ""
    return Sheet(name, NOTICE + (f"。{note}" if note else "") + cut, columns, islice(rows, LIMIT))


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
        *((f"按本单位取值:{v['name']}", f"{v['words']}({v['since']}起;{v['reason']})") for v in material.manifest.get("office_values", ())),
        *((f"未作判断:{code_name(c)}", why) for c, why in sorted(material.unknown.items())),
    ]


SHARE, DAY = "0%", "yyyy-mm-dd"
SHARED = "同一现场多数未办,不计"
WHO = (Column("组织编号", 12), Column("组织", 28))
FINDINGS = (
    *WHO, Column("提示", 20), Column("程度", 12), *(Column(h, 9, SHARE) for h in ("估计值", "区间下限", "区间上限")),
    Column("说明", 80), Column("依据", 60), Column("已核对的常见情形", 40), Column("可以怎么做", 60), Column("比较范围", 24),
)
ELEMENTS = (
    *WHO, Column("要素", 12),
    *(Column(f"{MEASURE_NAMES[m]}{part}", 10, SHARE) for m in ("paper", "pulse", "gap") for part in ("", "下限", "上限")),
    Column("记录数", 8, "0"), Column("比较范围", 24), Column("未评估的原因", 50),
)
DUTIES = (
    *WHO, Column("依据条款", 24), Column("事项", 16), Column("周期开始", 12, DAY), Column("应办截止", 12, DAY),
    Column("情况", 14), Column("活动编号", 18), Column("原因", 30),
)
ROLLUP = (
    *WHO, Column("指标", 30), Column("分子", 12, "0.##"), Column("分母", 12, "0.##"),
    *(Column(h, 11, "0.00") for h in ("比率或均值", "区间下限", "区间上限")),
)
PROBLEMS = tuple(Column(h, w) for h, w in (
    ("文件", 24), ("表", 14), ("单元格", 10), ("列", 14), ("代码", 22), ("程度", 8), ("原值", 24), ("问题", 50), ("怎样改", 50),
))


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
            *(_text(p.get(f)) for f in ("file", "sheet", "cell")), header(p), _text(p.get("code")),
            PROBLEM_SEVERITIES.get(severity, severity),
            *(_text(p.get(f)) for f in ("value", "reason", "remedy")),
        ]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _stamp(material: Material) -> date:
    """The day of judgement as the workbook's date, so that two runs write the same file."""
    try:
        return date.fromisoformat(material.as_of)
    except ValueError:
        return date(2000, 1, 1)
