"""The Spark backend: the same expressions on a cluster (extra `cluster`, Java 17)."""

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from zaidao.engine.backend import Engine

SETTINGS = {
    "spark.sql.session.timeZone": "UTC", "spark.sql.timestampType": "TIMESTAMP_NTZ",  # wall time, without conversion
    "spark.sql.ansi.enabled": "false", "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false",
}


class SparkEngine(Engine):
    """Tables travel as Parquet files in a folder that driver and workers share, and are read back as Arrow.

    The folder goes with the engine. Pictures' hashes come back signed, as the same 64 bits: Spark has no unsigned type.
    """

    def __init__(self, session: Any, folder: Path) -> None:
        super().__init__(ibis.pyspark.connect(session))
        self.session, self.folder, self.versions = session, folder, 0
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def store(self, name: str, table: pa.Table) -> None:
        path = self._place(name)
        pq.write_table(_plain(table), path, coerce_timestamps="us")
        self.session.read.parquet(str(path)).createOrReplaceTempView(name)

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        path = self._place(name)
        self.session.sql(self.backend.compile(expression)).write.parquet(str(path))
        self.session.read.parquet(str(path)).createOrReplaceTempView(name)
        return self.t(name)

    def run(self, expression: ir.Table) -> pa.Table:
        table = self.session.sql(self.backend.compile(expression)).toArrow()
        return table.cast(expression.schema().to_pyarrow())

    def _place(self, name: str) -> Path:
        """A new file name each time: a replaced file would be seen stale."""
        self._tables.pop(name, None)
        self.versions += 1
        return self.folder / f"{name}-{self.versions}.parquet"


def _plain(table: pa.Table) -> pa.Table:
    """Unsigned picture hashes as signed integers of the same bits."""
    signed = [f.with_type(pa.list_(pa.int64())) if f.type == pa.list_(pa.uint64()) else f for f in table.schema]
    if all(a.type == b.type for a, b in zip(signed, table.schema, strict=True)):
        return table
    columns = [table[f.name] if f.type == table.schema.field(f.name).type else _signed(table[f.name]) for f in signed]
    return pa.table(columns, schema=pa.schema(signed))


def _signed(column: pa.ChunkedArray) -> pa.Array:
    lists = column.combine_chunks()
    return pa.ListArray.from_arrays(lists.offsets, lists.values.view(pa.int64()), mask=lists.is_null() if lists.null_count else None)


def connect(url: str) -> SparkEngine:
    """A session on `spark://host:port` or `local[n]`. TMPDIR names the folder that all machines of a cluster share."""
    from pyspark.sql import SparkSession  # the extra `cluster` alone has it

    folder = Path(tempfile.mkdtemp(prefix="zaidao-spark-"))
    builder = SparkSession.builder.master(url).appName("zaidao")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return SparkEngine(session, folder)
