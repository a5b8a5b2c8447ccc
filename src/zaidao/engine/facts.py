"""The eight fact tables of a run, from memory or from Parquet (docs/reference/workbook.md).

Unknown stays null: a missing table is an empty table, a missing column a null column, each with its reason in `missing`.
Sensitive fields are never loaded. Parquet input is read column by column; the text of minutes stays on disk and is streamed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zaidao.engine.schema import TABLES, Table

LOCAL = ZoneInfo("Asia/Shanghai")
MINUTES = ("activity_id", "minutes")
BATCH = 16_384  # rows of text in memory at once: about 10 MB of minutes


class FactsRefused(ValueError):
    """Input that cannot be read as fact tables. `file`, `column`, `reason` and `remedy` (Chinese) say what to do."""

    def __init__(self, file: str, column: str, reason: str, remedy: str) -> None:
        super().__init__(f"{file} {column}: {reason} {remedy}".strip())
        self.file, self.column, self.reason, self.remedy = file, column, reason, remedy


@dataclass(frozen=True)
class Source:
    """One table's rows: in memory (`loaded`) or in Parquet files, less the rows masked out and with columns patched.

    `keep` has one bool per stored row; `patches` are whole columns (stored length) that replace what the files hold.
    """

    table: Table
    loaded: pa.Table | None = None
    files: tuple[Path, ...] = ()
    keep: pa.Array | None = None
    patches: Mapping[str, pa.Array] = field(default_factory=dict)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Known columns that are really stored, in the order of the contract."""
        stored = set(self.loaded.column_names) if self.loaded is not None else set().union(*(pq.read_schema(f).names for f in self.files))
        return tuple(f.name for f in self.table.fields if f.name in stored and not f.sensitive)

    @cached_property
    def stored_rows(self) -> int:
        if self.loaded is not None:
            return int(self.loaded.num_rows)
        return sum(pq.read_metadata(f).num_rows for f in self.files)

    def read(self, names: Sequence[str]) -> pa.Table:
        """The named columns of the kept rows, in the contract's types; what is not stored is null."""
        schema = pa.schema([self.table[n].arrow for n in names])
        if self.loaded is not None:
            table = conform(self.loaded, schema, self.table.sheet)
        elif self.files:
            table = pa.concat_tables([self._read_file(f, schema) for f in self.files])
        else:
            table = schema.empty_table()
        for name in names:
            if name in self.patches:
                table = table.set_column(names.index(name), schema.field(name), self.patches[name])
        return table if self.keep is None else table.filter(self.keep)

    def _read_file(self, file: Path, schema: pa.Schema) -> pa.Table:
        stored = pq.read_schema(file).names
        wanted = [n for n in schema.names if n in stored]
        if not wanted:
            return conform(pq.read_table(file, columns=stored[:1], partitioning=None), schema, file.name)
        return conform(pq.read_table(file, columns=wanted, partitioning=None), schema, file.name)

    def stream(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The named columns of the kept rows, in stored order, `BATCH` rows at a time; patches are not applied."""
        schema = pa.schema([self.table[n].arrow for n in names])
        for offset, batch in self._stored_batches(schema):
            yield batch if self.keep is None else batch.filter(self.keep.slice(offset, batch.num_rows))

    def _stored_batches(self, schema: pa.Schema) -> Iterator[tuple[int, pa.RecordBatch]]:
        offset = 0
        if self.loaded is not None:
            for batch in conform(self.loaded, schema, self.table.sheet).to_batches(max_chunksize=BATCH):
                yield offset, batch
                offset += batch.num_rows
        for file in self.files:
            names = [n for n in schema.names if n in pq.read_schema(file).names]
            with pq.ParquetFile(file) as parquet:
                for raw in parquet.iter_batches(batch_size=BATCH, columns=names):
                    batch = conform(pa.Table.from_batches([raw]), schema, file.name).combine_chunks().to_batches()[0]
                    yield offset, batch
                    offset += batch.num_rows


class Facts:
    """The eight tables of one run.

    `missing` maps "table" or "table.column" to the reason (Chinese) why nothing is known about it.
    """

    def __init__(self, sources: Mapping[str, Source], missing: Mapping[str, str] | None = None) -> None:
        unusable = {name: reason for name, source in sources.items() if (reason := _unusable(source))}
        self._sources = {name: Source(t) if name in unusable else sources.get(name, Source(t)) for name, t in TABLES.items()}
        self._known: dict[tuple[str, str], bool] = {}
        self.missing: dict[str, str] = {**self._find_missing(), **unusable, **(missing or {})}

    @classmethod
    def from_tables(cls, tables: Mapping[str, pa.Table], missing: Mapping[str, str] | None = None) -> "Facts":
        """Facts held in memory; extra columns are ignored, sensitive ones dropped, types coerced or `FactsRefused`."""
        return cls({name: Source(TABLES[name], loaded=_plain(table, TABLES[name])) for name, table in tables.items()}, missing)

    @classmethod
    def from_parquet(cls, path: str | Path) -> "Facts":
        """Facts of a folder that holds `organisation.parquet`, … , each one file or a folder of files.

        Raises `FactsRefused` for unreadable files or columns of a type that cannot be read as the contract's.
        """
        folder = Path(path)
        sources = {name: Source(table, files=files) for name, table in TABLES.items() if (files := parquet_files(folder, name))}
        for source in sources.values():
            _check_types(source)
        return cls(sources)

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Table `name` in the contract's schema without sensitive fields; `columns` picks and orders. All columns
        include the text of minutes: ask for columns where the input is large."""
        return self._sources[name].read(list(columns) if columns is not None else list(TABLES[name].arrow.names))

    def rows(self, name: str) -> int:
        """Number of rows in use."""
        source = self._sources[name]
        return source.stored_rows if source.keep is None else int(pc.sum(source.keep.cast(pa.int64())).as_py() or 0)

    def has(self, table: str, column: str | None = None) -> bool:
        """True if the table has rows and, where a column is named, at least one value in it."""
        if column is None:
            return self.rows(table) > 0
        if (table, column) not in self._known:
            source = self._sources[table]
            self._known[table, column] = column in source.columns and self._any_value(source, column)
        return self._known[table, column]

    def lacks(self, table: str, column: str) -> bool:
        """True if the sheet or the column was not handed in at all; an empty column was."""
        return column not in self._sources[table].columns

    @staticmethod
    def _any_value(source: Source, column: str) -> bool:
        if column in source.patches:
            read = source.read([column])
            return bool(read[column].null_count < read.num_rows)
        if source.files and not any(_file_has_value(file, column) for file in source.files):
            return False
        if source.files and source.keep is None:
            return True
        return any(batch.column(0).null_count < batch.num_rows for batch in source.stream([column]))

    def minutes(self) -> Iterator[pa.RecordBatch]:
        """Batches (activity_id, minutes) in the order of the activity table; nothing if no text is known."""
        source = self._sources["activity"]
        if "minutes" in source.columns:
            yield from source.stream(MINUTES)

    def stored(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Like `table`, but with every stored row in stored order: what row indices of checks refer to."""
        source = replace(self._sources[name], keep=None)
        return source.read(list(columns) if columns is not None else [c for c in TABLES[name].arrow.names if c != "minutes"])

    def without(self, keep: Mapping[str, pa.Array], patches: Mapping[str, Mapping[str, pa.Array]]) -> "Facts":
        """The same facts less the rows whose `keep` is false and with `patches` (whole stored columns) in place."""
        sources = {
            name: replace(s, keep=keep.get(name, s.keep), patches={**s.patches, **patches.get(name, {})})
            for name, s in self._sources.items()
        }
        return Facts(sources, dict(self.missing))

    def write(self, folder: str | Path) -> None:
        """Write the tables that have a source as `<table>.parquet`; reading them back gives equal tables."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for name, source in self._sources.items():
            if self.rows(name):
                pq.write_table(self.table(name, source.columns), target / f"{name}.parquet")

    def _find_missing(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, source in self._sources.items():
            table = TABLES[name]
            if not source.columns or not self.rows(name):
                found[name] = f"未提供“{table.sheet}”表或表中没有可用的行"
                continue
            for f in table.fields:
                if not f.sensitive and f.name not in source.columns:
                    found[f"{name}.{f.name}"] = f"“{table.sheet}”表没有“{f.header}”列"
                elif not f.sensitive and not self.has(name, f.name):
                    found[f"{name}.{f.name}"] = f"“{table.sheet}”表的“{f.header}”列全部为空"
        return found


def _unusable(source: Source) -> str:
    """Why a sheet cannot be used at all: no column for its codes or for the organisation its rows belong to; "" where it can."""
    absent = [f.header for f in source.table.fields if f.required and f.name not in source.columns] if source.columns else []
    return f"“{source.table.sheet}”表没有“{absent[0]}”列,无法使用" if absent else ""


def parquet_files(folder: Path, name: str) -> tuple[Path, ...]:
    """`<name>.parquet` as one file, or the .parquet files in a folder of that name, sorted by name."""
    for path in (folder / f"{name}.parquet", folder / name):
        if path.is_file():
            return (path,)
        if path.is_dir():
            return tuple(sorted(p for p in path.rglob("*.parquet") if p.is_file() and not p.name.startswith((".", "_"))))
    return ()


def _file_has_value(file: Path, column: str) -> bool:
    """Whether a Parquet file holds a value in `column`: from its statistics, or by reading the column where they are silent."""
    with pq.ParquetFile(file) as parquet:
        index = {parquet.metadata.schema.column(i).path.split(".")[0]: i for i in range(parquet.metadata.num_columns)}.get(column)
        if index is None:
            return False
        for group in range(parquet.num_row_groups):
            chunk = parquet.metadata.row_group(group).column(index)
            if chunk.statistics is not None and chunk.statistics.has_null_count and chunk.path_in_schema == column:
                if chunk.statistics.null_count < chunk.num_values:
                    return True
                continue
            read = parquet.read_row_group(group, columns=[column]).column(column)
            if read.null_count < len(read):
                return True
    return False


def conform(table: pa.Table, schema: pa.Schema, file: str) -> pa.Table:
    """`table` with exactly `schema`'s columns: absent ones null, others cast. Raises `FactsRefused` if a cast fails."""
    columns = []
    for f in schema:
        if f.name in table.column_names:
            columns.append(cast(table[f.name], f.type, file, f.name))
        else:
            columns.append(pa.chunked_array([pa.nulls(table.num_rows, f.type)], type=f.type))
    return pa.Table.from_arrays(columns, schema=schema)


def cast(column: pa.ChunkedArray, wanted: pa.DataType, file: str, name: str) -> pa.ChunkedArray:
    """`column` as `wanted`; zoned times become Shanghai wall time; fractions of a microsecond are dropped."""
    if column.type == wanted:
        return column
    try:
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_timestamp(column.type) and column.type.tz:
            column = pc.local_timestamp(column.cast(pa.timestamp("us", tz=LOCAL.key), safe=False))
        if pa.types.is_timestamp(column.type):
            return column.cast(wanted, safe=False)
        if pa.types.is_binary(column.type) and wanted != pa.string():
            raise pa.ArrowInvalid("binary")
        return column.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise FactsRefused(file, name, f"列类型 {column.type} 不能读作 {wanted}。", "请按数据格式说明改正该列的类型后重新提供。") from error


def _plain(table: pa.Table, contract: Table) -> pa.Table:
    """Only the contract's non-sensitive columns, in its types."""
    names = [f.name for f in contract.fields if f.name in table.column_names and not f.sensitive]
    return conform(table, pa.schema([contract[n].arrow for n in names]), contract.sheet)


def _check_types(source: Source) -> None:
    """Refuse at the door what cannot be read: unreadable files, no key column, types that don't cast."""
    for file in source.files:
        try:
            stored = pq.read_schema(file)
        except (pa.ArrowInvalid, OSError) as error:
            raise FactsRefused(file.name, "", "文件不是可读取的 Parquet 文件。", "请重新导出该文件。") from error
        for name in source.table.key:
            if name not in stored.names:
                raise FactsRefused(file.name, name, f"缺少“{source.table[name].header}”列。", "请补上该列后重新提供。")
        for f in source.table.arrow:
            if f.name in stored.names:
                _check_castable(stored.field(f.name).type, f, file)


def _check_castable(stored: pa.DataType, wanted: pa.Field, file: Path) -> None:
    """An all-null sample tells whether the types can be cast at all; values that don't fit are refused on reading."""
    cast(pa.chunked_array([pa.nulls(1, stored)]), wanted.type, file.name, wanted.name)
