"""What a row of a file says: its values with their cells, what it takes away, and what is wrong with it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Doubt:
    """Something about one cell: `severity` is error, warning or note; reason and remedy are Chinese sentences without values."""

    severity: str
    reason: str
    remedy: str = ""


@dataclass
class Given:
    """One row. `values`: what is said, parsed; a field that is not in it stays as it is. `cleared`: fields to be emptied.

    `cells`: field -> address, also of empty cells; `raw`: field -> what stands there; `doubts`: field -> what is wrong; `repeat`:
    an earlier row says exactly the same; `unread`: without its key the row was not understood at all, only its cells are kept.
    """

    table: str
    file: str
    sheet: str
    row: int
    values: dict[str, Any] = field(default_factory=dict)
    cleared: frozenset[str] = frozenset()
    cells: dict[str, str] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    doubts: dict[str, Doubt] = field(default_factory=dict)
    repeat: bool = False
    unread: bool = False

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def doubt(self, name: str, severity: str, reason: str, remedy: str = "") -> None:
        """Add a doubt; an error is never replaced by something lighter."""
        held = self.doubts.get(name)
        if held is None or (held.severity != "error" and severity == "error"):
            self.doubts[name] = Doubt(severity, reason, remedy)

    def error(self, name: str, reason: str, remedy: str = "") -> None:
        self.doubt(name, "error", reason, remedy)

    @property
    def faulty(self) -> bool:
        return any(d.severity == "error" for d in self.doubts.values())
