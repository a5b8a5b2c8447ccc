"""应办事项缺记录: duties due in the window of which no record was found (SIGNALS 4.3).

k missed of n due. Exempt, moved and shared duties are out; kept late is kept. `enough`: misses in number and in months.
"""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from zaidao.engine.context import Context
from zaidao.engine.indicators.base import Trials, nothing


def duties_missed(ctx: Context) -> Trials:
    """Trials per judged organisation; needs `duty`. Columns for the sentence: missed, due, months, subjects, kept_late, moved, shared."""
    for column in ("kind", "held_at"):
        if not ctx.facts.has("activity", column):
            return nothing(Trials, ctx.facts.missing.get("activity") or ctx.facts.missing.get(f"activity.{column}", "缺活动记录"))
    duty = ctx.t("duty").filter(ibis._.in_window)
    duty = duty.semi_join(ctx.t("org").filter(ibis._.judged), "org_id")
    return Trials(ctx.run(_count(ctx, duty)), _evidence(ctx, duty))


def _number(flag: ir.BooleanValue) -> ir.IntegerScalar:
    return flag.cast("int64").sum()


def _count(ctx: Context, duty: ir.Table) -> ir.Table:
    counts = ~duty.shared & duty.state.isin(["kept", "kept_late", "missed"])
    missed, odd = counts & (duty.state == "missed"), duty.m % 2 == 1
    unshared = {name: ~duty.shared & (duty.state == state) for name, state in (("late", "kept_late"), ("moved", "moved"))}
    flags = {
        "k": missed, "n": counts, "k_odd": missed & odd, "n_odd": counts & odd, "k_even": missed & ~odd, "n_even": counts & ~odd,
        "shared": duty.shared, **unshared,
    }
    table = duty.group_by("org_id").agg(
        months=duty.m.nunique(where=missed), subjects=duty.subject.nunique(where=missed), **{name: _number(f) for name, f in flags.items()},
    )
    enough = (table.k >= ctx.param("duties_missed.least")) & (table.months >= ctx.param("duties_missed.months"))
    return table.filter(table.n > 0).mutate(enough=enough, missed=table.k, due=table.n).order_by("org_id")


def _evidence(ctx: Context, duty: ir.Table) -> pa.Table:
    """Misses by time. A planned record that was not held shows a miss better than its absence does.

    A miss of a quarter, half-year or year has no month of its own, so those are named only where few others can be.
    """
    missed = duty.filter(~duty.shared, duty.state == "missed")
    dated = (missed.every == "month") | missed.activity_id.notnull()
    key = ibis.ifelse(missed.activity_id.notnull(), ibis.literal("activity:") + missed.activity_id, missed.key)
    rows = missed.select("org_id", "m", key=key, dated=dated, certain=dated.cast("int64").sum().over(ibis.window(group_by=missed.org_id)))
    shown = rows.filter(rows.dated | (rows.certain < ctx.param("duties_missed.dated_enough")))
    place = ibis.row_number().over(ibis.window(group_by=shown.org_id, order_by=[shown.m, shown.key]))
    return ctx.run(shown.select("org_id", "key", ord=place.cast("int32")).order_by("org_id", "ord"))
