"""Follow-ups: done by whoever has them, confirmed or given up by the organisation."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.actions.base import clean
from zaidao.carriers.models import FollowUp
from zaidao.core import access as core_access
from zaidao.core import audit, outbox
from zaidao.core.access import Grant
from zaidao.core.errors import Refused

FACTS = ("state", "done_on")
State = FollowUp.State


@transaction.atomic
def done(*, actor: Any, follow_up: FollowUp, on: date, note: str = "") -> FollowUp:
    """Say that it is done: the person themselves, or whoever sees to the organisation. Raises Denied, Refused."""
    row = _hold(follow_up)
    own = row.who is not None and row.who.user_id == actor.pk
    verb = access.MINE if own else access.CLOSE
    grant = core_access.require(actor, verb, row.organisation.path)
    if row.state != State.OPEN:
        raise Refused(f"这件事项{row.get_state_display()},不需要再报。")
    before = _facts(row)
    _tell(row, actor, on, note)
    row.state = State.DONE
    return _keep(actor, verb, row, before, "carriers.follow_up_done", grant)


@transaction.atomic
def confirm(*, actor: Any, follow_up: FollowUp, on: date | None = None, note: str = "") -> FollowUp:
    """Close it as done; one that nobody said was done is said and closed at once (`on`: the day, else refused). Raises Denied, Refused."""
    row, grant = _closing(actor, follow_up)
    before = _facts(row)
    if row.state == State.OPEN:
        if on is None:
            raise Refused("请填写办结日期。")
        _tell(row, actor, on, note)
    row.state = State.CONFIRMED
    return _closed(actor, row, before, "carriers.follow_up_confirmed", grant)


@transaction.atomic
def reopen(*, actor: Any, follow_up: FollowUp, reason: str) -> FollowUp:
    """Give back what was said to be done and is not yet. Raises Denied, Refused."""
    row, grant = _closing(actor, follow_up)
    if row.state != State.DONE:
        raise Refused("只有待确认的事项可以退回。")
    why, before = clean(reason, 300, "退回的原因"), _facts(row)
    row.state, row.done_on, row.done_by, row.note = State.OPEN, None, None, f"退回:{why}"[:500]
    return _keep(actor, access.CLOSE, row, before, "carriers.follow_up_reopened", grant, why)


@transaction.atomic
def drop(*, actor: Any, follow_up: FollowUp, reason: str) -> FollowUp:
    """Give it up, with the reason. Raises Denied, Refused."""
    row, grant = _closing(actor, follow_up)
    why, before = clean(reason, 300, "不再办理的原因"), _facts(row)
    row.state, row.note = State.DROPPED, why
    return _closed(actor, row, before, "carriers.follow_up_dropped", grant, why)


def _hold(follow_up: FollowUp) -> FollowUp:
    rows = FollowUp.everything.select_for_update(of=("self",), no_key=True).select_related("organisation", "who", "activity")
    return rows.get(pk=follow_up.pk)  # type: ignore[no-any-return]


def _closing(actor: Any, follow_up: FollowUp) -> tuple[FollowUp, Grant | None]:
    """The row, locked, where this person closes it. Raises Denied, and Refused for one that is closed."""
    row = _hold(follow_up)
    grant = core_access.require(actor, access.CLOSE, row.organisation.path)
    if row.state in (State.CONFIRMED, State.DROPPED):
        raise Refused(f"这件事项{row.get_state_display()}。")
    return row, grant


def _facts(row: FollowUp) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FACTS}


def _tell(row: FollowUp, actor: Any, on: date, note: str) -> None:
    """When it was done, and what was done. Raises Refused for a day that has not come or lies before the meeting."""
    held = row.activity.held_at
    if on > timezone.localdate():
        raise Refused("办结日期不能晚于今天。")
    if held is not None and on < timezone.localdate(held):
        raise Refused("办结日期不能早于会议日期。")
    row.done_on, row.done_by, row.note = on, actor, clean(note, 500, "办理情况", needed=False) or row.note


def _closed(actor: Any, row: FollowUp, before: dict[str, Any], topic: str, grant: Any, why: str = "") -> FollowUp:
    row.closed_by, row.closed_at = actor, timezone.now()
    return _keep(actor, access.CLOSE, row, before, topic, grant, why)


def _keep(actor: Any, verb: str, row: FollowUp, before: dict[str, Any], topic: str, grant: Any, why: str = "") -> FollowUp:
    row.version += 1
    row.save()
    changes = audit.changed(before, _facts(row))
    audit.record(actor, verb, row, path=row.organisation.path, changes=changes, reason=why, grant=grant)
    outbox.announce(topic, row.pk, activity=row.activity_id)
    return row
