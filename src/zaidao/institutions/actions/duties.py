"""Duties are laid out, exempted, postponed."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction

from zaidao.institutions.models import Duty, Exemption


def lay_out(organisations: Collection[int] | None, from_month: date, months: int) -> dict[str, int]:
    """Lay out the duties of these organisations (None: of all) whose periods touch `months` months from `from_month`.

    Called twice it changes nothing. Open rows whose source holds no more go; rows with a record or an exemption stay. Gives how many
    rows are `new`, `changed` and `gone`. Call it under `system_scope`. Six queries and a few writes for 500 organisations.
    """
    raise NotImplementedError


@transaction.atomic
def exempt(*, actor: Any, duty: Duty, reason: str, document_no: str = "") -> Exemption:
    """The superior lets an organisation off a duty. Raises Denied, Refused (kept already, exempt already, no reason)."""
    raise NotImplementedError


@transaction.atomic
def postpone(*, actor: Any, duty: Duty, until: date, reason: str, document_no: str = "") -> Exemption:
    """State that a duty is put off to `until` (included), with the reason: a record by then counts as 已说明顺延. The superior may put it
    off as long as it decides, the organisation itself as long as the catalogue's days. Raises Denied, Refused."""
    raise NotImplementedError


@transaction.atomic
def withdraw_exemption(*, actor: Any, exemption: Exemption, why: str) -> Duty:
    """Take an exemption or postponement back: the duty stands again as it was laid out. Raises Denied, Refused."""
    raise NotImplementedError
