"""Dissolve an organisation; what it leaves goes to a successor."""

from datetime import date
from typing import Any

from zaidao.core import outbox
from zaidao.organisations.actions import structure
from zaidao.organisations.actions.structure import Work
from zaidao.organisations.actions.succession import inherit
from zaidao.organisations.decisions.structure_facts import Order
from zaidao.organisations.models import Change

WHY = "组织撤销"


def dissolve(
    *, actor: Any, organisation: int, successor: int | None, effective_on: date, document_no: str, reason: str = "", token: str = "",
) -> Change:
    """End an organisation. `successor` may be None only where no people, letters or subordinate organisations are left.

    Raises Denied, Stale, Refused.
    """
    order = Order("dissolve", effective_on, document_no, (organisation,), target=successor)
    return structure.make(actor, order, write, reason=reason, token=token)


def write(work: Work) -> Change:
    """The writing half, for an order that was judged."""
    row, successor = work.rows[work.order.organisations[0]], work.row(work.order.target)
    structure.settle(work, inherit(work, row, successor, WHY))
    into = successor.name if successor else None
    change = structure.note(work, row, first=True, after=into, into=successor.pk if successor else None)
    structure.log(work, row, {"dissolved_on": [None, work.day], "successor": [None, into]}, path=row.path)
    codes = {"source": row.code, "target": successor.code if successor else ""}
    outbox.announce("organisations.dissolved", row.pk, on=str(work.day), **codes)
    return change
