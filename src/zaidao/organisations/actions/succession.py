"""What becomes of the people, posts, letters, terms and subordinate organisations of one that ends or is divided."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import F, Q

from zaidao.core import outbox
from zaidao.organisations.actions import hand_over, structure
from zaidao.organisations.actions.move import put
from zaidao.organisations.actions.structure import Work
from zaidao.organisations.models import Appointment, Link, Membership, Organisation, Person, Post, Term, Transfer


def inherit(work: Work, source: Organisation, target: Organisation | None, why: str) -> set[int]:
    """Everything that `source` leaves goes to `target` (None only where nothing is left), and `source` ends. Returns who moved."""
    moved: set[int] = set()
    end_posts(work, Post.everything.filter(organisation=source), why)
    if target:
        carry(work, Person.everything.filter(organisation=source).values_list("pk", flat=True), target, why)
        letters(work, source, target)
        moved = children(work, Link.everything.filter(parent=source, until=None).exclude(child__in=work.order.organisations), target)
    Term.everything.filter(organisation=source, ended_on=None).update(ended_on=work.day)
    structure.close(source, work.day)
    return moved | {source.pk}


def carry(work: Work, people: Collection[int], target: Organisation, why: str) -> None:
    """People come to the target's roster from the day on; each on record."""
    numbers = sorted(people)
    rows = Person.everything.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk")
    before = dict(rows.values_list("pk", "organisation_id"))
    told = f"{why}({work.order.document_no})"[:80]
    Membership.everything.filter(person__in=numbers, until=None).update(until=work.day, end_reason=told)
    Membership.everything.bulk_create([
        Membership(person_id=n, organisation=target, since=work.day, why=told) for n in numbers
    ], batch_size=500)
    Person.everything.filter(pk__in=numbers).update(organisation=target, version=F("version") + 1)
    for n in numbers:
        structure.log(work, Person(pk=n), {"organisation": [before[n], target.pk]}, path=target.path)


def end_posts(work: Work, posts: Any, why: str, staying: Collection[int] = ()) -> None:
    """Posts that stand end with the day, and whoever holds them leaves office with the reason."""
    standing = list(posts.filter(Q(until=None) | Q(until__gt=work.day)).values_list("pk", flat=True))
    end_held(work, open_after(work.day).filter(post__in=standing), why, staying)
    Post.everything.filter(pk__in=standing).update(until=work.day)


def open_after(day: date) -> Any:
    """Appointments that hold on the day or begin later, without those registered by mistake."""
    return Appointment.everything.filter(Q(until=None) | Q(until__gt=day)).exclude(until=F("since"))


def end_held(work: Work, held: Any, why: str, staying: Collection[int] = ()) -> None:
    """Appointments end with the day; those of a later day never begin. `staying`: who goes on in the same post and hands nothing over."""
    rows = held.select_for_update(no_key=True, of=("self",)).select_related("post__organisation")
    for appointment in rows.order_by("pk"):
        _end(work, appointment, f"{why}({work.order.document_no})", with_list=appointment.person_id not in staying)


def _end(work: Work, held: Appointment, why: str, *, with_list: bool) -> None:
    before, until = held.until, max(work.day, held.since or work.day)
    held.until, held.end_reason, held.version = until, why[:120], held.version + 1
    held.save(update_fields=["until", "end_reason", "version"])
    structure.log(work, held, {"until": [before, until]}, path=held.post.organisation.path)
    if with_list and until == work.day:
        hand_over.make(actor=work.actor, held=held)
    outbox.announce("organisations.appointment_ended", held.pk, person=held.person_id)


def letters(work: Work, source: Organisation, target: Organisation, people: Collection[int] | None = None) -> None:
    """Open transfers to and from `source` go on with `target` in its place; between two that have become one they are withdrawn.

    `people`: only what was sent for these.
    """
    ours = Q(sender=source) if people is not None else Q(sender=source) | Q(receiver=source)
    asked = Transfer.everything.select_for_update(no_key=True, of=("self",)).filter(ours, state=Transfer.State.ASKED).order_by("pk")
    for letter in asked if people is None else asked.filter(person__in=people):
        before = {"sender": letter.sender_id, "receiver": letter.receiver_id}
        after = {name: target.pk if pk == source.pk else pk for name, pk in before.items()}
        if after["sender"] == after["receiver"]:
            _withdraw(work, letter)
        else:
            Transfer.everything.filter(pk=letter.pk).update(**{f"{name}_id": pk for name, pk in after.items()})
            structure.log(work, letter, {n: [before[n], after[n]] for n in after if before[n] != after[n]}, path=target.path)


def _withdraw(work: Work, letter: Transfer) -> None:
    settled = {"settled_on": work.day, "settled_reason": f"两个组织已合为一个({work.order.document_no})"[:200], "settled_by": work.actor}
    Transfer.everything.filter(pk=letter.pk).update(state=Transfer.State.WITHDRAWN, **settled)
    structure.log(work, letter, {"state": [letter.state, Transfer.State.WITHDRAWN]}, path=letter.sender.path if letter.sender else "")
    outbox.announce("organisations.transfer_withdrawn", letter.pk)


def children(work: Work, links: Any, target: Organisation) -> set[int]:
    """Subordinate organisations come under the target; returns which."""
    rows = Organisation.everything.select_for_update(no_key=True).filter(pk__in=links.values("child")).order_by("pk")
    work.rows.setdefault(target.pk, target)
    moved = {row.pk: row for row in rows}
    for row in moved.values():
        change = put(work, row, target.pk)
        structure.log(work, row, {"parent": [change.detail["before"], change.detail["after"]]}, path=row.path)
        outbox.announce("organisations.moved", row.pk, on=str(work.day))
    return set(moved)
