"""Verbs of attendance: the tick list, and leave that a member asks for once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.actions.base import clean, hold
from zaidao.carriers.decisions.gathering import Gathering, gathering
from zaidao.carriers.decisions.record import STATES, Ticks
from zaidao.carriers.models import Activity, Attendance, Participation
from zaidao.carriers.queries.expected import expected_for
from zaidao.core import access as core_access
from zaidao.core import audit, outbox, rulebook
from zaidao.core.errors import Refused
from zaidao.core.scope import system_scope
from zaidao.organisations.queries import Row

WHY = 120  # characters


@transaction.atomic
def tell(
    *, actor: Any, participation: Participation, states: Mapping[int, tuple[str, str]], guests: Sequence[str] | None = None, rest: str = "",
) -> list[Attendance]:
    """Tell who came, for one organisation of a meeting that is not filed. `states`: number of the person -> (state, why), "" as state:
    nothing is known after all. `guests`: observers on no roster, replacing those told before (None: as they are). `rest`: the state of
    everybody else expected. Raises Denied, Refused (somebody who is not of the organisation, unknown state)."""
    activity = hold(participation.activity_id)
    part = Participation.everything.select_related("organisation").get(pk=participation.pk)
    part.activity = activity
    grant = core_access.require(actor, access.ATTEND, part.organisation.path)
    if activity.state != Activity.State.PLANNED:
        raise Refused(f"这次会议{activity.get_state_display()},到会情况不能再改;已归档的请用更正。")
    before = _entries(part)
    put(actor, part, Ticks(states, guests if guests is not None else guests_of(part), rest), listed(part, day_of(activity)))
    after = _entries(part)
    if after != before:
        touched = sum(before.get(key) != after.get(key) for key in before | after)
        changes = audit.changed(_counts(before), _counts(after)) | {"entries": [None, touched]}
        audit.record(actor, access.ATTEND, part, path=part.organisation.path, changes=changes, grant=grant)
        outbox.announce("carriers.attended", activity.pk)
    return list(Attendance.everything.filter(participation=part).select_related("person"))


def day_of(activity: Activity) -> date:
    """The day whose list counts: held, else planned, else today."""
    moment = activity.held_at or activity.planned_at
    return timezone.localdate(moment) if moment else timezone.localdate()


def listed(part: Participation, day: date) -> list[Row]:
    """Everybody on the list of the day, past the scope of whoever asks: they may tell it, by the grant that was asked for."""
    with system_scope("who is expected at a meeting that the actor sees to"):
        return expected_for(part.organisation, part.activity.kind, day)


def guests_of(part: Participation) -> list[str]:
    return list(Attendance.everything.filter(participation=part, person=None).order_by("pk").values_list("guest", flat=True))


def _entries(part: Participation) -> dict[tuple[int | None, str], tuple[str, str]]:
    rows = Attendance.everything.filter(participation=part).order_by("pk").values_list("person", "guest", "state", "why")
    return {(person, guest): (state, why) for person, guest, state, why in rows}


def _counts(entries: Mapping[Any, tuple[str, str]]) -> dict[str, int]:
    """State -> how many: what the audit says. Names and reasons stay in the list."""
    return dict(Counter(state for state, _ in entries.values()))


def put(actor: Any, part: Participation, ticks: Ticks, rows: Sequence[Row]) -> None:
    """Write a tick list over what was told before. `rows`: the list of the day. Raises Refused."""
    told = dict(_checked(part, ticks, rows))
    held = {a.person_id: a for a in Attendance.everything.filter(participation=part).exclude(person=None)}
    for number, (state, _) in told.items():
        if not state and number in held:
            held[number].delete()
    told = {number: (state, why) for number, (state, why) in told.items() if state}
    changed = [held[n] for n, (state, why) in told.items() if n in held and (held[n].state, held[n].why) != (state, why)]
    for row in changed:
        row.state, row.why = told[row.person_id or 0]
        row.told_by, row.told_at = actor, timezone.now()
    Attendance.everything.bulk_update(changed, ["state", "why", "told_by", "told_at"])
    fresh = {n: {"state": state, "why": why} for n, (state, why) in told.items() if n not in held}
    Attendance.everything.bulk_create([Attendance(participation=part, person_id=n, told_by=actor, **fields) for n, fields in fresh.items()])
    _put_guests(actor, part, ticks.guests)


def _checked(part: Participation, ticks: Ticks, rows: Sequence[Row]) -> list[tuple[int, tuple[str, str]]]:
    """What is told of each person, the rest filled in."""
    known = {r.person.pk for r in rows} | set(Attendance.everything.filter(participation=part).values_list("person_id", flat=True))
    if any(n not in known for n in ticks.states):
        raise Refused("有一位同志不在本组织的名册上;外来人员请填在列席人员里。")
    if any(state and state not in STATES for state, _ in ticks.states.values()) or (ticks.rest and ticks.rest not in STATES):
        raise Refused("请选择到会、请假、缺席或列席。")
    told = [(n, (state, clean(why, WHY, "原因", needed=False))) for n, (state, why) in ticks.states.items()]
    if not ticks.rest:
        return told
    if gathering(part.activity.kind, part.organisation.kind, rulebook.today()) is Gathering.OPEN:
        raise Refused("这类活动不按名册定应到,请逐人登记。")
    before = Attendance.everything.filter(participation=part).exclude(person=None)
    settled = {*ticks.states, *before.values_list("person_id", flat=True)}
    return told + [(r.person.pk, (ticks.rest, "")) for r in rows if r.verdict.counted and r.person.pk not in settled]


def _put_guests(actor: Any, part: Participation, guests: Sequence[str]) -> None:
    wanted = list(dict.fromkeys(name for name in (clean(g, 60, "列席人员", needed=False) for g in guests) if name))
    if wanted == guests_of(part):
        return
    Attendance.everything.filter(participation=part, person=None).delete()
    Attendance.everything.bulk_create([
        Attendance(participation=part, guest=name, state=Attendance.State.OBSERVER, told_by=actor) for name in wanted
    ])


@transaction.atomic
def ask_leave(*, actor: Any, activity: Activity, why: str) -> Attendance:
    """The person themselves says that they cannot come, once. Raises Refused (not expected, too late, told before)."""
    grant = core_access.require(actor, access.MINE)
    row = hold(activity.pk)
    person = getattr(actor, "person", None)
    if row.state != Activity.State.PLANNED or (row.planned_at and row.planned_at < timezone.now()):
        raise Refused("这次会议已经开过、归档或取消,不能再请假;如有出入请联系会议记录人。")
    part = _own_part(row, person.pk) if person else None
    if person is None or part is None:
        raise Refused("这次会议的应到名单里没有您,不需要请假。")
    if Attendance.everything.filter(participation=part, person=person).exists():
        raise Refused("您的到会情况已经登记过;有变化请联系会议记录人。")
    found = Attendance.everything.create(
        participation=part, person=person, state=Attendance.State.LEAVE, why=clean(why, WHY, "请假原因"), told_by=actor)
    told = {"state": [None, found.state]}
    audit.record(actor, access.MINE, found, path=part.organisation.path, changes=told, grant=grant)
    outbox.announce("carriers.leave_asked", row.pk, person=person.pk)
    return found


def _own_part(activity: Activity, person: int) -> Participation | None:
    """The participation whose list has this person. Whoever takes part of their own accord need not ask for leave."""
    for part in Participation.everything.filter(activity=activity).select_related("organisation").order_by("pk"):
        part.activity = activity
        rows = listed(part, day_of(activity))
        if any(r.person.pk == person and r.verdict.counted for r in rows):
            return part
    return None
