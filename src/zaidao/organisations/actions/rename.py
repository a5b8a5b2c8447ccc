"""Rename an organisation (更名), or set it up anew as another kind or form (改设)."""

from datetime import date
from typing import Any

from zaidao.core import audit, outbox, scrub
from zaidao.organisations.actions import structure
from zaidao.organisations.actions.structure import Work
from zaidao.organisations.decisions.structure_facts import Order
from zaidao.organisations.models import Change

TOPICS = {"rename": "organisations.renamed", "rekind": "organisations.rekinded"}


def rename(
    *, actor: Any, organisation: int, name: str, effective_on: date, document_no: str, reason: str = "", token: str = "",
) -> Change:
    """Another name from a day on. Raises Denied, Stale, Refused."""
    order = Order("rename", effective_on, document_no, (organisation,), name=scrub.visible(name))
    return structure.make(actor, order, write, reason=reason, token=token)


def rekind(
    *, actor: Any, organisation: int, kind: str, form: str, effective_on: date, document_no: str, name: str = "", reason: str = "",
    token: str = "",
) -> Change:
    """Another kind or form, and another name where one is given. Raises Denied, Stale, Refused."""
    order = Order("rekind", effective_on, document_no, (organisation,), name=scrub.visible(name), org_kind=kind, form=form)
    return structure.make(actor, order, write, reason=reason, token=token)


def write(work: Work) -> Change:
    """The writing half, for an order that was judged."""
    order, row = work.order, work.rows[work.order.organisations[0]]
    before = {"name": row.name, "kind": row.kind, "form": row.form}
    after = {"name": order.name or row.name, "kind": order.org_kind or row.kind, "form": order.form or row.form}
    structure.write(row, **after)
    structure.rename_from(row, work.day)
    changes = audit.changed(before, after)
    change = structure.note(work, row, first=True, changes=changes)
    structure.log(work, row, changes, path=row.path)
    outbox.announce(TOPICS[order.kind], row.pk, on=str(work.day))
    return change
