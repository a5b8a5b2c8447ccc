"""What every structural change does: take the tree's lock, ask who may, compare with what was shown, put it on record.

The verbs are in `establish`, `rename`, `move`, `merge`, `split`, `dissolve`; what becomes of people, posts and letters in `succession`.
Each verb takes `token`, that of the preview the person confirmed: a world that changed meanwhile raises Stale with the new preview,
the same token sent twice gives the change that was made. Without a token nothing is compared (import, commands).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from zaidao.core import access, audit, locks
from zaidao.core.access import Grant
from zaidao.core.errors import Refused
from zaidao.organisations import access as verbs
from zaidao.organisations import tree
from zaidao.organisations.decisions.structure_changes import Preview
from zaidao.organisations.decisions.structure_facts import Order
from zaidao.organisations.models import Change, Link, Naming, Organisation, Person
from zaidao.organisations.queries import changes


class Stale(Refused):
    """The world changed since it was shown. `preview`: what holds now."""

    def __init__(self, preview: Preview) -> None:
        super().__init__("您查看之后情况有了变化,还没有提交。请核对下面的内容,再确认一次。")
        self.preview = preview


@dataclass(frozen=True)
class Work:
    """A change under way: who makes it by which grant, what was asked and confirmed, and the organisations, locked."""

    actor: Any
    grant: Grant | None
    order: Order
    reason: str
    token: str
    rows: dict[int, Organisation]

    @property
    def day(self) -> date:
        return self.order.effective_on

    @property
    def told(self) -> str:
        """The document, and the reason given."""
        return ";".join(filter(None, [self.order.document_no, self.reason]))

    def row(self, pk: int | None) -> Organisation | None:
        return self.rows[pk] if pk else None


Write = Callable[[Work], Change]


def made(actor: Any, token: str) -> Change | None:
    """The change that this person made by confirming this token already."""
    return Change.everything.filter(token=token, made_by=actor).first() if token else None


@transaction.atomic
def make(actor: Any, order: Order, write: Write, *, reason: str, token: str) -> Change:
    """Do a change once: the whole of every verb but its writing. Raises Denied, Stale or Refused."""
    locks.hold(tree.LOCK)  # before looking whether it is made: of two alike at once the second finds the first
    return made(actor, token) or write(begin(actor, order, reason=reason, token=token))


def preview(actor: Any, order: Order) -> Preview:
    """What the order would do. Raises Denied where the person may not make it."""
    rows = Organisation.everything.in_bulk(sorted(_concerned(order)))
    _authorise(actor, order, rows)
    return changes.preview(order, timezone.localdate())


def begin(actor: Any, order: Order, *, reason: str, token: str) -> Work:
    """Lock, ask, compare, judge. Raises Denied, Stale or Refused."""
    rows = hold(order)
    grant = _authorise(actor, order, rows)
    now = changes.preview(order, timezone.localdate())
    if token and now.token != token:
        raise Stale(now)
    if now.refusals:
        raise Refused(*now.refusals)
    return Work(actor, grant, order, reason, token, rows)


def _concerned(order: Order) -> set[int]:
    return {*order.organisations, *(n for n in (order.target, order.parent) if n)}


def hold(order: Order) -> dict[int, Organisation]:
    """The tree's lock first, then the posts of those that end or are divided, the organisations in order of number and who belongs there:
    nobody joins, leaves, takes or gives up office meanwhile. Whoever locks some of these does so in the same order."""
    locks.hold(tree.LOCK)
    wanted, divided = _concerned(order), sorted(order.organisations) if order.ending or order.kind == "split" else []
    for pk in divided:
        locks.hold(f"organisations.posts:{pk}")
    rows = {o.pk: o for o in Organisation.everything.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")}
    if set(rows) != wanted:
        raise Refused("组织不存在,可能刚被更改。")
    if divided:
        list(Person.everything.select_for_update(no_key=True).filter(organisation__in=divided).order_by("pk").values_list("pk"))
    return rows


def _authorise(actor: Any, order: Order, rows: dict[int, Organisation]) -> Grant | None:
    """The superior decides about an organisation; whoever manages the other one must be the same person."""
    grants = [decides(actor, rows[pk]) for pk in order.organisations]
    for pk in {order.target, order.parent} - {None}:
        grants.append(access.require(actor, verbs.ESTABLISH, rows[pk].path))  # type: ignore[index]
    if order.parent is None and order.target is None and order.kind in ("establish", "move", "merge"):
        grants.append(access.require(actor, verbs.TOP))
    return grants[0] if grants else None


def decides(actor: Any, row: Organisation) -> Grant | None:
    """The grant by which somebody decides about an organisation: its superior's, the system's for the top. Raises Denied."""
    return access.require(actor, verbs.RESTRUCTURE, row.path) if row.depth else access.require(actor, verbs.TOP)


def note(work: Work, row: Organisation, *, kind: str = "", first: bool = False, **detail: Any) -> Change:
    """The change on the organisation's record. `first`: the one that answers for the token."""
    return Change.everything.create(
        organisation=row, kind=kind or work.order.kind, effective_on=work.day, document_no=work.order.document_no, reason=work.reason,
        detail=detail, made_by=work.actor, token=work.token if first else "",
    )


def log(work: Work, obj: Any, changes: dict[str, Any], *, path: str, verb: str = verbs.RESTRUCTURE) -> None:
    """The audit row of one object that the change touched."""
    audit.record(work.actor, verb, obj, path=path, changes=changes, reason=work.told, grant=work.grant)


def write(row: Organisation, **values: Any) -> None:
    """Write fields of an organisation and count its version up, so that whoever edits it meanwhile is told."""
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    Organisation.everything.filter(pk=row.pk).update(**values, version=F("version") + 1)


def relink(child: int, parent: int | None, day: date) -> None:
    """Put an organisation under another superior from a day on."""
    held = Link.everything.get(child=child, until=None)
    if held.since == day:
        Link.everything.filter(pk=held.pk).update(parent=parent)
    else:
        Link.everything.filter(pk=held.pk).update(until=day)
        Link.everything.create(child_id=child, parent_id=parent, since=day)


def rename_from(row: Organisation, day: date) -> None:
    """Keep the name and kind that the organisation has from a day on; before it the old ones stand."""
    held = Naming.everything.get(organisation=row, until=None)
    if held.since == day:
        Naming.everything.filter(pk=held.pk).update(name=row.name, kind=row.kind)
    else:
        Naming.everything.filter(pk=held.pk).update(until=day)
        Naming.everything.create(organisation=row, name=row.name, kind=row.kind, since=day)


def close(row: Organisation, day: date) -> None:
    """The organisation stands no more from a day on."""
    Link.everything.filter(child=row, until=None).update(until=day)
    Naming.everything.filter(organisation=row, until=None).update(until=day)
    write(row, dissolved_on=day)


def settle(work: Work, tops: set[int]) -> None:
    """Rebuild what moved, read the paths anew, and let the actor's grants follow."""
    tree.rebuild(tops)
    paths = dict(Organisation.everything.filter(pk__in=work.rows).values_list("pk", "path"))
    for pk, row in work.rows.items():
        row.path = paths[pk]
    access.forget(work.actor)
