"""Marks and chances of family attendance: never a finding of its own (SIGNALS 4, Attendance).

Nobody ever absent, turnout that hardly varies, one person in two places at once, people outside their roster dates, a list
that does not match its number. Three of three is what three people do: small organisations vary more, and that is priced in.
"""

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import chdtr

from zaidao.engine.chances import chances, marks, peer_median, smallest, strength, upper_tail
from zaidao.engine.context import Context
from zaidao.engine.filings import DAY, codes, seconds
from zaidao.engine.indicators.base import MARKS

Array = np.ndarray
MICRO = 1_000_000


def attendance_chances(ctx: Context) -> pa.Table:
    """CHANCES (org_id, family, p) of the family attendance."""
    turnout = _turnout(ctx)
    orgs = turnout["org_id"].to_pylist()
    strange = _strange_tail(ctx, turnout, _strong_marks(ctx))
    return chances(orgs, "attendance", smallest(_all_present(ctx, turnout), _same_count(ctx, turnout), strange))


def attendance_marks(ctx: Context) -> pa.Table:
    """MARKS on records in W: all_present, same_count, two_places, off_roster, count_mismatch."""
    turnout = _turnout(ctx)
    parts = [*_strong_marks(ctx), _mismatch(ctx), _rate_marks(ctx, turnout)]
    return pa.concat_tables(parts).sort_by([(column, "ascending") for column in ("org_id", "activity_id", "family", "code", "other_id")])


def _turnout(ctx: Context) -> pa.Table:
    """Per organisation over its records in W with known attendance: sums of eligible, present and present squared by eligible."""
    return ctx.once("turnout", lambda: ctx.run(_sums(ctx)))  # type: ignore[no-any-return]


def _sums(ctx: Context) -> ir.Table:
    act = ctx.t("act")
    counted = act.filter(act.held & act.m.notnull() & (act.eligible > 1) & (act.present >= 0) & (act.present <= act.eligible))
    share = (counted.present * counted.present).cast("float64") * MICRO / counted.eligible.cast("float64")
    sums = counted.group_by("org_id").agg(
        records=counted.count(), eligible=counted.eligible.sum().cast("int64"), present=counted.present.sum().cast("int64"),
        squares=share.round().cast("int64").sum().cast("int64"),
    )
    org = ctx.t("org").filter(lambda t: t.judged).select("org_id", "ord", "full_members")
    return org.inner_join(sums, "org_id").order_by("ord")


def _all_present(ctx: Context, turnout: pa.Table) -> Array:
    """The chance of so few absences where peers have some: Beta-binomial over person-occasions."""
    return ctx.once("chance of no absence", lambda: _few_absences(ctx, turnout))  # type: ignore[no-any-return]


def _few_absences(ctx: Context, turnout: pa.Table) -> Array:
    present, eligible = turnout["present"].to_numpy(), turnout["eligible"].to_numpy()
    usual = peer_median(ctx, turnout["org_id"].to_pylist(), present / eligible, ctx.param("marks.usual_attendance"))
    small = turnout["full_members"].fill_null(0).to_numpy() < ctx.param("marks.small_below")
    least = np.where(small, ctx.param("marks.usual_attendance"), 0.0)  # where three meet, whoever cannot come moves the date
    m = np.clip(usual, least, ctx.param("marks.usual_attendance_most"))
    differ = np.where(small, ctx.param("marks.attendance_strength_small"), ctx.param("marks.attendance_strength"))
    return upper_tail(present, eligible, m, differ)


def _same_count(ctx: Context, turnout: pa.Table) -> Array:
    """The chance of turnout varying so little, against how much that of the peers varies; nan where nobody is ever absent."""
    records, eligible, present, squares = (turnout[c].to_numpy().astype(float) for c in ("records", "eligible", "present", "squares"))
    rate = present / eligible
    enough = (records >= ctx.param("marks.same_count_records")) & (rate < 1) & (rate > 0)
    free = np.where(enough, rate * (1 - rate), 1.0)
    spread = np.maximum(squares / MICRO - 2 * rate * present + rate**2 * eligible, 0) / free
    index = np.where(enough, spread / np.maximum(records - 1, 1), np.nan)
    usual = np.minimum(peer_median(ctx, turnout["org_id"].to_pylist(), index, 1.0), 1.0)
    return np.where(enough, chdtr(np.maximum(records - 1, 1), spread / np.maximum(usual, 1e-6)), np.nan)


def _rate_marks(ctx: Context, turnout: pa.Table) -> pa.Table:
    """Marks on full records of organisations where nobody is ever absent, and on all records where turnout hardly varies."""
    act = ctx.t("act")
    known = act.filter(act.held & act.m.notnull() & (act.eligible > 1) & act.present.notnull())
    records = ctx.run(known.select("activity_id", "org_id", full=known.present == known.eligible))
    parts = []
    for code, p in (("all_present", _all_present(ctx, turnout)), ("same_count", _same_count(ctx, turnout))):
        rare = dict(zip(turnout["org_id"].to_pylist(), p, strict=True))
        rare = {org: p for org, p in rare.items() if p < ctx.param("marks.chance")}
        mine = records.filter(pc.is_in(records["org_id"], value_set=pa.array(list(rare), pa.string())))
        mine = mine.filter(mine["full"]) if code == "all_present" else mine
        p_of = np.array([rare[org] for org in mine["org_id"].to_pylist()])
        parts.append(marks(mine, "attendance", code, strength(p_of, ctx.param(f"marks.{code}"), ctx.param("marks.decades"))))
    return pa.concat_tables(parts)


def _mismatch(ctx: Context) -> pa.Table:
    """Records whose list of participants is far from the number present."""
    act = ctx.t("act")
    listed = act.participants.length()
    apart = (listed - act.present).abs()
    far = (apart > ctx.param("marks.mismatch_persons")) & (apart > act.present * ctx.param("marks.mismatch_share"))
    found = ctx.run(act.filter(act.held & act.m.notnull() & (listed > 0) & far).select("activity_id", "org_id"))
    return marks(found, "attendance", "count_mismatch", ctx.param("marks.count_mismatch"))


def _strong_marks(ctx: Context) -> list[pa.Table]:
    """Two places at once and people outside their roster dates, each once per record."""
    return ctx.once("impossible presence", lambda: _impossible(ctx))  # type: ignore[no-any-return]


def _impossible(ctx: Context) -> list[pa.Table]:
    if not ctx.facts.has("activity", "participants"):
        return [MARKS.empty_table()]
    act = ctx.t("act")
    wanted = ("activity_id", "org_id", "kind", "held_at", "held_on", "hours", "place", "carrier_id", "participants")
    records = ctx.run(act.filter(act.held & act.m.notnull() & (act.participants.length() > 0)).select(*wanted).order_by("activity_id"))
    seats = _Seats(records)
    return [_two_places(ctx, records, seats), _off_roster(ctx, records, seats)]


class _Seats:
    """One row per participant of a record: index of the record, code of the person."""

    def __init__(self, records: pa.Table) -> None:
        lists = records["participants"].combine_chunks()
        self.record = pc.list_parent_indices(lists).to_numpy()
        self.person, self.names = codes(pa.chunked_array([pc.list_flatten(lists)]))


def _two_places(ctx: Context, records: pa.Table, seats: _Seats) -> pa.Table:
    """A person's record begins while another of theirs, of another organisation and place and no joint meeting, still runs."""
    start = seconds(records["held_at"])
    hours = records["hours"].fill_null(0.0).to_numpy()
    timed = start % DAY != 0  # midnight means that only the day is known
    keep = timed[seats.record]
    record, person = seats.record[keep], seats.person[keep]
    order = np.lexsort((record, start[record], person))
    record, person = record[order], person[order]
    ends = start + hours * 3600
    found = []
    for step in (1, 2):  # the next two meetings of a person: more than that do not begin while one runs
        first, second = record[:-step], record[step:]
        overlap = np.minimum(ends[first], ends[second]) - start[second]
        both = (person[:-step] == person[step:]) & (first != second) & (overlap >= ctx.param("marks.overlap_minutes") * 60)
        found.append(first[both] * len(start) + second[both])
    pairs, people = np.unique(np.concatenate(found), return_counts=True)
    one, two = pairs // len(start), pairs % len(start)
    triples = zip(one.tolist(), two.tolist(), people.tolist(), strict=True)
    apart = np.array([_apart(ctx, records, a, b, shared) for a, b, shared in triples], dtype=bool)
    mine, other = np.concatenate([one[apart], two[apart]]), np.concatenate([two[apart], one[apart]])
    _, once = np.unique(mine, return_index=True)
    others = records["activity_id"].take(pa.array(other[once])).combine_chunks()
    return marks(records.take(pa.array(mine[once])), "attendance", "two_places", ctx.param("marks.two_places"), others)


def _apart(ctx: Context, records: pa.Table, a: int, b: int, shared: int) -> bool:
    """Different organisations in different known places, not on one carrier, and not mostly the same people (a joint meeting)."""
    one, two = ({c: records[c][i].as_py() for c in ("org_id", "place", "carrier_id", "participants")} for i in (a, b))
    joint = shared >= ctx.param("marks.joint_share") * min(len(one["participants"]), len(two["participants"])) and shared > 1
    places = bool(one["place"] and two["place"]) and one["place"] != two["place"]
    carriers = one["carrier_id"] is not None and one["carrier_id"] == two["carrier_id"]
    return one["org_id"] != two["org_id"] and places and not carriers and not joint


def _off_roster(ctx: Context, records: pa.Table, seats: _Seats) -> pa.Table:
    """Records that list someone of this organisation long before they came or long after they left."""
    person = ctx.facts.table("person", ["person_id", "org_id", "moved_in_on", "moved_out_on"])
    at = pc.index_in(pa.array(seats.names, pa.string()), value_set=person["person_id"].combine_chunks())
    row = at.fill_null(-1).to_numpy(zero_copy_only=False)[seats.person]
    known = row >= 0
    record, row = seats.record[known], row[known]
    slack = ctx.param("marks.roster_days")
    day = records["held_on"].cast(pa.int32()).to_numpy()[record]
    here = _codes_of(records["org_id"], person["org_id"])
    came = person["moved_in_on"].cast(pa.int32()).fill_null(-(10**8)).to_numpy()[row]
    left = person["moved_out_on"].cast(pa.int32()).fill_null(10**8).to_numpy()[row]
    strange = (here[0][record] == here[1][row]) & ((day < came - slack) | (day > left + slack))
    return marks(records.take(pa.array(np.unique(record[strange]))), "attendance", "off_roster", ctx.param("marks.off_roster"))


def _codes_of(a: pa.ChunkedArray, b: pa.ChunkedArray) -> tuple[Array, Array]:
    """Both columns coded by the same dictionary."""
    found, _ = codes(pa.chunked_array([*a.chunks, *b.chunks], type=pa.string()))
    return found[: len(a)], found[len(a):]


def _strange_tail(ctx: Context, turnout: pa.Table, strong: list[pa.Table]) -> Array:
    """The chance of so many records with an impossible presence, where slips are rare."""
    found = pa.concat_tables(strong).group_by(["org_id", "activity_id"]).aggregate([]).group_by("org_id").aggregate([([], "count_all")])
    count = dict(zip(found["org_id"].to_pylist(), found["count_all"].to_pylist(), strict=True))
    k = np.array([count.get(org, 0) for org in turnout["org_id"].to_pylist()], dtype=float)
    n = turnout["records"].to_numpy().astype(float)
    p = upper_tail(np.minimum(k, n), n, ctx.param("marks.slip_rate"), ctx.param("marks.slip_strength"))
    return np.where(k > 0, p, np.nan)
