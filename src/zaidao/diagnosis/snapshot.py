"""The facts of the living system in one folder: every module's own tables, and beside them what the office's ledgers still hold.

What nobody has recorded anywhere is no table at all: its parts are unknown, never zero.
"""

from collections.abc import Sequence
from pathlib import Path

from zaidao.carriers import facts as carriers
from zaidao.core.parquet import Folder
from zaidao.engine.facts import parquet_files
from zaidao.engine.schema import TABLES
from zaidao.institutions import facts as institutions
from zaidao.organisations import facts as organisations

WHOLE = ("organisation", "person", "appointment")  # come from the database alone
TOLD_BY = {"clause": "institution"}  # no rows of the one mean something where there are rows of the other
KNOWN = "org_id in (select org_id from {organisation})"


def take(folder: Path, ledger: Path | None) -> None:
    """Write the tables. Call it inside `system_scope`. `ledger`: the fact tables of the ledgers kept beside the living system."""
    organisations.write(folder)
    own = institutions.write(folder) | carriers.write(folder)
    for name in own:
        if not own[TOLD_BY.get(name, name)]:
            (folder / f"{name}.parquet").unlink()
    if ledger is None:
        return
    for name in (n for n in TABLES if n not in WHOLE):
        if files := parquet_files(ledger, name):
            _lay_beside(folder, name, files)


def _lay_beside(folder: Path, name: str, files: Sequence[Path]) -> None:
    """The ledger's rows of organisations that the living system has; of what stands in both the living system's holds."""
    mine = folder / f"{name}.parquet"
    if not mine.exists():
        Folder(folder).copy(f"select * from {{ledger}} where {_of(name)}", name, ledger=files)
        return
    own = mine.rename(folder / f"{name}.own")
    key = "institution_id" if name == "clause" else TABLES[name].key[0]
    there = f"{key} not in (select {key} from {{own}})"
    Folder(folder).copy(
        f"select * from {{own}} union all by name select * from {{ledger}} where {_of(name)} and {there}", name, ledger=files, own=[own],
    )
    own.unlink()


def _of(name: str) -> str:
    """Clauses go with their institution, other rows with their organisation."""
    return "institution_id in (select institution_id from {institution})" if name == "clause" else KNOWN
