"""Verbs of attendance: the tick list, and leave that a member asks for once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from zaidao.carriers.models import Activity, Attendance, Participation


@transaction.atomic
def tell(
    *, actor: Any, participation: Participation, states: Mapping[int, tuple[str, str]], guests: Sequence[str] | None = None, rest: str = "",
) -> list[Attendance]:
    """Tell who came, for one organisation of a meeting that is not filed. `states`: number of the person -> (state, why), "" as state:
    nothing is known after all. `guests`: observers on no roster, replacing those told before (None: as they are). `rest`: the state of
    everybody else expected. Raises Denied, Refused (somebody who is not of the organisation, unknown state)."""
    raise NotImplementedError


@transaction.atomic
def ask_leave(*, actor: Any, activity: Activity, why: str) -> Attendance:
    """The person themselves says that they cannot come, once. Raises Refused (not expected, too late, told before)."""
    raise NotImplementedError
