"""Merge several organisations into one that stands, or into a new one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from zaidao.core import outbox, scrub
from zaidao.organisations.actions import structure
from zaidao.organisations.actions.establish import found
from zaidao.organisations.actions.structure import Work
from zaidao.organisations.actions.succession import inherit
from zaidao.organisations.decisions.structure_facts import Order
from zaidao.organisations.models import Change, Organisation

WHY = "组织合并"


def merge(
    *, actor: Any, sources: Sequence[int], target: int | None = None, name: str = "", parent: int | None = None, form: str = "固定",
    effective_on: date, document_no: str, reason: str = "", token: str = "",
) -> Change:
    """The sources end and leave everything to `target`; without one a new organisation of `name` is established under `parent`.

    Returns the change of the one that goes on. Raises Denied, Stale, Refused.
    """
    order = order_of(sources, target, name, parent, form, effective_on, document_no)
    return structure.make(actor, order, write, reason=reason, token=token)


def order_of(
    sources: Sequence[int], target: int | None, name: str, parent: int | None, form: str, effective_on: date, document_no: str,
) -> Order:
    """A merge as it is asked: into one that stands, name and place of a new one do not count."""
    new = {} if target else {"name": scrub.visible(name), "parent": parent, "form": form}
    return Order("merge", effective_on, document_no, tuple(sorted(set(sources))), target=target, **new)  # type: ignore[arg-type]


def write(work: Work) -> Change:
    """The writing half, for an order that was judged."""
    order = work.order
    sources = [work.rows[pk] for pk in order.organisations]
    target = work.row(order.target) or _new(work, sources[0].kind)
    moved = {target.pk}.union(*(inherit(work, s, target, WHY) for s in sources))
    structure.settle(work, moved)
    for s in sources:
        structure.note(work, s, after=target.name, into=target.pk)
        structure.log(work, s, {"dissolved_on": [None, work.day], "merged_into": [None, target.name]}, path=s.path)
    return _told(work, sources, target)


def _new(work: Work, kind: str) -> Organisation:
    order = work.order
    row = found(order.name, kind, order.form, order.parent, work.day)
    work.rows[row.pk] = row
    return row


def _told(work: Work, sources: list[Organisation], target: Organisation) -> Change:
    structure.write(target)
    names = [s.name for s in sources]
    change = structure.note(work, target, first=True, sources=[s.pk for s in sources], before="、".join(names)[:500])
    structure.log(work, target, {"merged": [None, names]}, path=target.path)
    codes = {"sources": [s.code for s in sources], "target": target.code}
    outbox.announce("organisations.merged", target.pk, on=str(work.day), **codes)
    return change
