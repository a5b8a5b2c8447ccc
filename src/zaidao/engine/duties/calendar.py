"""Clauses and rules laid on the calendar: one row per organisation, subject and period, before any record is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zaidao.engine.context import Context
from zaidao.engine.duties import conditions
from zaidao.engine.duties.clauses import MONTHS, Segment, Source
from zaidao.engine.duties.conditions import (
    ALWAYS,
    NEVER,
    Conditions,
    Ints,
    day_of,
    days,
    month_index,
    month_start,
)

DUE, FOUNDED, DISSOLVED, UNMET, UNKNOWN, BY_BRANCH = range(6)
EXEMPT_REASONS = ("", "期内成立", "期内撤销", "适用条件未满足", "适用条件不明,缺任职或人员资料", "由所在支部统一登记")


@dataclass(frozen=True)
class Calendar:
    """Columns of equal length: position of the organisation, subject code, first month (counted from year 0), months, times asked,
    grace in days, source code, first day and the day after the last, `why` (0 due, else index of `EXEMPT_REASONS`), `tier`."""

    org: Ints
    subject: Ints
    month: Ints
    months: Ints
    times: Ints
    grace: Ints
    source: Ints
    start: Ints
    end: Ints
    why: Ints
    tier: Ints

    def take(self, rows: npt.NDArray[np.bool_] | Ints) -> "Calendar":
        return Calendar(*(getattr(self, f.name)[rows] for f in fields(self)))


def history(ctx: Context, held: Ints) -> tuple[int, int]:
    """First month (counted from year 0) of which the ledger is whole, and the number of months to the day of judgement."""
    window = ctx.window
    earliest = window.first_index - ctx.param("duties.history_months")
    last = window.as_of.year * 12 + window.as_of.month - 1
    if len(held):
        begun = held[held >= month_start(earliest)].min(initial=ALWAYS)
        if begun < ALWAYS:
            month = int(month_index(np.array([begun]))[0])
            earliest = max(earliest, month + int(begun - month_start(month) >= ctx.param("duties.first_days")))
    return earliest, max(last - earliest + 1, 1)


def lay(
    ctx: Context, bound: Sequence[tuple[int, tuple[Segment, ...]]], sources: Sequence[Source], subjects: Sequence[str],
    span: tuple[int, int],
) -> Calendar:
    """Every period of `span` that a source holds through whole and that touches the organisation's life.

    `bound`: position of the organisation and its segments (the same tuple object for organisations bound alike).
    """
    place = {s: i for i, s in enumerate(sources)}  # one key may have several rhythms, one after the other
    code = {s: i for i, s in enumerate(subjects)}
    tables = {id(segments): _table(segments, place, code) for _, segments in bound}
    org = np.repeat([o for o, _ in bound], [len(s) for _, s in bound]).astype(np.int64)
    table = np.concatenate([np.empty((0, 8), np.int64), *(tables[id(s)] for _, s in bound)])
    parts = [_periods(org[at], table[at], m, span) for m in sorted(set(MONTHS.values())) for at in (np.nonzero(table[:, 1] == m)[0],)]
    rows = _alive(ctx, Calendar(*(np.concatenate(c) for c in zip(*parts, strict=True))))
    rows = _conditioned(rows, sources, conditions.build(ctx, *span))
    rows = _first_tier(rows, len(subjects), span)
    return rows.take(np.lexsort((rows.month, rows.subject, rows.org)))


def _table(segments: tuple[Segment, ...], place: dict[Source, int], code: dict[str, int]) -> Ints:
    return np.array([
        (code[s.subject], s.months, s.at_least, s.grace, place[s], day_of(g.since), day_of(g.until), g.tier)
        for g in segments for s in (g.source,)
    ], np.int64).reshape(-1, 8)


def _periods(org: Ints, table: Ints, months: int, span: tuple[int, int]) -> tuple[Ints, ...]:
    first, count = span
    at = np.arange(-(-first // months) * months, first + count, months)
    start, end = month_start(at), month_start(at + months)
    row, period = np.nonzero((table[:, 5, None] <= start) & (table[:, 6, None] >= end))
    subject, length, times, grace, source, _, _, tier = table[row].T
    return org[row], subject, at[period], length, times, grace, source, start[period], end[period], np.zeros(len(row), np.int64), tier


def _alive(ctx: Context, rows: Calendar) -> Calendar:
    """Periods outside the organisation's life go; those it was founded or dissolved in are exempt."""
    founded, dissolved = days(ctx.orgs["counted_from"], NEVER)[rows.org], days(ctx.orgs["dissolved_on"], ALWAYS)[rows.org]
    rows.why[founded > rows.start] = FOUNDED
    rows.why[dissolved < rows.end] = DISSOLVED
    return rows.take((founded < rows.end) & (dissolved > rows.start))


def _conditioned(rows: Calendar, sources: Sequence[Source], held: Conditions) -> Calendar:
    for condition in sorted({c for s in sources for c in s.conditions}):
        bound = np.array([condition in s.conditions for s in sources], bool)[rows.source]
        mine = np.nonzero(bound & ((rows.why == DUE) | (rows.why == UNKNOWN)))[0]
        met = held.met(condition, rows.month[mine], rows.org[mine])
        rows.why[mine[met < 0]] = UNKNOWN
        rows.why[mine[met == 0]] = UNMET
    return rows


def _first_tier(rows: Calendar, subjects: int, span: tuple[int, int]) -> Calendar:
    """Where a clause binds on conditions of its own and they don't hold, what would hold without it takes its place."""
    if not rows.tier.any():
        return rows
    first, count = span
    pair = rows.org * subjects + rows.subject
    taken = _covered(rows, pair, (rows.tier == 0) & (rows.why != UNMET), first, count)
    second = (rows.tier == 1) & (_touch(rows, pair, taken, first, count) == 0)
    filled = _covered(rows, pair, second, first, count)
    kept = (rows.tier == 0) & ((rows.why != UNMET) | (_touch(rows, pair, filled, first, count) == 0))
    return rows.take(kept | second)


def _covered(rows: Calendar, pair: Ints, which: npt.NDArray[np.bool_], first: int, count: int) -> Ints:
    """The months (pair * months + month) that the chosen rows cover."""
    longest = max(MONTHS.values())
    at = pair * (count + longest) + rows.month - first
    return np.unique(np.concatenate([at[which & (rows.months > k)] + k for k in range(longest)]))


def _touch(rows: Calendar, pair: Ints, covered: Ints, first: int, count: int) -> Ints:
    """How many months of each row are covered."""
    width = count + max(MONTHS.values())
    at = pair * width + rows.month - first
    return np.searchsorted(covered, at + rows.months) - np.searchsorted(covered, at)


def source_column(sources: Sequence[Source], codes: Ints, name: str) -> pa.Array:
    """A text attribute of each row's source."""
    return pa.array([getattr(s, name) for s in sources], pa.string()).take(pa.array(codes))
