"""Sums over subtrees: whole numbers in tree order, so that each sum is a difference of two running totals (DESIGN 3).

Fractions are carried as millionths: no order of rows or threads changes a sum.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtri

from zaidao.engine.context import Context

Ints = np.ndarray
MICRO = 1_000_000


@dataclass(frozen=True)
class Measure:
    """One measure in tree order: whole numbers per organisation, `known` where it is known; `den` None for plain counts.

    `scale`: what one unit is counted in (millionths for fractions). `unknown`: items nobody can tell, which give the bounds of paper.
    `mean_from`: `num` / `den` is a mean over `den` people (`den` in ones), shown from so many of them on, with one decimal: finer
    figures would let the mean of a small branch be worked out by subtraction.
    """

    name: str
    num: Ints
    den: Ints | None
    known: np.ndarray
    scale: int = 1
    unknown: Ints | None = None
    mean_from: int | None = None


class Totals:
    """Running totals over the tree's order."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.orgs = pa.array(ctx.tree.order, pa.string())
        self.end = np.arange(len(ctx.tree.order)) + self._sizes()
        self.z = float(ndtri(1 - ctx.param("statistics.interval_tail")))

    def _sizes(self) -> Ints:
        """Organisations in each subtree, itself included."""
        depth = [len(self.ctx.tree.path[o]) for o in self.ctx.tree.order]
        sizes = np.ones(len(depth), np.int64)
        above: list[int] = []
        for i, d in enumerate(depth):
            del above[d - 1:]
            for j in above:
                sizes[j] += 1
            above.append(i)
        return sizes

    @cached_property
    def leads(self) -> np.ndarray:
        """Whether an organisation has others below it."""
        return self.end - np.arange(len(self.orgs)) > 1

    def sum(self, values: Ints) -> Ints:
        """Per organisation the sum over its subtree."""
        running = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
        return running[self.end] - running[:-1]

    def place(self, table: pa.Table) -> Ints:
        """Positions in tree order of a table's organisations."""
        return pc.index_in(table["org_id"], value_set=self.orgs).to_numpy(zero_copy_only=False)

    def column(self, table: pa.Table, name: str) -> tuple[Ints, np.ndarray]:
        """A column of counts in tree order, zero where unknown, and where it is known."""
        values, known = np.zeros(len(self.orgs), np.int64), np.zeros(len(self.orgs), bool)
        at, cells = self.place(table), table[name].cast(pa.int64())
        there = pc.is_valid(cells).to_numpy(zero_copy_only=False)
        values[at] = pc.fill_null(cells, 0).to_numpy()
        known[at] = there
        return values, known

    def table(self, measure: Measure, only: np.ndarray | None = None) -> pa.Table:
        """The summed measure where anything is known (and `only` holds): ord, measure, num, den, value, low, high, organisations.

        A share's interval is Wilson's; that of paper comes from what is unknown; a plain count has none.
        """
        num, organisations = self.sum(measure.num) / measure.scale, self.sum(measure.known)
        wanted = organisations > 0 if only is None else (organisations > 0) & only
        if measure.den is None:
            return self.rows(measure.name, np.flatnonzero(wanted), num, organisations=organisations)
        if measure.mean_from is not None:
            return self._mean(measure, num, organisations)
        den = self.sum(measure.den) / measure.scale
        at = np.flatnonzero(wanted & (den > 0))
        if measure.unknown is None:
            return self.rows(measure.name, at, num, den, bounds=wilson(num[at], den[at], self.z), organisations=organisations)
        unknown = self.sum(measure.unknown) / measure.scale
        whole = (den + unknown)[at]
        return self.rows(measure.name, at, num, den, bounds=(num[at] / whole, (num + unknown)[at] / whole), organisations=organisations)

    def _mean(self, measure: Measure, num: Ints, organisations: Ints) -> pa.Table:
        den = self.sum(measure.den)  # type: ignore[arg-type]
        at = np.flatnonzero(den >= max(measure.mean_from or 0, 1))
        shown = num.astype(float)
        shown[at] = np.round(num[at] / den[at], 1) * den[at]
        return self.rows(measure.name, at, shown, den, organisations=organisations)

    @staticmethod
    def rows(
        name: str, at: Ints, num: Ints, den: Ints | None = None, *, bounds: tuple[Ints, Ints] | None = None, organisations: Ints,
    ) -> pa.Table:
        """A measure's rows at the positions `at`; `bounds` stand at those rows already."""
        none = pa.nulls(len(at), pa.float64())
        low, high = (none, none) if bounds is None else (pa.array(b, pa.float64()) for b in bounds)
        whole, value = (none, none) if den is None else (pa.array(v, pa.float64()) for v in (den[at], num[at] / den[at]))
        return pa.table({
            "ord": pa.array(at, pa.int32()), "measure": pa.array([name] * len(at), pa.string()), "num": pa.array(num[at], pa.float64()),
            "den": whole, "value": value, "low": low, "high": high, "organisations": pa.array(organisations[at], pa.int32()),
        })


def wilson(k: Ints, n: Ints, z: float) -> tuple[Ints, Ints]:
    """Wilson's interval of a share k of n (n > 0)."""
    p, d = k / n, 1 + z * z / n
    half = z * np.sqrt(np.maximum(p * (1 - p), 0) / n + z * z / (4 * n * n)) / d
    centre = (p + z * z / (2 * n)) / d
    return np.minimum(np.maximum(centre - half, 0.0), p), np.maximum(np.minimum(centre + half, 1.0), p)
