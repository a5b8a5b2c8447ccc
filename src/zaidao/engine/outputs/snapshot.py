"""The facts of a run as it used them: eight Parquet files, and the content hash that names the snapshot."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from zaidao.engine.facts import Facts
from zaidao.engine.schema import TABLES

READ = 1 << 20


def write(facts: Facts, folder: Path) -> str:
    """Write every table (no sensitive column) and give the snapshot id: 16 hex digits of a hash over all contents.

    The text of minutes is streamed, so memory holds one batch of it at a time.
    """
    folder.mkdir(parents=True)
    for name, table in TABLES.items():
        with pq.ParquetWriter(folder / f"{name}.parquet", table.arrow, compression="zstd") as writer:
            for part in _activities(facts) if name == "activity" else [facts.table(name)]:
                writer.write_table(part)
    return digest(folder)


def digest(folder: Path) -> str:
    """16 hex digits over names and contents of a folder's Parquet files."""
    total = hashlib.sha256()
    for file in sorted(folder.glob("*.parquet")):
        total.update(file.name.encode())
        with file.open("rb") as content:
            while block := content.read(READ):
                total.update(block)
    return total.hexdigest()[:16]


def schema_version() -> str:
    """12 hex digits that change whenever a fact table gains, loses or retypes a column."""
    text = "\n".join(f"{table.name} {column.name} {column.type}" for table in TABLES.values() for column in table.arrow)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _activities(facts: Facts) -> Iterator[pa.Table]:
    """The activity table in slices that each carry their own minutes."""
    schema = TABLES["activity"].arrow
    rest = facts.table("activity", [n for n in schema.names if n != "minutes"])
    done = 0
    for batch in facts.minutes():
        part = rest.slice(done, batch.num_rows)
        done += batch.num_rows
        yield part.append_column(schema.field("minutes"), batch.column("minutes").cast(pa.string())).select(schema.names).cast(schema)
    if not done:
        yield rest.append_column(schema.field("minutes"), pa.nulls(rest.num_rows, pa.string())).select(schema.names).cast(schema)
