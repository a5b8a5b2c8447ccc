"""Terms: an election begins one, an extension lengthens it, a correction puts right what was registered."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction

from zaidao.core import access as core_access
from zaidao.core import audit, locks, outbox, rulebook
from zaidao.core.errors import Refused
from zaidao.engine import structure
from zaidao.engine.catalogue import Catalogue
from zaidao.organisations import access
from zaidao.organisations.actions import appointments
from zaidao.organisations.actions.doubts import settle
from zaidao.organisations.decisions import terms as decisions
from zaidao.organisations.decisions.placement import withheld
from zaidao.organisations.models import Appointment, Organisation, Term

FIELDS = ("started_on", "years", "extended_to", "basis", "ended_on", "requested_on", "request_no")


def facts(term: Term) -> dict[str, Any]:
    return {name: getattr(term, name) for name in FIELDS}


@transaction.atomic
def elect(
    *, actor: Any, organisation: Organisation, on: date, today: date, years: float | None, basis: str, stay: Collection[int],
    confirmed: Collection[str] = (),
) -> Term:
    """Register an election: a new term from `on`; elected posts whose appointments are not among `stay` end that day.

    Raises Denied, Refused, Unconfirmed.
    """
    grant, organisation, old = _begin(actor, organisation)
    known = rulebook.on(on)
    before = _running(organisation, old, known)
    if refusal := withheld(organisation.form, "term", known):
        raise Refused(refusal)
    verdict = decisions.elect(on=on, today=today, kind=organisation.kind, years=years, before=before, known=known)
    codes = settle(verdict, confirmed)
    if old:
        old.ended_on = on
        old.save(update_fields=["ended_on"])
    term = Term.everything.create(organisation=organisation, started_on=on, years=years, basis=basis.strip())
    left = _end_others(actor, organisation, on, stay)
    changes = audit.changed({}, facts(term)) | {"left": [None, left]} | ({"confirmed": [None, codes]} if codes else {})
    audit.record(actor, access.TERM, term, path=organisation.path, changes=changes, reason=basis, grant=grant)
    outbox.announce("organisations.elected", organisation.pk, term=term.pk)
    return term


@transaction.atomic
def extend(*, actor: Any, organisation: Organisation, to: date, document: str, reason: str = "") -> Term:
    """Lengthen the running term to `to`, as the superior approved by `document`. Raises Denied, Refused."""
    grant, organisation, term = _begin(actor, organisation)
    if term is None:
        raise Refused("本届还没有登记,请先登记换届或更正本届资料。")
    known = rulebook.today()
    ends = decisions.end_of(organisation.kind, term.started_on, term.years, None, known)
    refusals = decisions.extend(to=to, ends=ends, extended_to=term.extended_to, document=document, known=known)
    if refusals:
        raise Refused(*refusals)
    before, term.extended_to = facts(term), to
    term.requested_on, term.request_no = None, ""  # of an election at another time
    term.basis = ";".join(filter(None, [term.basis, f"延期:{document.strip()}"]))[:80]
    return _keep(actor, term, before, f"{document} {reason}".strip(), grant)


@transaction.atomic
def request(*, actor: Any, organisation: Organisation, on: date, today: date, document: str) -> Term:
    """The superior was asked for the election that ends the running term, by `document`. Raises Denied, Refused."""
    grant, organisation, term = _begin(actor, organisation)
    if term is None:
        raise Refused("本届还没有登记,请先登记换届或更正本届资料。")
    refusals = decisions.requested(on=on, today=today, started_on=term.started_on, document=document)
    if refusals:
        raise Refused(*refusals)
    before, term.requested_on, term.request_no = facts(term), on, document.strip()
    return _keep(actor, term, before, document, grant)


@transaction.atomic
def correct(
    *, actor: Any, organisation: Organisation, today: date, started_on: date, years: float | None, extended_to: date | None, basis: str,
    reason: str,
) -> Term:
    """Put right the running term; registers it where there is none (first entry, import). Raises Denied, Refused."""
    grant, organisation, term = _begin(actor, organisation)
    if organisation.kind == "group":
        raise Refused("党小组不设任期。")
    term = term or Term(organisation=organisation, started_on=started_on)
    earlier = Term.everything.filter(organisation=organisation).exclude(pk=term.pk).order_by("-started_on").first()
    refusals = decisions.correct(
        started_on=started_on, before=earlier.started_on if earlier else None, extended_to=extended_to, today=today)
    if refusals:
        raise Refused(*refusals)
    before = facts(term) if term.pk else {}
    term.started_on, term.years, term.extended_to, term.basis = started_on, years, extended_to, basis.strip()
    return _keep(actor, term, before, reason, grant)


def _begin(actor: Any, organisation: Organisation) -> tuple[Any, Organisation, Term | None]:
    """The grant, and the organisation and its running term, nobody else deciding about them."""
    grant = core_access.require(actor, access.TERM, organisation.path)
    locks.hold(f"organisations.posts:{organisation.pk}")
    organisation = Organisation.everything.select_for_update(of=("self",)).get(pk=organisation.pk)
    if organisation.dissolved_on:
        raise Refused("该组织已撤销。")
    return grant, organisation, Term.everything.filter(organisation=organisation, ended_on=None).first()


def _running(organisation: Organisation, term: Term | None, known: Catalogue) -> decisions.Running:
    if term is None:
        return decisions.Running()
    ends = decisions.end_of(organisation.kind, term.started_on, term.years, term.extended_to, known)
    return decisions.Running(term.started_on, ends)


def _keep(actor: Any, term: Term, before: dict[str, Any], reason: str, grant: Any) -> Term:
    changes = audit.changed(before, facts(term))
    if changes:
        term.save()
        audit.record(actor, access.TERM, term, path=term.organisation.path, changes=changes, reason=reason, grant=grant)
        outbox.announce("organisations.term_changed", term.organisation_id, term=term.pk)
    return term


def elected(organisation: Organisation, on: date) -> list[Appointment]:
    """Those in elected posts on the day: who stays or ends with an election. One query."""
    rows = Appointment.everything.filter(post__organisation=organisation, post__domain__in=("party", ""), until=None)
    held = rows.select_related("post__organisation", "person").order_by("post__title", "pk")
    return [a for a in held if structure.is_committee_post(a.post.title) and (a.since is None or a.since < on)]


def _end_others(actor: Any, organisation: Organisation, on: date, stay: Collection[int]) -> list[int]:
    left = [a for a in elected(organisation, on) if a.pk not in stay]
    for held in left:
        appointments.end(actor=actor, appointment=held, until=on, reason="换届")
    return [a.pk for a in left]
