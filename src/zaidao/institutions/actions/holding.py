"""A duty that something is about to stand on."""

from zaidao.core.errors import Refused
from zaidao.institutions.models import Duty

GONE = "这件应办事项刚刚有了变化,请回到应办事项重新选择。"


def hold_duty(duty: Duty) -> Duty:
    """The duty as it stands now, locked to the end of the transaction: while it is held nobody lays it out anew. Raises Refused where
    nothing asks for it any more."""
    rows = Duty.everything.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("organisation", "clause__edition__institution").filter(pk=duty.pk).first()
    if found is None:
        raise Refused(GONE)
    return found  # type: ignore[no-any-return]
