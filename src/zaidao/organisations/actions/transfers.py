"""Verbs of 组织关系转接: asked by the old organisation, received or returned by the new one, withdrawn by the old one.

The old organisation stays responsible until it is received: until then nothing about the person changes. Every settling verb locks both
organisations and the transfer first (`lock`), then the person, in the order of structural changes, and judges what it finds then; so of
two that come at once, one is refused.
"""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from zaidao.core import access, audit, outbox, rulebook
from zaidao.core.access import Grant
from zaidao.core.errors import Refused
from zaidao.organisations import access as verbs
from zaidao.organisations.actions.people import Facts, back, enrol, hold, place, seat
from zaidao.organisations.actions.refusals import Flawed, unless
from zaidao.organisations.actions.standing import clocks, close, end_posts, not_over
from zaidao.organisations.decisions import transfers as judge
from zaidao.organisations.decisions.placement import withheld
from zaidao.organisations.models import Absence, Appointment, Membership, Organisation, Person, Transfer

MOVED, MOVED_IN = "组织关系转出", "组织关系转入"


def lock(pk: int) -> Transfer:
    """The transfer as it stands now, locked to the end of the transaction behind its organisations. Raises Refused where these changed."""
    sides = [Q(pk__in=Transfer.everything.filter(pk=pk).values(side)) for side in ("sender", "receiver")]
    held = {o.pk for o in Organisation.everything.select_for_update(no_key=True).filter(sides[0] | sides[1]).order_by("pk")}
    rows = Transfer.everything.select_for_update(of=("self",), no_key=True).select_related("person", "sender", "receiver")
    row = rows.get(pk=pk)
    if {row.sender_id, row.receiver_id} - {None} != held:
        raise Refused("转接的组织刚有变动,请刷新页面后再办理。")
    return row


def posts_of(person: Person) -> list[judge.Held]:
    """The posts of somebody that have not ended, those with an end set for a later day among them. One query."""
    held = not_over(person, timezone.localdate()).select_related("post__organisation").order_by("pk")
    return [judge.Held(a.pk, a.post.title, a.post.domain, a.tenure, o.kind, o.path, o.name) for a in held for o in (a.post.organisation,)]


@transaction.atomic
def ask(
    *, actor: Any, person: Person, receiver: Organisation | None, outside: str = "", letter_no: str = "", issued_on: date,
    valid_until: date, reason: str = "",
) -> Transfer:
    """Ask the receiver (an organisation of the system, or an outside one by name) to receive somebody of one's own roster."""
    row = hold(person.pk)
    grant = access.require(actor, verbs.TRANSFER, place(row))
    _may_ask(row, receiver, outside, issued_on, valid_until)
    try:
        with transaction.atomic():
            made = Transfer.everything.create(
                person=row, sender=row.organisation, receiver=receiver, outside=outside.strip(), letter_no=letter_no.strip(),
                issued_on=issued_on, valid_until=valid_until, reason=reason.strip(), asked_by=actor,
            )
    except IntegrityError:
        raise Refused("该同志已有一件正在办理的转接。") from None
    told = {"receiver": receiver.name if receiver else outside.strip(), "letter_no": letter_no, "valid_until": valid_until}
    audit.record(actor, verbs.TRANSFER, made, path=place(row), changes=audit.changed({}, told), reason=reason, grant=grant)
    outbox.announce("organisations.transfer_asked", made.pk, person=row.pk)
    return made


def _may_ask(row: Person, receiver: Organisation | None, outside: str, issued_on: date, valid_until: date) -> None:
    if (receiver is None) == (not outside.strip()):
        raise Flawed({"receiver": "请选择系统内的接收组织,或填写系统外组织名称,二者填一。"})
    if receiver is not None and receiver.pk == row.organisation_id:
        raise Flawed({"receiver": "该同志就在这个组织,不需要转接。"})
    if receiver is not None and not receiver.standing:
        raise Flawed({"receiver": "接收组织已撤销,请另选。"})
    if receiver is not None and (refusal := withheld(receiver.form, "transfer", rulebook.today())):
        raise Flawed({"receiver": refusal})
    unless(judge.letter_flaws(issued_on, valid_until, day=timezone.localdate(), clocks=clocks()))
    _unless_leading(row, receiver)
    if Transfer.everything.filter(person=row, state=Transfer.State.ASKED).exists():
        raise Refused("该同志已有一件正在办理的转接,请先等对方办结,或撤回后重新办理。")


def _unless_leading(row: Person, receiver: Organisation | None) -> list[judge.Held]:
    """The posts that would end. Raises Refused while a secretary's is among them."""
    ending = judge.ending(posts_of(row), place(row), receiver.path if receiver else None)
    if leads := judge.still_leads(ending):
        raise Refused(*leads)
    return ending


@transaction.atomic
def receive(*, actor: Any, transfer: Transfer, on: date, note: str = "") -> Transfer:
    """Receive somebody from a day on: belonging changes that day, Party posts of the old organisation end."""
    row = _open(lock(transfer.pk))
    if row.receiver is None:
        raise Refused("这是转往系统外的组织关系,由转出组织登记回执。")
    receiver = seat(row.receiver.pk)
    grant = access.require(actor, verbs.TRANSFER, receiver.path)
    if not receiver.standing:
        raise Refused("接收组织已撤销,请退回,由转出组织另行办理。")
    return _received(actor, row, receiver, on, note, grant)


@transaction.atomic
def confirm_outside(*, actor: Any, transfer: Transfer, on: date, note: str) -> Transfer:
    """Register the receipt (回执) of an outside organisation: from that day the person is on this roster no more."""
    row = _open(lock(transfer.pk))
    if row.receiver is not None or row.sender is None:
        raise Refused("这件转接由系统内的接收组织办理接收。")
    grant = access.require(actor, verbs.TRANSFER, row.sender.path)
    if not note.strip():
        raise Flawed({"note": "请写明回执的编号或确认方式。"})
    return _received(actor, row, None, on, note, grant)


def _open(row: Transfer) -> Transfer:
    if row.state != Transfer.State.ASKED:
        raise Refused(f"这件转接{row.get_state_display()},不能再办理。请刷新页面查看。")
    return row


def _received(actor: Any, row: Transfer, receiver: Organisation | None, on: date, note: str, grant: Grant | None) -> Transfer:
    person = hold(row.person_id)
    if person.organisation_id != row.sender_id:
        raise Refused("该同志已不在转出组织,请退回后由现在的组织重新办理。")
    held = Membership.everything.select_for_update().get(person=person, until=None)
    unless(judge.reception_flaws(row.issued_on, row.valid_until, held.since, on, note, day=timezone.localdate()))
    ending = _unless_leading(person, receiver)
    close(held, on, MOVED)
    end_posts(actor, verbs.TRANSFER, person, Appointment.everything.filter(pk__in=[p.number for p in ending]), on, MOVED, grant)
    _end_mobile(actor, person, on, grant)
    return _settle(actor, _belongs(actor, person, receiver, on, grant, row), Transfer.State.RECEIVED, on, note, grant)


def _belongs(actor: Any, person: Person, receiver: Organisation | None, on: date, grant: Grant | None, row: Transfer) -> Transfer:
    """Put the person where they belong from now on."""
    old = person.organisation
    if receiver is not None:
        Membership.everything.create(person=person, organisation=receiver, since=on, why=MOVED_IN)
    person.organisation, person.version = receiver, person.version + 1
    person.save(update_fields=["organisation", "version"])
    changes = {"organisation": [old.name if old else None, receiver.name if receiver else row.outside], "moved_in_on": [None, on]}
    audit.record(actor, verbs.TRANSFER, person, path=receiver.path if receiver else old.path if old else "", changes=changes, grant=grant)
    return row


def _end_mobile(actor: Any, person: Person, on: date, grant: Grant | None) -> None:
    """Somebody whose belonging has moved is mobile no more."""
    for row in Absence.everything.filter(person=person, kind=Absence.Kind.MOBILE, until=None, since__lt=on):
        row.until = on
        row.save(update_fields=["until"])
        audit.record(actor, verbs.TRANSFER, row, path=place(person), changes={"until": [None, on]}, reason=MOVED, grant=grant)


def _settle(actor: Any, row: Transfer, state: Transfer.State, on: date, said: str, grant: Grant | None) -> Transfer:
    row.state, row.settled_on, row.settled_reason, row.settled_by = state, on, said.strip(), actor
    row.save(update_fields=["state", "settled_on", "settled_reason", "settled_by"])
    where = row.receiver or row.sender
    changes = {"state": [Transfer.State.ASKED.label, state.label], "settled_on": [None, on]}
    audit.record(actor, verbs.TRANSFER, row, path=where.path if where else "", changes=changes, reason=said, grant=grant)
    outbox.announce(f"organisations.transfer_{state}", row.pk, person=row.person_id)
    return row


@transaction.atomic
def send_back(*, actor: Any, transfer: Transfer, reason: str) -> Transfer:
    """Return it to the old organisation, saying why; nothing about the person changes."""
    row = _open(lock(transfer.pk))
    if row.receiver is None:
        raise Refused("转往系统外的组织关系由转出组织撤回。")
    grant = access.require(actor, verbs.TRANSFER, row.receiver.path)
    if not reason.strip():
        raise Flawed({"reason": "请写明退回的理由,转出组织据此补办。"})
    return _settle(actor, row, Transfer.State.RETURNED, timezone.localdate(), reason, grant)


@transaction.atomic
def withdraw(*, actor: Any, transfer: Transfer, reason: str = "") -> Transfer:
    """Take it back before it is received; nothing about the person changes."""
    row = _open(lock(transfer.pk))
    if row.sender is None:
        raise Refused("从系统外转入的组织关系已经办结。")
    grant = access.require(actor, verbs.TRANSFER, row.sender.path)
    return _settle(actor, row, Transfer.State.WITHDRAWN, timezone.localdate(), reason, grant)


@transaction.atomic
def move(*, actor: Any, person: Person, receiver: Organisation, on: date, reason: str, letter_no: str = "") -> Transfer:
    """Both sides at once, by somebody who may act on both: asked and received on one day."""
    until = judge.valid_until(on, clocks())
    asked = ask(actor=actor, person=person, receiver=receiver, letter_no=letter_no, issued_on=on, valid_until=until, reason=reason)
    return receive(actor=actor, transfer=asked, on=on, note=reason)


@transaction.atomic
def take_in(
    *, actor: Any, organisation: Organisation, facts: Facts, outside: str, letter_no: str, issued_on: date, on: date, code: str = "",
    reason: str = "",
) -> Transfer:
    """Receive somebody from an outside organisation: they are registered, or, known from before and gone since, come back."""
    place_now = seat(organisation.pk)
    grant = access.require(actor, verbs.TRANSFER, place_now.path)
    if not outside.strip():
        raise Flawed({"outside": "请填写转出的系统外组织名称。"})
    unless(judge.reception_flaws(issued_on, judge.valid_until(issued_on, clocks()), None, on, reason, day=timezone.localdate()))
    told: dict[str, Any] = {"organisation": place_now, "since": on, "facts": facts, "why": MOVED_IN, "grant": grant}
    person = back(actor, verbs.TRANSFER, **told) or enrol(actor, verbs.TRANSFER, code=code, **told)
    made = Transfer.everything.create(
        person=person, sender=None, receiver=place_now, outside=outside.strip(), letter_no=letter_no.strip(), issued_on=issued_on,
        valid_until=judge.valid_until(issued_on, clocks()), reason=reason, asked_by=actor,
    )
    return _settle(actor, made, Transfer.State.RECEIVED, on, reason, grant)
