"""What happens below bears on meetings: organisations end."""

from typing import Any

from zaidao.carriers.actions import ending
from zaidao.core.outbox import on
from zaidao.organisations.queries import bound


@on("organisations.dissolved")
@on("organisations.merged")
@on("organisations.split")
def ended(message: Any) -> None:
    """Plans and carriers of those that are no more."""
    for organisation, day in bound.ended([message.subject], message.data.get("sources", ())):
        ending.end(organisation, day)
