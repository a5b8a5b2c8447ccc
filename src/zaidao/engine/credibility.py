"""How far each record stands on its own: q in [0, 1] from the marks on it and the positive traces in it (SIGNALS 3)."""

import functools

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from zaidao.engine.context import Context
from zaidao.engine.indicators.base import MARKS

# q is carried as whole millionths, so that sums do not depend on the order of rows or threads.
MICRO = 1_000_000


def known_families(ctx: Context) -> tuple[str, ...]:
    """The families of traces that the columns on file allow to look at."""
    needs = {
        "time": "recorded_at", "text": "minutes", "picture": "photos", "attendance": "present", "hands": "recorder_id",
        "follow_up": "followups_done", "appeal": "volunteers",
    }
    return tuple(family for family, column in needs.items() if ctx.facts.has("activity", column))


def put_marks(ctx: Context) -> ir.Table:
    """All marks found so far, as table `mark`."""
    parts = [table.select(MARKS.names).cast(MARKS) for table in ctx.marks]
    return ctx.engine.put("mark", pa.concat_tables(parts) if parts else MARKS.empty_table())


def records(ctx: Context) -> ir.Table:
    """Held activities with `q` and `q_micro`, kept as table `record`. Needs `mark`."""
    param = ctx.catalogue.param
    loads = _loads(ctx)
    act = ctx.t("act").filter(lambda t: t.held)
    credited = functools.reduce(lambda a, b: a + b, [c.fill_null(False).cast("int32") for c in _credits(act)])
    table = act.left_join(loads, act.activity_id == loads.marked_id).select(
        act.activity_id, act.org_id, act.kind, act.m, act.held_on, act.carrier_id, act.org_kind,
        load=loads.load.fill_null(0.0), families=loads.families.fill_null(0), strongest=loads.strongest.fill_null(0.0), credits=credited,
    )
    raw = ibis.greatest(0.0, 1.0 - ibis.least(table.load, 1.0))
    lone = (table.families == 1) & (table.strongest <= param("elements.weak_strength"))
    q = ibis.ifelse(lone, ibis.greatest(raw, param("elements.weak_floor")), raw) + table.credits.cast("float64") * param("elements.credit")
    q_micro = (ibis.least(q, 1.0) * MICRO).round().cast("int64")
    return ctx.engine.keep("record", table.mutate(q_micro=q_micro, q=q_micro.cast("float64") / MICRO))


def _loads(ctx: Context) -> ir.Table:
    """Per marked activity: sum over families of the strongest mark times the family's weight."""
    mark = ctx.t("mark")
    families = [f.removeprefix("elements.weight_") for f in ctx.catalogue.params if f.startswith("elements.weight_")]
    weight = mark.family.cases(*((f, ctx.catalogue.param(f"elements.weight_{f}")) for f in families), else_=0.0)
    per_family = mark.group_by("activity_id", "family", weight=weight).agg(strength=mark.strength.max())
    share = (per_family.strength * per_family.weight).cast("decimal(18, 6)")
    return per_family.group_by(marked_id=per_family.activity_id).agg(
        load=share.sum().cast("float64"), families=per_family.count(), strongest=per_family.strength.max(),
    )


def unseen_credit(ctx: Context) -> float:
    """What q might gain from positive traces whose columns were not handed in; 办结事项 is rarely kept and not waited for."""
    unseen = sum(not ctx.facts.has("activity", column) for column in ("volunteers", "ratings"))
    return float(unseen * ctx.catalogue.param("elements.credit"))


def _credits(act: ir.Table) -> list[ir.BooleanValue]:
    """Positive traces: a decision followed up, volunteers, participants' own marks."""
    return [act.followups_done > 0, act.volunteers > 0, act.ratings > 0]
