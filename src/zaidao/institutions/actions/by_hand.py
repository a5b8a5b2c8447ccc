"""What no kind of meeting or activity answers to is told by hand: the day on which it was done."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.core import access, locks
from zaidao.core.errors import Refused
from zaidao.institutions import access as verbs
from zaidao.institutions.actions.fulfilment import record_fulfilment, withdraw_fulfilment
from zaidao.institutions.actions.laying import LOCK
from zaidao.institutions.models import Duty, Fulfilment, Record
from zaidao.institutions.queries.register import BY_HAND, by_hand


@transaction.atomic
def tell_by_hand(*, actor: Any, duty: Duty, held_on: date) -> Fulfilment | None:
    """Say on which day a duty was done whose subject is no kind of activity. Gives what the record keeps, None where the day keeps
    nothing. Raises Denied, Refused (the subject is an activity's: its record is filed there; a day in the future)."""
    access.require(actor, verbs.FULFIL, duty.organisation.path)
    if not by_hand(duty.subject):
        raise Refused("这一事项以会议、活动的归档记录为准,请在会议和活动里归档。")
    locks.hold(LOCK)
    told = Record.everything.filter(organisation=duty.organisation, number=duty.pk, kind__startswith=BY_HAND).count()
    return record_fulfilment(
        actor=actor, duty=duty, kind=f"{BY_HAND}{told + 1}", number=duty.pk, held_on=held_on, filed_on=timezone.localdate())


@transaction.atomic
def withdraw_by_hand(*, actor: Any, fulfilment: Fulfilment, why: str) -> None:
    """Take back what was told by hand. Raises Denied, Refused."""
    if not fulfilment.kind.startswith(BY_HAND):
        raise Refused("这条记录来自会议、活动,请在那里更正。")
    organisation = fulfilment.duty.organisation
    withdraw_fulfilment(actor=actor, kind=fulfilment.kind, number=fulfilment.number, why=why, organisation=organisation)
