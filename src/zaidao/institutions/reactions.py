"""What happens below bears on duties: organisations come, move and go, committees are elected."""

from typing import Any

from zaidao.core.outbox import on
from zaidao.institutions.actions.relaying import relay_ended, relay_soon
from zaidao.organisations.queries import bound


@on("organisations.established")
@on("organisations.edited")
@on("organisations.rekinded")
@on("organisations.dissolved")
@on("organisations.elected")
@on("organisations.term_changed")
def one(message: Any) -> None:
    """Of the organisation itself, and of those below that its groups or kind bear on."""
    relay_soon(bound.near(message.subject))


@on("organisations.moved")
def subtree(message: Any) -> None:
    """Other superiors, other rules: of all that moved along."""
    relay_soon(bound.whole([message.subject]))


@on("organisations.merged")
def merged(message: Any) -> None:
    relay_soon(bound.whole([message.subject], message.data.get("sources", ())))


@on("organisations.split")
def split(message: Any) -> None:
    relay_soon(bound.whole([message.subject], message.data.get("targets", ())))


@on("organisations.dissolved")
@on("organisations.merged")
@on("organisations.split")
def ended(message: Any) -> None:
    """What ended on a day of an earlier month owes nothing since."""
    relay_ended(bound.ended([message.subject], message.data.get("sources", ())))


@on("organisations.appointed")
@on("organisations.appointment_ended")
@on("organisations.appointment_corrected")
def committee(message: Any) -> None:
    """Whether a committee sits decides what a branch owes."""
    organisation = bound.of_appointment(message.subject)
    if organisation:
        relay_soon([organisation])
