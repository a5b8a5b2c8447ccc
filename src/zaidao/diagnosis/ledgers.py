"""Workbooks and text tables of many files, joined into the eight tables; citizen ID numbers are compared here and dropped."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from zaidao.diagnosis.columns import SHEETS
from zaidao.diagnosis.joined import Joined, Part
from zaidao.engine.facts import Facts
from zaidao.engine.schema import TABLES, Table
from zaidao.sheets import identity
from zaidao.sheets.problem import Problem, shown
from zaidao.sheets.reader import FileRead, SheetRows, read_file

if TYPE_CHECKING:
    from zaidao.diagnosis.intake import Found

STATED = re.compile(r"截[至止]\D{0,4}(\d{4})年(\d{1,2})月(\d{1,2})日")


def read(found: "Found", tell: Callable[[float, str], None]) -> Joined:
    """Read the found files and join their sheets."""
    reads = []
    for i, (path, name) in enumerate(found.files):
        tell(0.8 * i / len(found.files), f"正在读取 {name}")
        reads.append(read_file(path, SHEETS, name))
    sheets = [s for r in reads for s in r.sheets]
    problems = found.problems + [p for r in reads for p in r.problems]
    if not found.files:
        problems.append(
            Problem("", "", "", "", "no_file", "error", "", "没有找到可读取的文件。", "请提供 .xlsx、.xls、.ods 或 .csv 文件。")
        )
    by_table = {t: [s for s in sheets if s.counts.table == t and s.rows] for t in TABLES}
    problems += list(_resolve_names(by_table)) + list(_check_identities(by_table["person"]))
    _tidy_conditions(by_table["clause"])
    tables = {name: _join(TABLES[name], parts) for name, parts in by_table.items() if parts}
    return Joined(
        facts=Facts.from_tables(tables, _reasons(sheets)),
        tables=tables,
        parts={n: [Part(len(s.rows), s.counts, s.cell) for s in parts] for n, parts in by_table.items() if parts},
        problems=problems,
        counts=[s.counts for s in sheets],
        also_known=_refused_codes(sheets),
        stated=_stated(reads),
    )


def _join(table: Table, parts: list[SheetRows]) -> pa.Table:
    """One table of all sheets; columns that no sheet has are left out, so that they are missing and not merely empty."""
    known = [f for f in table.fields if not f.sensitive and any(f.name in s.values for s in parts)]
    columns = [[v for s in parts for v in s.values.get(f.name, [None] * len(s.rows))] for f in known]
    return pa.Table.from_arrays(
        [pa.array(c, f.arrow.type) for c, f in zip(columns, known, strict=True)], schema=pa.schema([f.arrow for f in known])
    )


def _refused_codes(sheets: list[SheetRows]) -> dict[str, set[str]]:
    codes: dict[str, set[str]] = {}
    for sheet in sheets:
        codes.setdefault(sheet.counts.table, set()).update(sheet.refused_keys)
    return codes


def _reasons(sheets: list[SheetRows]) -> dict[str, str]:
    """Why a table that was given is nevertheless missing."""
    given = {s.counts.table for s in sheets}
    usable = {s.counts.table for s in sheets if s.rows}
    return {t: f"“{TABLES[t].sheet}”表没有可用的行(见读取问题清单)" for t in sorted(given - usable)}


def _stated(reads: list[FileRead]) -> date | None:
    """The latest day that a title states as 截至."""
    days = []
    for title in (t for r in reads for t in r.titles):
        for found in STATED.finditer(title):
            try:
                days.append(date(*map(int, found.groups())))
            except ValueError:
                continue
    return max(days, default=None)


def _resolve_names(by_table: dict[str, list[SheetRows]]) -> Iterator[Problem]:
    """Where a column of organisation codes holds names: a name that one organisation bears stands for its code."""
    orgs = by_table["organisation"]
    codes = {c for s in orgs for c in s.values["org_id"]}
    names = Counter(n for s in orgs for n in s.values.get("name", ()) if n)
    by_name = {_key(n): c for s in orgs for n, c in zip(s.values.get("name", ()), s.values["org_id"], strict=False) if n and names[n] == 1}
    for table, sheets in by_table.items():
        name = "parent_id" if table == "organisation" else "org_id"
        for sheet in sheets:
            values = sheet.values.get(name, [])
            hits = [i for i, v in enumerate(values) if v is not None and v not in codes and _key(v) in by_name]
            for i in hits:
                values[i] = by_name[_key(values[i])]
            if hits:
                cell = sheet.cell(hits[0], name)
                reason = f"这一列有 {len(hits)} 行写的是组织名称，已按名称对应到编号。"
                yield Problem(sheet.counts.file, sheet.counts.sheet, cell, name, "name_for_code", "note", "", reason, "建议改写组织编号。")


def _key(name: str) -> str:
    return re.sub(r"\s", "", name)


def _tidy_conditions(sheets: list[SheetRows]) -> None:
    """Conditions of clauses in one spelling: ≥, 且, no spaces."""
    for sheet in sheets:
        column = sheet.values.get("applies_to", [])
        column[:] = [
            v
            if v is None
            else re.sub(r"(≥\d+)[人名]", r"\1", re.sub(r"\s", "", v).replace("并且", "且").replace("≧", "≥").replace(">=", "≥"))
            for v in column
        ]


def _check_identities(sheets: list[SheetRows]) -> Iterator[Problem]:
    """ID numbers against birth date and gender, and one number under two codes; the numbers themselves go no further.

    A person whose number another person in another branch bears is refused: nobody can be in two branches at once.
    """
    first: dict[str, tuple[Any, Any, bool]] = {}
    for sheet in sheets:
        refused = []
        numbers = sheet.values.pop("id_no", [None] * len(sheet.rows))
        sheet.values.pop("phone", None)
        for i, number in enumerate(numbers):
            if number is None:
                continue
            yield from _mismatches(sheet, i, number)
            mine = (_get(sheet, "person_id", i), _get(sheet, "org_id", i), _get(sheet, "moved_out_on", i) is not None)
            known = first.setdefault(number, mine)
            if known[0] != mine[0] and not (known[2] or mine[2]):
                refused.append(i)
                yield _two_branches(sheet, i, known, mine)
        sheet.drop(refused)


def _get(sheet: SheetRows, name: str, index: int) -> Any:
    return sheet.values[name][index] if name in sheet.values else None


def _mismatches(sheet: SheetRows, index: int, number: str) -> Iterator[Problem]:
    if not identity.is_shaped(number):
        return
    told = {
        "born_on": (identity.birth_date, "id_birth_mismatch", "出生日期与公民身份号码不一致。"),
        "gender": (identity.gender, "id_gender_mismatch", "性别与公民身份号码不一致。"),
    }
    for field, (of, code, reason) in told.items():
        stated = _get(sheet, field, index)
        if stated is not None and of(number) != stated:
            place = sheet.counts.file, sheet.counts.sheet, sheet.cell(index, field)
            yield Problem(*place, field, code, "warning", shown(stated), reason, "请按证件核对两项。")


def _two_branches(sheet: SheetRows, index: int, known: tuple[Any, Any, bool], mine: tuple[Any, Any, bool]) -> Problem:
    same = known[1] == mine[1]
    reason = f"与人员 {known[0]}({known[1]})是同一个公民身份号码，" + (
        "一人有两个编号，后一行未使用。" if same else "一人在两个支部，后一行未使用。"
    )
    return Problem(
        sheet.counts.file,
        sheet.counts.sheet,
        sheet.cell(index, "person_id" if same else "org_id"),
        "person_id" if same else "org_id",
        "member_twice" if same else "member_in_two_branches",
        "error",
        shown(mine[0] if same else mine[1]),
        reason,
        "请核对该党员的组织关系在哪个支部，删去另一行，或填写转出日期。",
    )
