"""The six elements: paper (what is on file), pulse (what independent traces bear out), and the gap (SIGNALS 3)."""

from collections.abc import Iterable, Mapping

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine import credibility, decide
from zaidao.engine.context import Context
from zaidao.engine.elements import innovation, institutions, organisation, parts, posts
from zaidao.engine.peers import Peers
from zaidao.engine.schema import ELEMENTS

PART = pa.schema([
    ("org_id", pa.string()), ("element", pa.string()), ("component", pa.string()), ("role", pa.string()),
    ("good", pa.float64()), ("total", pa.float64()), ("unknown", pa.float64()), ("records", pa.float64()),
])
BOUNDED = [f"{name}{suffix}" for name in ("paper", "pulse", "gap") for suffix in ("", "_low", "_high")]
ELEMENT = pa.schema([
    ("org_id", pa.string()), ("element", pa.string()), *((name, pa.float64()) for name in BOUNDED),
    ("n", pa.float64()), ("peer_level", pa.string()), ("why_null", pa.string()),
])


# The columns that paper and trace of an element rest on: without one of them it is not counted, since unknown is not missing.
PAPER = {
    "posts": ("appointment.post",), "institutions": ("institution.title", "clause.subject", "organisation.parent_id"),
    "organisational_life": ("activity.kind", "activity.held_at"), "carriers": ("carrier.aim", "activity.held_at", "activity.carrier_id"),
    "innovation": ("idea.adopted_on", "idea.pilot_from", "idea.verdict", "idea.institution_id"),
}
TRACE = {
    "organisation": ("activity.kind", "activity.held_at"), "posts": ("appointment.domain", "activity.held_at", "activity.participants"),
    "institutions": ("activity.kind", "activity.held_at", "clause.every"),
}
OFTEN_EMPTY = ("innovation",)  # no idea may have come so far: an empty column of a stage is an answer, a column never handed in is none


def lacking(ctx: Context, element: str, needs: Mapping[str, tuple[str, ...]] = PAPER) -> str | None:
    """Why an element cannot be counted: the sheet or column that is missing, in Chinese; None where nothing is."""
    for name in needs.get(element, ()):
        table, column = name.split(".")
        if ctx.facts.lacks(table, column) or not ctx.facts.has(table, None if element in OFTEN_EMPTY else column):
            return ctx.facts.missing.get(table) or ctx.facts.missing[name]
    return None


def count(ctx: Context) -> pa.Table:
    """`element_parts`: every component of every element, counted per judged organisation. Needs `duty`, `record`."""
    expressions: list[ir.Table] = [*posts.trace(ctx)]
    if ctx.facts.has("activity", "held_at"):
        expressions += parts.duty_parts(ctx)
    if not lacking(ctx, "carriers"):
        expressions += parts.carrier_parts(ctx)
    rows = [*organisation.paper(ctx), *posts.paper(ctx)]
    for element, found in (("institutions", institutions.paper), ("innovation", innovation.parts)):
        rows += [] if lacking(ctx, element) else found(ctx)
    tables = [ctx.run(e).select(PART.names).cast(PART) for e in expressions] + [pa.Table.from_pylist(rows, PART)]
    whole = pa.concat_tables(tables)
    judged = ctx.orgs.filter(ctx.orgs["judged"])["org_id"]
    kept = whole.filter(pc.and_(pc.is_in(whole["org_id"], value_set=judged.combine_chunks()), pc.greater(whole["total"], 0)))
    return kept.sort_by([("org_id", "ascending"), ("element", "ascending"), ("role", "ascending"), ("component", "ascending")])


def judge(ctx: Context, counted: pa.Table) -> pa.Table:
    """One row per judged organisation and element; null with its reason where it cannot be assessed."""
    orgs = [o for o, judged in zip(ctx.orgs["org_id"].to_pylist(), ctx.orgs["judged"].to_pylist(), strict=True) if judged]
    peers = Peers.of(ctx.tree, ctx.orgs, ctx.catalogue.param("frame.min_peers"))
    sums = _sums(counted)
    tables = [_element(ctx, element, orgs, sums, peers) for element in ELEMENTS]
    return pa.concat_tables(tables)


def _sums(counted: pa.Table) -> dict[tuple[str, str, str], dict[str, float]]:
    """(element, role, org) -> summed good, total, unknown, records and the number of components."""
    sums: dict[tuple[str, str, str], dict[str, float]] = {}
    for row in counted.to_pylist():
        none = dict.fromkeys(("good", "total", "unknown", "records", "parts"), 0.0)
        entry = sums.setdefault((row["element"], row["role"], row["org_id"]), none)
        for name in ("good", "total", "unknown", "records"):
            entry[name] += row[name]
        entry["parts"] += 1
    return sums


def _element(ctx: Context, element: str, orgs: list[str], sums: dict[tuple[str, str, str], dict[str, float]], peers: Peers) -> pa.Table:
    filed = [sums.get((element, "paper", org)) for org in orgs]
    traced = [sums.get((element, "trace", org)) for org in orgs]
    enough = np.array([_enough(ctx, element, p, t) for p, t in zip(filed, traced, strict=True)])
    known = np.flatnonzero(enough)
    columns: dict[str, list[float | str | None]] = {name: [None] * len(orgs) for name in ELEMENT.names}
    _paper(columns, filed)
    if len(known):
        good, total = (np.array([traced[i][name] / traced[i]["parts"] for i in known]) for name in ("good", "total"))  # type: ignore[index]
        grouping = peers.group([orgs[i] for i in known])
        rate = decide.estimate(good, total, grouping, ctx.catalogue, ctx.catalogue.param("elements.prior_trace"))
        unseen = credibility.unseen_credit(ctx) if element == "organisational_life" else 0.0
        for j, i in enumerate(known.tolist()):
            _pulse(columns, i, (rate.score[j], rate.low[j], min(rate.high[j] + unseen, 1.0)))
            columns["n"][i], columns["peer_level"][i] = float(total[j]), grouping.level(j)
    columns["org_id"], columns["element"] = list(orgs), [element] * len(orgs)
    columns["why_null"] = [_why(ctx, element, p, t, bool(e)) for p, t, e in zip(filed, traced, enough, strict=True)]
    return pa.table(columns, schema=ELEMENT)


def _paper(columns: dict[str, list[float | str | None]], filed: Iterable[dict[str, float] | None]) -> None:
    """Paper has no sampling error; unknown items give its bounds."""
    for i, counts in enumerate(filed):
        if counts and counts["total"] > counts["unknown"]:
            columns["paper"][i] = counts["good"] / (counts["total"] - counts["unknown"])
            columns["paper_low"][i] = counts["good"] / counts["total"]
            columns["paper_high"][i] = (counts["good"] + counts["unknown"]) / counts["total"]


def _pulse(columns: dict[str, list[float | str | None]], i: int, rate: tuple[float, float, float]) -> None:
    t, low, high = rate
    paper, paper_low, paper_high = (columns[name][i] for name in ("paper", "paper_low", "paper_high"))
    columns["pulse"][i], columns["pulse_low"][i], columns["pulse_high"][i] = paper * t, paper_low * low, paper_high * high  # type: ignore[operator]
    columns["gap"][i], columns["gap_low"][i], columns["gap_high"][i] = paper * (1 - t), paper_low * (1 - high), paper_high * (1 - low)  # type: ignore[operator]


def families(ctx: Context, element: str, components: int) -> int:
    """Independent families behind the trace of an element."""
    if element in ("carriers", "innovation"):
        return max(components, 2 if element == "innovation" else 0)
    known = credibility.known_families(ctx)
    return len(known) if element != "posts" else len({"attendance", "hands"} & set(known))


def _enough(ctx: Context, element: str, filed: dict[str, float] | None, traced: dict[str, float] | None) -> bool:
    if not filed or not traced or filed["total"] <= filed["unknown"]:
        return False
    param = ctx.catalogue.param
    seen = families(ctx, element, int(traced["parts"]))
    return traced["records"] >= param("elements.least_records") and seen >= param("elements.least_families")


def _why(ctx: Context, element: str, filed: dict[str, float] | None, traced: dict[str, float] | None, enough: bool) -> str | None:
    if enough:
        return None
    missing = lacking(ctx, element) or lacking(ctx, element, TRACE)
    if missing and not (filed and traced):
        return missing
    if not filed:
        return "没有可比对的台账内容"
    if not traced or traced["records"] < ctx.catalogue.param("elements.least_records"):
        return f"可印证的记录不足 {ctx.catalogue.param('elements.least_records')} 条"
    return "可查的独立痕迹不足两类"
