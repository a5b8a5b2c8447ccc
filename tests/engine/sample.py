"""The packaged sample group, read once per session: its tables, facts without a part of them, and its diagnosis."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

import zaidao.diagnosis
from zaidao.diagnosis import intake
from zaidao.engine import run
from zaidao.engine.facts import Facts
from zaidao.engine.schema import TABLES

WORKBOOK = Path(zaidao.diagnosis.__file__).parent / "demo" / "haiwan-group.xlsx"
AS_OF = date(2026, 11, 1)  # the day after the last activity of the sample


@cache
def tables() -> dict[str, pa.Table]:
    """The eight tables as handed in, without the columns that the workbook does not have."""
    facts = intake.read([WORKBOOK]).facts
    return {name: facts.table(name, [c for c in TABLES[name].arrow.names if not facts.lacks(name, c)]) for name in TABLES}


def without(name: str) -> Facts:
    """The sample without a sheet (`person`) or a column (`person.category`)."""
    table, _, column = name.partition(".")
    left = dict(tables())
    dropped = left.pop(table)
    if column:
        left[table] = dropped.drop_columns([column])
    return Facts.from_tables(left)


@cache
def diagnosed(threads: int = 1) -> run.Result:
    return run.diagnose(Facts.from_tables(tables()), threads=threads)


def severities(result: run.Result) -> dict[tuple[str, str], int]:
    """(organisation, code) -> severity."""
    return {(r["org_id"], r["finding"]): r["severity"] for r in result.findings.select(["org_id", "finding", "severity"]).to_pylist()}


def elements(result: run.Result) -> dict[tuple[str, str], dict[str, Any]]:
    return {(r["org_id"], r["element"]): r for r in result.elements.to_pylist()}
