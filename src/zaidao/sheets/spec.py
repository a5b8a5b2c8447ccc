"""What a sheet should look like: its columns, their types and the other names that people give them."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "date", "time", "integer", "number", "enum", "codes", "hashes"]


@dataclass(frozen=True)
class Column:
    """One column. `labels` maps what people write (labels, codes, synonyms) to the code that is kept (enum only).

    `is_code`: the text names something (width and inner spaces mean nothing, no units); `identity`: a citizen ID number;
    `scales`: a note in the header's brackets (分钟) and the factor that brings its values to the column's own unit;
    `least`, `most`: bounds of a number, inclusive.
    """

    name: str
    header: str
    kind: Kind = "text"
    synonyms: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict, hash=False)
    choices: tuple[str, ...] = ()
    required: bool = False
    sensitive: bool = False
    optional: bool = False
    is_code: bool = False
    identity: bool = False
    least: float | None = None
    most: float | None = None
    scales: dict[str, float] = field(default_factory=dict, hash=False)
    example: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: the name of the table it fills, its title, other titles, key and columns."""

    name: str
    title: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    synonyms: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)
