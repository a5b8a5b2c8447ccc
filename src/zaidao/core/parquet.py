"""Published Parquet folders, read by parameterised SQL: one in-memory DuckDB per process, one cursor per statement.

SQL names a file of the folder as `{findings}` or `{snapshot/activity}`; values are named parameters (`$org`).
"""

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from zaidao.engine.schema import TABLES

NAME = re.compile(r"\{([a-z_/]+)\}")
Row = dict[str, Any]

_lock = threading.Lock()
_base: duckdb.DuckDBPyConnection | None = None
statements = 0  # how many ran in this process; tests hold pages to fixed counts


def _cursor() -> duckdb.DuckDBPyConnection:
    global _base  # noqa: PLW0603  one connection per process is what DuckDB asks for
    with _lock:
        if _base is None:
            _base = duckdb.connect()
            _base.execute(f"SET threads = {int(settings.DUCKDB_THREADS)}")
            _base.execute("SET parquet_metadata_cache = true")
        return _base.cursor()


class Folder:
    """One immutable folder of Parquet files."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    @property
    def whole(self) -> bool:
        """Nothing is cut off."""
        return True

    def kept_back(self, least: int) -> dict[str, int]:  # noqa: ARG002
        """What is kept back from whoever reads, counted; see `diagnosis.lens`."""
        return {}

    def has(self, name: str) -> bool:
        return (self.path / f"{name}.parquet").is_file()

    def columns(self, name: str) -> set[str]:
        """The columns of a file; none where it does not exist."""
        return {r["column_name"] for r in self.rows(f"describe select * from {{{name}}}")} if self.has(name) else set()

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows as dictionaries. Raises duckdb.Error for SQL that does not fit the files."""
        global statements  # noqa: PLW0603
        statements += 1
        with _cursor() as cursor:
            found = cursor.execute(NAME.sub(lambda m: self._source(m[1]), sql), dict(values or {}))
            names = [d[0] for d in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def row(self, sql: str, values: Mapping[str, Any] | None = None) -> Row | None:
        """The first row, or None."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def copy(self, sql: str, name: str, **files: Sequence[Path]) -> None:
        """Write the rows of a statement as `name` into the folder; `files`: further names for files that lie elsewhere."""
        whole = NAME.sub(lambda m: _read(files[m[1]]) if m[1] in files else self._source(m[1]), sql)
        with _cursor() as cursor:
            cursor.execute(f"copy ({whole}) to {_quoted(self.path / f'{name}.parquet')} (format parquet)")

    def _source(self, name: str) -> str:
        """What stands for `{name}` in a statement."""
        return _read([self.path / f"{name}.parquet"])

    def plain(self, sql: str) -> str:
        """A statement with whole files for its names, whatever a subclass would cut off."""
        return NAME.sub(lambda m: Folder._source(self, m[1]), sql)

    @staticmethod
    def _named(sql: str) -> list[str]:
        """The files that a statement names."""
        return NAME.findall(sql)


def stream(folder: Path, name: str, rows: Iterable[tuple[Any, ...]], chunk: int) -> int:
    """Write the rows of a fact table, in the order of the contract without sensitive fields, so many in memory at once; returns how many
    there were."""
    schema, source, written = TABLES[name].arrow, iter(rows), 0
    with pq.ParquetWriter(folder / f"{name}.parquet", schema) as out:
        while part := list(islice(source, chunk)):
            columns = [pa.array(values, field.type) for values, field in zip(zip(*part, strict=True), schema, strict=True)]
            out.write_table(pa.Table.from_arrays(columns, schema=schema))
            written += len(part)
    return written


def _read(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(_quoted(f) for f in files)}])"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
