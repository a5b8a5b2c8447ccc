"""Paper sheets of several branches entered in one grid: each is planned and filed in a transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zaidao.carriers.decisions.record import Record


@dataclass(frozen=True)
class Sheet:
    """One paper sheet. `token`: of its row in the grid, so that a grid sent twice files once."""

    organisation: Any
    kind: str
    title: str
    record: Record
    late_reason: str = ""
    token: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one sheet: the activity, or why not."""

    activity: Any = None
    errors: tuple[str, ...] = ()


def file_sheets(*, actor: Any, rows: Sequence[Sheet]) -> list[Outcome]:
    """File up to ten sheets, each on its own: one that is refused leaves the others filed. Outcomes in the order of the rows."""
    raise NotImplementedError
