"""Put an organisation with its whole subtree under another superior."""

from datetime import date
from typing import Any

from zaidao.core import outbox
from zaidao.organisations.actions import structure
from zaidao.organisations.actions.structure import Work
from zaidao.organisations.decisions.structure_facts import Order
from zaidao.organisations.models import Change, Link


def move(
    *, actor: Any, organisation: int, parent: int | None, effective_on: date, document_no: str, reason: str = "", token: str = "",
) -> Change:
    """Move to another superior (None: to the top) from a day on; days before keep their tree. Raises Denied, Stale, Refused."""
    order = Order("move", effective_on, document_no, (organisation,), target=parent)
    return structure.make(actor, order, write, reason=reason, token=token)


def write(work: Work) -> Change:
    """The writing half, for an order that was judged."""
    row = work.rows[work.order.organisations[0]]
    change = put(work, row, work.order.target, first=True)
    structure.settle(work, {row.pk})
    structure.log(work, row, {"parent": [change.detail["before"], change.detail["after"]]}, path=row.path)
    outbox.announce("organisations.moved", row.pk, on=str(work.day))
    return change


def put(work: Work, row: Any, parent: int | None, *, first: bool = False) -> Change:
    """Link an organisation elsewhere and note it; the caller rebuilds the tree."""
    old = Link.everything.get(child=row, until=None).parent
    structure.relink(row.pk, parent, work.day)
    structure.write(row)
    new = work.row(parent)
    return structure.note(work, row, kind="move", first=first, before=old.name if old else None, after=new.name if new else None)
