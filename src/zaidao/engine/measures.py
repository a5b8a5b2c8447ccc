"""What the roll-up counts per organisation: duties, records, carriers, volunteers, raters, ideas, members."""

from collections.abc import Collection, Iterator

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine import carriers, credibility
from zaidao.engine.context import Context
from zaidao.engine.totals import MICRO, Measure, Totals

STATES = ("kept", "kept_late", "moved", "missed")
# Chinese names of the parts of a measure (`duties:missed`), beside those of elements, findings and states in `words`.
NAMES = {
    "organisations": "组织", "judged": "已作比对", "branch": "党支部", "members": "党员", "full": "正式党员",
    "duties": "应办事项", "exempt": "免计", "shared": "现场共同原因", "records": "记录", "marked": "有痕迹提示的记录",
    "volunteered": "有自愿报名的活动", "volunteers": "自愿报名人次", "raters": "评价人次", "rating": "评价均分",
    "carriers": "载体", "own": "自主发起", "declared_own": "申报自主发起", "ordered": "上级部署",
    "ideas": "点子", "adopted": "已采纳", "judged_ideas": "有结论", "fixed": "已固化",
    "trace": "印证", "finding": "提示", "severity1": "可留意", "severity2": "请核实", "severity3": "请优先核实",
}



def measures(ctx: Context, totals: Totals) -> Iterator[Measure]:
    """Every count that the facts allow, in the order in which it is published. Needs `duty` and `mark`."""
    yield from _organisations(ctx, totals)
    yield from _duties(ctx, totals)
    yield from _records(ctx, totals)
    yield from _carriers(ctx, totals)
    yield from _ideas(ctx, totals)


def _shares(totals: Totals, table: pa.Table, prefix: str, den: str, names: Collection[str]) -> Iterator[Measure]:
    """The columns `names` of a table as shares of its column `den`."""
    whole, known = totals.column(table, den)
    for name in names:
        num, has = totals.column(table, name)
        yield Measure(f"{prefix}:{name}", num, whole, known & has)


def _organisations(ctx: Context, totals: Totals) -> Iterator[Measure]:
    """Counts of organisations and members; a group's members stand in its branch already."""
    kinds = ctx.orgs["kind"].to_pylist()
    one, judged = np.ones(len(kinds), np.int64), np.array(ctx.orgs["judged"].to_pylist(), bool)
    yield Measure("organisations", one, None, one > 0)
    yield Measure("organisations:branch", np.array([k == "branch" for k in kinds], np.int64), None, one > 0)
    yield Measure("organisations:judged", judged.astype(np.int64), one, one > 0)
    counted = ctx.orgs.filter(pc.fill_null(pc.not_equal(ctx.orgs["kind"], "group"), fill_value=True))
    for name, column in (("members", "members"), ("members:full", "full_members")):
        num, known = totals.column(counted, column)
        yield Measure(name, num, None, known)


def _duties(ctx: Context, totals: Totals) -> Iterator[Measure]:
    """Duties of the window; those that a site missed in common are told apart and leave the shares."""
    duty = ctx.t("duty").filter(lambda t: t.in_window)
    due = duty.state != "exempt"
    count = lambda condition: condition.cast("int64").sum()  # noqa: E731
    table = ctx.run(duty.group_by("org_id").agg(
        due=count(due & ~duty.shared), exempt=count(~due), shared=count(due & duty.shared),
        **{state: count((duty.state == state) & ~duty.shared) for state in STATES},
    ))
    yield from _shares(totals, table, "duties", "due", STATES)
    for name in ("exempt", "shared"):
        num, known = totals.column(table, name)
        yield Measure(f"duties:{name}", num, None, known)


def _records(ctx: Context, totals: Totals) -> Iterator[Measure]:
    """Records held in the window, marks on them by family, volunteers, and participants' marks."""
    if not ctx.facts.has("activity", "held_at"):
        return
    act = ctx.t("act").filter(lambda t: t.held & t.m.notnull())
    asked, rated = act.volunteers.notnull() & (act.eligible > 0), (act.ratings > 0) & act.rating.notnull()
    table = ctx.run(act.group_by("org_id").agg(
        records=act.count(), known=act.volunteers.count(), volunteered=(act.volunteers > 0).cast("int64").sum(),
        volunteers=ibis.ifelse(asked, act.volunteers, 0).sum(), eligible=ibis.ifelse(asked, act.eligible, 0).sum(),
        raters=ibis.ifelse(rated, act.ratings, 0).sum(),
        rating=ibis.ifelse(rated, (act.rating * act.ratings * MICRO).round().cast("int64"), 0).sum(),
    ))
    records, known = totals.column(table, "records")
    yield Measure("records", records, None, known)
    marks = _marks(ctx, act)
    for family in credibility.known_families(ctx):
        num, _ = totals.column(marks.filter(pc.equal(marks["family"], family)), "n")
        yield Measure(f"records:marked:{family}", num, records, known)
    yield from _appeal(ctx, totals, table)


def _marks(ctx: Context, act: ir.Table) -> pa.Table:
    """org_id, family, n: marked records of the window."""
    mark = ctx.t("mark").select("activity_id", "family").distinct()
    held = act.select("activity_id", "org_id")
    return ctx.run(held.inner_join(mark, "activity_id").group_by("org_id", "family").agg(n=ibis._.count()))


def _appeal(ctx: Context, totals: Totals, table: pa.Table) -> Iterator[Measure]:
    for name, num, den in (("records:volunteered", "volunteered", "known"), ("volunteers", "volunteers", "eligible")):
        values, there = totals.column(table, num)
        whole, _ = totals.column(table, den)
        if ctx.facts.has("activity", "volunteers"):
            yield Measure(name, values, whole, there & (whole > 0))
    if ctx.facts.has("activity", "rating"):
        raters, _ = totals.column(table, "raters")
        yield Measure("raters", raters, None, raters > 0)
        sums, _ = totals.column(table, "rating")
        yield Measure("rating", sums, raters, raters > 0, MICRO, mean_from=ctx.param("low_appeal.least_raters"))


def _carriers(ctx: Context, totals: Totals) -> Iterator[Measure]:
    """Carriers that ran in the last two years, by declaration and by trace."""
    if not ctx.facts.has("carrier", "origin"):
        return
    carriers.traced(ctx)
    trace = ctx.t("carrier_trace").filter(lambda t: t.running)
    table = ctx.run(trace.group_by("org_id").agg(
        carriers=trace.count(), known=trace.by_trace.count(), declared=trace.declared.count(),
        declared_own=trace.declared.count(where=trace.declared == "own"),
        **{name: trace.by_trace.count(where=trace.by_trace == name) for name in ("own", "ordered")},
    ))
    num, known = totals.column(table, "carriers")
    yield Measure("carriers", num, None, known)
    yield from _shares(totals, table, "carriers", "declared", ["declared_own"])
    yield from _shares(totals, table, "carriers", "known", ["own", "ordered"])


def _ideas(ctx: Context, totals: Totals) -> Iterator[Measure]:
    if not ctx.facts.has("idea", "idea_id"):
        return
    idea = ctx.t("idea").filter(lambda t: t.proposed_on.isnull() | (t.proposed_on <= ibis.literal(ctx.as_of)))
    stages = {"adopted": "adopted_on", "judged_ideas": "verdict", "fixed": "institution_id"}
    known = {stage: column for stage, column in stages.items() if ctx.facts.has("idea", column)}
    table = ctx.run(idea.group_by("org_id").agg(ideas=idea.count(), **{s: idea[c].count() for s, c in known.items()}))
    num, there = totals.column(table, "ideas")
    yield Measure("ideas", num, None, there)
    yield from _shares(totals, table, "ideas", "ideas", known)
