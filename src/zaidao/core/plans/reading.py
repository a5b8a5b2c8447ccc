"""From the kept files to given rows, each with its cells and doubts, and notes on what concerns a whole file or sheet."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from zaidao.core.plans.given import Given
from zaidao.core.plans.registry import Kind
from zaidao.sheets.files import Source
from zaidao.sheets.flaw import normal, seen, tight
from zaidao.sheets.problem import Problem
from zaidao.sheets.reader import FileRead, SheetRows, read_file
from zaidao.sheets.spec import Sheet
from zaidao.sheets.values import CLEAR

Tell = Callable[[float, str], None]
KEPT = "这张表作为台账留存,用于诊断;导入时不改动系统中的内容。"


@dataclass
class Reading:
    """Rows by table in the order of the files, notes ({file, sheet, cell, severity, reason, remedy}), rows of kept sheets."""

    rows: dict[str, list[Given]] = field(default_factory=lambda: defaultdict(list))
    notes: list[dict[str, str]] = field(default_factory=list)
    kept: int = 0


def read(kind: Kind, sources: Sequence[Source], tell: Tell) -> Reading:
    """Read every file against the sheets of the kind; never raises for what a file contains."""
    found = Reading()
    for number, source in enumerate(sources):
        tell(number / max(len(sources), 1), f"正在读取 {source.name}")
        _take(kind, read_file(source, kind.sheets, source.name, cells=True), found)
    return found


def _take(kind: Kind, file: FileRead, found: Reading) -> None:
    by_cell = {(p.sheet, p.cell): p for p in file.problems if p.cell and p.field}
    placed: set[tuple[str, str]] = set()
    for rows in file.sheets:
        if kind.importer(rows.counts.table) is None:
            found.notes.append(_note(rows, KEPT))
            found.kept += rows.counts.read - rows.counts.no_data
            continue
        spec = next(s for s in kind.sheets if s.name == rows.counts.table)
        found.rows[spec.name] += list(_given(rows, spec, by_cell, placed))
    found.notes += [_said(p) for p in file.problems if (p.sheet, p.cell) not in placed and not _of_kept(kind, p, file)]


def _of_kept(kind: Kind, problem: Problem, file: FileRead) -> bool:
    """Cells of sheets that stay as files are the diagnosis' matter, not the import's."""
    kept = {s.counts.sheet for s in file.sheets if kind.importer(s.counts.table) is None}
    return problem.sheet in kept


def _note(rows: SheetRows, reason: str) -> dict[str, str]:
    return {"file": rows.counts.file, "sheet": rows.counts.sheet.strip(), "cell": "", "severity": "note", "reason": reason, "remedy": "",
            "kept": rows.counts.table}


def _said(p: Problem) -> dict[str, str]:
    """A problem of a file or sheet; of cells it says nothing but where they are."""
    value = f"({p.value})" if p.value and not p.field else ""
    return {"file": p.file, "sheet": p.sheet, "cell": p.cell, "severity": p.severity, "reason": p.reason + value, "remedy": p.remedy}


def _given(rows: SheetRows, spec: Sheet, by_cell: dict[Any, Problem], placed: set[Any]) -> Iterator[Given]:
    """Every row that holds data, also those that the reader refused for a missing key."""
    index = {number: i for i, number in enumerate(rows.rows)}
    dated = [c.name for c in spec.columns if c.kind == "date" and c.name in rows.values]  # a serial number says nothing to anybody
    for number, stood in rows.cells.items():
        raw = {name: cell.replace("\0", "") if isinstance(cell, str) else cell for name, cell in stood.items()}  # no database holds it
        cells = {name: f"{letter}{number}" for name, letter in rows.letters.items()}
        given = Given(spec.name, rows.counts.file, rows.counts.sheet, number, cells=cells, raw=raw)
        masked, cleared = _marks(spec, raw)
        given.cleared = frozenset(cleared)
        given.unread = number not in index
        if not given.unread:
            i = index[number]
            silent = masked | cleared
            given.raw |= {n: given_on for n in dated if (given_on := rows.values[n][i]) and isinstance(raw.get(n), int | float)}
            told = {n: column[i] for n, column in rows.values.items() if column[i] is not None and n not in silent}
            given.values = {n: tight(seen(v)) if isinstance(v, str) else v for n, v in told.items()}
        for name, cell in cells.items():
            problem = by_cell.get((rows.counts.sheet, cell))
            if problem:
                placed.add((rows.counts.sheet, cell))
                if name not in masked | cleared:
                    given.doubt(name, problem.severity, problem.reason, problem.remedy)
        yield given


def _marks(spec: Sheet, raw: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Fields whose cell is masked (leave as it is), and fields whose cell says 清空 (take away)."""
    masked, cleared = set(), set()
    for column in spec.columns:
        cell = raw.get(column.name)
        if not isinstance(cell, str):
            continue
        if normal(cell) == CLEAR and not column.required:
            cleared.add(column.name)
        elif column.sensitive and "*" in normal(cell):
            masked.add(column.name)
    return masked, cleared
