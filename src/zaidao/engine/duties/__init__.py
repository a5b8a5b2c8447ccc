"""Duties: what clauses and rules asked of each organisation in each period, and which record kept it (docs/reference/duties.md).

kept: a record of the subject in the period · kept_late: held within the days of grace after it · moved: planned in the period and
held soon after, or a stated postponement · missed: no record found · exempt: founded or dissolved in it, or condition not met.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.context import Context
from zaidao.engine.duties import calendar, cells, clauses, match, reach
from zaidao.engine.duties.calendar import BY_BRANCH, DUE, EXEMPT_REASONS, UNMET, Calendar
from zaidao.engine.duties.conditions import NEVER, Ints, day_of, days, flags, is_group, month_start, places
from zaidao.engine.duties.match import EXEMPT, MISSED, STATES, Records
from zaidao.engine.schema import ACTIVITY_KINDS

DUTY = pa.schema([
    ("org_id", pa.string()), ("source_key", pa.string()), ("subject", pa.string()), ("period_start", pa.date32()), ("due_on", pa.date32()),
    ("state", pa.string()), ("activity_id", pa.string()), ("m", pa.int32()), ("in_window", pa.bool_()), ("reason", pa.string()),
    ("shared", pa.bool_()), ("every", pa.string()), ("rule_level", pa.string()), ("key", pa.string()),
])
SUBJECTS = tuple(k for k in ACTIVITY_KINDS if k != "其他")
REASONS = ("期内有记录", "宽限期内补办", "计划在期内或已说明顺延,随后补办", "期内未见记录")
PLANNED = "期内有计划,未见召开记录"


@dataclass(frozen=True)
class Verdict:
    """Duties due with their state (index of `STATES`), the position of the deciding record (-1: none), and whether shared."""

    duties: Calendar
    state: Ints
    record: Ints
    shared: npt.NDArray[np.bool_]


def build(ctx: Context) -> pa.Table:
    """Registers and gives `duty` (schema `DUTY`), with `duty_clause`, `duty_conflict` and `duty_cell`; empty without activities.

    Only periods due by the day of judgement are rows. `m`: window month in which the period ends, null outside; `key`: the
    evidence key, with the month in which the period ends. One duty per organisation, subject and period.
    """
    rows = clauses.joined(ctx.facts)
    told = rows if ctx.facts.has("clause", "applies_to") else []  # whom a clause binds is unknown: it asks nobody
    local = clauses.local_sources(told, ctx.catalogue)
    ctx.engine.put("duty_clause", clauses.clause_table(rows, reach.reaching(ctx, rows)))
    ctx.engine.put("duty_conflict", clauses.conflicts(local, ctx.catalogue))
    table, shared = _judge(ctx, [*local, *clauses.catalogue_sources(ctx.catalogue)])
    ctx.engine.put("duty_cell", shared)
    ctx.engine.put("duty", table)
    return table


def _judge(ctx: Context, sources: list[clauses.Source]) -> tuple[pa.Table, pa.Table]:
    if not (ctx.facts.has("activity", "kind") and ctx.facts.has("activity", "held_at")):
        return DUTY.empty_table(), cells.CELL.empty_table()
    acts = _activities(ctx)
    records = _records(ctx, acts)
    span = calendar.history(ctx, records.day[records.held])
    kinds = dict(zip(ctx.orgs["org_id"].to_pylist(), ctx.orgs["kind"].to_pylist(), strict=True))
    bound = [(i, segments) for i, (_, segments) in enumerate(clauses.bindings(kinds, ctx.tree, sources)) if segments]
    duties = _ledgers_kept(ctx, calendar.lay(ctx, bound, sources, SUBJECTS, span), records)
    moved, early = ctx.param("duties.moved_days"), ctx.param("duties.early_days")
    records = _stated_in_text(ctx, duties, records, acts, span)
    state, record = match.judge(duties, records, len(SUBJECTS), span, moved=moved, early=early)
    due = np.nonzero(duties.end - 1 + duties.grace + _filing_days(ctx, records, acts)[duties.org] <= day_of(ctx.as_of))[0]
    duties, state, record = duties.take(due), state[due], record[due]
    shared, cell = cells.shared(ctx, duties, state, SUBJECTS)
    verdict = Verdict(duties, state, record, shared)
    return _table(ctx, verdict, sources, acts["activity_id"].combine_chunks()), cell


def _activities(ctx: Context) -> pa.Table:
    """Activities of kinds that a duty can ask for, in order of time and code."""
    act = ctx.t("act")
    when = act.held_at.fill_null(act.planned_for.cast("timestamp")).name("sort_at")
    columns = ["activity_id", "org_id", "kind", "held", "held_on", "planned_for", "title", "remark", "lag_days"]
    return ctx.run(act.filter(act.kind.isin(SUBJECTS)).select(*columns, when).order_by("sort_at", "activity_id"))


def _records(ctx: Context, acts: pa.Table) -> Records:
    subject = np.asarray(pc.index_in(acts["kind"], value_set=pa.array(SUBJECTS)).to_numpy(), np.int64)
    stated = _says(acts["title"], ctx) | _says(acts["remark"], ctx)
    held = flags(acts["held"])
    return Records(places(acts["org_id"], ctx.orgs), subject, days(acts["held_on"], NEVER), days(acts["planned_for"], NEVER), held, stated)


def _filing_days(ctx: Context, records: Records, acts: pa.Table) -> Ints:
    """Days within which each organisation usually files a record: what is younger may be on its way, so no duty counts yet."""
    lag = np.asarray(acts["lag_days"].to_numpy(), float)
    known = np.nonzero(~np.isnan(lag) & (records.org >= 0))[0]
    order = known[np.lexsort((lag[known], records.org[known]))]
    filed = np.bincount(records.org[order], minlength=ctx.orgs.num_rows)
    begin = np.cumsum(filed) - filed
    enough = filed >= ctx.param("duties.filing_least")
    usual = np.zeros(len(filed))
    at = begin + np.floor((filed - 1) * ctx.param("duties.filing_share")).astype(np.int64)
    usual[enough] = lag[order][at[enough]]
    return np.ceil(np.clip(usual, 0, ctx.param("duties.filing_most"))).astype(np.int64)


def _says(texts: pa.ChunkedArray | pa.Array, ctx: Context) -> npt.NDArray[np.bool_]:
    """Which texts state a postponement."""
    found = np.zeros(len(texts), bool)
    if texts.null_count < len(texts):
        for word in ctx.param("duties.stated_words"):
            found |= flags(pc.match_substring(pc.fill_null(texts, ""), word))
    return found


def _stated_in_text(ctx: Context, duties: Calendar, records: Records, acts: pa.Table, span: tuple[int, int]) -> Records:
    """Where no planned dates are kept, the opening of the minutes may say that a meeting was postponed."""
    if ctx.facts.has("activity", "planned_for") or not ctx.facts.has("activity", "minutes"):
        return records
    wanted = acts["activity_id"].take(pa.array(match.contested(duties, records, len(SUBJECTS), span))).combine_chunks()
    opening = ctx.param("duties.stated_chars")
    found: list[str] = []
    for batch in ctx.facts.minutes():
        chosen = batch.filter(pc.is_in(batch["activity_id"], value_set=wanted))
        says = _says(pc.utf8_slice_codeunits(chosen["minutes"], 0, opening), ctx)
        found += chosen["activity_id"].filter(pa.array(says)).to_pylist()
    stated = records.stated | flags(pc.is_in(acts["activity_id"], value_set=pa.array(found, pa.string())))
    return Records(records.org, records.subject, records.day, records.plan, records.held, stated)


def _ledgers_kept(ctx: Context, duties: Calendar, records: Records) -> Calendar:
    """A kind that nobody has on file is no ledger of this group: not judged. A group whose branch files its meetings is exempt.

    So is a branch too small to need a committee from the meetings of one, unless it has such a meeting on file.
    """
    present = np.unique(records.subject[records.held])
    absent = sorted({SUBJECTS[s] for s in np.unique(duties.subject)} - {SUBJECTS[s] for s in present})
    ctx.warnings.extend(f"活动记录中没有任何“{subject}”,该事项不作判断" for subject in absent)
    duties = duties.take(np.isin(duties.subject, present))
    files = np.zeros((ctx.orgs.num_rows + 1, len(SUBJECTS)), bool)
    files[records.org[records.held], records.subject[records.held]] = True  # a plan that was never held is no ledger
    parent = places(ctx.orgs["parent_id"], ctx.orgs)
    none = ~files[duties.org, duties.subject]
    least = ctx.catalogue.rule("branch.committee_required_from").value
    small = flags(pc.less(pc.fill_null(ctx.orgs["full_members"], least), least))
    duties.why[none & small[duties.org] & (duties.subject == SUBJECTS.index("支委会")) & (duties.why == DUE)] = UNMET
    theirs = none & files[parent[duties.org], duties.subject]
    duties.why[is_group(ctx)[duties.org] & theirs & (duties.why == DUE)] = BY_BRANCH
    return duties


def _table(ctx: Context, verdict: Verdict, sources: Sequence[clauses.Source], codes: pa.Array) -> pa.Table:
    duties, state, record = verdict.duties, verdict.state, verdict.record
    m = duties.month + duties.months - 1 - ctx.window.first_index
    inside = (m >= 0) & (m < ctx.window.count)
    org_id = ctx.orgs["org_id"].combine_chunks().take(pa.array(duties.org))
    subject = pa.array(SUBJECTS).take(pa.array(duties.subject))
    columns = {
        "org_id": org_id, "source_key": calendar.source_column(sources, duties.source, "key"), "subject": subject,
        "period_start": _dates(duties.start), "due_on": _dates(duties.end - 1 + duties.grace),
        "state": pa.array(STATES).take(pa.array(state)),
        "activity_id": codes.take(pa.array(record, mask=record < 0)), "m": pa.array(m.astype(np.int32), mask=~inside),
        "in_window": pa.array(inside), "reason": _reasons(duties, state, record), "shared": pa.array(verdict.shared),
        "every": calendar.source_column(sources, duties.source, "every"),
        "rule_level": calendar.source_column(sources, duties.source, "level"),
        "key": _keys(org_id, subject, duties),
    }
    return pa.table(columns, schema=DUTY)


def _keys(org_id: pa.Array, subject: pa.Array, duties: Calendar) -> pa.Array:
    """Evidence keys: `duty:O1|支委会|2025-03`, with the month in which the period ends."""
    last = month_start(duties.month + duties.months - 1).astype("datetime64[D]").astype("datetime64[M]")
    return pc.binary_join_element_wise(pc.binary_join_element_wise("duty:", org_id, ""), subject, pa.array(last.astype(str)), "|")


def _reasons(duties: Calendar, state: Ints, record: Ints) -> pa.Array:
    words = np.where(state == EXEMPT, len(REASONS) + 1 + duties.why, np.where((state == MISSED) & (record >= 0), len(REASONS), state))
    return pa.array([*REASONS, PLANNED, *EXEMPT_REASONS]).take(pa.array(words))


def _dates(numbers: Ints) -> pa.Array:
    return pa.array(numbers.astype(np.int32)).cast(pa.date32())
