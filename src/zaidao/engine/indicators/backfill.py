"""集中补录: records filed long after the event although there was a chance to file them (SIGNALS 4.4, family time).

A record is late where its lag exceeds 30 days and what is usual at its site, and a chance passed: the organisation itself,
or two others of its site, filed something else meanwhile; or one session covers three months of events. Honest uploads are
first in, first out, so no chance passes them. Reasons given, migration days and causes shared by a site are left out.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.context import Context
from zaidao.engine.filings import DAY, Filings, codes, distinct
from zaidao.engine.indicators.base import MARKS, Trials, nothing

Array = np.ndarray


@dataclass(frozen=True)
class _Judged:
    """Row by row of `filings`: counted (in n), late (in k); `limit` days per organisation."""

    filings: Filings
    counted: Array
    late: Array
    limit: Array


def backfill(ctx: Context) -> Trials:
    """k late of n records with known filing time in W. Adds the marks of family time to the context."""
    if not ctx.facts.has("activity", "recorded_at") or not ctx.facts.has("activity", "held_at"):
        return nothing(Trials, "活动记录没有录入时间或实际时间,无法判断是否集中补录")  # type: ignore[return-value]
    judged = _judge(ctx)
    ctx.marks.append(_marks(ctx, judged))
    return Trials(_counts(ctx, judged), _evidence(judged))


def time_marks(ctx: Context) -> pa.Table:
    """MARKS: `backfilled` on late records in W, `filed_before` on records filed on a day before their event."""
    return _marks(ctx, _judge(ctx)) if ctx.facts.has("activity", "recorded_at") else MARKS.empty_table()


def _judge(ctx: Context) -> _Judged:
    filings = Filings.of(ctx)
    empty = np.zeros(0, dtype=bool)
    if not len(filings.org):
        return _Judged(filings, empty, empty, np.zeros(0))
    norm = filings.norm_of_others(ctx.param("backfill.site_share"), ctx.param("backfill.site_records"))
    limit = np.clip(np.nan_to_num(norm), ctx.param("backfill.late_days"), ctx.param("backfill.late_cap_days"))
    late = np.zeros(len(filings.org), dtype=bool)
    rows = np.flatnonzero((filings.m >= 0) & (filings.days > limit[filings.org]))
    rows = rows[_chance_passed(ctx, filings, rows)]
    late[rows[~_explained(ctx, filings, rows)]] = True
    shared = _migrated(ctx, filings)
    late &= ~shared
    shared |= _common_cause(ctx, filings, late)
    counted = (filings.m >= 0) & ~shared
    return _Judged(filings, counted, late & ~shared, limit)


def _chance_passed(ctx: Context, filings: Filings, rows: Array) -> Array:
    """Whether each of the late rows could have been filed earlier.

    What others of the site filed counts beyond the cap alone: who clears everything once a month, first in, first out, is late
    by a month and some days without having passed a chance of their own.
    """
    low = filings.held[rows] + ctx.param("backfill.chance_after_days") * DAY
    high = filings.filed[rows] - ctx.param("backfill.chance_before_days") * DAY
    siblings = filings.siblings_between(rows, low, filings.filed[rows] - ctx.param("backfill.siblings_before_days") * DAY)
    long = filings.days[rows] > ctx.param("backfill.late_cap_days")
    batch = filings.session_months(ctx.param("backfill.session_minutes") * 60)[rows] >= ctx.param("backfill.session_months")
    return (
        filings.own_between(rows, low, high) | (long & (siblings >= ctx.param("backfill.siblings")))
        | (long & batch & (siblings >= ctx.param("backfill.session_siblings")))
    )


def _explained(ctx: Context, filings: Filings, rows: Array) -> Array:
    """Whether a late row says why it is late, in its remark or in its text."""
    late = filings.table["activity_id"].take(pa.array(rows)).combine_chunks()
    said = set()
    if len(rows) and ctx.facts.has("activity", "remark"):
        act = ctx.t("act")
        remarked = ctx.run(act.filter(act.remark.re_search(ctx.param("backfill.reason_remark"))).select("activity_id"))
        said.update(remarked["activity_id"].to_pylist())
    if len(rows):
        for batch in ctx.facts.minutes():
            mine = batch.filter(pc.is_in(batch["activity_id"], value_set=late))
            stated = pc.match_substring_regex(mine["minutes"], ctx.param("backfill.reason_text"))
            said.update(mine.filter(stated)["activity_id"].to_pylist())
    return np.array([a in said for a in late.to_pylist()], dtype=bool)


def _migrated(ctx: Context, filings: Filings) -> Array:
    """Rows of sessions on an organisation's first migration day: a day on which many organisations file very old records."""
    day = filings.filed // DAY
    old = filings.days > ctx.param("backfill.migration_days")
    moved_on, who = distinct(day[old], filings.org[old])
    days, orgs = np.unique(moved_on, return_counts=True)
    least = max(ctx.param("backfill.migration_least"), ctx.param("backfill.migration_share") * len(filings.orgs) + 1e-9)
    moving = np.isin(moved_on, days[orgs >= least])
    first = np.full(len(filings.orgs), -1)
    first[who[moving][::-1]] = moved_on[moving][::-1]
    session = filings.sessions(ctx.param("backfill.session_minutes") * 60)
    return np.isin(session, session[day == first[filings.org]])  # an upload may run past midnight


def _common_cause(ctx: Context, filings: Filings, late: Array) -> Array:
    """Rows of cells (site, kind, month) that more than half of at least four *other* organisations of the site filed late.

    An organisation that is late in most months is no witness of a cause that lay in one month: a site where several
    organisations file everything before the same inspection keeps its counts.
    """
    inside = np.flatnonzero(filings.m >= 0)
    org, month = filings.org[inside], filings.m[inside]
    size = len(filings.orgs)
    months, late_months = (np.bincount(distinct(org[rows], month[rows])[0], minlength=size) for rows in (slice(None), late[inside]))
    witness = late_months <= ctx.param("backfill.habit_share") * months
    kind, names = codes(filings.table["kind"])
    _, cell = np.unique((filings.site * (len(names) + 1) + kind) * (ctx.window.count + 1) + filings.m, return_inverse=True)
    seen, hit = (distinct(cell[inside][rows], org[rows]) for rows in (slice(None), late[inside]))
    total, bad = (np.bincount(cells[witness[who]], minlength=cell.max() + 1) for cells, who in (seen, hit))
    own_bad = np.isin(cell * size + filings.org, hit[0] * size + hit[1]) & witness[filings.org]
    others, bad_others = total[cell] - witness[filings.org], bad[cell] - own_bad
    return (filings.m >= 0) & (others >= ctx.param("frame.cell_others")) & (bad_others > ctx.param("frame.cell_share") * others)


def _counts(ctx: Context, judged: _Judged) -> pa.Table:
    f, size = judged.filings, len(judged.filings.orgs)

    def count(rows: Array) -> Array:
        return np.bincount(f.org[rows], minlength=size).astype(float)

    odd = f.m % 2 == 1
    months = np.bincount(distinct(f.org[judged.late], f.m[judged.late])[0], minlength=size)
    longest = np.zeros(size)
    np.maximum.at(longest, f.org[judged.late], f.days[judged.late])
    k, n = count(judged.late), count(judged.counted)
    enough = (k >= ctx.param("backfill.least_records")) & (months >= ctx.param("backfill.least_months"))
    columns: dict[str, Any] = {
        "org_id": pa.array(f.orgs, pa.string()), "k": k, "n": n,
        "k_odd": count(judged.late & odd), "n_odd": count(judged.counted & odd),
        "k_even": count(judged.late & ~odd), "n_even": count(judged.counted & ~odd), "enough": enough,
        "months": months, "longest": longest, "limit": judged.limit,
    }
    standing = pc.is_in(columns["org_id"], value_set=ctx.orgs.filter(ctx.orgs["judged"])["org_id"].combine_chunks())
    return pa.table(columns).filter(pc.and_(standing, pc.greater(pa.array(n), 0)))


def _evidence(judged: _Judged) -> pa.Table:
    """The late records, oldest event first."""
    rows = np.flatnonzero(judged.late)
    rows = rows[np.lexsort((judged.filings.held[rows], judged.filings.org[rows]))]
    table = judged.filings.table.take(pa.array(rows))
    keys = pc.binary_join_element_wise("activity", table["activity_id"], ":")
    return pa.table({"org_id": table["org_id"], "key": keys, "ord": np.arange(len(rows), dtype=np.int32)})


def _marks(ctx: Context, judged: _Judged) -> pa.Table:
    f = judged.filings
    before = f.filed // DAY < f.held // DAY
    parts = []
    for code, rows in (("backfilled", judged.late), ("filed_before", before)):
        found = f.table.filter(pa.array(rows)).select(["activity_id", "org_id"])
        size = found.num_rows
        parts.append(pa.table({
            "activity_id": found["activity_id"], "org_id": found["org_id"], "family": pa.array(["time"] * size, pa.string()),
            "code": pa.array([code] * size, pa.string()), "strength": pa.array([ctx.param(f"marks.{code}")] * size, pa.float64()),
            "other_id": pa.nulls(size, pa.string()),
        }).cast(MARKS))
    return pa.concat_tables(parts)
