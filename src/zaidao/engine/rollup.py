"""Every organisation with all below it: numerators and denominators apart, intervals anew from the sums (SIGNALS 3).

Never a mean of means; what is unknown stays null.
"""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine import elements
from zaidao.engine.context import Context
from zaidao.engine.measures import measures
from zaidao.engine.schema import ELEMENTS, FINDINGS
from zaidao.engine.totals import MICRO, Ints, Measure, Totals, wilson

ROLLUP = pa.schema([
    ("org_id", pa.string()), ("measure", pa.string()), ("num", pa.float64()), ("den", pa.float64()), ("value", pa.float64()),
    ("low", pa.float64()), ("high", pa.float64()), ("organisations", pa.int32()),
])


def build(ctx: Context, findings: pa.Table, parts: pa.Table, unknown: Collection[str] = ()) -> pa.Table:
    """The roll-up in tree order, then by measure as listed in docs/reference/outputs.md; shape `ROLLUP`.

    `findings` and `parts` as `run` makes them; `unknown`: codes that were not judged, which get no row. A row exists where at
    least one organisation below knows the measure; `organisations` says how many do. Needs `duty` and `mark`.
    """
    totals = Totals(ctx)
    tables = [totals.table(m) for m in measures(ctx, totals)]
    tables += _elements(ctx, totals, parts) + _findings(ctx, totals, findings, unknown)
    whole = pa.concat_tables([t.append_column("i", pa.array(np.full(t.num_rows, i, np.int32))) for i, t in enumerate(tables)])
    ordered = whole.sort_by([("ord", "ascending"), ("i", "ascending")])
    orgs = pa.array(ctx.tree.order, pa.string())
    return ordered.append_column("org_id", orgs.take(ordered["ord"].combine_chunks())).select(ROLLUP.names).cast(ROLLUP)


def _findings(ctx: Context, totals: Totals, findings: pa.Table, unknown: Collection[str]) -> list[pa.Table]:
    """For organisations with others below: how many of the judged ones have a finding, by code and severity."""
    judged = np.array(ctx.orgs["judged"].to_pylist(), bool)
    out = []
    for code in (c for c in FINDINGS if c not in unknown):
        for severity in (1, 2, 3):
            chosen = findings.filter(pc.and_(pc.equal(findings["finding"], code), pc.equal(findings["severity"], severity)))
            num = np.zeros(len(judged), np.int64)
            num[totals.place(chosen)] = 1
            out.append(totals.table(Measure(f"finding:{code}:severity{severity}", num, judged.astype(np.int64), judged), totals.leads))
    return out


def _elements(ctx: Context, totals: Totals, parts: pa.Table) -> list[pa.Table]:
    """paper, trace, pulse and gap of each element from the summed parts; pulse and gap only where the sums meet the least counts."""
    return [table for element in ELEMENTS for table in _element(ctx, totals, element, parts.filter(pc.equal(parts["element"], element)))]


def _element(ctx: Context, totals: Totals, element: str, parts: pa.Table) -> list[pa.Table]:
    filed, traced = (parts.filter(pc.equal(parts["role"], role)) for role in ("paper", "trace"))
    if not filed.num_rows:
        return []
    good, total, unknown, required = (_by_org(totals, filed, name) for name in ("good", "total", "unknown", "total"))
    paper = Measure(f"paper:{element}", good, total - unknown, required > 0, MICRO, unknown)
    components = _components(totals, traced)
    borne, seen = (_by_org(totals, traced, name) // np.maximum(components, 1) for name in ("good", "total"))
    trace = Measure(f"trace:{element}", borne, seen, seen > 0, MICRO)
    return [totals.table(paper), totals.table(trace), *_pulse(ctx, totals, paper, trace, traced)]


def _by_org(totals: Totals, parts: pa.Table, name: str) -> Ints:
    """A column of the parts summed per organisation, in millionths."""
    micro = np.rint(parts[name].to_numpy() * MICRO).astype(np.int64)
    sums = np.zeros(len(totals.orgs), np.int64)
    np.add.at(sums, totals.place(parts), micro)
    return sums


def _components(totals: Totals, parts: pa.Table) -> Ints:
    """How many components stand behind each organisation's trace: they look at the same records, so each weighs its share."""
    counts = np.zeros(len(totals.orgs), np.int64)
    np.add.at(counts, totals.place(parts), 1)
    return counts


def _pulse(ctx: Context, totals: Totals, paper: Measure, trace: Measure, traced: pa.Table) -> list[pa.Table]:
    """pulse = paper x trace and gap = paper - pulse, over the same denominator as paper."""
    element = paper.name.removeprefix("paper:")
    families = elements.families(ctx, element, len(set(traced["component"].to_pylist())))
    records = totals.sum(_by_org(totals, traced, "records")) / MICRO
    good, required, unknown = (totals.sum(v) / MICRO for v in (paper.num, paper.den, paper.unknown))  # type: ignore[arg-type]
    borne, seen = totals.sum(trace.num) / MICRO, totals.sum(trace.den) / MICRO  # type: ignore[arg-type]
    enough = (records >= ctx.param("elements.least_records")) & (families >= ctx.param("elements.least_families"))
    rows = np.flatnonzero((required > 0) & (seen > 0) & enough)
    t, (low, high) = (borne / np.maximum(seen, 1e-9))[rows], wilson(borne[rows], seen[rows], totals.z)
    whole = (required + unknown)[rows]
    least, most = good[rows] / whole, (good + unknown)[rows] / whole
    pulse, gap = np.zeros(len(good)), np.zeros(len(good))
    pulse[rows], gap[rows] = good[rows] * t, good[rows] * (1 - t)
    organisations = totals.sum(paper.known & trace.known)
    return [
        totals.rows(f"pulse:{element}", rows, pulse, required, bounds=(least * low, most * high), organisations=organisations),
        totals.rows(f"gap:{element}", rows, gap, required, bounds=(least * (1 - high), most * (1 - low)), organisations=organisations),
    ]
