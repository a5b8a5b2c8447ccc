"""Organisation: secretary, committee where the size asks for one, a running term, and a size within the rules."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from zaidao.engine.context import Context
from zaidao.engine.elements import posts
from zaidao.engine.indicators.structure_gap import extended
from zaidao.engine.structure import term_ends

Row = dict[str, Any]


def paper(ctx: Context) -> Iterator[Row]:
    """One row per judged organisation above group level: items the rules require, on file, unknown."""
    held = posts.holders(ctx) if ctx.facts.has("appointment", "post") else None
    for org in extended(ctx):
        if org["judged"] and org["kind"] != "group":
            items = [i for i in _items(org, held, ctx) if i != "free"]
            yield {
                "org_id": org["org_id"], "element": "organisation", "component": "items", "role": "paper", "good": float(items.count(True)),
                "total": float(len(items)), "unknown": float(items.count(None)), "records": float(len(items)),
            }


def _items(org: Mapping[str, Any], held: Mapping[tuple[str, str], set[str]] | None, ctx: Context) -> list[bool | str | None]:
    """True on file, False missing, None unknown, "free" not required."""
    rule = ctx.catalogue.rule
    secretary = None if held is None else bool(held.get((org["org_id"], "书记")))
    ends = term_ends(org, rule("branch.term_years").values)
    committee = _committee(org, rule("branch.committee_required_from").value)
    return [secretary, _running(ends, ctx.as_of), committee, _size(org, rule("branch.max_members_soft").value)]


def _running(ends: date | None, day: date) -> bool | None:
    return None if ends is None else day <= ends


def _committee(org: Mapping[str, Any], committee_from: int) -> bool | str | None:
    if org["kind"] != "branch":
        return "free"
    if org["full_members"] is None:
        return None
    return "free" if org["full_members"] < committee_from else org["has_committee"]


def _size(org: Mapping[str, Any], most: int) -> bool | str | None:
    if org["kind"] != "branch":
        return "free"
    return None if org["full_members"] is None else bool(org["full_members"] <= most)
