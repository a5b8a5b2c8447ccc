"""Where the expressions run: DuckDB in this process, or a Spark cluster. Both take Arrow tables in and give Arrow tables out."""

from collections.abc import Iterable
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa


class Engine:
    """One analytical session: named tables in, Ibis expressions, Arrow tables out.

    Names are session-wide; putting a table again under the same name replaces it.
    """

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        self._tables: dict[str, ir.Table] = {}

    @classmethod
    def duckdb(cls, *, threads: int | None = None, memory: str | None = None) -> "Engine":
        """An in-memory DuckDB session; `threads` and `memory` ("4GB") bound what it takes."""
        config: dict[str, Any] = {"preserve_insertion_order": True}
        if threads:
            config["threads"] = threads
        if memory:
            config["memory_limit"] = memory
        return cls(ibis.duckdb.from_connection(duckdb.connect(config=config)))

    @classmethod
    def open(cls, url: str = "duckdb", *, threads: int | None = None) -> "Engine":
        """`duckdb`, `spark://host:port` or `local[n]`. Raises ValueError for anything else."""
        if url == "duckdb":
            return cls.duckdb(threads=threads)
        if url.startswith(("spark://", "local")):
            from zaidao.engine.spark import connect  # the cluster extra is optional, so its import waits for its use

            return connect(url)
        raise ValueError(url)

    def put(self, name: str, table: pa.Table) -> ir.Table:
        """Store an Arrow table under a name."""
        self.store(name, table)
        return self.t(name)

    def store(self, name: str, table: pa.Table) -> None:
        """Store an Arrow table without looking at it. By DuckDB itself: Ibis takes six statements for it and describes it twice."""
        self._tables.pop(name, None)
        self.backend.con.register("incoming", table)
        self.backend.con.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM incoming')
        self.backend.con.unregister("incoming")

    def t(self, name: str) -> ir.Table:
        """The table of this name, described once."""
        if name not in self._tables:
            self._tables[name] = self.backend.table(name)
        return self._tables[name]

    def run(self, expression: ir.Table) -> pa.Table:
        return self.backend.to_pyarrow(expression)

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Compute once and store under a name."""
        self._tables[name] = self.backend.create_table(name, expression, overwrite=True)
        return self._tables[name]

    def count(self, table: ir.Table) -> int:
        """Number of rows."""
        return int(self.run(table.aggregate(rows=table.count()))["rows"][0].as_py())

    def names(self) -> Iterable[str]:
        return self.backend.list_tables()
