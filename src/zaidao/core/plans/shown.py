"""A plan as pages show it: totals, rows with what changes where, and what to do about it. Sensitive values stay masked, also new ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from zaidao.core.models import Plan, PlanRow
from zaidao.core.plans.registry import kind
from zaidao.sheets.problem import masked
from zaidao.sheets.spec import Column, Sheet

EMPTY = "—"
STATES = dict(PlanRow.State.choices)
OUTCOMES = dict(PlanRow.Outcome.choices)
TONE = {"new": "open", "changed": "open", "unchanged": "off", "warning": "wait", "error": "wait"}


@dataclass
class Cell:
    """One field of a row: heading, address, before and after as people read them, its state and what to do."""

    header: str
    cell: str
    before: str
    after: str
    state: str
    label: str
    reason: str = ""
    remedy: str = ""


@dataclass
class Line:
    """One row of a plan for the page."""

    n: int
    table: str
    sheet: str
    row: int
    key: str
    state: str
    label: str
    tone: str
    outcome: str
    reason: str
    cells: list[Cell] = field(default_factory=list)


def lines(plan: Plan, rows: Iterable[PlanRow]) -> list[Line]:
    """Rows with the fields that differ or have something said about them; unchanged fields are left out."""
    made = kind(plan.kind)
    sheets = {i.table: i.sheet for i in made.importers}
    return [_line(row, sheets[row.table]) for row in rows if row.table in sheets]


def _line(row: PlanRow, sheet: Sheet) -> Line:
    return Line(
        row.n, sheet.title, row.sheet, row.row, row.key, row.state, STATES[row.state], TONE[row.state], OUTCOMES.get(row.outcome, ""),
        row.reason, [_cell(column, row.fields[column.name]) for column in sheet.columns if _telling(row.fields.get(column.name))],
    )


def _telling(entry: dict[str, Any] | None) -> bool:
    return entry is not None and bool(entry.get("differs") or entry.get("reason"))


def _cell(column: Column, entry: dict[str, Any]) -> Cell:
    after = entry["raw"] if entry.get("raw") and entry["state"] == PlanRow.State.ERROR else entry["after"]
    return Cell(
        column.header, entry["cell"], text(column, entry["before"]), text(column, after), entry["state"], STATES[entry["state"]],
        entry.get("reason", ""), entry.get("remedy", ""),
    )


def text(column: Column, value: Any) -> str:
    """A value as people read it; a sensitive one masked, whoever looks."""
    if value is None or value == "":
        return EMPTY
    if column.sensitive:
        return masked(str(value))
    value = label(column, value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def label(column: Column, value: Any) -> Any:
    """The word for the code of a choice; any other value as it is."""
    if column.kind != "enum":
        return value
    return next((said for said, code in column.labels.items() if code == value), value)


def problems(row: PlanRow, sheet: Sheet) -> list[str]:
    """What is wrong with a row and what to do, in sentences without values."""
    said = [row.reason] if row.reason else []
    for column in sheet.columns:
        entry = row.fields.get(column.name)
        if entry and entry.get("reason"):
            said.append(f"{column.header}({entry['cell']}):{entry['reason']}{entry.get('remedy', '')}")
    return said


@dataclass(frozen=True)
class Total:
    """Rows of one table by state."""

    table: str
    title: str
    states: Sequence[tuple[str, str, int]]
    rows: int


def totals(plan: Plan) -> list[Total]:
    """One for each table that the files held."""
    found = []
    for importer in kind(plan.kind).importers:
        by_state = plan.counts.get(importer.table)
        if by_state:
            states = [(s, label, by_state.get(s, 0)) for s, label in STATES.items()]
            found.append(Total(importer.table, importer.sheet.title, states, sum(by_state.values())))
    return found


def outcomes(plan: Plan) -> list[tuple[str, str, int]]:
    """Rows by what became of them."""
    counted = plan.counts.get("outcomes", {})
    return [(o, label, counted[o]) for o, label in OUTCOMES.items() if counted.get(o)]
