"""Voluntary turnout and marks, a slow and obvious second implementation (SIGNALS 4.12). All organisations of one kind and size."""

from collections import defaultdict
from statistics import median
from typing import Any

Row = dict[str, Any]
VOLUNTARY = ("志愿服务", "走访", "培训", "其他")


def sums(rows: list[Row], rate: dict[str, float]) -> Row:
    came = [r for r in rows if r["kind"] in VOLUNTARY and r["eligible"] and r["volunteers"] is not None]
    marked = [r for r in rows if r["ratings"] and r["rating"] is not None]
    return {
        "records": len(came), "volunteers": sum(min(r["volunteers"], r["eligible"]) for r in came),
        "eligible": sum(r["eligible"] for r in came),
        "expected": sum(r["eligible"] * rate[r["kind"]] for r in came), "raters": sum(r["ratings"] for r in marked),
        "points": sum(round(r["ratings"] * r["rating"] * 100) / 100 for r in marked),
    }


def usual_rates(rows: list[Row]) -> dict[str, float]:
    """Volunteers per eligible by kind, over organisations with any volunteers."""
    some = {r["org_id"] for r in rows if r["kind"] in VOLUNTARY and r["eligible"] and (r["volunteers"] or 0) > 0}
    found = {}
    for kind in VOLUNTARY:
        mine = [r for r in rows if r["kind"] == kind and r["org_id"] in some and r["eligible"] and r["volunteers"] is not None]
        came, eligible = (sum(min(r["volunteers"], r["eligible"]) for r in mine), sum(r["eligible"] for r in mine))
        found[kind] = (max(came, 1e-9) / eligible) if eligible else 0.2
    return found


def severities(rows: list[Row], orgs: list[str]) -> dict[str, int]:
    """0 or 2 or more per organisation, without sites: both few volunteers and low marks on enough records."""
    rate = usual_rates(rows)
    by_org: dict[str, list[Row]] = defaultdict(list)
    for r in rows:
        by_org[r["org_id"]].append(r)
    total = {o: sums(by_org[o], rate) for o in orgs}
    asked = [o for o in orgs if total[o]["expected"] > 0]
    rated = [o for o in orgs if total[o]["raters"] >= 5]
    packaged = sum(total[o]["volunteers"] == 0 for o in asked) / len(asked) > 0.25
    ratio = median(total[o]["volunteers"] / total[o]["expected"] for o in asked)
    mark = 4.0 if packaged else median(total[o]["points"] / total[o]["raters"] for o in rated)
    result = {}
    for o in asked:
        t = total[o]
        due = 0.2 * t["eligible"] if packaged else ratio * t["expected"]
        pull = 0 if packaged else 5
        own = (t["points"] + pull * mark) / (t["raters"] + pull) if t["raters"] else 9.0
        few, low = t["volunteers"] < 0.5 * due, t["raters"] >= 5 and own < mark - 0.5
        result[o] = 2 if few and low and t["records"] >= 6 and due >= 5 else 0
    return result
