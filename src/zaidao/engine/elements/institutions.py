"""Institutions: functions of the field that a rule in force covers, own or inherited."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from zaidao.engine.context import Context
from zaidao.engine.functions import functions_of, required

Row = dict[str, Any]


def paper(ctx: Context) -> Iterator[Row]:
    """One row per judged organisation: functions required of its level, and those with a rule in force."""
    if not ctx.facts.has("institution", "institution_id"):
        return
    covered = _covered(ctx)
    for org in ctx.orgs.to_pylist():
        wanted = required(ctx.catalogue.functions, org["kind"]) if org["judged"] else []
        if wanted:
            above = ctx.tree.path[org["org_id"]]
            filed = sum(any(f["function"] in covered[a] for a in above) for f in wanted)
            yield {"org_id": org["org_id"], "element": "institutions", "component": "functions", "role": "paper", "good": float(filed),
                   "total": float(len(wanted)), "unknown": 0.0, "records": float(len(wanted))}


def _covered(ctx: Context) -> dict[str, set[str]]:
    """Organisation -> functions that its own rules in force cover, by the subject of a clause or the title of the rule."""
    subjects: dict[str, list[str]] = defaultdict(list)
    for clause in ctx.facts.table("clause", ["institution_id", "subject"]).to_pylist():
        subjects[clause["institution_id"]].append(clause["subject"] or "")
    found: dict[str, set[str]] = defaultdict(set)
    for rule in ctx.facts.table("institution").to_pylist():
        if in_force(rule, ctx.as_of):
            found[rule["org_id"]] |= set(functions_of(ctx.catalogue.functions, subjects[rule["institution_id"]], rule["title"] or ""))
    return found


def in_force(rule: Mapping[str, Any], day: date) -> bool:
    """Adopted (or no date on file) and not repealed on a day."""
    return (rule["adopted_on"] is None or rule["adopted_on"] <= day) and (rule["repealed_on"] is None or rule["repealed_on"] > day)
