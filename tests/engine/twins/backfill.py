"""集中补录, a slow and obvious second implementation from SIGNALS 4.4: dicts in, late records and counts out."""

import math
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]
DAY = timedelta(days=1)


def lag(row: Row) -> float:
    return (row["recorded_at"] - row["held_at"]) / DAY


def month(day: datetime) -> int:
    return day.year * 12 + day.month


def limits(rows: list[Row], site: dict[str, str], inside: set[str]) -> dict[str, float]:
    """The usual lag of the other organisations of the site, at least 30 and at most 45 days."""
    found = {}
    for org in {r["org_id"] for r in rows}:
        others = sorted(lag(r) for r in rows if r["activity_id"] in inside and r["org_id"] != org and site[r["org_id"]] == site[org])
        usual = others[math.ceil(0.95 * len(others)) - 1] if len(others) >= 20 else 0.0
        found[org] = min(max(usual, 30.0), 45.0)
    return found


def session(row: Row, rows: list[Row]) -> list[Row]:
    """The records of the organisation filed in one go with this one: gaps under an hour."""
    own = sorted((r for r in rows if r["org_id"] == row["org_id"]), key=lambda r: (r["recorded_at"], r["activity_id"]))
    groups: list[list[Row]] = []
    for r in own:
        if groups and r["recorded_at"] - groups[-1][-1]["recorded_at"] < timedelta(hours=1):
            groups[-1].append(r)
        else:
            groups.append([r])
    return next(g for g in groups if row in g)


def passed(row: Row, rows: list[Row], site: dict[str, str]) -> bool:
    """Whether a chance to file this record passed."""
    after, own_end, site_end = row["held_at"] + 3 * DAY, row["recorded_at"] - DAY, row["recorded_at"] - 14 * DAY
    if any(r["org_id"] == row["org_id"] and after <= r["recorded_at"] <= own_end for r in rows):
        return True
    near = {
        r["org_id"] for r in rows
        if r["org_id"] != row["org_id"] and site[r["org_id"]] == site[row["org_id"]] and after <= r["recorded_at"] <= site_end
    }
    batch = len({month(r["held_at"]) for r in session(row, rows)}) >= 3
    return lag(row) > 45 and (len(near) >= 2 or (batch and len(near) >= 1))


def migrated(rows: list[Row]) -> set[str]:
    """Records of sessions on an organisation's first day on which over a fifth of the organisations filed half-year-old records."""
    old = defaultdict(set)
    for r in rows:
        if lag(r) > 180:
            old[r["recorded_at"].date()].add(r["org_id"])
    orgs = {r["org_id"] for r in rows}
    days = {day for day, who in old.items() if len(who) >= 3 and len(who) > 0.2 * len(orgs)}
    gone = set()
    for org in orgs:
        first = min((day for day in days if org in old[day]), default=None)
        for r in rows:
            if r["org_id"] == org and r["recorded_at"].date() == first:
                gone |= {x["activity_id"] for x in session(r, rows)}
    return gone


def judge(rows: list[Row], site: dict[str, str], start: datetime, end: datetime) -> dict[str, tuple[int, int, list[str]]]:
    """Organisation -> late records, counted records, codes of the late ones in order of event."""
    rows = [r for r in rows if start <= r["held_at"] < end or r["recorded_at"] >= start]
    inside = {r["activity_id"] for r in rows if start <= r["held_at"] < end}
    limit = limits(rows, site, inside)
    gone = migrated(rows)
    late = {
        r["activity_id"] for r in rows
        if r["activity_id"] in inside and r["activity_id"] not in gone and lag(r) > limit[r["org_id"]] and passed(r, rows, site)
    }
    months: dict[str, set[int]] = defaultdict(set)
    late_months: dict[str, set[int]] = defaultdict(set)
    for r in rows:
        if r["activity_id"] in inside:
            months[r["org_id"]].add(month(r["held_at"]))
            if r["activity_id"] in late:
                late_months[r["org_id"]].add(month(r["held_at"]))
    witness = {org for org in months if len(late_months[org]) <= 0.5 * len(months[org])}

    def shared(row: Row) -> bool:
        cell = [
            r for r in rows if r["activity_id"] in inside and site[r["org_id"]] == site[row["org_id"]] and r["kind"] == row["kind"]
            and month(r["held_at"]) == month(row["held_at"]) and r["org_id"] != row["org_id"] and r["org_id"] in witness
        ]
        others, bad = {r["org_id"] for r in cell}, {r["org_id"] for r in cell if r["activity_id"] in late}
        return len(others) >= 4 and len(bad) > 0.5 * len(others)

    counted = [r for r in rows if r["activity_id"] in inside and r["activity_id"] not in gone and not shared(r)]
    result: dict[str, tuple[int, int, list[str]]] = {}
    for org in {r["org_id"] for r in counted}:
        own = sorted((r for r in counted if r["org_id"] == org), key=lambda r: (r["held_at"], r["recorded_at"], r["activity_id"]))
        bad = [r["activity_id"] for r in own if r["activity_id"] in late]
        result[org] = len(bad), len(own), bad
    return result
