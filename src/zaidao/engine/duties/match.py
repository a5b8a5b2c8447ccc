"""Which record keeps which duty. A record keeps one period at most.

Inside a period the records planned for it come first, then by time; the first `times` keep it. What is left over serves an
earlier period that lacks records: the one it was planned for, if held soon after its end (or shortly before its start); else the
period just past, if held within its days of grace, or soon after with a stated postponement.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zaidao.engine.duties.calendar import DUE, Calendar
from zaidao.engine.duties.conditions import NEVER, Ints, month_index

KEPT, LATE, MOVED, MISSED, EXEMPT = range(5)
STATES = ("kept", "kept_late", "moved", "missed", "exempt")


@dataclass(frozen=True)
class Records:
    """Activities in order of time and code: position of the organisation, subject code (-1: none), day held and day planned
    (`NEVER` where unknown), whether held, and whether a postponement is stated."""

    org: Ints
    subject: Ints
    day: Ints
    plan: Ints
    held: npt.NDArray[np.bool_]
    stated: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """Row of the duty that is due for a subject in a month; -1 where none is."""

    rows: Ints
    pairs: Ints
    first: int
    subjects: int

    @classmethod
    def of(cls, duties: Calendar, subjects: int, span: tuple[int, int]) -> "Grid":
        first, count = span
        pair = duties.org * subjects + duties.subject
        pairs = np.unique(pair)
        rows = np.full((len(pairs) + 1, count + 2), -1, np.int64)
        line = np.searchsorted(pairs, pair)
        due = np.nonzero(duties.why == DUE)[0]
        for k in range(int(duties.months.max(initial=0))):
            long = due[duties.months[due] > k]
            column = duties.month[long] - first + k
            inside = column < count
            rows[line[long[inside]], column[inside]] = long[inside]
        return cls(rows, pairs, first, subjects)

    def at(self, org: Ints, subject: Ints, month: Ints) -> Ints:
        pair, column = org * self.subjects + subject, month - self.first
        line = np.minimum(np.searchsorted(self.pairs, pair), max(len(self.pairs) - 1, 0))
        known = (subject >= 0) & (org >= 0) & (column >= 0) & (column < self.rows.shape[1] - 2)
        known &= (self.pairs[line] == pair) if len(self.pairs) else False
        return np.where(known, self.rows[line, np.where(known, column, 0)], -1)


def judge(duties: Calendar, records: Records, subjects: int, span: tuple[int, int], *, moved: int, early: int) -> tuple[Ints, Ints]:
    """State of each duty (index of `STATES`) and the position of the record that decides it (-1: none).

    Of a missed duty that record is a planned one that was not held. `moved`, `early`: days after the end or before the start.
    """
    grid = Grid.of(duties, subjects, span)
    month, planned = month_index(records.day), grid.at(records.org, records.subject, month_index(records.plan))
    own = np.where(records.held, grid.at(records.org, records.subject, month), -1)
    count, last, left = _own_period(duties, records, own, planned)
    target, late = _targets(duties, records, grid, own=own, planned=planned, left=left, moved=moved, early=early)
    added, by_move, filler = _fill(duties, target, late, duties.times - count)
    state = np.where(count + added < duties.times, MISSED, np.where(added == 0, KEPT, np.where(by_move > 0, MOVED, LATE)))
    state[duties.why != DUE] = EXEMPT
    decided = np.where(state == KEPT, last, np.where((state == MOVED) | (state == LATE), filler, _unheld(duties, records, planned)))
    return state, np.where(state == EXEMPT, -1, decided)


def contested(duties: Calendar, records: Records, subjects: int, span: tuple[int, int]) -> Ints:
    """Positions of records in periods that hold more records than asked: where a stated postponement would matter."""
    grid = Grid.of(duties, subjects, span)
    own = np.where(records.held, grid.at(records.org, records.subject, month_index(records.day)), -1)
    found = np.bincount(own[own >= 0], minlength=len(duties.org))
    return np.nonzero((own >= 0) & (found > duties.times)[own])[0] if len(duties.org) else np.empty(0, np.int64)


def _rank(group: Ints, *keys: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Positions with group >= 0 ordered by group, keys and position, and their rank within the group."""
    at = np.nonzero(group >= 0)[0]
    order = at[np.lexsort((at, *(k[at] for k in keys), group[at]))]
    if not len(order):
        return order, order
    starts = np.r_[True, group[order][1:] != group[order][:-1]]
    return order, np.arange(len(order)) - np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))


def _own_period(duties: Calendar, records: Records, own: Ints, planned: Ints) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """How often each duty is kept in its period, the record that completes it, and which records are left over."""
    away = ((planned >= 0) & (planned != own)) | (records.stated & (records.plan == NEVER))
    order, rank = _rank(own, away)
    keeps = rank < duties.times[own[order]]
    count = np.bincount(own[order[keeps]], minlength=len(duties.org))
    last = np.full(len(duties.org), -1)
    complete = order[keeps & (rank == count[own[order]] - 1)]
    last[own[complete]] = complete
    left = records.held.copy()
    left[order[keeps]] = False
    return count, last, left


def _targets(
    duties: Calendar, records: Records, grid: Grid, *, own: Ints, planned: Ints, left: npt.NDArray[np.bool_], moved: int, early: int,
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The earlier (or just coming) duty that each left-over record may serve, -1 for none, and whether as a late one."""
    if not len(duties.org):
        return np.full(len(own), -1), np.zeros(len(own), bool)
    soon = (records.day < duties.end[planned] + moved) & (records.day >= duties.start[planned] - early)
    by_plan = left & (planned >= 0) & (planned != own) & soon
    begun = np.where(own >= 0, duties.month[own], month_index(records.day))
    past = grid.at(records.org, records.subject, begun - 1)
    in_grace = left & ~by_plan & (past >= 0) & (records.day < duties.end[past] + duties.grace[past])
    by_word = left & ~by_plan & ~in_grace & (past >= 0) & records.stated & (records.day < duties.end[past] + moved)
    return np.where(by_plan, planned, np.where(in_grace | by_word, past, -1)), in_grace


def _fill(duties: Calendar, target: Ints, late: npt.NDArray[np.bool_], lacking: Ints) -> tuple[Ints, Ints, Ints]:
    """Left-over records, in order of time, fill what a duty lacks: how many, how many of them moved, and the last one."""
    order, rank = _rank(target)
    used = order[rank < lacking[target[order]]]
    size = len(duties.org)
    added, by_move = np.bincount(target[used], minlength=size), np.bincount(target[used[~late[used]]], minlength=size)
    filler = np.full(size, -1)
    np.maximum.at(filler, target[used], used)
    return added, by_move, filler


def _unheld(duties: Calendar, records: Records, planned: Ints) -> Ints:
    """The first record that was planned in the period and not held."""
    at = np.nonzero(~records.held & (planned >= 0))[0]
    first = np.full(len(duties.org), len(planned))
    np.minimum.at(first, planned[at], at)
    return np.where(first < len(planned), first, -1)
