"""What report and workbook are made of: the published tables as rows, looked up by organisation, bounded for large groups."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine import catalogue
from zaidao.engine.facts import Facts

Row = dict[str, Any]
SHOWN_FROM = 2  # severity from which superiors see a finding by default (SIGNALS 2)


@dataclass
class Material:
    """One run, ready to be laid out. Tables stay Arrow; `orgs` are rows in tree order."""

    manifest: Mapping[str, Any]
    tables: Mapping[str, pa.Table]
    facts: Facts
    unknown: Mapping[str, str]
    problems: Sequence[Row]
    orgs: list[Row]
    cards: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, result: Any, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any], problems: Sequence[Row]) -> "Material":
        orgs = result.org.sort_by("ord").to_pylist()
        return cls(manifest, tables, result.facts, result.unknown, problems, orgs, catalogue.load().cards)

    @cached_property
    def names(self) -> dict[str, str]:
        return {o["org_id"]: o["name"] or o["org_id"] for o in self.orgs}

    @property
    def group(self) -> str:
        """The root's name; with several roots the first and how many more."""
        roots = [o for o in self.orgs if not o["depth"]]
        if not roots:
            return "未命名"
        first = str(roots[0]["name"] or roots[0]["org_id"])
        return first if len(roots) == 1 else f"{first}等{len(roots)}个组织"

    @property
    def as_of(self) -> str:
        return str(self.manifest.get("as_of", "未知"))

    @property
    def window(self) -> str:
        """First and last month of the window, both inclusive."""
        first, last = self.window_days
        return f"{first.year}年{first.month}月至{last.year}年{last.month}月" if first and last else "未知"

    @property
    def window_days(self) -> tuple[date | None, date | None]:
        """First and last day of the window, read from the manifest's half-open pair."""
        window = self.manifest.get("window") or {}
        ends = (window.get("from"), window.get("to")) if isinstance(window, Mapping) else tuple(window)[:2]
        if len(ends) < 2 or not all(ends):
            return None, None
        first, end = (date.fromisoformat(str(e)[:10]) for e in ends)
        return first, end - timedelta(days=1)

    @property
    def months(self) -> list[tuple[int, int]]:
        """(year, month) of every month of the window; none if it is unknown."""
        first, last = self.window_days
        if not first or not last:
            return []
        return [(i // 12, i % 12 + 1) for i in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)]

    def counted_duties(self) -> pa.Table:
        """Duties of the window that count: neither outside of it nor in a cell that a whole site missed."""
        table = self.tables["duties"]
        for column, wanted in (("in_window", True), ("shared", False)):
            if column in table.column_names:
                table = table.filter(pc.equal(table[column], wanted))
        return table

    def by_org(self, table: pa.Table, wanted: set[str]) -> dict[str, list[Row]]:
        """Rows of a table for the wanted organisations, in published order."""
        chosen = table.filter(pc.is_in(table["org_id"], value_set=pa.array(sorted(wanted), pa.string())))
        found: dict[str, list[Row]] = defaultdict(list)
        for row in chosen.to_pylist():
            found[row["org_id"]].append(row)
        return found

    def shown_findings(self) -> list[Row]:
        """Findings of severity 2 and 3, in published order."""
        table = self.tables["findings"]
        rows: list[Row] = table.filter(pc.greater_equal(table["severity"], SHOWN_FROM)).to_pylist()
        return rows


def bounded(orgs: Sequence[Row], limit: int) -> list[Row]:
    """At most `limit` organisations: whole tree levels from the top, then the first of the next level; in tree order."""
    if len(orgs) <= limit:
        return list(orgs)
    by_level = sorted(orgs, key=lambda o: (o["depth"], o["ord"]))[:limit]
    return sorted(by_level, key=lambda o: o["ord"])
