"""Correcting what is filed: a new version with its reason; earlier ones stay as they were."""

from typing import Any

from django.db import transaction

from zaidao.carriers.decisions.record import Record
from zaidao.carriers.models import Activity


@transaction.atomic
def correct(*, actor: Any, activity: Activity, record: Record, correction: str, number: int | None = None, token: str = "") -> Activity:
    """Write a new version of what is filed. `record.follow_ups` are added to those that run; where `record.ticks` is empty the
    attendance stays, judged anew where the day changes. `number`: of the version the person saw. Raises Denied, Refused."""
    raise NotImplementedError
