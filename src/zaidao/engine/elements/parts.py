"""What each element counts: rows (org_id, element, component, role, good, total, unknown, records).

role `paper`: items required and on file (`unknown`: items nobody can tell from what was handed in);
role `trace`: of what is on file, how much independent traces bear out. `records`: records behind the trace.
"""

import ibis
import ibis.expr.types as ir

from zaidao.engine.context import Context

NAMES = ("org_id", "element", "component", "role", "good", "total", "unknown", "records")
# Whose meeting it is: the members of a branch or group, or its committee.
MEMBERS, COMMITTEE = ("党员大会", "党小组会", "主题党日"), ("支委会",)


def part(
    table: ir.Table, element: str, component: str, role: str, *, good: ir.Value, total: ir.Value, records: ir.Value | None = None,
) -> ir.Table:
    """One component counted per organisation; `good`, `total` and `records` (else `total`) are aggregates over `table`."""
    return table.group_by("org_id").agg(good=good, total=total, records=total if records is None else records).select(
        "org_id", element=ibis.literal(element), component=ibis.literal(component), role=ibis.literal(role),
        good=ibis._.good.cast("float64"), total=ibis._.total.cast("float64"),
        unknown=ibis.literal(0.0), records=ibis._.records.cast("float64"),
    )


def _due(ctx: Context) -> ir.Table:
    """Duties due in the window that count, with the credibility of the record that kept them."""
    duty, record = ctx.t("duty"), ctx.t("record")
    counted = duty.filter(duty.in_window, ~duty.shared, duty.state.isin(["kept", "kept_late", "moved", "missed"]))
    joined = counted.left_join(record, counted.activity_id == record.activity_id)
    credible = int(ctx.catalogue.param("elements.credible_from") * 1_000_000)
    return joined.select(
        counted.org_id, counted.source_key, counted.subject, counted.m, on_file=counted.state != "missed",
        q_micro=record.q_micro.fill_null(0), borne=(record.q_micro >= credible).fill_null(False),
    )


def duty_parts(ctx: Context) -> list[ir.Table]:
    """Organisational life (paper and trace) and the traces of organisation and institutions, all from duties due."""
    due = _due(ctx)
    filed = due.filter(due.on_file)
    bodies, clauses = _body_months(filed), _clauses(ctx, due)
    return [
        part(due, "organisational_life", "duties", "paper", good=due.on_file.cast("int64").sum(), total=due.count()),
        part(filed, "organisational_life", "records", "trace", good=filed.q_micro.sum().cast("float64") / 1_000_000, total=filed.count()),
        part(bodies, "organisation", "body_months", "trace", good=bodies.borne.cast("int64").sum(), total=bodies.count()),
        part(clauses, "institutions", "clause_duties", "trace", good=clauses.borne.cast("int64").sum(), total=clauses.count()),
    ]


def _body_months(filed: ir.Table) -> ir.Table:
    """Months in which members or committee were to meet and a meeting is on file; borne out by at least one of the month."""
    meeting = filed.filter(filed.subject.isin([*MEMBERS, *COMMITTEE]), filed.m.notnull())
    return meeting.group_by("org_id", "m", committee=meeting.subject.isin(COMMITTEE)).agg(borne=meeting.borne.any())


def _clauses(ctx: Context, due: ir.Table) -> ir.Table:
    """Duties that follow from clauses; a decorative clause of one's own bears nothing out and counts as one not borne out."""
    duties = due.filter(due.source_key.startswith("clause:")).select("org_id", "borne")
    rule, clause, day = ctx.t("institution"), ctx.t("clause"), ibis.literal(ctx.as_of)
    in_force = rule.filter((rule.adopted_on <= day).fill_null(True), rule.repealed_on.isnull() | (rule.repealed_on > day))
    decorative = in_force.inner_join(clause.filter(clause.every == "none"), "institution_id").select("org_id", borne=ibis.literal(False))
    return ibis.union(duties, decorative)


def carrier_parts(ctx: Context) -> list[ir.Table]:
    """Declared carriers that ran in the window: aim and activity on file; life after the opening month, volunteers, marks, other hands."""
    carrier, act = ctx.t("carrier"), ctx.t("act")
    start, end = ibis.literal(ctx.window.start), ibis.literal(ctx.window.end)
    open_end = carrier.ended_on.isnull()
    if ctx.facts.lacks("carrier", "ended_on"):
        open_end &= (carrier.started_on >= start).fill_null(False)  # what began before may be over long ago
    running = carrier.filter((carrier.started_on < end).fill_null(True), open_end | (carrier.ended_on >= start))
    held = act.filter(act.held, act.carrier_id.notnull())
    month = held.held_on.year() * 12 + held.held_on.month()
    life = held.group_by(linked=held.carrier_id).agg(
        acts=held.count(), months=month.nunique(), volunteers=held.volunteers.max(),
        raters=held.ratings.max(), hands=held.recorder_id.nunique(),
    )
    table = running.left_join(life, running.carrier_id == life.linked).select(
        running.org_id, filed=(running.aim.notnull() & (life.acts > 0)).fill_null(False), acts=life.acts.fill_null(0),
        months=life.months.fill_null(0), volunteers=life.volunteers, raters=life.raters, hands=life.hands.fill_null(0),
    )
    filed = table.filter(table.filed)
    repeated = filed.filter(filed.acts >= 2)
    volunteers, raters = filed.filter(filed.volunteers.notnull()), filed.filter(filed.raters.notnull())

    def trace(rows: ir.Table, component: str, good: ir.BooleanValue) -> ir.Table:
        return part(rows, "carriers", component, "trace", good=good.cast("int64").sum(), total=rows.count(), records=rows.acts.sum())

    return [
        part(table, "carriers", "declared", "paper", good=table.filed.cast("int64").sum(), total=table.count()),
        trace(filed, "after_opening", filed.months >= 2),
        trace(volunteers, "volunteers", volunteers.volunteers > 0),
        trace(raters, "marks", raters.raters > 0),
        trace(repeated, "other_hands", repeated.hands >= 2),
    ]
