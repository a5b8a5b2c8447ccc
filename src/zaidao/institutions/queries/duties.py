"""Which duty a record of a day would keep."""

from datetime import date
from typing import Any

from zaidao.institutions.models import Duty


def duty_for(organisation: Any, subject: str, held_on: date, planned_for: date | None = None, *, stated: bool = False) -> Duty | None:
    """The open duty that a record of that day would keep, or None. For pages; to keep it, `actions.record_fulfilment` is told the record
    and decides by the same judgement. Three queries."""
    raise NotImplementedError
