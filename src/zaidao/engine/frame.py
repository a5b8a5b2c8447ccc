"""The frame of every judgement: organisations with exposure, site and size, and activities with month and lag.

Definitions: SIGNALS 1 (docs/reference/signals.md). Everything here is known from the facts alone.
"""

from collections import Counter
from datetime import date, datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from zaidao.engine.catalogue import Catalogue
from zaidao.engine.facts import Facts
from zaidao.engine.structure import is_committee_post
from zaidao.engine.tree import Tree
from zaidao.engine.window import Window

ORG = pa.schema([
    ("org_id", pa.string()), ("name", pa.string()), ("kind", pa.string()), ("parent_id", pa.string()), ("unit", pa.string()),
    ("established_on", pa.date32()), ("counted_from", pa.date32()), ("dissolved_on", pa.date32()), ("term_started_on", pa.date32()),
    ("term_years", pa.float64()),
    ("headcount", pa.int32()), ("form", pa.string()), ("extended_to", pa.date32()), ("site_id", pa.string()), ("ord", pa.int32()),
    ("depth", pa.int32()), ("full_members", pa.int32()), ("members", pa.int32()), ("full_below", pa.int32()),
    ("size_class", pa.int32()), ("has_committee", pa.bool_()), ("exposure", pa.int32()), ("first_m", pa.int32()),
    ("last_m", pa.int32()), ("judged", pa.bool_()),
])
ANCESTRY = pa.schema([("org_id", pa.string()), ("ancestor_id", pa.string()), ("distance", pa.int32())])


def ancestry(tree: Tree) -> pa.Table:
    """Every organisation with each of its ancestors and itself (distance 0)."""
    rows = [
        {"org_id": org, "ancestor_id": above, "distance": len(path) - 1 - i}
        for org in tree.order for path in (tree.path[org],) for i, above in enumerate(path)
    ]
    return pa.Table.from_pylist(rows, ANCESTRY)


def organisations(facts: Facts, tree: Tree, window: Window, catalogue: Catalogue) -> pa.Table:
    """One row per organisation, in tree order; shapes and nulls as in `ORG`."""
    rows = {r["org_id"]: r for r in facts.table("organisation").to_pylist()}
    signs = _first_signs(facts) if any(r["established_on"] is None for r in rows.values()) else {}
    rows = {org: r | {"counted_from": r["established_on"] or signs.get(org)} for org, r in rows.items()}
    own = _members(facts, window.as_of)
    holders = _committee_holders(facts, window.as_of)
    by_unit = Counter(r["unit"] for r in rows.values() if r["unit"] and r["kind"] != "group")
    sites = {org: _site(rows, org, by_unit, catalogue.param("frame.unit_site_from")) for org in rows}
    out = []
    for position, org in enumerate(tree.order):
        place = {"ord": position, "depth": len(tree.path[org]) - 1, "site_id": sites[org]}
        row = rows[org] | place | {"form": _form(rows[org], window, catalogue)}
        out.append(row | _people(org, rows, tree, own, holders, catalogue) | _exposure(row, window, catalogue))
    return pa.Table.from_pylist(out, ORG)


def _first_signs(facts: Facts) -> dict[str, date]:
    """Organisation -> the earliest start of a term, a post or an activity: without a founding date, nothing is asked before."""
    found: dict[str, date] = {}
    for table, column in (("organisation", "term_started_on"), ("appointment", "since"), ("activity", "held_at")):
        first = facts.table(table, ["org_id", column]).group_by("org_id").aggregate([(column, "min")])
        for org, day in zip(first["org_id"].to_pylist(), first[f"{column}_min"].to_pylist(), strict=True):
            if day is not None:
                on = day.date() if isinstance(day, datetime) else day
                found[org] = min(on, found.get(org, on))
    return found


def _members(facts: Facts, day: date) -> dict[str, Counter[str]] | None:
    """Organisation -> Counter of categories on the roster on `day`; None without a roster."""
    if not facts.has("person", "category"):
        return None
    found: dict[str, Counter[str]] = {}
    table = facts.table("person", ["org_id", "category", "moved_in_on", "moved_out_on"])
    for org, category, since, until in zip(*(table[c].to_pylist() for c in table.column_names), strict=True):
        if (since is None or since <= day) and (until is None or until > day):
            found.setdefault(org, Counter())[category] += 1
    return found


def _committee_holders(facts: Facts, day: date) -> dict[str, set[str]] | None:
    """Organisation -> persons in its committee posts on `day`; None without appointments."""
    if not facts.has("appointment", "post"):
        return None
    found: dict[str, set[str]] = {}
    for row in facts.table("appointment").to_pylist():
        current = (row["since"] is None or row["since"] <= day) and (row["until"] is None or row["until"] > day)
        if current and row["domain"] in ("party", None) and is_committee_post(row["post"]):
            found.setdefault(row["org_id"], set()).add(row["person_id"])
    return found


def _people(
    org: str, rows: dict[str, Any], tree: Tree, own: dict[str, Counter[str]] | None, holders: dict[str, set[str]] | None,
    catalogue: Catalogue,
) -> dict[str, Any]:
    """Members of a branch are its own and those of its groups; a committee's and general branch's are its own alone."""
    committee = None if holders is None else len(holders.get(org, ())) >= catalogue.param("frame.committee_from_holders")
    if own is None:
        return {"has_committee": committee}
    groups = [c for c in tree.children.get(org, ()) if rows[c]["kind"] == "group"] if rows[org]["kind"] == "branch" else []
    counts = sum((own.get(o, Counter()) for o in (org, *groups)), Counter())
    full = counts["full"]
    bounds = catalogue.param("frame.size_bounds")
    return {
        "has_committee": committee, "full_members": full, "members": full + counts["probationary"],
        "size_class": sum(full > b for b in bounds), "full_below": _below(org, tree, own),
    }


def _below(org: str, tree: Tree, own: dict[str, Counter[str]]) -> int:
    total, stack = 0, [org]
    seen = set()
    while stack:
        here = stack.pop()
        if here not in seen:
            seen.add(here)
            total += own.get(here, Counter())["full"]
            stack.extend(tree.children.get(here, ()))
    return total


def _site(rows: dict[str, Any], org: str, by_unit: Counter[str], unit_from: int) -> str:
    """The same superior, or a unit that enough organisations share (its groups not counted); a group is of its branch's site."""
    row, parent = rows[org], rows.get(rows[org]["parent_id"])
    if by_unit[row["unit"]] >= unit_from:
        return f"unit:{row['unit']}"
    if row["kind"] == "group" and parent is not None and parent["parent_id"] in rows:
        return str(parent["parent_id"])
    return str(row["parent_id"] or org)


def _form(row: dict[str, Any], window: Window, catalogue: Catalogue) -> str | None:
    """The form on file, else what the name says; None where neither does."""
    name = row["name"] or ""
    if row["form"]:
        return str(row["form"])
    if "临时" in name:
        return "临时"
    if "联合党支部" in name or "联合支部" in name:
        return "联合"
    years = catalogue.param("frame.project_branch_years")
    founded = row["established_on"]
    if "项目" in name and founded and (window.as_of - founded).days < years * 365:
        return "项目"
    return None


def _exposure(row: dict[str, Any], window: Window, catalogue: Catalogue) -> dict[str, Any]:
    """Whole calendar months of the window between founding and dissolution."""
    from_day, to_day = row["counted_from"] or date.min, row["dissolved_on"] or date.max
    ends = (*window.months[1:], window.end)
    whole = [i for i, (a, b) in enumerate(zip(window.months, ends, strict=True)) if from_day <= a and b <= to_day]
    standing = to_day > window.as_of
    return {
        "exposure": len(whole), "first_m": whole[0] if whole else None, "last_m": whole[-1] if whole else None,
        "judged": bool(len(whole) >= catalogue.param("frame.min_exposure") and row["kind"] and standing),
    }


def activities(activity: ir.Table, org: ir.Table, window: Window) -> ir.Table:
    """Activities up to the day of judgement with month index, lag in days and site; without the minutes."""
    held_on = activity.held_at.date()
    day = ibis.coalesce(held_on, activity.planned_for)
    month = held_on.year() * 12 + held_on.month() - 1 - window.first_index
    lag = (activity.recorded_at.epoch_seconds() - activity.held_at.epoch_seconds()).cast("float64") / 86400.0
    inside = (month >= 0) & (month < window.count)
    places = org.select("org_id", "site_id", org_kind=org.kind)
    return (
        activity.filter(day.isnull() | (day <= ibis.literal(window.as_of)))
        .mutate(held=activity.held_at.notnull(), held_on=held_on, m=ibis.ifelse(inside, month, ibis.null()).cast("int32"), lag_days=lag)
        .inner_join(places, "org_id")
    )
