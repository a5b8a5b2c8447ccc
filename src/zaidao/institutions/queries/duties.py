"""Which duty a record of a day would keep."""

from datetime import date
from typing import Any

from django.utils import timezone

from zaidao.core import rulebook
from zaidao.institutions.decisions.judging import Asked, Told, judge
from zaidao.institutions.models import Duty, Exemption, Record

AS_IF = 0  # the number of a record that is not there yet


def duty_for(organisation: Any, subject: str, held_on: date, planned_for: date | None = None, *, stated: bool = False) -> Duty | None:
    """The duty that a record of that day would keep, or None. For pages; to keep it, `actions.record_fulfilment` is told the record
    and decides by the same judgement. Four queries."""
    since = date(min(filter(None, (held_on, planned_for))).year - 1, 1, 1)
    duties = {d.pk: d for d in Duty.everything.filter(organisation=organisation, subject=subject, period_end__gt=since).exclude(
        state=Duty.State.EXEMPT).order_by("period_start", "pk")}
    if not duties:
        return None
    later = Exemption.everything.filter(duty__in=duties, withdrawn_at=None, kind=Exemption.Kind.POSTPONE).order_by("until")
    put_off = dict(later.values_list("duty", "until"))
    asked = [Asked(d.pk, d.period_start, d.period_end, d.grace_days, d.times, put_off.get(d.pk)) for d in duties.values()]
    rows = Record.everything.filter(organisation=organisation, subject=subject, withdrawn_at=None, held_on__gte=since)
    records = [Told(r.pk, r.held_on, r.planned_for, r.stated) for r in rows.order_by("held_on", "kind", "number")]
    verdicts = judge(asked, [*records, Told(AS_IF, held_on, planned_for, stated)], rulebook.on(timezone.localdate()))
    return next((duties[key] for key, verdict in verdicts.items() if AS_IF in dict(verdict.by)), None)
