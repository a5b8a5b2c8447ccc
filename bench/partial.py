"""Partial worlds: a full world with a sheet or a column left out; what is left must be judged as before, the rest not at all."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq


@dataclass(frozen=True)
class Partial:
    """What is left out of which world: table names and `table.column` names."""

    base: str
    without: tuple[str, ...]


PARTIAL = {
    "partial-no-minutes": Partial("yunling", ("activity.minutes",)),
    "partial-no-filing": Partial("yunling", ("activity.recorded_at", "activity.photos")),
    "partial-no-roster": Partial("yunling", ("person", "activity.participants")),
    "partial-no-posts-rules": Partial("yunling", ("appointment", "institution", "clause")),
    "partial-carriers-only": Partial("yunling", ("person", "appointment", "institution", "clause", "activity", "idea")),
}


def make_partial(name: str, base: Path, folder: Path) -> None:
    """Copies a world's folder without the tables and columns that `name` leaves out; the key stays."""
    drop = set(PARTIAL[name].without)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copyfile(base / "key.json", folder / "key.json")
    for file in sorted(base.glob("*.parquet")):
        if file.stem in drop:
            continue
        gone = {d.split(".")[1] for d in drop if d.startswith(f"{file.stem}.")}
        table = pq.read_table(file)
        pq.write_table(table.drop_columns([c for c in table.column_names if c in gone]), folder / file.name)
