"""Marks and chances of family hands: nearly every record written by one person where there are seven members or more.

One recorder is what one recorder does in a small branch; only the share against peers of the same kind and size says anything.
"""

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.chances import CHANCES, chances, marks, peer_mean, peer_strength, strength, upper_tail
from zaidao.engine.context import Context
from zaidao.engine.indicators.base import MARKS


def hands_chances(ctx: Context) -> pa.Table:
    """CHANCES (org_id, family, p): the share of records in W by the busiest recorder, against the peers' shares."""
    if not ctx.facts.has("activity", "recorder_id") or not ctx.facts.has("person", "category"):
        return CHANCES.empty_table()
    return ctx.once("hands chances", lambda: _chances(ctx))  # type: ignore[no-any-return]


def _chances(ctx: Context) -> pa.Table:
    table = _busiest(ctx)
    orgs = table["org_id"].to_pylist()
    top, records = (table[c].to_numpy().astype(float) for c in ("top", "records"))
    share = top / records
    m = np.clip(peer_mean(ctx, orgs, share, ctx.param("marks.usual_hand")), 0.02, ctx.param("marks.usual_hand_most"))
    low, high = ctx.param("marks.hand_strength_low"), ctx.param("marks.hand_strength")
    c = peer_strength(ctx, orgs, share, packaged=high, low=low, high=high)
    return chances(orgs, "hands", upper_tail(top, records, m, c))


def hands_marks(ctx: Context) -> pa.Table:
    """MARKS `one_hand` on the records in W of the busiest recorder, where their share is improbable."""
    found = hands_chances(ctx)
    rare = {org: p for org, p in zip(found["org_id"].to_pylist(), found["p"].to_pylist(), strict=True) if p < ctx.param("marks.chance")}
    if not rare:
        return MARKS.empty_table()
    busiest = _busiest(ctx)
    first = dict(zip(busiest["org_id"].to_pylist(), busiest["hand"].to_pylist(), strict=True))
    act = ctx.t("act")
    known = act.filter(act.held & act.m.notnull() & act.recorder_id.notnull())
    table = ctx.run(known.select("activity_id", "org_id", "recorder_id").order_by("activity_id"))
    table = table.filter(pc.is_in(table["org_id"], value_set=pa.array(list(rare), pa.string())))
    by = zip(table["org_id"].to_pylist(), table["recorder_id"].to_pylist(), strict=True)
    mine = table.filter(pa.array([first[org] == recorder for org, recorder in by], pa.bool_()))
    p = np.array([rare[org] for org in mine["org_id"].to_pylist()])
    return marks(mine, "hands", "one_hand", strength(p, ctx.param("marks.one_hand"), ctx.param("marks.decades")))


def _busiest(ctx: Context) -> pa.Table:
    """Per judged organisation with enough members and records: records with a known recorder, and who wrote most of them."""
    return ctx.once("busiest hands", lambda: ctx.run(_by_hand(ctx)))  # type: ignore[no-any-return]


def _by_hand(ctx: Context) -> ir.Table:
    act = ctx.t("act")
    known = act.filter(act.held & act.m.notnull() & act.recorder_id.notnull())
    by_hand = known.group_by("org_id", "recorder_id").agg(written=lambda t: t.count())
    rank = ibis.row_number().over(ibis.window(group_by=by_hand.org_id, order_by=[by_hand.written.desc(), by_hand.recorder_id]))
    ranked = by_hand.mutate(rank=rank)
    sums = ranked.group_by("org_id").agg(
        records=ranked.written.sum().cast("int64"), top=ranked.written.max().cast("int64"),
        hand=ranked.recorder_id.max(where=ranked.rank == 0),
    )
    org = ctx.t("org")
    org = org.filter(org.judged & (org.members >= ctx.param("marks.small_below"))).select("org_id", "ord")
    enough = sums.filter(sums.records >= ctx.param("marks.hand_records"))
    return org.inner_join(enough, "org_id").order_by("ord")
