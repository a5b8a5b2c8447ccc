"""What an indicator gives back: counted trials for `decide` to judge, or a rule's own verdict; always with its evidence."""

from dataclasses import dataclass, field
from typing import TypeVar

import pyarrow as pa

TRIAL_FIELDS = (
    ("org_id", pa.string()), ("k", pa.float64()), ("n", pa.float64()),
    ("k_odd", pa.float64()), ("n_odd", pa.float64()), ("k_even", pa.float64()), ("n_even", pa.float64()), ("enough", pa.bool_()),
)
RULED_FIELDS = (
    ("org_id", pa.string()), ("score", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("severity", pa.int32()),
)
EVIDENCE = pa.schema([("org_id", pa.string()), ("key", pa.string()), ("ord", pa.int32())])
MARKS = pa.schema([
    ("activity_id", pa.string()), ("org_id", pa.string()), ("family", pa.string()), ("code", pa.string()),
    ("strength", pa.float64()), ("other_id", pa.string()),
])


def conform(table: pa.Table, fields: tuple[tuple[str, pa.DataType], ...]) -> pa.Table:
    """The named columns cast to their types and put first; further columns follow. Raises KeyError for a missing one."""
    first = [(name, table[name].cast(kind)) for name, kind in fields]
    named = {name for name, _ in fields}
    rest = [(name, table[name]) for name in table.column_names if name not in named]
    return pa.table(dict(first + rest))


@dataclass(frozen=True)
class Trials:
    """k bad of n per organisation (a row only where n > 0 and the organisation is judged), split by odd and even months of W.

    `enough`: the least count of the finding is met. Further columns serve the sentence. `unknown`: why nothing is judged.
    """

    table: pa.Table
    evidence: pa.Table = field(default_factory=EVIDENCE.empty_table)
    unknown: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", conform(self.table, TRIAL_FIELDS))
        object.__setattr__(self, "evidence", self.evidence.select(EVIDENCE.names).cast(EVIDENCE))


@dataclass(frozen=True)
class Ruled:
    """A rule's verdict per organisation: score with bounds in [0, 1], severity 0 to 3 (0: looked at, nothing found)."""

    table: pa.Table
    evidence: pa.Table = field(default_factory=EVIDENCE.empty_table)
    unknown: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", conform(self.table, RULED_FIELDS))
        object.__setattr__(self, "evidence", self.evidence.select(EVIDENCE.names).cast(EVIDENCE))


Kind = TypeVar("Kind", Trials, Ruled)


def nothing(kind: type[Kind], reason: str) -> Kind:
    """No judgement, with the Chinese reason: what a missing sheet or column leads to."""
    fields = TRIAL_FIELDS if kind is Trials else RULED_FIELDS
    return kind(pa.schema(list(fields)).empty_table(), unknown=reason)
