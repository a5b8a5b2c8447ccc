"""载体种类偏少: of the activities that carriers gave rise to, nearly all in one kind of carrier (SIGNALS 4.10)."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from zaidao.engine.context import Context
from zaidao.engine.indicators.base import EVIDENCE, TRIAL_FIELDS, Trials, nothing
from zaidao.engine.peers import Peers
from zaidao.engine.window import add_months

EXTRA = [("kind", pa.string()), ("kinds", pa.int32()), ("effective", pa.float64()), ("peers_effective", pa.float64())]
TABLE = pa.schema([*TRIAL_FIELDS, *EXTRA])
Kinds = Mapping[str, Counter[str]]


def single_carrier(ctx: Context) -> Trials:
    """Trials = linked activities of the last `months` months, bad = those in the commonest kind.

    With few activities the commonest kind is large by construction, so organisations under the least count are no trials at all.
    """
    if not (ctx.facts.has("activity", "carrier_id") and ctx.facts.has("carrier", "kind")):
        return nothing(Trials, "活动记录没有“载体编号”或载体表没有“类别”,无从比较载体种类")  # type: ignore[return-value]
    linked = _linked(ctx).to_pylist()
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    halves: dict[tuple[str, str, int], int] = Counter()
    for row in linked:
        kinds[row["org_id"]][row["kind"]] += row["n"]
        halves[row["org_id"], row["kind"], row["odd"]] += row["n"]
    rows = _trials(ctx, kinds, halves)
    top = {r["org_id"]: r["kind"] for r in rows}
    found = dict.fromkeys((r["org_id"], r["carrier_id"]) for r in linked if top.get(r["org_id"]) == r["kind"])
    evidence = [{"org_id": org, "key": f"carrier:{carrier}", "ord": i} for i, (org, carrier) in enumerate(found)]
    return Trials(pa.Table.from_pylist(rows, TABLE), pa.Table.from_pylist(evidence, EVIDENCE))


def _linked(ctx: Context) -> pa.Table:
    """org_id, carrier_id, kind, odd (0/1 month), n: held activities of own carriers, in fixed order."""
    act, carrier = ctx.t("act"), ctx.t("carrier")
    since, until = add_months(ctx.window.end, -ctx.param("single_carrier.months")), ctx.window.end
    month = act.held_on.year() * 12 + act.held_on.month() - 1 - ctx.window.first_index
    held = act.filter(act.held, act.held_on >= ibis.literal(since), act.held_on < ibis.literal(until), act.carrier_id.notnull())
    held = held.select("org_id", "carrier_id", odd=((month + 1200) % 2).cast("int32"))
    kinds = carrier.filter(carrier.kind.notnull()).select(linked=carrier.carrier_id, kind=carrier.kind)
    counted = held.inner_join(kinds, held.carrier_id == kinds.linked).group_by("org_id", "carrier_id", "kind", "odd").agg(n=ibis._.count())
    return ctx.run(counted.order_by("org_id", "carrier_id", "odd"))


def _trials(ctx: Context, kinds: Kinds, halves: Mapping[tuple[str, str, int], int]) -> list[dict[str, Any]]:
    enough = {org for org, counts in kinds.items() if sum(counts.values()) >= ctx.param("single_carrier.least")}
    orgs = [o for o in ctx.orgs.filter(ctx.orgs["judged"]).to_pylist() if o["org_id"] in enough]
    effective = np.array([effective_kinds(kinds[o["org_id"]]) for o in orgs])
    usual = _peers_effective(ctx, [o["org_id"] for o in orgs], effective)
    alike, forms = _alike_sites(ctx, orgs, kinds), ctx.param("single_carrier.silent_forms")
    return [
        _counts(org["org_id"], kinds[org["org_id"]], halves) | {"effective": float(own), "peers_effective": float(others)}
        for org, own, others in zip(orgs, effective, usual, strict=True)
        if others >= ctx.param("single_carrier.peers_kinds") and org["form"] not in forms and org["org_id"] not in alike
    ]


def _counts(org: str, counts: Counter[str], halves: Mapping[tuple[str, str, int], int]) -> dict[str, Any]:
    kind, k = commonest(counts)
    n = float(sum(counts.values()))
    row: dict[str, Any] = {"org_id": org, "k": float(k), "n": n, "enough": True, "kind": kind, "kinds": len(counts)}
    for name, odd in (("odd", 1), ("even", 0)):
        row |= {f"n_{name}": float(sum(halves[org, c, odd] for c in counts)), f"k_{name}": float(halves[org, kind, odd])}
    return row


def commonest(counts: Counter[str]) -> tuple[str, int]:
    """The commonest kind and its count; of equals the first by name."""
    return min(counts.items(), key=lambda item: (-item[1], item[0]))


def effective_kinds(counts: Counter[str]) -> float:
    """exp of Shannon's entropy with Miller and Madow's correction (m - 1) / 2n for the kinds that small counts hide."""
    shares = np.array(sorted(counts.values()), dtype=float) / sum(counts.values())
    return float(np.exp(-(shares * np.log(shares)).sum() + (len(counts) - 1) / (2 * sum(counts.values()))))


def _peers_effective(ctx: Context, orgs: list[str], effective: np.ndarray) -> np.ndarray:
    """The median of the peers' effective kinds, the packaged value where peers are too few."""
    peers = Peers.of(ctx.tree, ctx.orgs, ctx.param("frame.min_peers")).group(orgs)
    medians = [float(np.median(effective[members])) for members in peers.members]
    return np.array([*medians, float(ctx.param("single_carrier.kinds_packaged"))])[peers.index]


def _alike_sites(ctx: Context, orgs: list[dict[str, Any]], kinds: Kinds) -> set[str]:
    """Organisations of sites where all the others, at least `site_others`, have one kind as well."""
    floor, least = ctx.param("single_carrier.floor"), ctx.param("single_carrier.site_others")
    single = {o["org_id"]: commonest(c)[1] >= floor * sum(c.values()) for o in orgs for c in (kinds[o["org_id"]],)}
    sites: dict[str, list[str]] = defaultdict(list)
    for org in orgs:
        sites[org["site_id"]].append(org["org_id"])
    return {org for members in sites.values() if len(members) > least and all(single[o] for o in members) for org in members}
