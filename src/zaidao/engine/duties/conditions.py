"""What held for each organisation in each month: a committee in office, groups, full members on the roster."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.context import Context
from zaidao.engine.structure import is_committee_post

Ints = npt.NDArray[np.int64]
NEVER, ALWAYS = -(10**6), 10**6  # days before and after all that can be on file


def days(column: pa.ChunkedArray | pa.Array, null: int) -> Ints:
    """Dates as days since 1970-01-01, `null` where unknown."""
    return np.asarray(pc.fill_null(column.cast(pa.int32()), null).to_numpy(), np.int64)


def flags(column: pa.ChunkedArray | pa.Array) -> npt.NDArray[np.bool_]:
    """Booleans without nulls as numpy."""
    return np.asarray(column.cast(pa.uint8()).to_numpy(), bool)


def day_of(value: date) -> int:
    """Days since 1970-01-01; the first and last day of the calendar stand for never and always."""
    if value in (date.min, date.max):
        return NEVER if value == date.min else ALWAYS
    return (value - date(1970, 1, 1)).days


def month_start(index: int | Ints) -> Any:
    """The first day (days since 1970-01-01) of months counted from year 0 (`year * 12 + month - 1`)."""
    return (np.asarray(index, np.int64) - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def month_index(day: Ints) -> Ints:
    """The month, counted from year 0, that holds a day."""
    return np.asarray(day).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12


def places(column: pa.ChunkedArray | pa.Array, orgs: pa.Table) -> Ints:
    """Positions of organisation codes in `orgs`; -1 for unknown ones."""
    found = pc.index_in(column, value_set=orgs["org_id"].combine_chunks())
    return np.asarray(pc.fill_null(found, -1).to_numpy(), np.int64)


def is_group(ctx: Context) -> npt.NDArray[np.bool_]:
    return flags(pc.is_in(ctx.orgs["kind"], value_set=pa.array(["group"])))


@dataclass(frozen=True)
class Conditions:
    """Arrays (months, organisations), judged on each month's first day: 1 holds, 0 does not, -1 unknown; `full`: full members."""

    first: int
    committee: npt.NDArray[np.int8]
    groups: npt.NDArray[np.int8]
    full: Ints

    def met(self, condition: tuple[str, int], month: Ints, org: Ints) -> npt.NDArray[np.int8]:
        """1, 0 or -1 (unknown) for each pair of month (counted from year 0) and organisation position."""
        name, number = condition
        at = (month - self.first, org)
        if name == "full":
            return np.where(self.full[at] < 0, -1, self.full[at] >= number).astype(np.int8)
        if name == "groups":
            return self.groups[at]
        known = self.committee[at]
        return known if name == "committee" else np.where(known < 0, -1, 1 - known).astype(np.int8)


def build(ctx: Context, first: int, count: int) -> Conditions:
    """The conditions of `count` months from month `first` (counted from year 0)."""
    starts = month_start(np.arange(first, first + count))
    return Conditions(first, _committees(ctx, starts), _groups(ctx, starts), full_members(ctx, starts))


def _committees(ctx: Context, starts: Ints) -> npt.NDArray[np.int8]:
    """At least the catalogue's number of persons in committee posts. A post dated at the term's start counts as held before."""
    size = ctx.orgs.num_rows
    if not ctx.facts.has("appointment", "post"):
        return np.full((len(starts), size), -1, np.int8)
    posts = ctx.facts.table("appointment", ["person_id", "org_id", "post", "domain", "since", "until"])
    committee = pa.array([p for p in posts["post"].unique().to_pylist() if is_committee_post(p)], pa.string())
    party = pc.is_in(posts["domain"], value_set=pa.array(["party", None]))
    posts = posts.filter(pc.and_(pc.is_in(posts["post"], value_set=committee), party))
    org, since, until = places(posts["org_id"], ctx.orgs), days(posts["since"], NEVER), days(posts["until"], ALWAYS)
    term = days(ctx.orgs["term_started_on"], NEVER)[org]
    since = np.where(np.abs(since - term) <= ctx.param("duties.term_start_days"), NEVER, since)
    person = np.asarray(posts["person_id"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False), np.int64)
    holder = org * (person.max(initial=0) + 1) + person
    least, out = ctx.param("frame.committee_from_holders"), np.zeros((len(starts), size), np.int8)
    for i, day in enumerate(starts):
        _, one = np.unique(holder[(since <= day) & (until > day) & (org >= 0)], return_index=True)
        current = org[(since <= day) & (until > day) & (org >= 0)][one]
        out[i] = np.bincount(current, minlength=size) >= least
    return out


def _groups(ctx: Context, starts: Ints) -> npt.NDArray[np.int8]:
    orgs, group = ctx.orgs, is_group(ctx)
    parent, size = places(orgs["parent_id"], orgs), orgs.num_rows
    from_day, to_day = days(orgs["counted_from"], NEVER), days(orgs["dissolved_on"], ALWAYS)
    out = np.zeros((len(starts), size), np.int8)
    for i, day in enumerate(starts):
        there = group & (parent >= 0) & (from_day <= day) & (to_day > day)
        out[i] = np.bincount(parent[there], minlength=size) > 0
    return out


def full_members(ctx: Context, on: Ints) -> Ints:
    """Full members (days, organisations) on each day, -1 unknown. Members of a branch are its own and those of its groups."""
    orgs, size = ctx.orgs, ctx.orgs.num_rows
    if not ctx.facts.has("person", "category"):
        return np.full((len(on), size), -1, np.int64)
    people = ctx.facts.table("person", ["org_id", "category", "full_since", "moved_in_on", "moved_out_on"])
    people = people.filter(pc.is_in(people["category"], value_set=pa.array(["full"])))
    org, parent = places(people["org_id"], orgs), places(orgs["parent_id"], orgs)
    since = np.maximum(days(people["full_since"], NEVER), days(people["moved_in_on"], NEVER))
    until = days(people["moved_out_on"], ALWAYS)
    out, group = np.zeros((len(on), size), np.int64), is_group(ctx)
    for i, day in enumerate(on):
        out[i] = np.bincount(org[(since <= day) & (until > day) & (org >= 0)], minlength=size)
        inside = group & (parent >= 0)
        out[i] += np.bincount(parent[inside], weights=out[i][inside], minlength=size).astype(np.int64)
    return out
