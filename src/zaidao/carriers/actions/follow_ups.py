"""Follow-ups: done by whoever has them, confirmed or given up by the organisation."""

from datetime import date
from typing import Any

from django.db import transaction

from zaidao.carriers.models import FollowUp


@transaction.atomic
def done(*, actor: Any, follow_up: FollowUp, on: date, note: str = "") -> FollowUp:
    """Say that it is done: the person themselves, or whoever sees to the organisation. Raises Denied, Refused."""
    raise NotImplementedError


@transaction.atomic
def confirm(*, actor: Any, follow_up: FollowUp, on: date | None = None, note: str = "") -> FollowUp:
    """Close it as done; one that nobody said was done is said and closed at once (`on`: the day, else refused). Raises Denied, Refused."""
    raise NotImplementedError


@transaction.atomic
def reopen(*, actor: Any, follow_up: FollowUp, reason: str) -> FollowUp:
    """Give back what was said to be done and is not yet. Raises Denied, Refused."""
    raise NotImplementedError


@transaction.atomic
def drop(*, actor: Any, follow_up: FollowUp, reason: str) -> FollowUp:
    """Give it up, with the reason. Raises Denied, Refused."""
    raise NotImplementedError
