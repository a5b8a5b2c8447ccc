"""Which tables can be imported, by whom, and by what code."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zaidao.core.models import Plan, PlanRow
from zaidao.core.plans.given import Given
from zaidao.sheets.files import Source
from zaidao.sheets.spec import Sheet


@dataclass
class Work:
    """Who imports, on which day, with what said at confirming; `shared` is what importers remember from table to table."""

    actor: Any
    day: date
    options: dict[str, Any] = field(default_factory=dict)
    shared: dict[str, Any] = field(default_factory=dict)


@dataclass
class Planned:
    """What one row would do. `fields` as in PlanRow; `stamp` digests what it was compared with; `flag`: something that
    the confirmation must ask about."""

    given: Given
    state: str
    fields: dict[str, dict[str, Any]]
    key: str = ""
    reason: str = ""
    object_id: int | None = None
    stamp: str = ""
    flag: str = ""


@dataclass
class Applied:
    """What became of a row: the outcome, why not, the object, and what undoes it."""

    outcome: str
    reason: str = ""
    object_id: int | None = None
    undo: dict[str, Any] = field(default_factory=dict)


class Importer(ABC):
    """One table. `plan` looks and changes nothing; `apply` and `undo` work on one chunk inside its transaction.

    `apply` looks again at every row and refuses alone, with its reason, the one that no longer holds.
    """

    sheet: Sheet

    @property
    def table(self) -> str:
        return self.sheet.name

    def arrange(self, rows: list[Given], work: Work) -> list[Given]:  # noqa: ARG002
        """All rows of the table in the order in which they can be committed, with what only the whole tells (repeats) on them."""
        return rows

    @abstractmethod
    def plan(self, rows: Sequence[Given], work: Work) -> list[Planned]:
        """One per row, in order; inside the scope of the actor."""

    @abstractmethod
    def apply(self, rows: Sequence[PlanRow], work: Work) -> list[Applied]:
        """One per row, in order."""

    @abstractmethod
    def undo(self, rows: Sequence[PlanRow], work: Work) -> list[Applied]:
        """One per row, in order (the last applied first): UNDONE, or APPLIED with the reason why it stays."""


HandOver = Callable[[Plan, Sequence[Source]], None]


@dataclass
class Kind:
    """One kind of import: its importers in the order of their tables, the verb it asks for, and the lock its chunks hold.

    `kept`: sheets that are recognised and stay as files; `hand_over` gets the files once the plan is committed.
    """

    name: str
    title: str
    verb: str
    lock: str
    importers: tuple[Importer, ...]
    kept: tuple[Sheet, ...] = ()
    hand_over: HandOver | None = None

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return tuple(i.sheet for i in self.importers) + self.kept

    def importer(self, table: str) -> Importer | None:
        return next((i for i in self.importers if i.table == table), None)


KINDS: dict[str, Kind] = {}


def register(made: Kind) -> Kind:
    """Make a kind of import known."""
    KINDS[made.name] = made
    return made


def kind(name: str) -> Kind:
    return KINDS[name]


def importer(table: str) -> Importer | None:
    """The importer of a table; None where no module keeps it yet."""
    return next((i for k in KINDS.values() for i in k.importers if i.table == table), None)


def keep(name: str, sheets: Sequence[Sheet], hand_over: HandOver | None = None) -> None:
    """Sheets that no importer takes are recognised in imports of this kind; their files are handed over once committed."""
    held = KINDS[name]
    taken = {i.table for i in held.importers}
    held.kept, held.hand_over = tuple(s for s in sheets if s.name not in taken), hand_over
