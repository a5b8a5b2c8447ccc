"""Institutions: functions of the field that a rule in force covers, own or inherited."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from zaidao.engine.context import Context

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


def required(functions: tuple[Mapping[str, str], ...], kind: str | None) -> list[Mapping[str, str]]:
    """The functions that an organisation of a kind must have a rule for; a branch those that reach down to general branches."""
    level = {"committee": "committee", "general_branch": "general_branch", "branch": "general_branch"}.get(kind or "")
    return [f for f in functions if level in f["rule_required_of"].split(";")]


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


def functions_of(functions: tuple[Mapping[str, str], ...], subjects: list[str], title: str) -> Iterator[str]:
    """Functions whose typical subject is a clause's subject or stands in the rule's title."""
    for function in functions:
        words = [*function["typical_subject"].split(";"), *re.split(r"[(),、与]", function["function"])]
        if any(w and (w in title or any(w in s for s in subjects)) for w in words):
            yield function["function"]
