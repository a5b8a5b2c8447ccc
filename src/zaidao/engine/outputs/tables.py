"""The published tables: their columns, order of rows, rounding, and the two file forms (Parquet, CSV)."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from zaidao.engine.schema import ELEMENTS, FINDINGS

DECIMALS = 6
BOM = b"\xef\xbb\xbf"
FORMULA = r"^([=+\-@\t\r])"  # what a spreadsheet would take for a formula

# The contract: these columns first, in this order; whatever else a table has follows.
COLUMNS: dict[str, tuple[str, ...]] = {
    "findings": ("org_id", "finding", "score", "low", "high", "severity", "evidence"),
    "elements": (
        "org_id", "element", "paper", "paper_low", "paper_high", "pulse", "pulse_low", "pulse_high", "gap", "gap_low", "gap_high",
        "n", "peer_level",
    ),
    "duties": ("org_id", "source_key", "subject", "period_start", "due_on", "state", "activity_id"),
    "rollup": ("org_id", "measure", "num", "den", "low", "high"),
}
SORT: dict[str, tuple[str, ...]] = {
    "findings": ("finding",), "elements": ("element",), "duties": ("source_key", "subject", "period_start", "due_on", "activity_id"),
    "rollup": (), "evidence": ("finding", "ord"), "load": ("ord",),
}
CODES: dict[str, tuple[str, ...]] = {"finding": FINDINGS, "element": ELEMENTS}


def publish(name: str, table: pa.Table, org: pa.Table) -> pa.Table:
    """A result table as it is published: contract columns first, tree order then code order, floats rounded."""
    first = [c for c in COLUMNS.get(name, ()) if c in table.column_names]
    lacking = set(COLUMNS.get(name, ())) - set(first)
    if lacking:
        raise KeyError(f"{name} lacks {', '.join(sorted(lacking))}")
    rest = [c for c in table.column_names if c not in first]
    return rounded(in_order(table.select(first + rest), org, SORT.get(name)))


def in_order(table: pa.Table, org: pa.Table, then: Sequence[str] | None = None) -> pa.Table:
    """Rows in tree order of `org_id` (where there is one), then by `then`, then as they came; by default by every column
    that can be sorted."""
    if then is None:
        then = [f.name for f in table.schema if f.name != "org_id" and not pa.types.is_nested(f.type)]
    keys: dict[str, pa.Array | pa.ChunkedArray] = {}
    if "org_id" in table.column_names:
        keys["_org"] = pc.index_in(table["org_id"], value_set=org.sort_by("ord")["org_id"])
    for column in then:
        keys[column] = pc.index_in(table[column], value_set=pa.array(CODES[column])) if column in CODES else table[column]
    if not keys or not table.num_rows:
        return table
    order = pc.sort_indices(pa.table(keys), sort_keys=[(k, "ascending") for k in keys])
    return table.take(order)


def rounded(table: pa.Table) -> pa.Table:
    """Floats to `DECIMALS` places (no negative zero); everything else as it is."""
    for i, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            table = table.set_column(i, field, pc.add(pc.round(table[i], ndigits=DECIMALS), pa.scalar(0.0, field.type)))
    return table


def write_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table.combine_chunks(), path, compression="zstd")


def write_csv(table: pa.Table, path: Path) -> None:
    """UTF-8 with BOM (spreadsheets then read the Chinese), LF, null empty, lists joined by `;`, formulas defused by a leading '."""
    flat = pa.table({name: _cell(table[name]) for name in table.column_names})
    with path.open("wb") as out:
        out.write(BOM)
        out.write((",".join(table.column_names) + "\n").encode())
        pa_csv.write_csv(flat, out, pa_csv.WriteOptions(include_header=False, quoting_style="needed"))


def _cell(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), ";")
    if pa.types.is_string(column.type):
        return pc.replace_substring_regex(column, FORMULA, r"'\1")
    return column
