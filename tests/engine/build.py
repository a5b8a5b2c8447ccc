"""Small worlds for hand-computed cases: dict rows in, facts and a context out."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from zaidao.engine import context
from zaidao.engine.backend import Engine
from zaidao.engine.context import Context
from zaidao.engine.facts import Facts
from zaidao.engine.schema import TABLES

Rows = Sequence[Mapping[str, Any]]


def facts(**tables: Rows) -> Facts:
    """Facts with the given tables only; columns that no row names are missing."""
    built = {}
    for name, rows in tables.items():
        named = {column for row in rows for column in row}
        schema = pa.schema([f for f in TABLES[name].arrow if f.name in named])
        built[name] = pa.Table.from_pylist([dict(r) for r in rows], schema)
    return Facts.from_tables(built)


def make(as_of: date = date(2026, 11, 1), **tables: Rows) -> Context:
    """A context on DuckDB with one thread."""
    return context.build(facts(**tables), engine=Engine.duckdb(threads=1), as_of=as_of)


def branch(org_id: str = "B1", parent_id: str | None = "C1", **more: Any) -> dict[str, Any]:
    """A branch founded long ago, in the middle of its term."""
    return {
        "org_id": org_id, "name": f"{org_id}党支部", "kind": "branch", "parent_id": parent_id, "unit": org_id,
        "established_on": date(2015, 1, 1), "term_started_on": date(2025, 1, 1), "term_years": 3.0, "headcount": 40,
    } | more


def committee(org_id: str = "C1", **more: Any) -> dict[str, Any]:
    return branch(org_id, None, kind="committee", name="集团党委", **more)


def members(org_id: str, count: int, **more: Any) -> list[dict[str, Any]]:
    """`count` full members of a branch, codes `<org>P1` …"""
    base = {"org_id": org_id, "category": "full", "gender": "男", "moved_in_on": date(2016, 1, 1), "moved_out_on": None}
    return [base | {"person_id": f"{org_id}P{i}", "name": f"甲{i}"} | more for i in range(1, count + 1)]


def post(person_id: str, org_id: str, name: str, **more: Any) -> dict[str, Any]:
    base = {"domain": "party", "full_time": "no", "since": date(2025, 1, 1), "until": None, "basis": None}
    return base | {"person_id": person_id, "org_id": org_id, "post": name} | more
