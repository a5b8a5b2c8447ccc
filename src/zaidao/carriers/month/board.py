"""The month of one person: what their organisations owe and when, meetings to hold or to file, what is decided and open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from zaidao.carriers.month import decisions, queries
from zaidao.carriers.month.decisions import KINDS, WORDS, Stage
from zaidao.carriers.month.queries import Decided, Planned
from zaidao.core import calendar, rulebook
from zaidao.core.access import Holder
from zaidao.core.calendar import Calendar
from zaidao.institutions.queries import month as duties
from zaidao.institutions.queries.month import Due


@dataclass(frozen=True)
class Line:
    """An open duty as the page says it. `planned`: the meeting that is planned for it."""

    due: Due
    stage: Stage
    period: str
    ends: str
    last: str
    near: str
    planned: Planned | None

    @property
    def words(self) -> str:
        return WORDS[self.stage] if self.due.open else self.due.label

    @property
    def kind(self) -> str:
        """Of the pill that says it."""
        if self.due.open:
            return KINDS[self.stage]
        return "off" if self.due.state == duties.EXEMPT else "done"


@dataclass(frozen=True)
class Board:
    """`owed` and `done` count duties of the running periods, without the `exempt` ones. `many`: more than one organisation, so that each
    line names its own. `unknown`: years whose days of rest are not on record yet."""

    lines: list[Line]
    owed: int
    done: int
    exempt: int
    kept: list[Line]
    coming: list[Planned]
    unfiled: list[Planned]
    follow_ups: list[Decided]
    many: bool
    unknown: list[int]

    @property
    def pressing(self) -> list[Line]:
        """What falls due this month or was due before."""
        return [line for line in self.lines if line.stage is not Stage.AHEAD]

    @property
    def ahead(self) -> list[Line]:
        return [line for line in self.lines if line.stage is Stage.AHEAD]

    @property
    def empty(self) -> bool:
        return not (self.owed or self.exempt or self.lines or self.coming or self.unfiled or self.follow_ups)


def of(held: Holder, now: datetime, today: date) -> Board | None:
    """None for whoever sees to no organisation. Three queries, however many organisations."""
    paths = queries.own(held)
    if not paths:
        return None
    found = duties.owed(paths, today, rulebook.on(today).param("living.month_back_days"))
    meetings, decided = queries.open_in(paths, decisions.next_month(today))
    open_ones = [due for due in found if due.open]
    days = calendar.load()
    lines = sorted(_lines(open_ones, meetings, today, days), key=lambda line: list(Stage).index(line.stage))
    running = [due for due in found if due.period_end > today]
    exempt = sum(due.state == duties.EXEMPT for due in running)
    kept = [line(due, None, today, days) for due in running if not due.open and due.state != duties.EXEMPT]
    return Board(
        lines, len(running) - exempt, len(kept), exempt, kept, [m for m in meetings if not m.unfiled(now)],
        [m for m in meetings if m.unfiled(now)], decided, len(paths) > 1,
        sorted({due.ends_on.year for due in open_ones if not days.known(due.ends_on.year)}),
    )


def _lines(dues: Iterable[Due], meetings: Iterable[Planned], today: date, days: Calendar) -> list[Line]:
    by_duty = {m.duty: m for m in meetings if m.duty}
    return [line(due, by_duty.get(due.pk), today, days) for due in dues]


def line(due: Due, planned: Planned | None, today: date, days: Calendar) -> Line:
    """One duty in words. The last day with grace is said only where it is another than the period's."""
    stage = decisions.stage(due.period_end, due.due_on, today)
    ends = due.ends_on if stage in (Stage.MONTH, Stage.AHEAD) else due.due_on
    last = decisions.said(due.due_on, today, days) if due.due_on > ends else ""
    return Line(due, stage, decisions.period(due.every, due.period_start), decisions.said(ends, today, days), last,
                decisions.near(ends, today), planned)
