"""Tick lists as pages show them: who is expected at a meeting, why, and what is told of each so far."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.decisions.gathering import Gathering, gathering
from zaidao.carriers.forms.record import Line, List
from zaidao.carriers.models import Activity, Attendance, Participation
from zaidao.carriers.queries.expected import expected_for
from zaidao.core import access as core_access
from zaidao.core import rulebook


def lists(user: Any, activity: Activity) -> list[List]:
    """The lists of every organisation of the meeting that this person keeps, the convener's first. Eight queries for one organisation."""
    rows = Participation.objects.filter(activity=activity).select_related("organisation")
    held = core_access.holder(user)
    mine = [row for row in rows if held.may(access.ATTEND, row.organisation.path)]
    mine.sort(key=lambda p: (p.organisation_id != activity.organisation_id, p.organisation.path))
    return [listed(row, activity) for row in mine]


def listed(participation: Participation, activity: Activity | None = None) -> List:
    """The list of one organisation: those expected on the meeting's day, others around, and whoever is told of besides. Six queries."""
    meeting = activity or participation.activity
    moment = meeting.held_at or meeting.planned_at
    day = timezone.localdate(moment) if moment else timezone.localdate()
    told = list(Attendance.everything.filter(participation=participation).select_related("person").order_by("pk"))
    by_person = {row.person_id: row for row in told if row.person_id}
    freely = gathering(meeting.kind, participation.organisation.kind, rulebook.on(day)) is Gathering.OPEN
    rows = expected_for(participation.organisation, meeting.kind, day)
    lines = [_line(each, by_person.pop(each.person.pk, None)) for each in rows]
    lines += [_besides(row) for row in by_person.values()]
    return List(participation, tuple(lines), guests(told), freely=freely)


def guests(told: Sequence[Attendance]) -> str:
    return "、".join(row.guest for row in told if row.person_id is None)


def _line(each: Any, row: Attendance | None) -> Line:
    verdict = each.verdict
    return Line(each.person, verdict.counted, verdict.votes, verdict.reason, *_told(row))


def _told(row: Attendance | None) -> tuple[str, str, str]:
    return (row.state, row.why, row.state) if row else ("", "", "")


def _besides(row: Attendance) -> Line:
    return Line(row.person, counted=False, votes=False, reason="不在应到名单。", state=row.state, why=row.why, kept=row.state)
