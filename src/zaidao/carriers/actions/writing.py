"""One version of a record is written: head, minutes, decisions judged, follow-ups, and the duties told."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.carriers.actions import freezing
from zaidao.carriers.actions.base import clean, someone
from zaidao.carriers.decisions import votes
from zaidao.carriers.decisions.record import Record, Resolved, Task
from zaidao.carriers.decisions.stated import remark_of, stated
from zaidao.carriers.decisions.votes import Room, Vote
from zaidao.carriers.models import Activity, Attendance, Decision, FollowUp, Minutes, Participation
from zaidao.core import rulebook
from zaidao.core.errors import Refused
from zaidao.engine.catalogue import Catalogue
from zaidao.institutions.actions import fulfilment

EVIDENCE = "activity"  # what a meeting is called among the records that keep duties


def version(actor: Any, row: Activity, everyone: Sequence[Participation], record: Record, made: Minutes) -> None:
    """Write the record as the version `made` of the activity. Attendance is frozen already. Raises Refused."""
    people = someone(actor, [record.host, record.recorder, *(t.who for t in record.follow_ups)], _known(row))
    judged = _decisions(row, everyone, record.decisions, record.held_at)
    row.held_at, row.place = record.held_at, clean(record.place, 120, "地点", needed=False)
    row.hours = None if record.hours is None else Decimal(str(record.hours)).quantize(Decimal("0.1"))
    row.host, row.recorder, row.version = people.get(record.host or 0), people.get(record.recorder or 0), row.version + 1
    row.save()
    made.text, made.opinions = clean(record.text, 20_000, "记录正文"), clean(record.opinions, 8000, "发言要点", needed=False)
    made.told = head(row) | {"attendance": freezing.told(everyone)}
    made.save(force_insert=True)
    for position, decision in enumerate(judged, 1):
        decision.minutes, decision.position = made, position
    Decision.everything.bulk_create(judged)
    FollowUp.everything.bulk_create([_follow_up(row, everyone, task) for task in record.follow_ups])


def _known(row: Activity) -> set[int]:
    """Who stands on the record already."""
    there = Attendance.everything.filter(participation__activity=row).exclude(person=None).values_list("person_id", flat=True)
    return {n for n in (row.host_id, row.recorder_id, *there) if n}


def head(row: Activity) -> dict[str, Any]:
    """The head of the record as it is filed with a version."""
    return {
        "title": row.title, "held_at": timezone.localtime(row.held_at).isoformat() if row.held_at else None, "place": row.place,
        "hours": None if row.hours is None else str(row.hours), "host": row.host_id, "recorder": row.recorder_id,
    }


def said(row: Activity) -> dict[str, Any]:
    """The head as the audit compares it: people by their names."""
    people = {"host": row.host.name if row.host else None, "recorder": row.recorder.name if row.recorder else None}
    return {"held_at": row.held_at, "place": row.place, "hours": row.hours, **people}


def _decisions(row: Activity, everyone: Sequence[Participation], told: Sequence[Resolved], held_at: datetime) -> list[Decision]:
    """The decisions with their verdicts. Raises Refused for votes that cannot be."""
    first = everyone[0]
    if first.voting is None and any(r.kind in votes.VOTES for r in told):
        raise Refused(f"{row.kind}不作表决,请改为“议定事项”,或召开党员大会表决。")
    known = rulebook.on(timezone.localdate(held_at))
    room = Room(first.voting or 0, first.voting_present or 0, joint=len(everyone) > 1)
    wrong = [f"第{n}项决议:{text}" for n, r in enumerate(told, 1) for text in votes.flaws(r.kind, r.vote, room, known)]
    if wrong:
        raise Refused(*wrong)
    return [_decision(row, r, room, known) for r in told]


def _decision(row: Activity, told: Resolved, room: Room, known: Catalogue) -> Decision:
    if told.kind not in Decision.Kind.values:
        raise Refused("请选择决议的方式。")
    vote = told.vote if told.kind in votes.VOTES else None
    verdict = votes.judge(told.kind, vote, room, meeting=row.kind, known=known)
    text = clean(told.text, 500, "决议内容")
    return Decision(kind=told.kind, text=text, passed=verdict.passed, verdict=verdict.reason[:300], **_counts(vote))


def _counts(vote: Vote | None) -> dict[str, int | None]:
    if vote is None:
        return {}
    return {"in_favour": vote.in_favour, "against": vote.against, "abstained": vote.abstained, "written": vote.written or None}


def _follow_up(row: Activity, everyone: Sequence[Participation], task: Task) -> FollowUp:
    """A follow-up stands in the organisation on whose list its person is, else in the convener's."""
    own = next((p.organisation for p in everyone if task.who and Attendance.everything.filter(participation=p, person=task.who).exists()),
               row.organisation)
    return FollowUp(
        activity=row, organisation=own, decision_text=clean(task.decision_text, 500, "对应决议", needed=False),
        what=clean(task.what, 300, "办理事项"), who_id=task.who, due_on=task.due_on,
    )


def keep(actor: Any, row: Activity, everyone: Sequence[Participation], made: Minutes) -> None:
    """Tell the record to the duties of every organisation that took part: there it is judged what it keeps."""
    if row.held_at is None or row.filed_at is None:
        raise ValueError(f"activity {row.pk} is not filed")
    remark = remark_of(row.remark, made.late_reason)
    days: dict[str, Any] = {"held_on": timezone.localdate(row.held_at), "filed_on": timezone.localdate(row.filed_at)}
    told = {"actor": actor, "kind": EVIDENCE, "number": row.pk, "planned_for": row.planned_for,
            "stated": stated(row.title, remark, rulebook.on(days["held_on"])), "convener": row.organisation, **days}
    for part in everyone:
        if not _kept_as_meant(part, row.kind, told):
            fulfilment.record_fulfilment(organisation=part.organisation, subject=row.kind, **told)


def _kept_as_meant(part: Participation, kind: str, told: dict[str, Any]) -> bool:
    """Tell the record to the duty it was planned for, where that is named in the office's own words; False where its days don't fit."""
    if part.duty is None or part.duty.subject == kind:
        return False
    try:
        with transaction.atomic():
            fulfilment.record_fulfilment(duty=part.duty, **told)
    except Refused:
        return False
    return True
