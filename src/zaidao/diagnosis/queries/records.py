"""Rows of the snapshot behind the evidence, and two texts side by side."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

import pyarrow as pa

from zaidao.core.parquet import Folder, Row
from zaidao.engine.report import evidence
from zaidao.engine.schema import PRIVATE_KINDS, TABLES
from zaidao.sheets.problem import COLUMNS

PROBLEMS_PAGE = 100
LONGEST = 4_000  # characters of each text that are compared on a page


class Snapshot:
    """The facts that `evidence.lines` asks for, cut to the rows that some keys name."""

    def __init__(self, folder: Folder, keys: Sequence[str]) -> None:
        self.folder = folder
        self.wanted: dict[str, set[str]] = {}
        for key in keys:
            for table, value in evidence.split(key):
                held = table == "appointment"  # told by its holder's name
                self.wanted.setdefault("person" if held else table, set()).add(value.split("|")[0] if held else value)

    def table(self, name: str, columns: Sequence[str]) -> pa.Table:
        """The wanted rows of a fact table, these columns."""
        rows = self.folder.rows(
            f"select {', '.join(columns)} from {{snapshot/{name}}} where {columns[0]} in (select unnest($ids))",
            {"ids": sorted(self.wanted.get(name, ()))},
        )
        schema = TABLES[name].arrow
        return pa.Table.from_pylist(rows, pa.schema([schema.field(c) for c in columns]))


def lines(folder: Folder, keys: Sequence[str], names: dict[str, str]) -> list[dict[str, Any]]:
    """What each evidence key stands for, with the rows it leads to and, for a pair of records, whether texts may be compared."""
    told = evidence.lines(Snapshot(folder, keys), keys, names)  # type: ignore[arg-type]
    return [{"key": k, "day": told[k].day, "what": told[k].what, "rows": _links(k)} for k in keys]


def _links(key: str) -> list[tuple[str, str]]:
    return [(table, value) for table, value in evidence.split(key) if table in TABLES and len(TABLES[table].key) == 1]


def record(folder: Folder, table: str, key: str) -> Row | None:
    """One row of a fact table; minutes of private kinds are left out."""
    contract = TABLES[table]
    row = folder.row(f"select * from {{snapshot/{table}}} where {contract.key[0]} = $key limit 1", {"key": key})
    if row and row.get("kind") in PRIVATE_KINDS:
        row["minutes"] = None
    return row


def marks(folder: Folder, activity_id: str) -> list[Row]:
    """What was noticed on one record."""
    return folder.rows(
        "select family, code, strength, other_id from {derived/marks} where activity_id = $id order by family, code, other_id",
        {"id": activity_id},
    )


def private(folder: Folder, activities: Sequence[str]) -> set[str]:
    """Those of the activities whose kind is never shown side by side."""
    found = folder.rows(
        "select activity_id from {snapshot/activity} where activity_id in (select unnest($ids)) and kind in (select unnest($kinds))",
        {"ids": list(activities), "kinds": list(PRIVATE_KINDS)},
    )
    return {r["activity_id"] for r in found}


def pair(folder: Folder, first: str, second: str) -> tuple[Row, Row] | None:
    """Two records with their texts, the first named first; None where either is missing or of a private kind."""
    found = {r["activity_id"]: r for r in folder.rows(
        """select activity_id, org_id, kind, title, held_at, recorded_at, minutes from {snapshot/activity}
        where activity_id in ($first, $second)""", {"first": first, "second": second},
    )}
    if first not in found or second not in found or any(found[i]["kind"] in PRIVATE_KINDS for i in (first, second)):
        return None
    return found[first], found[second]


def differences(a: str, b: str) -> tuple[list[tuple[bool, str]], list[tuple[bool, str]]]:
    """Both texts in pieces (same in both?, text), so that what differs can be marked."""
    a, b = a[:LONGEST], b[:LONGEST]
    left: list[tuple[bool, str]] = []
    right: list[tuple[bool, str]] = []
    for op, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        same = op == "equal"
        if j > i:
            left.append((same, a[i:j]))
        if m > k:
            right.append((same, b[k:m]))
    return left, right


def problems(folder: Folder, *, severity: str = "", code: str = "", page: int = 1, size: int = PROBLEMS_PAGE) -> tuple[list[Row], int]:
    """A page of what reading found, in the order of the files; and how many there are."""
    if not folder.has("problems"):
        return [], 0
    found = folder.rows(
        f"""select {', '.join(COLUMNS)}, count(*) over ()::int as total from {{problems}}
        where ($severity = '' or severity = $severity) and ($code = '' or code = $code) order by n limit $page offset $skip""",
        {"severity": severity, "code": code, "page": size, "skip": (page - 1) * size},
    )
    return found, found[0]["total"] if found else 0


def problem_kinds(folder: Folder) -> list[Row]:
    """Kinds of problems with their number and one reason as an example."""
    if not folder.has("problems"):
        return []
    return folder.rows(
        """select severity, code, any_value(reason order by n) as reason, count(*)::int as n from {problems} group by severity, code
        order by case severity when 'error' then 0 when 'warning' then 1 else 2 end, n desc, code""",
    )
