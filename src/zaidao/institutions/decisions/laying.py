"""What one organisation owes in whole calendar years, before any record is looked at: the rules of `engine.duties.calendar` for a single
organisation, in plain Python. Both must agree (docs/reference/duties.md; tests/institutions/test_equal.py)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from zaidao.engine.catalogue import Catalogue
from zaidao.engine.duties.calendar import BY_BRANCH, DISSOLVED, DUE, EXEMPT_REASONS, FOUNDED, UNKNOWN, UNMET
from zaidao.engine.duties.clauses import Segment, Source
from zaidao.engine.window import add_months

COMMITTEE_MEETING = "支委会"
Spell = tuple[date, date]  # [since, until); date.min and date.max where unknown or open


@dataclass(frozen=True)
class Body:
    """What bears on the duties of one organisation. `began`: founding or first sign of life. `seats`: person and spell of its committee
    posts, None where nobody's posts are on file; `full`: spells of its full members and its groups', None without a roster.

    `small`: too few full members today to need a committee. `files`: subjects that it has records of; `branch_files`: its branch has.
    """

    kind: str | None
    began: date = date.min
    dissolved: date = date.max
    seats: tuple[tuple[int, date, date], ...] | None = None
    groups: tuple[Spell, ...] = ()
    full: tuple[Spell, ...] | None = None
    small: bool = False
    files: frozenset[str] = frozenset()
    branch_files: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Owed:
    """One duty of [start, end). `why`: 0 where it is due, else the index of `EXEMPT_REASONS`. `tier`: of its segment."""

    source: Source
    start: date
    end: date
    why: int = DUE
    tier: int = 0

    @property
    def subject(self) -> str:
        return self.source.subject

    @property
    def due_on(self) -> date:
        """The last day, grace included."""
        return self.end + timedelta(days=self.source.grace - 1)

    @property
    def reason(self) -> str:
        """Why it is not due, in words; empty where it is."""
        return EXEMPT_REASONS[self.why]

    @property
    def months(self) -> range:
        """The months it covers, counted from year 0."""
        first = self.start.year * 12 + self.start.month - 1
        return range(first, first + self.source.months)


def owed(body: Body, segments: Sequence[Segment], first_year: int, last_year: int, known: Catalogue) -> list[Owed]:
    """Every duty of the years, by subject and start. `segments`: what holds when (`clauses.segments`). Whole years, so that which source
    gives way to which never depends on where a span is cut."""
    periods = [row for segment in segments for row in _periods(segment, first_year, last_year)]
    rows = [_judged(row, body, known) for row in periods if body.began < row.end and body.dissolved > row.start]
    if any(row.tier for row in rows):
        rows = [kept for subject in {row.subject for row in rows} for kept in _first_tier([r for r in rows if r.subject == subject])]
    return sorted((_ledger(row, body) for row in rows), key=lambda row: (row.subject, row.start, row.end))


def _periods(segment: Segment, first_year: int, last_year: int) -> Iterable[Owed]:
    """The periods that lie wholly inside the source's life."""
    start, stop = date(first_year, 1, 1), date(last_year + 1, 1, 1)
    while start < stop:
        end = add_months(start, segment.source.months)
        if segment.since <= start and segment.until >= end:
            yield Owed(segment.source, start, end, tier=segment.tier)
        start = end


def _judged(row: Owed, body: Body, known: Catalogue) -> Owed:
    why = DISSOLVED if body.dissolved < row.end else FOUNDED if body.began > row.start else DUE
    for condition in sorted(row.source.conditions):
        if why in (DUE, UNKNOWN):
            holds = met(condition, row.start, body, known)
            why = UNKNOWN if holds is None else why if holds else UNMET
    return replace(row, why=why)


def met(condition: tuple[str, int], day: date, body: Body, known: Catalogue) -> bool | None:
    """Whether a condition holds on a day; None where it is not known."""
    name, number = condition
    if name == "full":
        return None if body.full is None else sum(since <= day < until for since, until in body.full) >= number
    if name == "groups":
        return any(since <= day < until for since, until in body.groups)
    if body.seats is None:
        return None
    holders = {person for person, since, until in body.seats if since <= day < until}
    return (len(holders) >= known.param("frame.committee_from_holders")) == (name == "committee")


def _first_tier(rows: list[Owed]) -> list[Owed]:
    """Of one subject: where a clause binds on conditions of its own and they don't hold, what would hold without it takes its place."""
    taken = _covered(r for r in rows if r.tier == 0 and r.why != UNMET)
    second = [r for r in rows if r.tier == 1 and taken.isdisjoint(r.months)]
    filled = _covered(second)
    return second + [r for r in rows if r.tier == 0 and (r.why != UNMET or filled.isdisjoint(r.months))]


def _covered(rows: Iterable[Owed]) -> set[int]:
    return {month for row in rows for month in row.months}


def _ledger(row: Owed, body: Body) -> Owed:
    """A branch too small to need a committee has no committee meetings to file unless it files them; a group whose branch files its
    meetings has none of its own."""
    if row.why != DUE or row.subject in body.files:
        return row
    if row.subject == COMMITTEE_MEETING and body.small:
        return replace(row, why=UNMET)
    return replace(row, why=BY_BRANCH) if body.kind == "group" and row.subject in body.branch_files else row


def span(today: date) -> tuple[date, int]:
    """The months that are laid out: from the running one to the end of the coming quarter."""
    first = today.replace(day=1)
    return first, 6 - (today.month - 1) % 3


def back_to(since: date, today: date, ledger: date | None, known: Catalogue) -> date | None:
    """The first month from which the periods that are over are laid out for a rule that holds since a day in the past; None where there
    are none. Not further back than the diagnosis looks, nor than the ledger is whole: `ledger` is the day of the first record on file."""
    if ledger is None:
        return None
    whole = ledger.replace(day=1) if ledger.day <= known.param("duties.first_days") else add_months(ledger, 1)
    running = today.replace(day=1)
    first = max(since.replace(day=1), whole, add_months(running, -known.param("frame.window_months")))
    return first if first < running else None


def months_between(first: date, until: date) -> int:
    return (until.year - first.year) * 12 + until.month - first.month
