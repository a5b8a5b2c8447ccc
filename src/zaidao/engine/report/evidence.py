"""Evidence keys turned into lines a person can find again: day, kind, words. Minutes are never quoted here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.facts import Facts
from zaidao.engine.schema import PRIVATE_KINDS, TABLES
from zaidao.engine.sentences import day
from zaidao.engine.words import FINDING_NAMES, name

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "activity": ("activity_id", "org_id", "kind", "title", "held_at", "planned_for", "recorded_at"),
    "carrier": ("carrier_id", "name", "kind", "started_on", "directive_no"),
    "idea": ("idea_id", "title", "proposed_on", "adopted_on"),
    "institution": ("institution_id", "title", "adopted_on", "document_no"),
    "person": ("person_id", "name"),
}


@dataclass(frozen=True)
class Line:
    """One evidence row for the reader: its key, day and what it is."""

    key: str
    day: str
    what: str


def split(key: str) -> list[tuple[str, str]]:
    """`activity:A1~activity:A2` as [("activity", "A1"), ("activity", "A2")]."""
    return [(table, value) for part in key.split("~") for table, _, value in [part.partition(":")]]


def lines(facts: Facts, keys: Iterable[str], org_names: Mapping[str, str]) -> dict[str, Line]:
    """A line for every key. A key that leads to no row stands for itself."""
    keys = list(dict.fromkeys(keys))
    rows = _rows(facts, keys)
    return {key: _line(key, rows, org_names) for key in keys}


def _rows(facts: Facts, keys: Sequence[str]) -> dict[tuple[str, str], Mapping[str, Any]]:
    wanted: dict[str, set[str]] = {table: set() for table in COLUMNS}
    for table, value in (pair for key in keys for pair in split(key)):
        if table == "appointment":
            wanted["person"].add(value.split("|")[0])
        elif table in wanted:
            wanted[table].add(value)
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for table, values in wanted.items():
        if values:
            id_column, stored = COLUMNS[table][0], facts.table(table, COLUMNS[table])
            hits = stored.filter(pc.is_in(stored[id_column], value_set=pa.array(sorted(values), pa.string())))
            found |= {(table, row[id_column]): row for row in hits.to_pylist()}
    return found


def _line(key: str, rows: Mapping[tuple[str, str], Mapping[str, Any]], names: Mapping[str, str]) -> Line:
    described = [_describe(table, value, rows, names) for table, value in split(key)]
    days = [d for d, _ in described if d]
    return Line(key, days[0] if days else "", " ↔ ".join(words for _, words in described))


def _describe(table: str, value: str, rows: Mapping[tuple[str, str], Mapping[str, Any]], names: Mapping[str, str]) -> tuple[str, str]:
    row = rows.get((table, value))
    if table == "activity" and row:
        return _activity(row, names)
    if table == "appointment":
        person, org, post = [*value.split("|"), "", ""][:3]
        holder = rows.get(("person", person), {}).get("name") or person
        return "", f"{holder}:{names.get(org, org)}{post}"
    if table == "duty":
        org, subject, period = [*value.split("|"), "", ""][:3]
        return period, f"{subject}:未见记录"
    if table == "finding":
        return "", f"见提示“{name(FINDING_NAMES, value.rsplit('|', 1)[-1])}”"
    if table == "organisation":
        return "", names.get(value, value)
    if table == "person" and row:
        return "", row["name"] or value
    if row:
        return _dated(row, table)
    sheet = TABLES[table].sheet if table in TABLES else table
    return "", f"{sheet} {value.replace('|', ' ')}".strip()


def _activity(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str]:
    held, filed = row["held_at"], row["recorded_at"]
    title = "" if row["kind"] in PRIVATE_KINDS else f"《{row['title'] or '无题'}》"  # such titles name the person talked to
    words = f"{names.get(row['org_id'], row['org_id'])} {row['kind'] or '活动'}{title}"
    if filed:
        words += f",{day(filed)}录入"
    shown = held or row["planned_for"]
    return (day(shown) if shown else ""), words


def _dated(row: Mapping[str, Any], table: str) -> tuple[str, str]:
    when = row.get("started_on") or row.get("proposed_on") or (row.get("adopted_on") if table == "institution" else None)
    number = row.get("directive_no") or row.get("document_no")
    words = f"{TABLES[table].sheet}《{row.get('name') or row.get('title') or '无题'}》" + (f"({number})" if number else "")
    return (day(when) if when else ""), words
