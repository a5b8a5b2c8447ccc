"""Verbs of planning: a meeting is planned, put off, called off, announced."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.actions.base import clean, hold, parts, require_all, someone
from zaidao.carriers.actions.mailing import TASK
from zaidao.carriers.decisions import words
from zaidao.carriers.models import Activity, Notice, Participation
from zaidao.core import audit, locks, outbox, tasks
from zaidao.core.errors import Refused
from zaidao.engine.schema import ACTIVITY_KINDS
from zaidao.institutions.actions import hold_duty
from zaidao.institutions.queries.month import basis

AGAIN = timedelta(minutes=1)
FACTS = ("title", "planned_at", "place", "agenda", "state", "remark")


def facts(activity: Activity) -> dict[str, Any]:
    """What the audit compares."""
    return {name: getattr(activity, name) for name in FACTS} | {"host": activity.host.name if activity.host else None}


@transaction.atomic
def plan(
    *, actor: Any, organisation: Any, kind: str, title: str, planned_at: datetime, place: str = "", agenda: str = "",
    carrier: Any = None, duty: Any = None, joint: Collection[Any] = (), host: Any = None, recorder: Any = None, token: str = "",
) -> Activity:
    """Plan a meeting of `organisation`, together with those in `joint`. `duty`: what it is meant for. `token`: of the form, sent twice
    done once. Raises Denied (for any of the organisations), Refused.

    One that is entered after its time was never planned: `planned_for` stays unknown.
    """
    everyone = together(organisation, joint)
    grant = require_all(actor, access.PLAN, everyone)
    before = made(actor, organisation, token)
    if before:
        return before
    someone(actor, [p.pk for p in (host, recorder) if p is not None])
    duty = hold_duty(duty) if duty is not None else None
    _fits(organisation, everyone, kind, carrier, duty, planned_at)
    coming = planned_at >= timezone.now()
    row = register(
        actor, everyone, kind, title, duty=duty, planned_at=planned_at, planned_for=timezone.localdate(planned_at) if coming else None,
        place=clean(place, 120, "地点", needed=False), agenda=clean(agenda, 4000, "议程", needed=False), carrier=carrier, host=host,
        recorder=recorder, token=token,
    )
    told = facts(row) | {"kind": kind, "organisations": [o.name for o in everyone], "duty": duty.subject if duty else None}
    audit.record(actor, access.PLAN, row, path=organisation.path, changes=audit.changed({}, told), grant=grant)
    outbox.announce("carriers.planned", row.pk)
    return row


def together(organisation: Any, joint: Collection[Any]) -> list[Any]:
    """The convener and the others, each once. Raises Refused for one that stands no more."""
    found = list({o.pk: o for o in (organisation, *joint)}.values())
    gone = [o.name for o in found if o.dissolved_on is not None]
    if gone:
        raise Refused(f"{'、'.join(gone)}已撤销,不能安排会议和活动。")
    return found


def made(actor: Any, organisation: Any, token: str) -> Activity | None:
    """What the same form has made already; one at a time for each organisation."""
    if not token:
        return None
    locks.hold(f"carriers.plan:{organisation.pk}")
    return Activity.everything.filter(token=token, made_by=actor, organisation=organisation).first()


def register(actor: Any, everyone: Sequence[Any], kind: str, title: str, *, duty: Any = None, **values: Any) -> Activity:
    """Write the rows of an activity, whose code is made of its number."""
    row = Activity.everything.create(
        organisation=everyone[0], kind=kind, title=clean(title, 120, "主题"), made_by=actor, code=secrets.token_hex(16), **values)
    row.code = f"HD{row.pk:07d}"
    row.save(update_fields=["code"])
    Participation.everything.bulk_create([
        Participation(activity=row, organisation=o, duty=duty if duty and duty.organisation_id == o.pk else None, joined=o != everyone[0])
        for o in everyone
    ])
    return row


def _fits(organisation: Any, everyone: Sequence[Any], kind: str, carrier: Any, duty: Any, planned_at: datetime) -> None:
    if kind not in ACTIVITY_KINDS:
        raise Refused("请选择活动类别。")
    if kind == "党小组会" and organisation.kind not in ("group", "branch"):
        raise Refused("党小组会由党小组或所在支部安排。")
    if carrier is not None and carrier.organisation_id not in {o.pk for o in everyone}:
        raise Refused("载体不属于这次活动的组织。")
    if carrier is not None and carrier.ended_on and carrier.ended_on < timezone.localdate(planned_at):
        raise Refused(f"载体“{carrier.name}”已经结束。")
    if duty is not None and duty.organisation_id not in {o.pk for o in everyone}:
        raise Refused("应办事项不属于这次活动的组织。")
    if duty is not None and duty.subject in ACTIVITY_KINDS and duty.subject != kind:
        raise Refused(f"这件应办事项要求的是{duty.subject},与所选类别不同。")


@transaction.atomic
def replan(
    *, actor: Any, activity: Activity, planned_at: datetime, remark: str, title: str | None = None, place: str | None = None,
    agenda: str | None = None, host: Any = None, version: int | None = None,
) -> Activity:
    """Move a plan to another time, or change its words (None: as they are). A move to another day asks for a remark; the first day
    stays on record. `version`: of what the person saw. Raises Denied, Refused."""
    row = hold(activity.pk, version)
    grant = require_all(actor, access.PLAN, [p.organisation for p in parts(row)])
    _still_planned(row)
    before, why = facts(row), clean(remark, 300, "情况说明", needed=False)
    day, was = timezone.localdate(planned_at), timezone.localdate(row.planned_at) if row.planned_at else None
    if was is not None and day != was and not why:
        raise Refused("改到另一天的,请写明原因。")
    someone(actor, [host.pk] if host else [])
    row.planned_at, row.remark = planned_at, joined(row.remark, why)
    row.planned_for = row.planned_for or (day if planned_at >= timezone.now() else None)
    row.title = row.title if title is None else clean(title, 120, "主题")
    row.place = row.place if place is None else clean(place, 120, "地点", needed=False)
    row.agenda = row.agenda if agenda is None else clean(agenda, 4000, "议程", needed=False)
    row.host = host or row.host
    return _kept(actor, row, before, why, grant, "carriers.replanned")


def joined(before: str, why: str) -> str:
    """A remark with a reason behind it, said once."""
    return before if why in before.split(";") else ";".join(filter(None, (before, why)))[-300:]


def _still_planned(row: Activity) -> None:
    if row.state != Activity.State.PLANNED:
        raise Refused(f"这次会议{row.get_state_display()},不能再改计划。")


def _kept(actor: Any, row: Activity, before: dict[str, Any], why: str, grant: Any, topic: str) -> Activity:
    changes = audit.changed(before, facts(row))
    if changes:
        row.version += 1
        row.save()
        audit.record(actor, access.PLAN, row, path=row.organisation.path, changes=changes, reason=why, grant=grant)
        outbox.announce(topic, row.pk)
    return row


@transaction.atomic
def cancel(*, actor: Any, activity: Activity, reason: str, version: int | None = None) -> Activity:
    """Call a plan off, with the reason. Raises Denied, Refused."""
    row = hold(activity.pk, version)
    grant = require_all(actor, access.PLAN, [p.organisation for p in parts(row)])
    _still_planned(row)
    before, why = facts(row), clean(reason, 300, "取消的原因")
    row.state, row.remark = Activity.State.CANCELLED, joined(row.remark, why)
    return _kept(actor, row, before, why, grant, "carriers.cancelled")


@transaction.atomic
def give_notice(*, actor: Any, activity: Activity, text: str) -> Notice:
    """Announce a plan, or that it was called off: the text as it goes out. Mail goes where there is an address. The same text sent twice
    within a minute goes out once. Raises Denied, Refused."""
    row = hold(activity.pk)
    grant = require_all(actor, access.PLAN, [p.organisation for p in parts(row)])
    if row.state == Activity.State.FILED:
        raise Refused("这次会议已归档,不再发通知。")
    told = {"activity": row, "cancels": row.state == Activity.State.CANCELLED, "text": clean(text, 2000, "通知内容"), "given_by": actor}
    before = _sent_twice(told)
    if before:
        return before
    given = Notice.everything.create(**told)
    audit.record(actor, access.PLAN, row, path=row.organisation.path, changes={"notice": [None, given.pk]}, grant=grant)
    outbox.announce("carriers.noticed", row.pk, notice=given.pk)
    tasks.enqueue(TASK, given.pk, key=f"{TASK}:{given.pk}")
    return given


def _sent_twice(told: dict[str, Any]) -> Notice | None:
    """The notice that the same form has given out already: nobody gets it by mail again because of a second press of the button."""
    return Notice.everything.filter(given_at__gt=timezone.now() - AGAIN, **told).order_by("-pk").first()


def notice_text(activity: Activity) -> str:
    """The text of a notice to paste or send: of the meeting, or of its being called off. No names of members. At most one query."""
    told = words.Meeting(
        [p.organisation.name for p in parts(activity)], activity.kind, activity.title,
        timezone.localtime(activity.planned_at) if activity.planned_at else None, activity.place, activity.agenda, activity.remark,
    )
    return words.cancelled(told) if activity.state == Activity.State.CANCELLED else words.notice(told)


def agenda_for(duty: Any) -> tuple[str, str, str]:
    """Kind, title and agenda that a plan for a duty begins with, from its rule; kind is empty where the subject is no kind of activity.
    Minutes are never begun with anything. At most three queries."""
    kind = duty.subject if duty.subject in ACTIVITY_KINDS else ""
    return kind, f"{words.period(duty.every, duty.period_start)}{duty.subject}"[:120], words.agenda(kind, basis(duty.source, duty.clause))
