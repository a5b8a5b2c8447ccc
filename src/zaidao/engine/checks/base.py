"""What the checks share: a breach, the limits of dates, and the scene that they look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.schema import TABLES

Effect = Literal["refuse", "repeat", "null", "keep"]
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Breach:
    """One thing wrong between rows; `reason` and `remedy` are Chinese sentences."""

    table: str
    row: int
    field: str
    code: str
    severity: Severity
    effect: Effect
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Limits:
    """When a date cannot be meant. Days after the present day of the data (see `present_day`)."""

    gap: int = 366  # an office files every month; a whole year without any record, then one date, is a slip of the pen
    past: int = 366  # what is said to have happened may be typed a year ahead at most (a planned start), not more
    plan: int = 3660  # plans, terms and extensions reach two terms of five years ahead, not more
    first: date = date(1921, 7, 1)  # nothing of the Party is older than its founding
    born: date = date(1900, 1, 1)  # Excel's first day: earlier or equal comes from an empty or damaged cell


LIMITS = Limits()


@dataclass
class Scene:
    """The stored tables while they are checked: what is already refused or void, and which codes exist."""

    tables: Mapping[str, pa.Table]
    also_known: Mapping[str, set[str]]
    limits: Limits
    today: date | None
    gone: dict[str, set[int]] = field(default_factory=dict)
    void: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    def has(self, table: str, *columns: str) -> bool:
        return table in self.tables and self.tables[table].num_rows > 0 and set(columns) <= set(self.tables[table].column_names)

    def column(self, table: str, name: str) -> pa.ChunkedArray:
        return self.tables[table][name]

    def codes(self, table: str) -> pa.Array:
        """Every code of a table, also of rows that were refused: they exist, though nothing is known of them."""
        key = TABLES[table].key[0]
        stored = pc.unique(self.column(table, key)) if self.has(table, key) else pa.array([], pa.string())
        return pa.concat_arrays([stored, pa.array(sorted(self.also_known.get(table, ())), pa.string())])

    def rows(self, table: str, mask: pa.ChunkedArray | pa.Array, *used: str) -> list[int]:
        """Rows where `mask` is true, still in use, and with none of the `used` fields void."""
        gone = self.gone.get(table, set()).union(*(self.void.get((table, name), set()) for name in used))
        return [i for i in pc.indices_nonzero(pc.fill_null(mask, fill_value=False)).to_pylist() if i not in gone]

    def note(self, breach: Breach) -> Breach:
        if breach.effect in ("refuse", "repeat"):
            self.gone.setdefault(breach.table, set()).add(breach.row)
        elif breach.effect == "null":
            self.void.setdefault((breach.table, breach.field), set()).add(breach.row)
        return breach


def present_day(tables: Mapping[str, pa.Table], limits: Limits = LIMITS) -> date | None:
    """The last day on which activities were held or filed, before the first gap of over a year after their median.

    None where no activity is dated.
    """
    days: list[date] = []
    if "activity" in tables:
        for name in ("held_at", "recorded_at"):
            if name in tables["activity"].column_names:
                days += pc.unique(pc.drop_null(tables["activity"][name].cast(pa.date32(), safe=False))).to_pylist()
    days = sorted(set(days))
    for i in range(len(days) // 2, len(days) - 1):
        if (days[i + 1] - days[i]).days > limits.gap:
            return days[i]
    return days[-1] if days else None


def last_activity(tables: Mapping[str, pa.Table], limits: Limits = LIMITS) -> date | None:
    """The last day on which an activity was held, impossible dates aside."""
    today = present_day(tables, limits)
    if today is None or "held_at" not in tables["activity"].column_names:
        return None
    days = pc.drop_null(tables["activity"]["held_at"].cast(pa.date32(), safe=False))
    return pc.max(days.filter(pc.less_equal(days, today + timedelta(days=limits.past)))).as_py() if len(days) else None


def said(value: object) -> str:
    """A value as a breach repeats it, cut to 40 characters."""
    text = "、".join(map(str, value)) if isinstance(value, list) else "空" if value is None else str(value)
    return text if len(text) <= 40 else text[:40] + "…"
