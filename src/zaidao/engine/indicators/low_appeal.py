"""自愿参与偏少: few come where nobody has to, and those who come give low marks (SIGNALS 4.12, family appeal).

Both must hold against the peers: volunteers under half of what kind, size and peers lead to expect, and the pooled mark half
a point under theirs. Compulsory turnout is no appeal. Where over a quarter of the peers have no volunteers, packaged values
stand in for them.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import betaincinv

from zaidao.engine.appeal import Appeal, Counts, appeal, usual
from zaidao.engine.chances import peer_strength
from zaidao.engine.context import Context
from zaidao.engine.indicators.base import EVIDENCE, Ruled, nothing

Array = np.ndarray


@dataclass(frozen=True)
class _Usual:
    """What is usual per organisation: volunteers over expected, mark, whether packaged, and how far marks are shrunk."""

    ratio: Array
    mark: Array
    packaged: Array
    pull: Array


def low_appeal(ctx: Context) -> Ruled:
    """Severity 2 where both conditions hold on enough records, 3 where both are marked in odd and in even months apart;
    1 where marks are unknown or records few."""
    if not ctx.facts.has("activity", "volunteers") or not ctx.facts.has("activity", "eligible"):
        return nothing(Ruled, "活动记录没有自愿报名人数或应到人数,无法判断自愿参与")  # type: ignore[return-value]
    found = appeal(ctx)
    norm = _usual(ctx, found)
    spared = _shift_site(ctx, found, norm) & ~_low(ctx, found.total, norm, "far_below")  # shifts explain who can come, not the marks
    few = _few(ctx, found.total, norm) & ~spared
    mark = _mark(found.total, norm)
    rows = _rows(ctx, found, norm, mark, _severity(ctx, found, norm, few))
    return Ruled(rows, _evidence(ctx, found, norm, rows))


def _usual(ctx: Context, found: Appeal) -> _Usual:
    ratio, mark, packaged = usual(ctx, found)
    return _Usual(ratio, mark, packaged, np.where(packaged, 0.0, ctx.param("low_appeal.mark_strength")))


def _few(ctx: Context, counts: Counts, norm: _Usual) -> Array:
    """Volunteers under half of the usual, where the usual is large enough for that to mean anything."""
    due = counts.expected * norm.ratio
    return counts.volunteers < ctx.param("low_appeal.share") * due


def _mark(counts: Counts, norm: _Usual) -> Array:
    """Mean mark weighted by raters, shrunk toward the peers' mark; nan without raters."""
    weight = counts.raters + norm.pull
    return np.where(counts.raters > 0, (counts.points + norm.pull * norm.mark) / np.maximum(weight, 1e-9), np.nan)


def _shift_site(ctx: Context, found: Appeal, norm: _Usual) -> Array:
    """Whether most of the other organisations of the site whose marks are fine have few volunteers too: the site, not the appeal."""
    site_of = dict(zip(ctx.orgs["org_id"].to_pylist(), ctx.orgs["site_id"].to_pylist(), strict=True))
    _, site = np.unique([site_of[o] for o in found.orgs] or [""], return_inverse=True)
    site = site[: len(found.orgs)]
    fine = (found.total.raters >= ctx.param("low_appeal.least_raters")) & ~_low(ctx, found.total, norm)
    witness = fine & (found.total.expected > 0)
    few = witness & _few(ctx, found.total, norm)
    others = np.bincount(site, weights=witness)[site] - witness
    alike = np.bincount(site, weights=few)[site] - few
    return (others >= ctx.param("low_appeal.site_others")) & (alike > ctx.param("low_appeal.site_share") * others)


def _low(ctx: Context, counts: Counts, norm: _Usual, by: str = "below") -> Array:
    mark = _mark(counts, norm)
    known = counts.raters >= ctx.param("low_appeal.least_raters")
    return known & (np.nan_to_num(mark, nan=9.0) < norm.mark - ctx.param(f"low_appeal.{by}"))


def _severity(ctx: Context, found: Appeal, norm: _Usual, few: Array) -> Array:
    total = found.total
    enough = total.records >= ctx.param("low_appeal.least_records")
    enough &= total.expected * norm.ratio >= ctx.param("low_appeal.least_expected")
    decided = few & enough & _low(ctx, total, norm)
    both = np.logical_and.reduce([_few(ctx, half, norm) & _low(ctx, half, norm) for half in found.halves])
    surely = _interval(ctx, found, norm)[1] >= ctx.param("low_appeal.low_for_three")
    marked = decided & both & surely & _low(ctx, total, norm, "far_below")
    unknown = enough & (total.raters < ctx.param("low_appeal.least_raters"))
    hinted = few & (unknown | _low(ctx, total, norm))
    return np.where(marked, 3, np.where(decided, 2, np.where(hinted, 1, 0))).astype(np.int32)


def _interval(ctx: Context, found: Appeal, norm: _Usual) -> tuple[Array, Array, Array]:
    """How much less than usual, with its 5 to 95 % interval; the same people come again, so occasions count by a third."""
    total, repeat = found.total, ctx.param("low_appeal.person_repeat")
    share = np.where(total.eligible > 0, total.volunteers / np.maximum(total.eligible, 1), np.nan)
    usual_share = norm.ratio * total.expected / np.maximum(total.eligible, 1)
    m = np.clip(usual_share, ctx.param("statistics.peer_rate_low"), ctx.param("statistics.peer_rate_high"))
    low, high = ctx.param("statistics.strength_low"), ctx.param("statistics.strength_high")
    c = np.where(norm.packaged, low, peer_strength(ctx, found.orgs, share, packaged=low, low=low, high=high))
    a = total.volunteers / repeat + c * m
    b = (total.eligible - total.volunteers) / repeat + c * (1 - m)
    tail = ctx.param("statistics.interval_tail")
    point, least, most = (np.clip(1 - rate / m, 0.0, 1.0) for rate in (a / (a + b), betaincinv(a, b, 1 - tail), betaincinv(a, b, tail)))
    return point, least, most


def _rows(ctx: Context, found: Appeal, norm: _Usual, mark: Array, severity: Array) -> pa.Table:
    total = found.total
    score, low, high = _interval(ctx, found, norm)
    shown = np.where(total.raters >= ctx.param("low_appeal.least_raters"), mark, np.nan)
    table = pa.table({
        "org_id": pa.array(found.orgs, pa.string()), "score": score, "low": low, "high": high, "severity": severity,
        "k": total.volunteers, "n": total.records, "eligible": total.eligible, "usual": total.expected * norm.ratio,
        "mark": pa.array(shown, from_pandas=True), "usual_mark": norm.mark, "mark_below": pa.array(norm.mark - shown, from_pandas=True),
        "raters": total.raters, "packaged": norm.packaged,
    })
    return table.filter(pa.array(total.records > 0))


def _evidence(ctx: Context, found: Appeal, norm: _Usual, rows: pa.Table) -> pa.Table:
    """The low records in W of flagged organisations: few volunteers in a voluntary kind, or a low mark; oldest first."""
    flagged = rows.filter(pc.greater(rows["severity"], 0))["org_id"].to_pylist()
    if not flagged:
        return EVIDENCE.empty_table()
    act = ctx.t("act")
    held = act.filter(act.held & act.m.notnull() & act.org_id.isin(flagged))
    columns = ("org_id", "activity_id", "kind", "held_at", "eligible", "volunteers", "ratings", "rating")
    position = {org: i for i, org in enumerate(found.orgs)}
    kinds = {kind: i for i, kind in enumerate(found.kinds)}
    out: list[dict[str, object]] = []
    for r in ctx.run(held.select(*columns).order_by("org_id", "held_at", "activity_id")).to_pylist():
        i = position[r["org_id"]]
        due = found.rate[kinds[r["kind"]], found.size[i]] * norm.ratio[i] if r["kind"] in kinds else None
        came = None if due is None or r["volunteers"] is None or not r["eligible"] else r["volunteers"] / r["eligible"]
        few = came is not None and came < ctx.param("low_appeal.share") * due
        low = r["rating"] is not None and r["ratings"] and r["rating"] < norm.mark[i] - ctx.param("low_appeal.below")
        if few or low:
            out.append({"org_id": r["org_id"], "key": f"activity:{r['activity_id']}", "ord": len(out)})
    return pa.Table.from_pylist(out, EVIDENCE)
