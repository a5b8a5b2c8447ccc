"""Correcting what is filed: a new version with its reason; earlier ones stay as they were."""

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.actions.base import CHANGED, clean, hold, parts
from zaidao.carriers.actions.freezing import freeze
from zaidao.carriers.actions.writing import keep, said, version
from zaidao.carriers.decisions.record import Record, flaws
from zaidao.carriers.models import Activity, Draft, Minutes
from zaidao.core import access as core_access
from zaidao.core import audit, outbox
from zaidao.core.errors import Refused


@transaction.atomic
def correct(*, actor: Any, activity: Activity, record: Record, correction: str, number: int | None = None, token: str = "") -> Activity:
    """Write a new version of what is filed. `record.follow_ups` are added to those that run; where `record.ticks` is empty the
    attendance stays, judged anew where the day changes. `number`: of the version the person saw. Raises Denied, Refused."""
    row, record = hold(activity.pk), replace(record, held_at=timezone.localtime(record.held_at))
    everyone = parts(row)
    grant = core_access.require(actor, access.CORRECT, row.organisation.path)
    last = Minutes.everything.filter(activity=row).order_by("-number").first()
    if last is None or row.held_at is None or row.filed_at is None:
        raise Refused("这次会议还没有归档,请直接归档。")
    if token and (last.token, last.filed_by_id) == (token, actor.pk):
        return row
    why = _may(row, record, last, correction, number)
    before, moved = said(row), timezone.localdate(record.held_at) != timezone.localdate(row.held_at)
    freeze(actor, everyone, record.ticks, timezone.localdate(record.held_at), anew=moved)
    made = Minutes(activity=row, number=last.number + 1, late_reason=last.late_reason, correction=why, filed_by=actor, token=token)
    version(actor, row, everyone, record, made)
    Draft.objects.filter(activity=row, user=actor).delete()
    keep(actor, row, everyone, made)
    changes = audit.changed(before, said(row)) | {"minutes": [last.number, made.number]}
    audit.record(actor, access.CORRECT, row, path=row.organisation.path, changes=changes, reason=why, grant=grant)
    outbox.announce("carriers.corrected", row.pk, number=made.number)
    return row


def _may(row: Activity, record: Record, last: Minutes, correction: str, number: int | None) -> str:
    """The reason of a correction that can be made. Raises Refused."""
    if number is not None and number != last.number:
        raise Refused(CHANGED)
    found = list(flaws(record, timezone.now()))
    if row.filed_at and record.held_at > row.filed_at and not found:
        found.append("会议时间不能晚于首次归档的时间。")
    if found:
        raise Refused(*found)
    return clean(correction, 300, "更正的原因")
