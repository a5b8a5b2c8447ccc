"""Verbs on the standing of people: change of category, probation, reviews, corrections of dates, leaving the roster.

Shaped like those of `people`: lock, ask, judge, write, record, announce.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from zaidao.core import access, audit, outbox, rulebook
from zaidao.core.access import Grant
from zaidao.core.errors import Refused
from zaidao.core.written import day
from zaidao.organisations import access as verbs
from zaidao.organisations.actions import hand_over
from zaidao.organisations.actions.people import conflict, hold, place, standing_of, written
from zaidao.organisations.actions.refusals import Flawed, unless
from zaidao.organisations.decisions import people as judge
from zaidao.organisations.decisions.dates import Clocks
from zaidao.organisations.decisions.placement import withheld
from zaidao.organisations.models import Appointment, Membership, Person, Step, Transfer

BEYOND = "该同志还在您管理范围以外的组织任职,请先由任职的组织办理离任,或由共同的上级党务部门办理离册。"
LEAVING = {"deceased": "去世", "left_unit": "离开单位", "expelled": "开除或除名", "resigned": "退党"}


def clocks() -> Clocks:
    return Clocks.of(rulebook.today())


@transaction.atomic
def step(*, actor: Any, person: Person, to: str, on: date, basis: str = "", reason: str = "") -> Person:
    """Change the category along the allowed steps, forward or, with a reason, back."""
    row = hold(person.pk)
    grant = access.require(actor, verbs.STEP, place(row))
    who, before = standing_of(row), row.category
    unless(judge.step_flaws(who, to, on, reason, day=timezone.localdate(), clocks=clocks()) or kept_from(row, to))
    dates = judge.dates_after(who, to, on)
    lost = {n: str(getattr(row, n)) for n, v in dates.items() if v is None and getattr(row, n)}
    Step.everything.create(person=row, before=before, after=to, on=on, basis=basis, reason=reason, dates=lost, made_by=actor)
    return written(actor, verbs.STEP, row, {"category": to, **dates}, grant=grant, reason=_said(on, basis, reason), topic="person_stepped")


def kept_from(row: Person, to: str) -> judge.Flaws:
    """What a temporary organisation leaves to the one that sent its members."""
    deed = "develop" if to == judge.NEXT.get(row.category) else "discipline" if row.category in judge.MEMBERS else ""
    refusal = withheld(row.organisation.form, deed, rulebook.today()) if deed and row.organisation else None
    return {"to": f"{refusal}请由党员组织关系所在的组织办理。"} if refusal else {}


def _said(on: date, *texts: str) -> str:
    return ";".join([str(on), *filter(None, texts)])


@transaction.atomic
def extend_probation(*, actor: Any, person: Person, until: date, reason: str) -> Person:
    """Extend a probation, once, within the bounds of the catalogue."""
    row = hold(person.pk)
    grant = access.require(actor, verbs.STEP, place(row))
    unless(judge.extension_flaws(standing_of(row), until, reason, clocks()))
    return written(actor, verbs.STEP, row, {"extended_to": until}, grant=grant, reason=reason)


@transaction.atomic
def reviewed(*, actor: Any, person: Person, on: date, note: str = "") -> Person:
    """Register the half-yearly review of an activist or candidate."""
    row = hold(person.pk)
    grant = access.require(actor, verbs.STEP, place(row))
    if row.category not in ("activist", "candidate"):
        raise Flawed({"on": "只有入党积极分子和发展对象需要考察。"})
    earliest = max((d for d in (row.activist_since, row.reviewed_on) if d), default=None)
    if on > timezone.localdate() or (earliest and on < earliest):
        raise Flawed({"on": f"考察日期应在{earliest or '列为积极分子'}之后、今天之前,请核对。"})
    return written(actor, verbs.STEP, row, {"reviewed_on": on}, grant=grant, reason=note)


@transaction.atomic
def correct_dates(*, actor: Any, person: Person, dates: Mapping[str, date | None], reason: str, version: int | None = None) -> Person:
    """Correct dates (DATED, and `since`: when they came to this organisation), with the reason on record."""
    row = hold(person.pk)
    grant = access.require(actor, verbs.CORRECT, place(row))
    if version is not None and version != row.version:
        raise conflict(row, {n: v for n, v in dates.items() if n != "since"})
    if not reason.strip():
        raise Flawed({"reason": "请写明更正的理由和依据。"})
    own = {n: v for n, v in dates.items() if n != "since"}
    whole = {n: own.get(n, getattr(row, n)) for n in judge.DATES}
    unless(judge.date_flaws(judge.Standing(row.category, **whole), timezone.localdate()))
    if "since" in dates:
        _move_start(actor, row, dates["since"], reason, grant)
    return written(actor, verbs.CORRECT, row, own, grant=grant, reason=reason)


def _move_start(actor: Any, row: Person, since: date | None, reason: str, grant: Grant | None) -> None:
    """Correct the day on which somebody came to where they are."""
    held = Membership.everything.select_for_update().get(person=row, until=None)
    if held.since == since:
        return
    earlier = Membership.everything.filter(person=row).exclude(pk=held.pk).order_by("-until").first()
    if since and (since > timezone.localdate() or (earlier and earlier.until and since < earlier.until)):
        raise Flawed({"since": "转入日期晚于今天,或早于离开上一个组织的日期,请核对。"})
    changes = {"moved_in_on": [held.since, since]}
    held.since = since
    held.save(update_fields=["since"])
    audit.record(actor, verbs.CORRECT, row, path=place(row), changes=changes, reason=reason, grant=grant)


@transaction.atomic
def leave(*, actor: Any, person: Person, on: date, why: str, reason: str = "") -> Person:
    """Take somebody off the roster (LEAVING); members who go elsewhere are transferred instead. Posts in office end the same day: those
    above or beside the roster are not the actor's to end, so whoever holds one is taken off by a superior of both."""
    row = hold(person.pk)
    grant = access.require(actor, verbs.LEAVE, place(row))
    _may_leave(row, on, why)
    _unless_beyond(actor, row, on)
    held = Membership.everything.select_for_update().get(person=row, until=None)
    if held.since and on < held.since:
        raise Flawed({"on": f"日期早于转入日期({day(held.since)}),请核对。"})
    close(held, on, LEAVING[why])
    end_posts(actor, verbs.LEAVE, row, not_over(row, on), on, LEAVING[why], grant)
    path, row.organisation, row.version = place(row), None, row.version + 1
    row.save(update_fields=["organisation", "version"])
    changes = {"organisation": [held.organisation_id, None], "moved_out_on": [None, on]}
    audit.record(actor, verbs.LEAVE, row, path=path, changes=changes, reason=_said(on, LEAVING[why], reason), grant=grant)
    outbox.announce("organisations.person_left", row.pk, organisation=held.organisation_id, on=str(on))
    return row


def _may_leave(row: Person, on: date, why: str) -> None:
    if why not in LEAVING:
        raise Flawed({"why": "请选择离册原因。"})
    if on > timezone.localdate():
        raise Flawed({"on": "日期晚于今天,请在之后登记。"})
    if why == "left_unit" and row.category in judge.MEMBERS:
        raise Flawed({"why": "党员离开单位应办理组织关系转接,不直接离册。"})
    if Transfer.everything.filter(person=row, state=Transfer.State.ASKED).exists():
        raise Refused("有正在办理的组织关系转接,请先撤回。")


def _unless_beyond(actor: Any, row: Person, on: date) -> None:
    held = not_over(row, on).values_list("post__organisation__path", flat=True)
    if not all(access.holder(actor).may(verbs.LEAVE, path) for path in held):
        raise Refused(BEYOND)


def close(held: Membership, on: date, why: str) -> None:
    held.until, held.end_reason = on, why
    held.save(update_fields=["until", "end_reason"])


def not_over(person: Person, day: date) -> Any:
    """Appointments that go on after the day or begin later, those with an end set for a later day among them."""
    return Appointment.everything.filter(Q(until=None) | Q(until__gt=day), person=person).exclude(until=F("since"))


def end_posts(actor: Any, verb: str, person: Person, appointments: Any, on: date, why: str, grant: Grant | None) -> None:
    """End appointments with the person's going: each on record, none deleted."""
    for held in appointments.select_related("post__organisation").select_for_update(of=("self",)):
        before, until = held.until, max(on, held.since) if held.since else on
        held.until, held.end_reason, held.version = until, why, held.version + 1
        held.save(update_fields=["until", "end_reason", "version"])
        audit.record(actor, verb, held, path=held.post.organisation.path, changes={"until": [before, until]}, reason=why, grant=grant)
        hand_over.make(actor=actor, held=held)
        outbox.announce("organisations.appointment_ended", held.pk, person=person.pk)
