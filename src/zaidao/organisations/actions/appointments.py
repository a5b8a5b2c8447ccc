"""Appointments: appoint, end, correct. Ended, never deleted; what was registered by mistake stays as a span of no days."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from zaidao.core import access as core_access
from zaidao.core import audit, outbox, rulebook
from zaidao.core.errors import Refused
from zaidao.organisations import access
from zaidao.organisations.actions import hand_over
from zaidao.organisations.actions.doubts import settle
from zaidao.organisations.actions.posts import locked
from zaidao.organisations.decisions import posts as decisions
from zaidao.organisations.decisions.posts import Ask, Held, Seat, Somebody, Span, Verdict
from zaidao.organisations.models import Appointment, Membership, Person, Post

FIELDS = ("person_id", "since", "until", "full_time", "tenure", "basis", "approval", "end_reason")


def facts(held: Appointment) -> dict[str, Any]:
    return {name: getattr(held, name) for name in FIELDS}


def consider(*, actor: Any, post: Post, person: Person, ask: Ask, but: Collection[int] = ()) -> Verdict:
    """The verdict on an appointment as things stand; `but`: the one that is corrected, those that go. Four queries; writes nothing.

    For whoever has asked `access`: it looks past the scope, and names no organisation that the actor does not see.
    """
    rows = Appointment.everything.filter(Q(post__organisation=post.organisation_id) | Q(person=person)).exclude(pk__in=but)
    held = [_held(actor, row, post, person) for row in rows.select_related("post__organisation")]
    seat = Seat(post.title, post.domain, post.seats, Span(post.since, post.until), post.organisation.dissolved_on)
    return decisions.weigh(ask, seat, _somebody(person, post), held, rulebook.today())


@transaction.atomic
def appoint(
    *, actor: Any, post: Post, person: Person, since: date | None, full_time: str = "", tenure: str = "", basis: str = "",
    approval: str = "", until: date | None = None, end_reason: str = "", confirmed: Collection[str] = (), entered: bool = False,
) -> Appointment:
    """Put `person` into `post`. `entered`: a ledger tells that it holds already (see `decisions.posts.Ask`).

    Raises Denied, Refused, Unconfirmed (with the doubts that `confirmed` must name by code).
    """
    grant = core_access.require(actor, access.APPOINT, post.organisation.path)
    post = locked(post)
    person = _seen(actor, person)
    ask = Ask(Span(since, until), full_time, tenure, basis.strip(), approval.strip(), entered)
    codes = settle(consider(actor=actor, post=post, person=person, ask=ask), confirmed)
    made = Appointment.everything.create(
        post=post, person=person, since=since, until=until, full_time=full_time, tenure=tenure, basis=ask.basis, approval=ask.approval,
        end_reason=end_reason.strip(),
    )
    changes = audit.changed({}, facts(made)) | ({"confirmed": [None, codes]} if codes else {})
    audit.record(actor, access.APPOINT, made, path=post.organisation.path, changes=changes, reason=ask.basis, grant=grant)
    if until is None:
        hand_over.name_receiver(made)
    outbox.announce("organisations.appointed", made.pk)
    return made


@transaction.atomic
def end(*, actor: Any, appointment: Appointment, until: date, reason: str, with_list: bool = True) -> Appointment:
    """`appointment` holds until before `until`; makes the hand-over list. Raises Denied, Refused."""
    grant = core_access.require(actor, access.APPOINT, appointment.post.organisation.path)
    locked(appointment.post)
    held = _fresh(appointment)
    if held.until is not None:
        raise Refused(f"这项任职已于{decisions.said(held.until)}离任;要改日期请用“更正”。")
    if held.since and until <= held.since:
        raise Refused(f"离任日期须晚于任职日期{decisions.said(held.since)}。")
    if not reason.strip():
        raise Refused("请写明离任原因。")
    before, held.until, held.end_reason = facts(held), until, reason.strip()[:120]
    _keep(actor, held, before, reason, grant)
    if with_list:
        hand_over.make(actor=actor, held=held)
    outbox.announce("organisations.appointment_ended", held.pk)
    return held


@transaction.atomic
def correct(
    *, actor: Any, appointment: Appointment, version: int, since: date | None, until: date | None, full_time: str, tenure: str, basis: str,
    approval: str, reason: str, end_reason: str = "", confirmed: Collection[str] = (), entered: bool = False,
) -> Appointment:
    """Put right what was registered; the same rules hold as for a new one. Raises Denied, Refused, Unconfirmed."""
    grant = core_access.require(actor, access.APPOINT, appointment.post.organisation.path)
    post = locked(appointment.post)
    held = _unchanged(appointment, version)
    if not reason.strip():
        raise Refused("请写明更正的原因。")
    ask = Ask(Span(since, until), full_time, tenure, basis.strip(), approval.strip(), entered)
    codes = settle(consider(actor=actor, post=post, person=held.person, ask=ask, but=[held.pk]), confirmed)
    before = facts(held)
    held.since, held.until, held.full_time, held.tenure = since, until, full_time, tenure
    held.basis, held.approval, held.end_reason = ask.basis, ask.approval, end_reason.strip() if until else ""
    _keep(actor, held, before, reason, grant, {"confirmed": [None, codes]} if codes else {})
    outbox.announce("organisations.appointment_corrected", held.pk)
    return held


@transaction.atomic
def void(*, actor: Any, appointment: Appointment, version: int, reason: str) -> Appointment:
    """Registered by mistake: it keeps its first day and no day of office. Raises Denied, Refused."""
    grant = core_access.require(actor, access.APPOINT, appointment.post.organisation.path)
    locked(appointment.post)
    held = _unchanged(appointment, version)
    if held.since is None:
        raise Refused("任职日期未登记,请先更正任职日期,再注销登记。")
    if not reason.strip():
        raise Refused("请写明注销的原因。")
    before, held.until, held.end_reason = facts(held), held.since, f"登记有误:{reason.strip()}"[:120]
    _keep(actor, held, before, reason, grant)
    outbox.announce("organisations.appointment_ended", held.pk)
    return held


def _fresh(appointment: Appointment) -> Appointment:
    rows = Appointment.everything.select_for_update(of=("self",)).select_related("post__organisation", "person")
    return rows.get(pk=appointment.pk)


def _unchanged(appointment: Appointment, version: int) -> Appointment:
    held = _fresh(appointment)
    if held.version != version:
        raise Refused("这项任职刚被改动过,请看过现在的内容再改。")
    return held


def _keep(
    actor: Any, held: Appointment, before: dict[str, Any], reason: str, grant: Any, more: dict[str, Any] | None = None,
) -> None:
    changes = audit.changed(before, facts(held)) | (more or {})
    held.version += 1
    held.save()
    audit.record(actor, access.APPOINT, held, path=held.post.organisation.path, changes=changes, reason=reason, grant=grant)


def _seen(actor: Any, person: Person) -> Person:
    """The person, where the actor sees a place they belong or belonged to; others are not there at all."""
    person = Person.everything.get(pk=person.pk)
    paths = Membership.everything.filter(person=person).values_list("organisation__path", flat=True)
    holder = core_access.holder(actor)
    if not any(holder.may(access.PEOPLE, path) for path in paths):
        raise Refused("名册中没有这位同志。")
    return person


def _somebody(person: Person, post: Post) -> Somebody:
    rows = list(Membership.everything.filter(person=person).values_list("since", "until", "organisation__path"))
    top = post.organisation.path
    inside = tuple(Span(since, until) for since, until, path in rows if path.startswith(top))
    return Somebody(person.category, person.full_since, tuple(Span(since, until) for since, until, _ in rows), inside)


def _held(actor: Any, row: Appointment, post: Post, person: Person) -> Held:
    organisation = row.post.organisation
    where = organisation.name if core_access.holder(actor).may(access.VIEW, organisation.path) else decisions.ELSEWHERE
    return Held(
        Span(row.since, row.until), row.post.title, row.post.domain, row.post_id == post.pk, organisation.pk == post.organisation_id,
        row.person_id == person.pk, row.tenure, row.full_time, where,
    )
