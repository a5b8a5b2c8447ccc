"""A duty need not be kept, or is put off, with the reason on record."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.core import access, audit, locks, outbox, rulebook
from zaidao.core.access import Grant
from zaidao.core.errors import Refused
from zaidao.institutions import access as verbs
from zaidao.institutions.actions.holding import hold_duty
from zaidao.institutions.actions.laying import LOCK, lay_out
from zaidao.institutions.actions.settling import settle
from zaidao.institutions.decisions import exemptions as decisions
from zaidao.institutions.models import Duty, Exemption


@transaction.atomic
def exempt(*, actor: Any, duty: Duty, reason: str, document_no: str = "") -> Exemption:
    """The superior lets an organisation off a duty. Raises Denied, Refused (kept already, exempt already, no reason)."""
    grant = access.require(actor, verbs.EXEMPT, duty.organisation.path)
    duty = _held(duty)
    _refuse(decisions.exempt(state=duty.state, reason=reason))
    made = Exemption.everything.create(duty=duty, kind=Exemption.Kind.EXEMPT, reason=reason.strip(), document_no=document_no.strip(),
                                       decided_by=actor)
    before = duty.state
    duty.state, duty.why = Duty.State.EXEMPT, reason.strip()
    duty.save(update_fields=["state", "why"])
    _note(actor, grant, verbs.EXEMPT, duty, made, {"state": [before, duty.state]})
    return made


@transaction.atomic
def postpone(*, actor: Any, duty: Duty, until: date, reason: str, document_no: str = "") -> Exemption:
    """State that a duty is put off to `until` (included), with the reason: a record by then counts as 已说明顺延. The superior may put it
    off as long as it decides, the organisation itself as long as the catalogue's days. Raises Denied, Refused."""
    today = timezone.localdate()
    known = rulebook.on(today)
    superior = access.holder(actor).may(verbs.EXEMPT, duty.organisation.path)
    verb = verbs.EXEMPT if superior else verbs.POSTPONE
    grant = access.require(actor, verb, duty.organisation.path)
    duty = _held(duty)
    _refuse(decisions.postpone(state=duty.state, until=until, due_on=duty.due_on, period_end=duty.period_end, reason=reason, today=today,
                               superior=superior, known=known))
    made = Exemption.everything.create(duty=duty, kind=Exemption.Kind.POSTPONE, until=until, reason=reason.strip(),
                                       document_no=document_no.strip(), decided_by=actor)
    before, duty.due_on = duty.due_on, until
    duty.save(update_fields=["due_on"])
    _note(actor, grant, verb, duty, made, {"until": [None, until], "due_on": [before, until]})
    return made


@transaction.atomic
def withdraw_exemption(*, actor: Any, exemption: Exemption, why: str) -> Duty:
    """Take an exemption or postponement back: the duty stands again as it was laid out. Raises Denied, Refused."""
    duty = exemption.duty
    own = exemption.kind == Exemption.Kind.POSTPONE and exemption.decided_by_id == actor.pk
    verb = verbs.POSTPONE if own else verbs.EXEMPT
    grant = access.require(actor, verb, duty.organisation.path)
    duty = _held(duty)
    exemption = Exemption.everything.select_for_update(of=("self",)).get(pk=exemption.pk)
    _refuse(decisions.withdraw(withdrawn=exemption.withdrawn_at is not None, why=why))
    exemption.withdrawn_at, exemption.withdrawn_why = timezone.now(), why.strip()
    exemption.save(update_fields=["withdrawn_at", "withdrawn_why"])
    if exemption.kind == Exemption.Kind.EXEMPT:
        duty.state, duty.why = Duty.State.OPEN, ""
    duty.due_on = decisions.due_on(duty.period_end, duty.grace_days)
    duty.save(update_fields=["state", "why", "due_on"])
    _stand_again(duty)
    _note(actor, grant, verb, duty, exemption, {"withdrawn_at": [None, exemption.withdrawn_at]}, reason=why)
    duty.refresh_from_db()
    return duty


def _held(duty: Duty) -> Duty:
    locks.hold(LOCK)
    return hold_duty(duty)


def _refuse(refusals: tuple[str, ...]) -> None:
    if refusals:
        raise Refused(*refusals)


def _stand_again(duty: Duty) -> None:
    """As its source asks, other postponements that still stand included."""
    months = (duty.period_end.year - duty.period_start.year) * 12 + duty.period_end.month - duty.period_start.month
    lay_out([duty.organisation_id], duty.period_start, months, subjects=[duty.subject])


def _note(
    actor: Any, grant: Grant | None, verb: str, duty: Duty, exemption: Exemption, changes: dict[str, Any], *, reason: str = "",
) -> None:
    """Judge anew, put it on record, tell."""
    settle({(duty.organisation_id, duty.subject)}, duty.period_start, actor=actor)
    told = changes | {"kind": [None, exemption.kind]} | ({"document_no": [None, exemption.document_no]} if exemption.document_no else {})
    audit.record(actor, verb, duty, path=duty.organisation.path, changes=told, reason=reason or exemption.reason, grant=grant)
    outbox.announce("institutions.exempted", duty.pk, exemption=exemption.pk)
