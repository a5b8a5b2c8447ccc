"""Verbs of carriers (载体): begun and ended."""

from datetime import date
from typing import Any

from django.db import transaction

from zaidao.carriers.models import Carrier


@transaction.atomic
def begin(
    *, actor: Any, organisation: Any, name: str, kind: str, origin: str, started_on: date, directive_no: str = "", aim: str = "",
    token: str = "",
) -> Carrier:
    """Register a carrier; one by directive (`mandated`) names its number. `token`: of the form, sent twice done once. Raises Denied,
    Refused."""
    raise NotImplementedError


@transaction.atomic
def end(*, actor: Any, carrier: Carrier, on: date, reason: str) -> Carrier:
    """End a carrier on a day, with the reason. Raises Denied, Refused."""
    raise NotImplementedError
