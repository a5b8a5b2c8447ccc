"""What reading a file gives: rows of values that still know their cells, and counts that account for every row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from zaidao.sheets.problem import Problem


@dataclass
class Counts:
    """Rows of one sheet: read = used + refused + no_data (blank, totals, notes, examples, repeated headers, exact repeats)."""

    file: str
    sheet: str
    table: str
    read: int = 0
    used: int = 0
    refused: int = 0
    no_data: int = 0


@dataclass
class SheetRows:
    """The usable rows of one sheet: `values[field][i]` stands in row `rows[i]` (counted from 1, as in Excel).

    `letters` gives each field's column; `refused_keys` the keys of rows that were refused: they exist, though nothing is known.
    `cells`: row -> field -> what stands in the cell, of every row that holds data, refused ones too; only where it was asked for.
    """

    counts: Counts
    letters: dict[str, str] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)
    refused_keys: set[str] = field(default_factory=set)
    cells: dict[int, dict[str, Any]] = field(default_factory=dict)

    def cell(self, index: int, name: str) -> str:
        """The address of a value, like D62; of a field without a column, the row's first known cell."""
        letter = self.letters.get(name) or min(self.letters.values(), key=lambda s: (len(s), s))
        return f"{letter}{self.rows[index]}"

    def drop(self, indices: Sequence[int]) -> None:
        """Refuse rows that were usable on their own; their keys stay known."""
        gone = set(indices)
        key = next(iter(self.values), "")
        self.refused_keys.update(self.values[key][i] for i in gone)
        self.counts.used -= len(gone)
        self.counts.refused += len(gone)
        self.rows = [r for i, r in enumerate(self.rows) if i not in gone]
        self.values = {name: [v for i, v in enumerate(column) if i not in gone] for name, column in self.values.items()}


@dataclass
class FileRead:
    """What one file gave: its recognised sheets, the text above their headers, and what was found."""

    sheets: list[SheetRows] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
