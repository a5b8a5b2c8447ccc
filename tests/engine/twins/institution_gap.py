"""Twin of `institution_gap` in plain Python over dicts, for branches that are all peers of one another."""

from datetime import date
from typing import Any

Row = dict[str, Any]


def verdicts(orgs: list[Row], rules: list[Row], clauses: list[Row], day: date) -> dict[str, tuple[int, int, int]]:
    """Branch -> (severity, own rules in force, decorative ones)."""
    dated = {c["institution_id"] for c in clauses if c["every"] != "none"}
    branches = [o for o in orgs if o["kind"] == "branch"]
    own = {o["org_id"]: [r for r in rules if r["org_id"] == o["org_id"] and r["origin"] != "superior"] for o in branches}
    working = {org: any(in_force(r, day) and r["institution_id"] in dated for r in mine) for org, mine in own.items()}
    out = {}
    for o in branches:
        org = o["org_id"]
        now = [r for r in own[org] if in_force(r, day)]
        others = sum(working.values()) - working[org]
        silent = (day - o["established_on"]).days < 183 or 2 * others < len(branches) - 1
        decorative = sum(r["institution_id"] not in dated for r in now)
        out[org] = (0 if silent else severity(own[org], now, dated, day), len(now), decorative)
    return out


def in_force(rule: Row, day: date) -> bool:
    return (rule["adopted_on"] is None or rule["adopted_on"] <= day) and (rule["repealed_on"] is None or rule["repealed_on"] > day)


def severity(own: list[Row], now: list[Row], dated: set[str], day: date) -> int:
    if any(r["institution_id"] in dated for r in now):
        return 0
    gone = [(day - r["repealed_on"]).days for r in own if r["repealed_on"] and r["repealed_on"] <= day and r["institution_id"] in dated]
    if gone and min(gone) <= 90:
        return 0
    if now:
        return 2
    return 1 if gone and min(gone) <= 730 else 3
