"""A duty for modules that arrange what keeps it."""

from typing import Any

from zaidao.core import access as core_access
from zaidao.institutions import access
from zaidao.institutions.models import Duty


def to_plan(user: Any, pk: int) -> Duty:
    """The duty, where this person may see it. Raises Http404 or Denied. One query."""
    rows = Duty.objects.select_related("organisation", "clause__edition__institution")
    return core_access.get_for(user, access.DUTIES, Duty, pk, rows)  # type: ignore[no-any-return]
