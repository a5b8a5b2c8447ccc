"""Attendance sheets: who is expected, with room to sign; and once told, who came."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from zaidao.carriers import columns
from zaidao.carriers.decisions.gathering import Gathering, gathering
from zaidao.carriers.forms_out.pdf import Roll
from zaidao.carriers.models import Activity, Attendance, Participation
from zaidao.carriers.queries.expected import expected_for
from zaidao.carriers.queries.paper import UNKNOWN, when
from zaidao.core import rulebook, written

SPARE, OPEN_LINES = 3, 20  # empty lines for observers and guests; for a meeting to which nobody is bound to come
MEMBERS = ("full", "probationary")
ORDER = {state: n for n, state in enumerate(Attendance.State.values)}


def blank(mine: Sequence[Participation]) -> list[Roll]:
    """Everybody expected on the day of the meeting (planned or held; today where neither is known). Six queries an organisation."""
    activity = mine[0].activity
    moment = activity.held_at or activity.planned_at
    on = timezone.localtime(moment).date() if moment else timezone.localdate()
    return [of_organisation(p.organisation, activity.kind, on, _head(activity)) for p in mine]


def of_organisation(organisation: Any, kind: str, on: date, head: Sequence[tuple[str, str]]) -> Roll:
    """The sheet of one organisation for a kind of meeting and a day. At most six queries."""
    title, whom = f"{organisation.name}签到表", gathering(kind, organisation.kind, rulebook.on(on))
    if whom is Gathering.OPEN:
        return Roll(title, head, (), spare=OPEN_LINES)
    rows = expected_for(organisation, kind, on)
    counted = [r for r in rows if r.verdict.counted]
    told = [*head, ("应到", f"{len(counted)}人(按{written.day(on)}的{'名册' if whom is Gathering.ROSTER else '任职'})")]
    lines = [(r.person.name, r.person.get_category_display(), "", "" if r.verdict.votes else "无表决权") for r in counted]
    out = [r for r in rows if whom is Gathering.ROSTER and not r.verdict.counted and r.person.category in MEMBERS]
    notes = [f"不计入应到:{'、'.join(f'{r.person.name}({r.verdict.reason})' for r in out)}"] if out else []
    return Roll(title, told, lines, notes, SPARE)


def _head(activity: Activity) -> list[tuple[str, str]]:
    moment = activity.held_at or activity.planned_at
    return [("会议", f"{activity.kind}:{activity.title}"), ("时间", when(moment)), ("地点", activity.place or UNKNOWN)]


def filled(mine: Sequence[Any]) -> list[Roll]:
    """What has been told about who came, under the names of the day. One query."""
    activity = mine[0].activity
    rows = Attendance.everything.filter(participation__in=[p.pk for p in mine]).select_related("person").order_by("pk")
    told = sorted(rows, key=lambda a: (ORDER[a.state], a.pk))
    return [_filled(p, [a for a in told if a.participation_id == p.pk], _head(activity)) for p in mine]


def _filled(participation: Any, told: Sequence[Attendance], head: list[tuple[str, str]]) -> Roll:
    lines = [(columns.name_of(a), a.person.get_category_display() if a.person else "", a.get_state_display(), _remark(a)) for a in told]
    present = "未知" if participation.present is None else f"{participation.present}人"
    numbers = [("应到", columns.expected(participation)), ("实到", present)]
    return Roll(f"{participation.name_then}到会情况", [*head, *numbers], lines)


def _remark(who: Attendance) -> str:
    return ";".join(text for text in (who.why, "" if who.counted is not False else "不计入应到") if text)
