"""The office's own values for rules and parameters of the catalogue."""

from datetime import date
from typing import Any

from django.db import transaction

from zaidao.institutions.models import OfficeValue


@transaction.atomic
def set_value(*, actor: Any, key: str, value: Any, since: date, reason: str, source: str = "") -> OfficeValue:
    """Set the office's own value of a parameter (`duties.moved_days`) or a rule that may be changed (`election.quorum`: a mapping of the
    rule's own names) from a day on. It has the type and shape of the packaged one. Raises Denied, Refused."""
    raise NotImplementedError
