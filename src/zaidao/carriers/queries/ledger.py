"""The ledger (台账): what organisations in scope filed in a year, one line an organisation and meeting, in the tree's order.

Each line names its organisation as of its day, and belongs where it stood then: moving or renaming a branch alters no earlier line.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models.functions import TruncDate
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.models import Activity, Attendance, Decision, FollowUp, Minutes, Participation
from zaidao.engine import schema
from zaidao.organisations.queries import then

LESSONS = ("党员大会", "支委会", "党小组会", "党课")  # 三会一课
CHUNK = 500


@dataclass(frozen=True)
class Asked:
    """Whose (code or part of a name, with all below; "" for the whole scope), of which year, of which kind ("lessons": 三会一课)."""

    organisation: str
    year: int
    kind: str = ""


@dataclass
class Line:
    """One meeting in one organisation, as filed. `minutes` is the version that holds; `name`: of the organisation on its day."""

    participation: Participation
    name: str = ""
    minutes: Minutes | None = None
    decisions: list[Decision] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    missing: list[Attendance] = field(default_factory=list)
    observers: list[Attendance] = field(default_factory=list)

    @property
    def activity(self) -> Activity:
        return self.participation.activity

    @property
    def private(self) -> bool:
        """Texts of such meetings stand in their own record alone, never side by side with others."""
        return self.activity.kind in schema.PRIVATE_KINDS


def span(year: int) -> tuple[datetime, datetime]:
    """A year in local time, half-open."""
    zone = timezone.get_current_timezone()
    return datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone)


def dated(rows: Any) -> Any:
    """Participations with the `day` of their meeting, if it was held, and what their organisation was called then (`name_then`)."""
    return rows.annotate(day=TruncDate("activity__held_at"), name_then=then.name())


def rows(asked: Asked) -> Any:
    """The filed participations where the active scope may export, in the order of the tree: where an organisation is named, in that of
    then, with two queries more (three where it has moved since)."""
    begin, end = span(asked.year)
    found: Any = Participation.objects.within(access.EXPORT).filter(
        activity__state=Activity.State.FILED, activity__held_at__gte=begin, activity__held_at__lt=end)
    if asked.kind:
        found = found.filter(activity__kind__in=LESSONS if asked.kind == "lessons" else [asked.kind])
    if not asked.organisation.strip():
        return found.order_by("organisation__path", "activity__held_at", "activity_id")
    told = then.below(found.alias(day=TruncDate("activity__held_at")), asked.organisation, begin.date(), end.date())
    return told.order_by(*told.query.order_by, "activity__held_at", "activity_id")


def page(found: Any, start: int, end: int) -> list[Line]:
    """A part of `rows` with all that a line shows. Six queries: the database puts numbers in order and not whole rows."""
    return of_numbers(list(found.values_list("pk", flat=True)[start:end]))


def of_numbers(numbers: Sequence[int]) -> list[Line]:
    """Lines of participations that were found inside the scope, in the order of their numbers. Five queries."""
    told = dated(Participation.everything.select_related("organisation", "activity__host", "activity__recorder", "activity__carrier"))
    by_number = told.in_bulk(numbers)
    return lines(by_number[n] for n in numbers if n in by_number)


def parts(numbers: Sequence[int]) -> Iterator[list[Line]]:
    """All of them, CHUNK by CHUNK: five queries each."""
    for start in range(0, len(numbers), CHUNK):
        yield of_numbers(numbers[start:start + CHUNK])


def at_most(found: Any, most: int) -> int:
    """How many there are, counted no further than one more than `most`. One query."""
    return int(found.order_by()[:most + 1].count())


def lines(participations: Iterable[Participation], *, whole: bool = False) -> list[Line]:
    """Lines of participations (`dated`) that the caller may see; `whole`: with the minutes' own text. Four queries, however many."""
    found = [Line(p, p.name_then) for p in participations]  # type: ignore[attr-defined]
    if found:
        _attendances(found)
        _minutes(found, () if whole else ("text", "told"))
        _follow_ups(found)
    return found


def _attendances(found: Sequence[Line]) -> None:
    by_number = {line.participation.pk: line for line in found}
    told = Attendance.everything.filter(participation__in=by_number).exclude(state=Attendance.State.PRESENT).order_by("pk")
    for each in told.select_related("person"):
        line = by_number[each.participation_id]
        (line.observers if each.state == Attendance.State.OBSERVER else line.missing).append(each)


def _minutes(found: Sequence[Line], without: Sequence[str]) -> None:
    """The last version of each, and its decisions."""
    activities = {line.participation.activity_id for line in found}
    last = {m.activity_id: m for m in Minutes.everything.filter(activity__in=activities).defer(*without).order_by("number")}
    decided: dict[int, list[Decision]] = defaultdict(list)
    for each in Decision.everything.filter(minutes__in=[m.pk for m in last.values()]).order_by("position"):
        decided[each.minutes_id].append(each)
    for line in found:
        line.minutes = last.get(line.participation.activity_id)
        line.decisions = decided[line.minutes.pk] if line.minutes else []


def _follow_ups(found: Sequence[Line]) -> None:
    by_pair = {(line.participation.activity_id, line.participation.organisation_id): line for line in found}
    rows = FollowUp.everything.filter(activity__in={a for a, _ in by_pair}).select_related("who").order_by("due_on", "pk")
    for each in rows:
        line = by_pair.get((each.activity_id, each.organisation_id))
        if line:
            line.follow_ups.append(each)
