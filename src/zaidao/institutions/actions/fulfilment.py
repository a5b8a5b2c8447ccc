"""Records are told, and what they keep is judged: the only way a duty is kept."""

from datetime import date
from typing import Any

from django.db import transaction

from zaidao.institutions.models import Duty, Fulfilment


@transaction.atomic
def record_fulfilment(
    *, actor: Any, duty: Duty | None = None, organisation: Any = None, subject: str = "", kind: str, number: int, held_on: date,
    filed_on: date, planned_for: date | None = None, stated: bool = False,
) -> Fulfilment | None:
    """Tell a record by its kind and number, and judge what it keeps: the dates decide, whatever it was meant for.

    Either `duty` (organisation and subject are its own; refused where the day lies before its period) or `organisation` and
    `subject` (an activity kind): then nothing is refused but a day in the future. `planned_for`: the first plan; `stated`: a
    postponement is told in title or remark. Gives what the record keeps now, or None where it keeps nothing. Told again with other
    days it is judged anew; told again alike it changes nothing. A joint meeting is told once for each organisation under one number.
    Raises Denied, Refused.
    """
    raise NotImplementedError


@transaction.atomic
def withdraw_fulfilment(*, actor: Any, kind: str, number: int, why: str, organisation: Any = None) -> int:
    """Take back a record (in one organisation or in all that it was told for): what it kept is open again unless another record keeps
    it. Gives how many were taken back; nothing happens to one that is not on file. Raises Denied, Refused."""
    raise NotImplementedError
