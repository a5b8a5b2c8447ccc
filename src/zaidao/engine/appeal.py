"""Who comes of their own accord and what they say afterwards: counts for low_appeal, marks and chances of appeal and follow-up.

Only kinds of activity that nobody is required to attend count as voluntary (catalogue: low_appeal.voluntary_kinds).
"""

from dataclasses import dataclass
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.chances import CHANCES, chances, lower_tail, marks, peer_mean, peer_median, smallest, strength
from zaidao.engine.context import Context
from zaidao.engine.filings import codes
from zaidao.engine.indicators.base import MARKS

Array = np.ndarray
HUNDREDTHS = 100


@dataclass(frozen=True)
class Counts:
    """Voluntary records, their eligible, volunteers and expected volunteers; raters and the sum of their marks; one per organisation."""

    records: Array
    eligible: Array
    volunteers: Array
    expected: Array
    raters: Array
    points: Array

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Appeal:
    """Counts over W per judged organisation (tree order) and apart for its even and odd months; `rate` by (kind, size class)."""

    orgs: list[str]
    size: Array
    kinds: list[str]
    rate: Array
    total: Counts
    halves: tuple[Counts, Counts]
    rateable: Array
    rated: Array
    flat: Array


def appeal(ctx: Context) -> Appeal:
    """Counts of voluntary turnout and of marks, once per run."""
    return ctx.once("appeal", lambda: _count(ctx))  # type: ignore[no-any-return]


def _count(ctx: Context) -> Appeal:
    org = ctx.run(ctx.t("org").filter(lambda t: t.judged).select("org_id", "ord", "size_class").order_by("ord"))
    size = org["size_class"].fill_null(-1).to_numpy().astype(np.int64) + 1
    turnout, marked = _mine(ctx.run(_voluntary(ctx)), org), _mine(ctx.run(_ratings(ctx)), org)
    kind, kinds = codes(turnout["kind"])
    row = turnout["row"].to_numpy()
    rate = _usual_rates(turnout, kind, size[row], (len(kinds), int(size.max(initial=0)) + 1), ctx.param("low_appeal.packaged_rate"))
    expected = turnout["eligible"].to_numpy() * rate[kind, size[row]]
    halves = tuple(_half(turnout, marked, expected, odd, org.num_rows) for odd in (0, 1))
    rateable, rated = (_sum(marked, name, org.num_rows) for name in ("rateable", "rated"))
    return Appeal(
        org["org_id"].to_pylist(), size, kinds, rate, reduce(add, halves), halves,  # type: ignore[arg-type]
        rateable, rated, _flat(ctx, marked, rated, org.num_rows),
    )


def _mine(table: pa.Table, org: pa.Table) -> pa.Table:
    """The rows of judged organisations, with the organisation's position as `row`."""
    row = pc.index_in(table["org_id"], value_set=org["org_id"].combine_chunks())
    return table.append_column("row", row).filter(row.is_valid())


def _sum(table: pa.Table, name: str, size: int, rows: Array | None = None) -> Array:
    values = table[name].fill_null(0).to_numpy().astype(float)
    keep = np.ones(len(values), dtype=bool) if rows is None else rows
    return np.bincount(table["row"].to_numpy()[keep], weights=values[keep], minlength=size)


def _half(turnout: pa.Table, marked: pa.Table, expected: Array, odd: int, size: int) -> Counts:
    """The counts of the even or odd months of W."""
    ours, theirs = (t["odd"].to_numpy() == odd for t in (turnout, marked))
    records, eligible, volunteers = (_sum(turnout, name, size, ours) for name in ("records", "eligible", "volunteers"))
    due = np.bincount(turnout["row"].to_numpy()[ours], weights=expected[ours], minlength=size)
    raters, points = (_sum(marked, name, size, theirs) for name in ("raters", "points"))
    return Counts(records, eligible, volunteers, due, raters, points / HUNDREDTHS)


def _flat(ctx: Context, marked: pa.Table, rated: Array, size: int) -> Array:
    """Whether every one of enough marked records has the very same mean."""
    worst, best = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(worst, marked["row"].to_numpy(), marked["worst"].fill_null(np.inf).to_numpy())
    np.maximum.at(best, marked["row"].to_numpy(), marked["best"].fill_null(-np.inf).to_numpy())
    return (rated >= ctx.param("marks.flat_records")) & (worst == best)


def _voluntary(ctx: Context) -> ir.Table:
    """Records, eligible and volunteers per organisation, voluntary kind and odd or even month of W."""
    act = ctx.t("act")
    kinds = ctx.param("low_appeal.voluntary_kinds")
    known = act.filter(act.held & act.m.notnull() & act.kind.isin(kinds) & (act.eligible > 0) & (act.volunteers >= 0))
    came = ibis.least(known.volunteers, known.eligible)
    return known.group_by("org_id", "kind", odd=known.m % 2).agg(
        records=known.count(), eligible=known.eligible.sum().cast("int64"), volunteers=came.sum().cast("int64"),
    ).order_by("org_id", "kind", "odd")


def _ratings(ctx: Context) -> ir.Table:
    """Raters and their marks (in hundredths, so that sums are exact) per organisation and odd or even month of W."""
    act = ctx.t("act")
    known = act.filter(act.held & act.m.notnull())
    given = (known.ratings > 0) & known.rating.notnull()
    points = (known.ratings.cast("float64") * known.rating * HUNDREDTHS).round().cast("int64")
    return known.group_by("org_id", odd=known.m % 2).agg(
        rateable=known.count(), rated=given.cast("int64").sum().cast("int64"), raters=known.ratings.sum(where=given).cast("int64"),
        points=points.sum(where=given).cast("int64"), worst=known.rating.min(where=given), best=known.rating.max(where=given),
    ).order_by("org_id", "odd")


def _usual_rates(turnout: pa.Table, kind: Array, size: Array, shape: tuple[int, int], packaged: float) -> Array:
    """Volunteers per eligible by kind and size class, pooled over organisations that have any volunteers at all."""
    row, came, eligible = (turnout[name].to_numpy().astype(float) for name in ("row", "volunteers", "eligible"))
    some = np.bincount(row.astype(np.int64), weights=came)[row.astype(np.int64)] > 0 if len(row) else np.zeros(0, dtype=bool)
    cell = np.ravel_multi_index((kind, size), shape) if len(row) else np.zeros(0, dtype=np.int64)
    sums = [np.bincount(cell[some], weights=w[some], minlength=shape[0] * shape[1]).reshape(shape) for w in (came, eligible)]
    return np.where(sums[1] > 0, np.maximum(sums[0], 1e-9) / np.maximum(sums[1], 1), packaged)


def usual(ctx: Context, found: Appeal) -> tuple[Array, Array, Array]:
    """Per organisation the peers' median of volunteers over expected and of marks, and whether packaged values stand in.

    They do where more than a quarter of the peers have no volunteers at all: then the peers are no measure of what is possible.
    """
    total = found.total
    has = total.expected > 0
    expected = np.where(has, total.expected, 1.0)
    ratio = np.where(has, total.volunteers / expected, np.nan)
    mark = np.where(total.raters >= ctx.param("low_appeal.least_raters"), total.points / np.maximum(total.raters, 1), np.nan)
    none = peer_mean(ctx, found.orgs, np.where(has, (total.volunteers == 0).astype(float), np.nan), 0.0)
    packaged = none > ctx.param("low_appeal.peers_without")
    packaged_ratio = ctx.param("low_appeal.packaged_rate") * total.eligible / expected
    packaged_mark = ctx.param("low_appeal.packaged_mark")
    ratios = np.where(packaged, packaged_ratio, peer_median(ctx, found.orgs, ratio, 1.0))
    return ratios, np.where(packaged, packaged_mark, peer_median(ctx, found.orgs, mark, packaged_mark)), packaged


def appeal_chances(ctx: Context) -> pa.Table:
    """CHANCES of appeal (few volunteers, few or all equal marks) and follow_up (few decisions closed), once per run."""
    return ctx.once("appeal chances", lambda: _chances(ctx))  # type: ignore[no-any-return]


def _chances(ctx: Context) -> pa.Table:
    parts = []
    if ctx.facts.has("activity", "volunteers") or ctx.facts.has("activity", "rating"):
        found = appeal(ctx)
        parts.append(chances(found.orgs, "appeal", smallest(_few_volunteers(ctx, found), _few_marks(ctx, found))))
    if ctx.facts.has("activity", "decisions") and ctx.facts.has("activity", "followups_done"):
        orgs, p = _few_closed(ctx)
        parts.append(chances(orgs, "follow_up", p))
    return pa.concat_tables(parts) if parts else CHANCES.empty_table()


def _few_volunteers(ctx: Context, found: Appeal) -> Array:
    ratios, _, _ = usual(ctx, found)
    eligible = np.where(found.total.records >= ctx.param("low_appeal.least_records"), found.total.eligible, 0)
    repeat = ctx.param("low_appeal.person_repeat")
    m = np.clip(ratios * found.total.expected / np.maximum(found.total.eligible, 1), 0.01, 0.98)
    return lower_tail(np.floor(found.total.volunteers / repeat), np.floor(eligible / repeat), m, ctx.param("marks.appeal_strength"))


def _few_marks(ctx: Context, found: Appeal) -> Array:
    """Few marked records, or marks that are all the same, against the share of marked records among peers.

    Having no marks at all usually means that an office doesn't collect them: it says something only where hardly any peer is without.
    """
    if not ctx.facts.has("activity", "rating"):
        return np.full(len(found.orgs), np.nan)
    share = np.where(found.rateable > 0, found.rated / np.maximum(found.rateable, 1), np.nan)
    m = np.clip(peer_median(ctx, found.orgs, share, 0.0), 0.01, 0.98)
    without = peer_mean(ctx, found.orgs, np.where(found.rateable > 0, (found.rated == 0).astype(float), np.nan), 1.0)
    judged = (m >= ctx.param("marks.marks_usual_from")) & (found.rateable >= ctx.param("low_appeal.least_records"))
    judged &= (found.rated > 0) | (without < ctx.param("marks.chance"))
    p = lower_tail(np.where(found.flat, 0, found.rated), np.where(judged, found.rateable, 0), m, ctx.param("marks.appeal_strength"))
    return np.where(found.rated == 0, np.maximum(p, without), p)


def _few_closed(ctx: Context) -> tuple[list[str], Array]:
    """Follow-ups closed of decisions taken, against the peers' median."""
    act = ctx.t("act")
    known = act.filter(act.held & act.m.notnull() & (act.decisions > 0) & (act.followups_done >= 0))
    sums = known.group_by("org_id").agg(
        taken=known.decisions.sum().cast("int64"), closed=ibis.least(known.followups_done, known.decisions).sum().cast("int64"))
    org = ctx.t("org").filter(lambda t: t.judged).select("org_id", "ord")
    table = ctx.run(org.inner_join(sums, "org_id").order_by("ord"))
    orgs = table["org_id"].to_pylist()
    taken, closed = (table[c].to_numpy().astype(float) for c in ("taken", "closed"))
    m = np.clip(peer_median(ctx, orgs, closed / taken, ctx.param("marks.usual_closed")), 0.02, 0.98)
    return orgs, lower_tail(closed, taken, m, ctx.param("marks.appeal_strength"))


def appeal_marks(ctx: Context) -> pa.Table:
    """MARKS on records in W of organisations that stand out: no_volunteers on voluntary records, no_followup on decisions left open."""
    rare: dict[str, dict[str, float]] = {"appeal": {}, "follow_up": {}}
    for row in appeal_chances(ctx).to_pylist():
        if row["p"] < ctx.param("marks.chance"):
            rare[row["family"]][row["org_id"]] = row["p"]
    act = ctx.t("act")
    held = act.filter(act.held & act.m.notnull())
    kinds = ctx.param("low_appeal.voluntary_kinds")
    looks = (
        ("appeal", "no_volunteers", held.kind.isin(kinds) & (held.volunteers == 0)),
        ("follow_up", "no_followup", (held.decisions > 0) & (held.followups_done == 0)),
    )
    found = [_marked(ctx, held.filter(where), family, code, rare[family]) for family, code, where in looks if rare[family]]
    return pa.concat_tables([MARKS.empty_table(), *found])


def _marked(ctx: Context, records: ir.Table, family: str, code: str, rare: dict[str, float]) -> pa.Table:
    table = ctx.run(records.select("activity_id", "org_id"))
    table = table.filter(pc.is_in(table["org_id"], value_set=pa.array(list(rare), pa.string())))
    p = np.array([rare[org] for org in table["org_id"].to_pylist()])
    return marks(table, family, code, strength(p, ctx.param(f"marks.{code}"), ctx.param("marks.decades")))
