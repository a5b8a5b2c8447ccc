"""The year of one organisation: what was due when and what became of it, and counts of what was filed, each with its denominator."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, Sum

from zaidao.carriers.models import Activity, FollowUp, Minutes, Participation
from zaidao.carriers.queries.ledger import span
from zaidao.engine import schema
from zaidao.institutions.queries.year import Kept, of_year

OPEN = "open"
MONTHS = tuple(range(1, 13))
WORDS = {"kept": "已办", "kept_late": "宽限期内补办", "moved": "已说明顺延", "exempt": "不适用"}
PLACES = {kind: n for n, kind in enumerate(schema.ACTIVITY_KINDS)}


@dataclass(frozen=True)
class Cell:
    """What was due in a period of `months` months from `month` on. `kind`: of the pill that shows it."""

    text: str
    kind: str
    months: int
    month: int

    @property
    def label(self) -> str:
        """3月, or 1—3月"""
        return f"{self.month}月" if self.months == 1 else f"{self.month}—{self.month + self.months - 1}月"


@dataclass(frozen=True)
class Row:
    """One subject: what asks for it, which post sees to it, and a cell for each period; None for months without one."""

    subject: str
    basis: str
    who: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Tally:
    """Meetings of one kind. People are counted over the `known` of them whose 应到 is known; `late` of `n` were filed late with a reason,
    `corrected` were corrected."""

    kind: str
    n: int
    known: int
    eligible: int
    present: int
    late: int
    corrected: int

    @property
    def share(self) -> float | None:
        return self.present / self.eligible if self.eligible else None


@dataclass(frozen=True)
class Follow:
    """Follow-ups that fell due in the year: of `n`, `closed` are confirmed, `dropped` given up with a reason, `waiting` told as done."""

    n: int
    closed: int
    dropped: int
    waiting: int


def rows(organisation: Any, year: int, today: date) -> list[Row]:
    """By subject in the field's order. Two queries."""
    by_subject: dict[str, list[Kept]] = defaultdict(list)
    for each in of_year(organisation, year):
        by_subject[each.due.subject].append(each)
    return [_row(s, by_subject[s], today) for s in sorted(by_subject, key=lambda s: (PLACES.get(s, len(PLACES)), s))]


def _row(subject: str, duties: Sequence[Kept], today: date) -> Row:
    """Cells in the order of the months; a period longer than a month spans its months, up to where the next one begins."""
    by_month = {d.due.period_start.month: d for d in duties}
    cells: list[Cell | None] = []
    month = 1
    while month <= len(MONTHS):
        room = min((m for m in by_month if m > month), default=len(MONTHS) + 1) - month
        cell = cell_of(by_month[month], today, room) if month in by_month else None
        cells.append(cell)
        month += cell.months if cell else 1
    joined = "、".join(dict.fromkeys(d.due.basis for d in duties if d.due.basis))
    return Row(subject, joined, "、".join(dict.fromkeys(d.who for d in duties if d.who)), tuple(cells))


def cell_of(kept: Kept, today: date, room: int) -> Cell:
    """How a duty stands, in words, with the days of its records and how many of how many times. `room`: months it may span at most."""
    due = kept.due
    length = (due.period_end.year - due.period_start.year) * 12 + due.period_end.month - due.period_start.month
    days = "、".join(f"{d.month}月{d.day}日" for d in kept.days)
    times = f"({due.done}/{due.times}次)" if due.times > 1 else ""
    if due.state == OPEN:
        coming = due.period_start > today
        word, kind = ("逾期未见记录", "wait") if due.due_on < today else ("未到期", "off") if coming else ("待办", "open")
    else:
        word, kind = WORDS[due.state], "off" if due.state == "exempt" else "done"
    return Cell("\n".join(part for part in (f"{word}{times}", days, due.why if due.state == "exempt" else "") if part), kind,
                max(min(length, room), 1), due.period_start.month)


def tallies(organisation: Any, year: int) -> list[Tally]:
    """Counts of what was filed, by kind. Two queries."""
    begin, end = span(year)
    own = Participation.objects.filter(
        organisation=organisation, activity__state=Activity.State.FILED, activity__held_at__gte=begin, activity__held_at__lt=end)
    known = Q(eligible__isnull=False, present__isnull=False)
    counted = own.order_by().values(kind=F("activity__kind")).annotate(
        n=Count("pk"), known=Count("pk", filter=known), eligible_sum=Sum("eligible", filter=known),
        present_sum=Sum("present", filter=known))
    late, corrected = _marks(own)
    found = [Tally(r["kind"], r["n"], r["known"], r["eligible_sum"] or 0, r["present_sum"] or 0, late[r["kind"]], corrected[r["kind"]])
             for r in counted]
    return sorted(found, key=lambda t: (PLACES.get(t.kind, len(PLACES)), t.kind))


def _marks(own: Any) -> tuple[dict[str, int], dict[str, int]]:
    """Kind -> how many meetings were filed late, how many corrected. One query."""
    told = Minutes.everything.filter(activity__in=own.order_by().values("activity")).order_by().values(kind=F("activity__kind")).annotate(
        late=Count("activity", filter=Q(number=1) & ~Q(late_reason=""), distinct=True),
        corrected=Count("activity", filter=Q(number__gt=1), distinct=True))
    late, corrected = defaultdict(int), defaultdict(int)
    for row in told:
        late[row["kind"]], corrected[row["kind"]] = row["late"], row["corrected"]
    return late, corrected


def follow(organisation: Any, year: int) -> Follow:
    """One query."""
    state = FollowUp.State
    told = FollowUp.objects.filter(organisation=organisation, due_on__gte=date(year, 1, 1), due_on__lt=date(year + 1, 1, 1)).aggregate(
        n=Count("pk"), closed=Count("pk", filter=Q(state=state.CONFIRMED)), dropped=Count("pk", filter=Q(state=state.DROPPED)),
        waiting=Count("pk", filter=Q(state=state.DONE)))
    return Follow(told["n"], told["closed"], told["dropped"], told["waiting"])
