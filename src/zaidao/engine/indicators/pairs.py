"""Counting and evidence for findings whose mark is a pair of records: copied minutes and reused photos."""

import ibis
import pyarrow as pa

from zaidao.engine.context import Context
from zaidao.engine.indicators.base import EVIDENCE


def trials(ctx: Context, code: str, looked: pa.Table, hits: pa.Table) -> pa.Table:
    """Per judged organisation with a looked-at record in W: k, n, halves of the year, enough; `within`, `across`, median `share`.

    `looked`: activity_id. `hits`: activity_id, share, within; one row per record. `enough`: the card's `least`, or `least_few` where
    n is at most `few_records`.
    """
    act, org = ctx.t("act"), ctx.t("org")
    seen, hit = ctx.engine.put(f"{code}_looked", looked), ctx.engine.put(f"{code}_hit", hits.select(["activity_id", "share", "within"]))
    rows = (
        act.filter(act.m.notnull()).select("activity_id", "org_id", "m").inner_join(seen, "activity_id")
        .inner_join(org.filter(org.judged).select("org_id"), "org_id")
        .left_join(hit, "activity_id", rname="{name}_hit")
        .mutate(bad=lambda t: t.share.notnull().cast("int64"), odd=lambda t: (t.m % 2).cast("int64"))
    )
    counted = rows.group_by("org_id").agg(
        k=rows.bad.sum(), n=rows.count(), k_odd=(rows.bad * rows.odd).sum(), n_odd=rows.odd.sum(),
        k_even=(rows.bad * (1 - rows.odd)).sum(), n_even=(1 - rows.odd).sum(),
        within=rows.within.cast("int64").sum().fill_null(0), share=rows.share.median(),
    )
    param = ctx.param
    few = (counted.n <= param(f"{code}.few_records")) & (counted.k >= param(f"{code}.least_few"))
    return ctx.run(counted.mutate(across=counted.k - counted.within, enough=(counted.k >= param(f"{code}.least")) | few).order_by("org_id"))


def evidence(ctx: Context, hits: pa.Table) -> pa.Table:
    """One key per record of W that counts, its own record first: `activity:A~activity:B`; in order of time."""
    act = ctx.t("act")
    pair = ctx.engine.put("pair_evidence", hits.select(["activity_id", "other_id"]))
    rows = ctx.run(
        act.filter(act.m.notnull()).select("activity_id", "org_id", "held_at").inner_join(pair, "activity_id")
        .order_by([ibis.asc("org_id"), ibis.asc("held_at"), ibis.asc("activity_id")])
    )
    keys = [f"activity:{a}~activity:{b}" for a, b in zip(rows["activity_id"].to_pylist(), rows["other_id"].to_pylist(), strict=True)]
    return pa.table([rows["org_id"], pa.array(keys, pa.string()), pa.array(range(len(keys)), pa.int32())], schema=EVIDENCE)
