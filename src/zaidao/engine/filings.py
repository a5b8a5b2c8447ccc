"""When records were put on file, as sorted arrays: lags, sessions and chances to file that passed (SIGNALS 4.4).

One pass over all records with a known event time and filing time. Times are whole seconds, organisations and sites dense
codes, rows ordered by organisation, filing time and activity code, so that results do not depend on threads.
"""

from dataclasses import dataclass
from functools import cached_property

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.context import Context

DAY = 86_400
Array = np.ndarray


def codes(column: pa.ChunkedArray) -> tuple[Array, list[str]]:
    """Dense codes of a text column in the order of its sorted values, and those values; null is the last code."""
    names = sorted(v for v in pc.unique(column).to_pylist() if v is not None)
    found = pc.index_in(column, value_set=pa.array(names, pa.string())).fill_null(len(names))
    return found.to_numpy(zero_copy_only=False).astype(np.int64), names


def distinct(first: Array, second: Array) -> tuple[Array, Array]:
    """The distinct pairs of two arrays of small whole numbers, sorted."""
    width = int(second.max(initial=0)) + 1
    pairs = np.unique(first * width + second)
    return pairs // width, pairs % width


def seconds(column: pa.ChunkedArray) -> Array:
    """Timestamps as whole seconds since 1970."""
    return column.cast(pa.timestamp("s"), safe=False).cast(pa.int64()).to_numpy()


@dataclass(frozen=True)
class Filings:
    """Records with known event and filing time that were filed in W or later; `m` is the window month of the event, -1 outside."""

    table: pa.Table
    org: Array
    orgs: list[str]
    site: Array
    held: Array
    filed: Array
    m: Array

    @classmethod
    def of(cls, ctx: Context) -> "Filings":
        """All held records of the snapshot whose filing time is known. What was filed before W tells nothing about events in W."""
        act = ctx.t("act")
        known = act.filter(act.held & (act.m.notnull() | (act.recorded_at >= ibis.literal(ctx.window.start))) & act.recorded_at.notnull())
        columns = ("activity_id", "org_id", "site_id", "kind", "held_at", "recorded_at", "m")
        table = ctx.run(known.select(*columns).order_by("org_id", "recorded_at", "activity_id"))
        org, orgs = codes(table["org_id"])
        m = table["m"].fill_null(-1).to_numpy().astype(np.int64)
        return cls(table, org, orgs, codes(table["site_id"])[0], seconds(table["held_at"]), seconds(table["recorded_at"]), m)

    @property
    def days(self) -> Array:
        """Lag from event to filing in days; negative: filed before the event."""
        return (self.filed - self.held) / DAY

    def norm_of_others(self, share: float, least: int) -> Array:
        """Per organisation the `share` quantile (nearest rank) of lag in W among the *others* of its site; nan under `least` records."""
        inside = np.flatnonzero(self.m >= 0)
        order = inside[np.lexsort((self.org[inside], self.days[inside], self.site[inside]))]
        site, org, days = self.site[order], self.org[order], self.days[order]
        starts = np.searchsorted(site, np.arange(site.max() + 2 if len(site) else 1))
        position = np.arange(len(order)) - starts[site]
        own = np.bincount(org, minlength=len(self.orgs))
        site_of = np.full(len(self.orgs), -1)
        site_of[org] = site
        others = np.where(site_of >= 0, np.diff(starts)[site_of] - own, 0) if len(site) else own
        rank = np.maximum(np.ceil(share * others).astype(np.int64) - 1, 0)
        by_org = np.lexsort((position, org))
        nth = np.arange(len(order)) - np.searchsorted(org[by_org], org[by_org])
        before = (position[by_org] - nth) <= rank[org[by_org]]
        passed_over = np.bincount(org[by_org], weights=before, minlength=len(self.orgs)).astype(np.int64)
        found = np.full(len(self.orgs), np.nan)
        known = np.flatnonzero((others >= least) & (site_of >= 0))
        found[known] = days[starts[site_of[known]] + rank[known] + passed_over[known]]
        return found

    def own_between(self, rows: Array, low: Array, high: Array) -> Array:
        """Whether the organisation of each row filed anything in [low, high]."""
        key = self._key(self.org, self.filed)
        return np.searchsorted(key, self._key(self.org[rows], high), "right") > np.searchsorted(key, self._key(self.org[rows], low), "left")

    def siblings_between(self, rows: Array, low: Array, high: Array) -> Array:
        """How many other organisations of the site (0, 1 or 2 for more) filed anything in [low, high]."""
        site, org, time, _ = self._by_site
        mine, here = self.org[rows], self.site[rows]
        key = self._key(site, time)
        at = np.searchsorted(key, self._key(here, low), "left")
        end = np.searchsorted(key, self._key(here, high), "right")
        first = self._next_of_another(at, end, mine, mine)
        other = np.where(first < end, org[np.minimum(first, len(org) - 1)], -1)
        second = self._next_of_another(first, end, mine, other)
        return (first < end).astype(int) + ((first < end) & (second < end))

    @cached_property
    def _by_site(self) -> tuple[Array, Array, Array, Array]:
        """Filings by site and time, and for each the position of the next one by a different organisation."""
        order = np.lexsort((self.org, self.filed, self.site))
        site, org = self.site[order], self.org[order]
        change = np.flatnonzero(np.r_[org[1:] != org[:-1], True]) + 1 if len(org) else np.array([], dtype=int)
        ahead = change[np.searchsorted(change, np.arange(len(org)), "right")] if len(org) else change
        return site, org, self.filed[order], ahead

    def _next_of_another(self, start: Array, end: Array, mine: Array, other: Array) -> Array:
        """The first position from `start` on, before `end`, that belongs to neither `mine` nor `other`; else `end` or later."""
        _, org, _, ahead = self._by_site
        at = start.copy()
        open_rows = np.flatnonzero(at < end)
        while len(open_rows):
            here = org[at[open_rows]]
            open_rows = open_rows[(here == mine[open_rows]) | (here == other[open_rows])]
            at[open_rows] = ahead[at[open_rows]]
            open_rows = open_rows[at[open_rows] < end[open_rows]]
        return at

    @cached_property
    def _span(self) -> tuple[int, int]:
        low = min(int(self.held.min()), int(self.filed.min())) - 400 * DAY
        return low, max(int(self.held.max()), int(self.filed.max())) + 400 * DAY - low

    def _key(self, group: Array, time: Array) -> Array:
        """Group and time in one sortable number; times beyond the span stay inside their group."""
        low, width = self._span
        return group * width + np.clip(time - low, 0, width - 1)

    def sessions(self, gap: int) -> Array:
        """Per row the number of its filing session; a session ends where the organisation's next filing is `gap` seconds away."""
        first = np.ones(len(self.org), dtype=bool)
        first[1:] = (self.org[1:] != self.org[:-1]) | (np.diff(self.filed) >= gap)
        return np.cumsum(first) - 1

    def session_months(self, gap: int) -> Array:
        """Per row: how many event months its filing session covers."""
        session = self.sessions(gap)
        month = self.held.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
        sessions, _ = distinct(session, month - month.min(initial=0))
        return np.bincount(sessions, minlength=session.max(initial=-1) + 1)[session]
