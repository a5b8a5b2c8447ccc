"""What a given row would change of what is kept: field by field, with the row's state and a digest of what it was compared with."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from zaidao.core import crypto, scrub
from zaidao.core.models import PlanRow
from zaidao.core.plans.given import Given
from zaidao.core.plans.registry import Planned
from zaidao.sheets.flaw import seen, tight
from zaidao.sheets.spec import Column, Sheet

State = PlanRow.State
PURPOSE = "plan.stamp"
MISSING = object()


def fields_of(given: Given, sheet: Sheet, before: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Every field that the row says something about, or that has a doubt. `before`: what is kept, None where nothing is kept yet."""
    found: dict[str, dict[str, Any]] = {}
    for column in sheet.columns:
        entry = _field(given, column, before)
        if entry:
            found[column.name] = entry
    return found


def _field(given: Given, column: Column, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
    name, doubt = column.name, given.doubts.get(column.name)
    said = name in given.values or name in given.cleared
    if not said and doubt is None:
        return _kept_cell(given, name) if given.unread else None
    held = plain(before.get(name)) if before is not None else None
    after = plain(given.values.get(name)) if said else held
    state = _state(before, held, after, said=said)
    entry: dict[str, Any] = {"state": state, "before": held, "after": after, "cell": given.cells.get(name, "")}
    if doubt:
        if doubt.severity != "note":
            entry["state"] = doubt.severity
        entry |= {"reason": doubt.reason, "remedy": doubt.remedy, "raw": text_of(given.raw.get(name))}
    if not same(held, after):
        entry["differs"] = True
    return entry


def _kept_cell(given: Given, name: str) -> dict[str, Any] | None:
    """A cell of a row that was not understood: handed back as it stood."""
    raw = text_of(given.raw.get(name))
    return {"state": State.UNCHANGED, "before": None, "after": None, "cell": given.cells.get(name, ""), "raw": raw} if raw else None


def _state(before: Any, held: Any, after: Any, *, said: bool) -> str:
    if before is None:
        return State.NEW
    return State.UNCHANGED if not said or same(held, after) else State.CHANGED


def same(held: Any, after: Any) -> bool:
    """Equal but for white space, words that are spaced out and signs that no sheet can hold; nothing and "" are the same."""
    return bare(held) == bare(after)


def bare(value: Any) -> Any:
    if isinstance(value, str):
        told = value if value.isprintable() else "".join(c if c.isprintable() else " " for c in seen(value))
        return tight(" ".join(told.split())) or None
    if isinstance(value, bool | int | float | Decimal):
        return float(value)
    return value


def plain(value: Any) -> Any:
    """A value as JSON keeps it: dates as ISO, numbers as numbers, "" as None."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return None if value == "" else value


def typed(value: Any, column: Column) -> Any:
    """What `plain` was given, for a column."""
    if value is None:
        return None
    if column.kind == "date":
        return date.fromisoformat(value)
    return Decimal(str(value)) if column.kind == "number" else value


def repeated(given: Given, key: str) -> Planned:
    """A row that an earlier one makes superfluous."""
    return Planned(given, State.UNCHANGED, {}, key=scrub.numbers(key)[:200])


def planned(
    given: Given, sheet: Sheet, before: Mapping[str, Any] | None, *, key: str, object_id: int | None = None, reason: str = "",
) -> Planned:
    """The row with its state: error over warning over new, changed, unchanged."""
    fields = fields_of(given, sheet, before)
    return Planned(
        given, row_state(fields, before, reason), fields, key=scrub.numbers(key)[:200], reason=reason, object_id=object_id,
        stamp=stamp(before),
    )


def row_state(fields: Mapping[str, Mapping[str, Any]], before: Mapping[str, Any] | None, reason: str) -> str:
    states = {entry["state"] for entry in fields.values()}
    if State.ERROR in states or reason:
        return State.ERROR
    if State.WARNING in states:
        return State.WARNING
    if before is None:
        return State.NEW
    return State.CHANGED if any(entry.get("differs") for entry in fields.values()) else State.UNCHANGED


def stamp(before: Mapping[str, Any] | None) -> str:
    """A keyed digest of what is kept: equal as long as nothing changed; empty where nothing is kept. Names that begin with _ do not
    count: they tell where, not what."""
    if before is None:
        return ""
    compared = {k: plain(v) for k, v in before.items() if not k.startswith("_")}
    told = json.dumps(compared, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    return crypto.blind(told, PURPOSE)


def changes(row: PlanRow, sheet: Sheet) -> dict[str, Any]:
    """field -> new value, typed, of what the row would set or change; fields without difference are left out."""
    return {
        column.name: typed(entry["after"], column)
        for column in sheet.columns
        if (entry := row.fields.get(column.name)) and entry.get("differs") and entry["state"] != State.ERROR
    }


def effective(row: PlanRow) -> bool:
    """Whether committing the row would change anything."""
    if row.state in (State.ERROR, State.UNCHANGED):
        return False
    return row.object_id is None or any(e.get("differs") for e in row.fields.values())


def text_of(cell: Any) -> str:
    """A cell as it stood, as text that can be read again."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute or cell.second) else cell.isoformat(" ")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)
