"""Whom a clause reaches: a clause that binds no organisation there is, or only on a condition never met, asks for nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zaidao.engine.context import Context
from zaidao.engine.duties import clauses, conditions
from zaidao.engine.duties.conditions import Conditions


def reaching(ctx: Context, rows: Sequence[Mapping[str, Any]]) -> list[bool]:
    """For each clause (`clauses.joined`) whether it yields a duty for anyone in the window. What cannot be told counts as met."""
    if not ctx.facts.has("organisation", "parent_id"):
        return [clauses.yields(r) for r in rows]  # who is below whom is unknown
    needed = any(bound and bound[1] for r in rows for bound in (clauses.applies(r["applies_to"]),))
    held = conditions.build(ctx, ctx.window.first_index, ctx.window.count) if needed else None
    place = {org: i for i, org in enumerate(ctx.tree.order)}
    depth = [len(ctx.tree.path[org]) for org in ctx.tree.order]
    kinds = ctx.orgs["kind"].to_pylist()
    return [clauses.yields(r) and _reaches(r, place, depth, kinds, held) for r in rows]


def _reaches(
    row: Mapping[str, Any], place: Mapping[str, int], depth: Sequence[int], kinds: Sequence[str | None], held: Conditions | None,
) -> bool:
    bound, start = clauses.applies(row["applies_to"]), place.get(row["org_id"])
    if bound is None or start is None:
        return start is not None
    wanted, own = bound
    orgs = [start] if not wanted else [i for i in _subtree(start, depth) if kinds[i] in wanted]
    if not own or held is None or not orgs:
        return bool(orgs)
    months, at = np.arange(held.first, held.first + len(held.full))[:, None], np.array(orgs)[None, :]
    met = np.ones((len(held.full), len(orgs)), bool)
    for condition in own:
        met &= held.met(condition, np.broadcast_to(months, met.shape), np.broadcast_to(at, met.shape)) != 0
    return bool(met.any())


def _subtree(start: int, depth: Sequence[int]) -> list[int]:
    """Positions of an organisation and all below it: they follow it in tree order."""
    end = start + 1
    while end < len(depth) and depth[end] > depth[start]:
        end += 1
    return list(range(start, end))
