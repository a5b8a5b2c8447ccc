"""Filing: what was held is written down once, judged, locked, and told to the duties."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.actions.base import clean, hold, parts
from zaidao.carriers.actions.freezing import freeze
from zaidao.carriers.actions.writing import keep, version
from zaidao.carriers.decisions.record import Record, flaws, late
from zaidao.carriers.models import Activity, Draft, Minutes, Participation
from zaidao.core import access as core_access
from zaidao.core import audit, outbox, rulebook
from zaidao.core.errors import Refused


@transaction.atomic
def file(*, actor: Any, activity: Activity, record: Record, late_reason: str = "", token: str = "") -> Activity:
    """File a meeting: attendance frozen as of its day, votes judged, minutes in their first version, follow-ups begun, duties told, the
    actor's draft gone. `late_reason`: asked for after the catalogue's days, without any penalty. `token`: of the form, sent twice done
    once. Raises Denied, Refused (in the future, somebody expected of whom nothing is told, impossible votes, filed already, …)."""
    row, record = hold(activity.pk), replace(record, held_at=timezone.localtime(record.held_at))
    everyone = parts(row)
    grant = core_access.require(actor, access.FILE, row.organisation.path)
    if _filed_before(actor, row, token):
        return row
    now = timezone.now()
    why = judged(record, late_reason, now)
    freeze(actor, everyone, record.ticks, timezone.localdate(record.held_at), anew=True)
    row.state, row.filed_at = Activity.State.FILED, now
    made = Minutes(activity=row, number=1, late_reason=why, filed_by=actor, filed_at=now, token=token)
    version(actor, row, everyone, record, made)
    Draft.objects.filter(activity=row).delete()
    keep(actor, row, everyone, made)
    changes = {"state": [Activity.State.PLANNED, row.state], "held_at": [None, row.held_at], "minutes": [None, 1]}
    audit.record(actor, access.FILE, row, path=row.organisation.path, changes=changes | numbers(everyone[0]), reason=why, grant=grant)
    outbox.announce("carriers.filed", row.pk)
    return row


def _filed_before(actor: Any, row: Activity, token: str) -> bool:
    """Whether the same form has filed it already. Raises Refused where it cannot be filed."""
    if row.state == Activity.State.CANCELLED:
        raise Refused("这次会议已取消,不能归档;如实际召开了,请另行登记。")
    if row.state == Activity.State.PLANNED:
        return False
    if token and Minutes.everything.filter(activity=row, token=token, filed_by=actor).exists():
        return True
    raise Refused("这次会议已经归档并锁定;内容有误的,请用更正,写明原因,原来的版本保留。")


def judged(record: Record, late_reason: str, now: datetime) -> str:
    """The reason for late filing, empty where it is in time. Raises Refused for what is wrong with the record on its own."""
    found = list(flaws(record, now))
    if found:
        raise Refused(*found)
    today = timezone.localdate(now)
    days = int(rulebook.on(today).param("living.late_filing_days"))
    if not late(timezone.localdate(record.held_at), today, days):
        return ""
    if not late_reason.strip():
        raise Refused(f"会后超过{days}天归档的,请写明延迟归档的原因(不影响任何评价)。")
    return clean(late_reason, 300, "延迟归档的原因")


def numbers(first: Participation) -> dict[str, Any]:
    """What the audit says of the convener's attendance: numbers alone."""
    return {"eligible": [None, first.eligible], "present": [None, first.present]}
