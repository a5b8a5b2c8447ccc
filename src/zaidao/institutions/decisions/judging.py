"""Which record keeps which duty of one organisation and subject: the rules of `engine.duties.match` in plain Python.

A record keeps one period at most. Inside a period those planned for it come first, then by time. What is left over serves the period
it was planned for, if held soon after it or shortly before; else the period just past, within its grace, or soon after where a
postponement is stated. What the engine does not know of: a duty that was put off with a reason is kept by a record up to that day.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zaidao.engine.catalogue import Catalogue
from zaidao.engine.window import add_months

OPEN, KEPT, LATE, MOVED = "open", "kept", "kept_late", "moved"


@dataclass(frozen=True)
class Asked:
    """A duty that is due: its number, [start, end), grace in days, times asked, and the day it was put off to."""

    key: int
    start: date
    end: date
    grace: int
    times: int
    postponed: date | None = None


@dataclass(frozen=True)
class Told:
    """A record of something held. `stated`: a postponement is told."""

    key: int
    held_on: date
    planned_for: date | None = None
    stated: bool = False


@dataclass(frozen=True)
class Verdict:
    """`state`: open, kept, kept_late or moved; `by`: the records that serve the duty with how each does, in order."""

    state: str
    by: tuple[tuple[int, str], ...]


def judge(asked: Iterable[Asked], told: Iterable[Told], known: Catalogue) -> dict[int, Verdict]:
    """Number of the duty -> verdict. Records of one day count in the order in which they are given."""
    due = _Due(asked)
    records = sorted(told, key=lambda r: r.held_on)
    by: dict[int, list[tuple[int, str]]] = defaultdict(list)
    used = _own_period(due, records, by)
    for record in (r for r in records if r.key not in used):
        target, how = _target(due, record, known)
        if target is not None and len(by[target.key]) < target.times:
            by[target.key].append((record.key, how))
    return {a.key: Verdict(_state(a, by[a.key]), tuple(by[a.key])) for a in due.rows}


class _Due:
    """Duties by the month they cover."""

    def __init__(self, asked: Iterable[Asked]) -> None:
        self.rows = sorted(asked, key=lambda a: (a.start, a.end))
        self._months: dict[date, Asked] = {}
        for row in self.rows:
            month = row.start
            while month < row.end:
                self._months.setdefault(month, row)
                month = add_months(month, 1)

    def at(self, day: date | None) -> Asked | None:
        return None if day is None else self._months.get(day.replace(day=1))


def _own_period(due: _Due, records: Sequence[Told], by: dict[int, list[tuple[int, str]]]) -> set[int]:
    """Each duty is served by records inside its period first; gives the records so used."""
    inside: dict[int, list[Told]] = defaultdict(list)
    for record in records:
        own = due.at(record.held_on)
        if own is not None:
            inside[own.key].append(record)
    for row in due.rows:
        found = sorted(inside[row.key], key=lambda r: _away(due, r, row))  # stable: by time among those alike
        by[row.key] = [(r.key, KEPT) for r in found[:row.times]]
    return {key for served in by.values() for key, _ in served}


def _away(due: _Due, record: Told, own: Asked) -> bool:
    """Whether a record was meant for another period than the one it lies in."""
    if record.planned_for is None:
        return record.stated
    planned = due.at(record.planned_for)
    return planned is not None and planned is not own


def _target(due: _Due, record: Told, known: Catalogue) -> tuple[Asked | None, str]:
    """The duty that a record left over may serve, and how."""
    day, moved = record.held_on, timedelta(days=known.param("duties.moved_days"))
    own, planned = due.at(day), due.at(record.planned_for)
    early = timedelta(days=known.param("duties.early_days"))
    if planned is not None and planned is not own and planned.start - early <= day < planned.end + moved:
        return planned, MOVED
    past = due.at((own.start if own else day.replace(day=1)) - timedelta(days=1))
    if past is not None and day < past.end + timedelta(days=past.grace):
        return past, LATE
    if past is not None and record.stated and day < past.end + moved:
        return past, MOVED
    return next((a for a in due.rows if a.postponed and a.end <= day <= a.postponed), None), MOVED


def _state(asked: Asked, by: Sequence[tuple[int, str]]) -> str:
    if len(by) < asked.times:
        return OPEN
    ways = {how for _, how in by}
    return MOVED if MOVED in ways else LATE if LATE in ways else KEPT
