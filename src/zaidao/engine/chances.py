"""Tail chances of an organisation's own count against what is usual among its peers; one row (org_id, family, p) each."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from scipy.special import betaln

from zaidao.engine.context import Context
from zaidao.engine.indicators.base import MARKS
from zaidao.engine.peers import Peers

Array = np.ndarray
MOST = 0.99
CHANCES = pa.schema([("org_id", pa.string()), ("family", pa.string()), ("p", pa.float64())])


def upper_tail(k: Array, n: Array, m: Array | float, c: Array | float) -> Array:
    """P(K >= k) for Beta-binomial counts of n trials with mean m and strength c, element by element; nan where n is 0."""
    k, n, m, c = np.broadcast_arrays(np.asarray(k, float), np.asarray(n, float), np.asarray(m, float), np.asarray(c, float))
    rows, back = np.unique(np.column_stack([k, n, m, c]), axis=0, return_inverse=True)
    return np.array([_tail(*row) for row in rows.tolist()])[back.ravel()] if len(k) else np.zeros(0)


def lower_tail(k: Array, n: Array, m: Array | float, c: Array | float) -> Array:
    """P(K <= k) for the same counts."""
    return upper_tail(np.asarray(n, float) - k, n, 1 - np.asarray(m, float), c)


def _tail(k: float, n: float, m: float, c: float) -> float:
    if not n > 0 or np.isnan(m):
        return float("nan")
    j = np.arange(max(int(np.ceil(k - 1e-9)), 0), int(n) + 1)
    a, b = m * c, (1 - m) * c
    choose = -np.log(n + 1) - betaln(n - j + 1, j + 1)
    return float(min(1.0, np.exp(choose + betaln(j + a, n - j + b) - betaln(a, b)).sum()))


def peer_median(ctx: Context, orgs: Sequence[str], values: Array, packaged: float) -> Array:
    """The median of `values` among the peers of each organisation (itself included); `packaged` where too few have one."""
    return _over_peers(ctx, orgs, values, np.median, packaged)


def peer_mean(ctx: Context, orgs: Sequence[str], values: Array, packaged: float) -> Array:
    """The mean of `values` among the peers of each organisation (itself included); `packaged` where too few have one."""
    return _over_peers(ctx, orgs, values, np.mean, packaged)


def peer_strength(ctx: Context, orgs: Sequence[str], rates: Array, *, packaged: float, low: float, high: float) -> Array:
    """By moments: the Beta strength that explains how far peers' rates differ, within [low, high]."""

    def strength(r: Array) -> float:
        mean, spread = float(np.clip(r.mean(), 0.02, 0.98)), float(r.var())
        return mean * (1 - mean) / spread - 1 if spread > 0 else high

    return np.clip(_over_peers(ctx, orgs, rates, strength, packaged), low, high)


def _over_peers(ctx: Context, orgs: Sequence[str], values: Array, measure: object, packaged: float) -> Array:
    found = np.full(len(orgs), float(packaged))
    known = np.flatnonzero(~np.isnan(values))
    compared = tuple(orgs[int(i)] for i in known)
    peers = ctx.once("peers", lambda: Peers.of(ctx.tree, ctx.orgs, ctx.param("frame.min_peers")))
    groups = ctx.once(f"peers of {hash(compared)}", lambda: peers.group(compared))
    for i, members in enumerate(groups.members):
        found[known[groups.index == i]] = measure(values[known[members]])  # type: ignore[operator]
    return found


def smallest(*chances: Array) -> Array:
    """One chance for several looks at one family: Bonferroni over the looks that were possible; nan where none was."""
    stacked = np.vstack(chances)
    looks = (~np.isnan(stacked)).sum(axis=0)
    least = np.nanmin(np.where(np.isnan(stacked), np.inf, stacked), axis=0)
    return np.where(looks > 0, np.minimum(1.0, np.where(looks > 0, least, 1.0) * looks), np.nan)


def chances(orgs: Sequence[str], family: str, p: Array) -> pa.Table:
    """CHANCES of one family, without the organisations where nothing could be seen.

    A tail of 1 is capped: in a Cauchy combination it would outweigh any number of small ones, though counts often reach it.
    """
    known = ~np.isnan(p)
    capped = np.minimum(p, MOST)
    columns = [pa.array(orgs, pa.string()), pa.array([family] * len(orgs), pa.string()), pa.array(capped, pa.float64())]
    return pa.table(columns, schema=CHANCES).filter(pa.array(known))


def strength(p: Array, most: float, decades: float) -> Array:
    """How strong a mark is whose chance is p: `most` from `decades` powers of ten on, in proportion below."""
    return np.round(most * np.clip(-np.log10(np.maximum(p, 1e-300)) / decades, 0.0, 1.0), 6)


def marks(table: pa.Table, family: str, code: str, strengths: Array | float, others: pa.Array | None = None) -> pa.Table:
    """MARKS on the records of `table` (activity_id, org_id)."""
    size = table.num_rows
    return pa.table({
        "activity_id": table["activity_id"], "org_id": table["org_id"], "family": pa.array([family] * size, pa.string()),
        "code": pa.array([code] * size, pa.string()), "strength": pa.array(np.broadcast_to(strengths, size).astype(float)),
        "other_id": pa.nulls(size, pa.string()) if others is None else others,
    }).cast(MARKS)
