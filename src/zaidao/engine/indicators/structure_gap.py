"""组织设置待补: posts, committee, term and size against the rules, for full members on the roster (SIGNALS 4.1)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from zaidao.engine import extensions
from zaidao.engine.context import Context
from zaidao.engine.duties.conditions import day_of, full_members
from zaidao.engine.indicators.base import EVIDENCE, RULED_FIELDS, Ruled, nothing
from zaidao.engine.structure import MONTH, Case, Item, Tenures, is_silent, judge, severity, tenures, term_ends

RULED = pa.schema([
    *RULED_FIELDS, ("required", pa.int32()), ("open", pa.int32()), ("unknown_items", pa.int32()), ("problems", pa.string()),
    ("full_members", pa.int32()), ("term_ends", pa.date32()), ("vacant_months", pa.float64()),
])


def structure_gap(ctx: Context) -> Ruled:
    """A verdict per judged branch, general branch and committee; score = share of requirements open, unknown ones give the bounds."""
    facts = ctx.facts
    if not (facts.has("appointment", "post") or facts.has("organisation", "term_started_on") or facts.has("person", "category")):
        return nothing(Ruled, "没有任职、本届开始日期和人员类别,组织设置不作判断")
    held, before = _tenures(ctx), _members_before(ctx)
    rows = []
    for org in extended(ctx):
        case = _case(org, held, before)
        if org["judged"] and org["kind"] != "group" and not is_silent(case, ctx.as_of, ctx.catalogue):
            ends = term_ends(org, ctx.catalogue.rule("branch.term_years").values)
            rows.append(_verdict(org, judge(case, ctx.as_of, ctx.catalogue), ends))
    table = pa.Table.from_pylist(sorted(rows, key=lambda r: r["org_id"]), RULED)
    found = [r["org_id"] for r in table.to_pylist() if r["severity"]]
    evidence = pa.table({"org_id": found, "key": [f"organisation:{o}" for o in found], "ord": [0] * len(found)}, schema=EVIDENCE)
    return Ruled(table, evidence)


def extended(ctx: Context) -> list[dict[str, Any]]:
    """The organisations; where a term is over, the extension that the records tell stands in for the column.

    An extension without a day leaves the term unknown.
    """
    orgs, years = ctx.orgs.to_pylist(), ctx.catalogue.rule("branch.term_years").values
    over = {o["org_id"] for o in orgs if o["judged"] and (ends := term_ends(o, years)) and ends < ctx.as_of}
    told = ctx.once("extensions", lambda: extensions.told(ctx, over))
    changes = {org: {"extended_to": until} if until else {"term_started_on": None} for org, until in told.items()}
    return [o | changes.get(o["org_id"], {}) for o in orgs]


def _case(org: Mapping[str, Any], held: Mapping[str, Tenures] | None, before: Mapping[str, int] | None) -> Case:
    """What the rules are held against."""
    return Case(
        org["kind"], org["form"], org["established_on"], org["term_started_on"], org["term_years"], org["extended_to"], org["full_members"],
        before[org["org_id"]] if before is not None else None, org["members"],
        held.get(org["org_id"], {}) if held is not None else None,
    )


def _tenures(ctx: Context) -> dict[str, Tenures] | None:
    """Organisation -> required post -> tenures [since, until)."""
    if not ctx.facts.has("appointment", "post"):
        return None
    by_org: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in ctx.facts.table("appointment", ["org_id", "post", "domain", "since", "until", "tenure"]).to_pylist():
        by_org[row["org_id"]].append(row)
    return {org: tenures(rows) for org, rows in by_org.items()}


def _members_before(ctx: Context) -> Mapping[str, int] | None:
    """Full members as many days ago as a crossed limit is left alone."""
    if not ctx.facts.has("person", "category"):
        return None
    then = day_of(ctx.as_of - timedelta(days=ctx.param("structure_gap.settling_days")))
    return dict(zip(ctx.orgs["org_id"].to_pylist(), full_members(ctx, np.array([then]))[0].tolist(), strict=True))


def _verdict(org: Mapping[str, Any], items: list[Item], ends: date | None) -> dict[str, Any]:
    open_ones, unknown = [i for i in items if i.severity], [i for i in items if i.severity is None]
    known = len(items) - len(unknown)
    vacant = [i.vacant_days for i in open_ones if i.vacant_days is not None]
    return {
        "org_id": org["org_id"], "score": len(open_ones) / known if known else 0.0, "low": len(open_ones) / len(items),
        "high": (len(open_ones) + len(unknown)) / len(items), "severity": severity(items),
        "required": len(items), "open": len(open_ones), "unknown_items": len(unknown), "problems": "、".join(i.words for i in open_ones),
        "full_members": org["full_members"], "term_ends": ends, "vacant_months": round(max(vacant) / MONTH, 1) if vacant else None,
    }
