"""What becomes of findings when an organisation ends: said before it is confirmed."""

from collections.abc import Iterable

from django.utils import timezone

from zaidao.diagnosis.models import FindingClock
from zaidao.organisations import consequences
from zaidao.organisations.decisions.structure_facts import Order
from zaidao.organisations.queries import bound


@consequences.told
def findings(order: Order) -> Iterable[str]:
    """Those that nobody will answer any more; not those that are still the organisation's own to answer first. Two queries at most."""
    codes = [each.code for each in bound.organisations(order.ending)] if order.ending else []
    waiting = FindingClock.objects.filter(org_id__in=codes, answered_on=None, gone_on=None, opens_on__lte=timezone.localdate())
    n = waiting.count() if codes else 0
    return [f"{n} 条还没有回应的诊断提示照旧保留,不再要求回应。"] if n else []
