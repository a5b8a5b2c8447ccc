"""Tables joined from many sources, each row still knowing where it stood."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa

from zaidao.engine.checks import Breach
from zaidao.engine.facts import Facts
from zaidao.engine.schema import TABLES
from zaidao.sheets.problem import Problem
from zaidao.sheets.reader import Counts

Place = Callable[[int, str], str]


@dataclass
class Part:
    """Rows of one sheet or file within a table: how many, the cell of (row, field), and the count they belong to."""

    rows: int
    counts: Counts
    cell: Place


@dataclass
class Joined:
    """The eight tables before the checks across rows.

    `tables`: stored rows without sensitive columns (of Parquet also without text); `facts`: the same rows as facts;
    `also_known`: codes of rows refused while reading; `stated`: the day that titles state (截至…).
    """

    facts: Facts
    tables: Mapping[str, pa.Table]
    parts: Mapping[str, list[Part]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)
    also_known: Mapping[str, set[str]] = field(default_factory=dict)
    stated: date | None = None
    refused: Mapping[str, set[int]] = field(default_factory=dict)

    def _part(self, table: str, row: int) -> tuple[Part, int]:
        parts = self.parts[table]
        starts = [0, *np.cumsum([p.rows for p in parts]).tolist()]
        index = bisect_right(starts, row) - 1
        return parts[index], row - starts[index]

    def place(self, table: str, row: int, name: str) -> tuple[str, str, str]:
        """File, sheet and cell of a stored row's field."""
        part, index = self._part(table, row)
        return part.counts.file, part.counts.sheet, part.cell(index, name)

    def count_of(self, table: str, row: int) -> Counts:
        return self._part(table, row)[0].counts

    def facts_without(self, breaches: Sequence[Breach]) -> Facts:
        """The facts less refused and repeated rows, with unusable values null."""
        gone: dict[str, set[int]] = {}
        void: dict[str, dict[str, set[int]]] = {}
        for b in breaches:
            if b.effect in ("refuse", "repeat"):
                gone.setdefault(b.table, set()).add(b.row)
            elif b.effect == "null":
                void.setdefault(b.table, {}).setdefault(b.field, set()).add(b.row)
        if not gone and not void:
            return self.facts
        keep = {t: _mask(self.tables[t].num_rows, rows, kept=False) for t, rows in gone.items()}
        patches = {t: {f: self._voided(t, f, rows) for f, rows in fields.items()} for t, fields in void.items()}
        return self.facts.without(keep, patches)

    def _voided(self, table: str, name: str, rows: set[int]) -> pa.ChunkedArray:
        column = self.tables[table][name]
        hit = _mask(len(column), rows, kept=True)
        return pa.compute.if_else(hit, pa.scalar(None, TABLES[table][name].arrow.type), column)


def _mask(length: int, rows: set[int], *, kept: bool) -> pa.Array:
    mask = np.full(length, not kept)
    mask[sorted(rows)] = kept
    return pa.array(mask)
