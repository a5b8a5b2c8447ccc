"""Divide an organisation: new ones are established from it, and people, posts and subordinate organisations assigned to them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from zaidao.core import outbox
from zaidao.core.scope import Reach
from zaidao.organisations.actions import structure
from zaidao.organisations.actions.establish import found
from zaidao.organisations.actions.structure import Work
from zaidao.organisations.actions.succession import carry, children, end_held, end_posts, inherit, letters, open_after
from zaidao.organisations.decisions.structure_facts import Order, Part
from zaidao.organisations.models import Appointment, Change, Link, Organisation, Post

WHY = "组织分设"


def split(
    *, actor: Any, organisation: int, parts: Sequence[Part], keep: bool, effective_on: date, document_no: str, reason: str = "",
    token: str = "",
) -> Change:
    """Establish the parts beside the organisation. `keep`: it goes on with what is not assigned; otherwise it ends and all is assigned.

    Raises Denied, Stale, Refused.
    """
    order = Order("split", effective_on, document_no, (organisation,), parts=tuple(parts), keep=keep)
    return structure.make(actor, order, write, reason=reason, token=token)


def write(work: Work) -> Change:
    """The writing half, for an order that was judged."""
    row = work.rows[work.order.organisations[0]]
    parent = Link.everything.get(child=row, until=None).parent_id
    new = [found(p.name, row.kind, row.form, parent, work.day) for p in work.order.parts]
    work.rows.update({o.pk: o for o in new})
    moved = {pk for part, target in zip(work.order.parts, new, strict=True) for pk in _give(work, row, part, target)}
    structure.settle(work, moved | _rest(work, row, new[0]))
    _part_ways(work, row, new)
    return _told(work, row, new)


def _give(work: Work, row: Organisation, part: Part, target: Organisation) -> set[int]:
    """People first, so that whoever holds a post that goes along holds it on."""
    carry(work, part.people, target, WHY)
    letters(work, row, target, part.people)
    _posts(work, part, target)
    return children(work, Link.everything.filter(parent=row, until=None, child__in=part.children), target) | {target.pk}


def _posts(work: Work, part: Part, target: Organisation) -> None:
    """The same posts in the new organisation; in office stays who came along."""
    for post in Post.everything.filter(pk__in=part.posts).order_by("pk"):
        held = list(open_after(work.day).filter(post=post, person__in=part.people).order_by("pk"))
        end_posts(work, Post.everything.filter(pk=post.pk), WHY, part.people)
        new = Post.everything.create(organisation=target, title=post.title, domain=post.domain, seats=post.seats, since=work.day)
        for old in held:
            since = max(work.day, old.since or work.day)
            going_on = Appointment.everything.create(
                post=new, person_id=old.person_id, since=since, until=old.until, full_time=old.full_time, tenure=old.tenure,
                basis=work.order.document_no[:80], end_reason=old.end_reason,
            )
            structure.log(work, going_on, {"since": [None, since], "until": [None, old.until]}, path=target.path)


def _part_ways(work: Work, row: Organisation, new: list[Organisation]) -> None:
    """Party posts that now stand elsewhere in what was one organisation than the people who hold them."""
    were_one = Reach(frozenset(o.path for o in (row, *new)))
    held = open_after(work.day).filter(
        were_one.q("post__organisation__path"), person__organisation__in=[row.pk, *(o.pk for o in new)], post__domain__in=("party", ""))
    rows = held.values_list("pk", "post__organisation__path", "person__organisation__path")
    end_held(work, Appointment.everything.filter(pk__in=[pk for pk, stands, home in rows if not stands.startswith(home)]), WHY)


def _rest(work: Work, row: Organisation, first: Organisation) -> set[int]:
    """What is left of the organisation: it goes on, or ends and leaves its letters to the first part."""
    if not work.order.keep:
        return inherit(work, row, first, WHY)
    structure.write(row)
    return {row.pk}


def _told(work: Work, row: Organisation, new: list[Organisation]) -> Change:
    names = "、".join(o.name for o in new)
    change = structure.note(work, row, first=True, into=[o.pk for o in new], after=names[:500], kept=work.order.keep)
    structure.log(work, row, {"split_into": [None, names]}, path=row.path)
    for o in new:
        structure.note(work, o, before=row.name, source=row.pk)
        structure.log(work, o, {"established_on": [None, work.day], "split_from": [None, row.name]}, path=o.path)
    outbox.announce("organisations.split", row.pk, on=str(work.day), source=row.code, targets=[o.code for o in new], kept=work.order.keep)
    return change
