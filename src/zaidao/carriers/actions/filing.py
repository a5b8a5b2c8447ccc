"""Filing: what was held is written down once, judged, locked, and told to the duties."""

from typing import Any

from django.db import transaction

from zaidao.carriers.decisions.record import Record
from zaidao.carriers.models import Activity


@transaction.atomic
def file(*, actor: Any, activity: Activity, record: Record, late_reason: str = "", token: str = "") -> Activity:
    """File a meeting: attendance frozen as of its day, votes judged, minutes in their first version, follow-ups begun, duties told, the
    actor's draft gone. `late_reason`: asked for after the catalogue's days, without any penalty. `token`: of the form, sent twice done
    once. Raises Denied, Refused (in the future, somebody expected of whom nothing is told, impossible votes, filed already, …)."""
    raise NotImplementedError
