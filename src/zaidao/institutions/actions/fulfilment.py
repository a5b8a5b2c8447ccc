"""Records are told, and what they keep is judged: the only way a duty is kept."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.core import access, audit, locks, outbox, rulebook
from zaidao.core.access import Grant
from zaidao.core.errors import Refused
from zaidao.institutions import access as verbs
from zaidao.institutions.actions.laying import LOCK, lay_out
from zaidao.institutions.actions.settling import settle
from zaidao.institutions.decisions import fulfilment as decisions
from zaidao.institutions.models import Duty, Fulfilment, Record
from zaidao.organisations.queries import bound

TOLD = ("subject", "held_on", "filed_on", "planned_for", "stated")


@transaction.atomic
def record_fulfilment(
    *, actor: Any, duty: Duty | None = None, organisation: Any = None, subject: str = "", kind: str, number: int, held_on: date,
    filed_on: date, planned_for: date | None = None, stated: bool = False, convener: Any = None,
) -> Fulfilment | None:
    """Tell a record by its kind and number, and judge what it keeps: the dates decide, whatever it was meant for.

    Either `duty` (organisation and subject are its own; refused where the day lies before its period) or `organisation` and
    `subject` (an activity kind): then nothing is refused but a day in the future. `planned_for`: the first plan; `stated`: a
    postponement is told in title or remark. Gives what the record keeps now, or None where it keeps nothing. Told again with other
    days it is judged anew; told again alike it changes nothing. A joint meeting is told once for each organisation under one number;
    `convener`: the organisation whose keepers may tell it for the others. Raises Denied, Refused.
    """
    place = duty.organisation if duty else organisation
    grant = access.require(actor, verbs.FULFIL, (convener or place).path)
    told = {"subject": duty.subject if duty else subject, "held_on": held_on, "filed_on": filed_on, "planned_for": planned_for,
            "stated": stated}
    period = (duty.period_start, duty.period_end) if duty else None
    today = timezone.localdate()
    refusals = decisions.refusals(held_on, filed_on, today=today, period=period, known=rulebook.on(today))
    if refusals:
        raise Refused(*refusals)
    locks.hold(LOCK)
    record = _tell(actor, grant, place, {"kind": kind, "number": number}, told)
    return Fulfilment.everything.filter(record=record, withdrawn_at=None).select_related("duty").first()


@transaction.atomic
def withdraw_fulfilment(*, actor: Any, kind: str, number: int, why: str, organisation: Any = None, convener: Any = None) -> int:
    """Take back a record (in one organisation or in all that it was told for): what it kept is open again unless another record keeps
    it. Gives how many were taken back; nothing happens to one that is not on file. Raises Denied, Refused."""
    if not why.strip():
        raise Refused("请写明撤回的原因。")
    locks.hold(LOCK)
    rows = Record.everything.filter(kind=kind, number=number, withdrawn_at=None).select_related("organisation").order_by("organisation")
    found = list(rows.filter(organisation=organisation) if organisation else rows)
    grants = [access.require(actor, verbs.FULFIL, (convener or record.organisation).path) for record in found]
    for record, grant in zip(found, grants, strict=True):
        _take_back(actor, grant, record, why)
    return len(found)


def _tell(actor: Any, grant: Grant | None, place: Any, name: dict[str, Any], told: dict[str, Any]) -> Record:
    record = Record.everything.select_for_update(of=("self",)).filter(organisation=place, withdrawn_at=None, **name).first()
    before = {field: getattr(record, field) for field in TOLD} if record else {}
    changes = audit.changed(before, told)
    if record and not changes:
        return record
    was = before.get("subject", told["subject"])
    ledgers = {told["subject"]} - _filed(place, {told["subject"]})
    record = record or Record(organisation=place, recorded_by=actor, **name)
    for field, value in told.items():
        setattr(record, field, value)
    record.save()
    audit.record(actor, verbs.FULFIL, record, path=place.path, changes=changes, grant=grant)
    left = {was} - {told["subject"]}
    ledgers |= left - _filed(place, left)
    _judge(actor, record, {was, record.subject}, _earliest(record, before), ledgers=ledgers)
    return record


def _filed(place: Any, subjects: set[str]) -> set[str]:
    """Of which of these subjects the organisation has records."""
    rows = Record.everything.filter(organisation=place, subject__in=subjects, withdrawn_at=None)
    return set(rows.order_by().values_list("subject", flat=True).distinct())


def _earliest(record: Record, before: dict[str, Any]) -> date:
    days = (record.held_on, record.planned_for, before.get("held_on"), before.get("planned_for"))
    return min(day for day in days if day)


def _take_back(actor: Any, grant: Grant | None, record: Record, why: str) -> None:
    record.withdrawn_at, record.withdrawn_why = timezone.now(), why.strip()[:300]
    record.save(update_fields=["withdrawn_at", "withdrawn_why"])
    audit.record(actor, verbs.FULFIL, record, path=record.organisation.path, changes={"withdrawn_at": [None, record.withdrawn_at]},
                 reason=why, grant=grant)
    subjects = {record.subject}
    ledgers = subjects - _filed(record.organisation, subjects)
    _judge(actor, record, subjects, _earliest(record, {}), why=record.withdrawn_why, ledgers=ledgers)


def _judge(actor: Any, record: Record, subjects: set[str], since: date, *, why: str = "", ledgers: set[str]) -> None:
    """Judge what the record bears on. `ledgers`: subjects of which it is the first record here, or the last is gone: who files such
    records at all decides whether small branches and groups owe them."""
    for subject in sorted(ledgers):
        _ledger(record.organisation, subject)
    changed = settle({(record.organisation_id, subject) for subject in subjects}, since, actor=actor, why=why)
    outbox.announce_many("institutions.kept", sorted(changed), record=record.pk)


def _ledger(place: Any, subject: str) -> None:
    """Lay the duties of the subject out anew, for the organisation and its groups, as far as they are laid out."""
    groups = [group.pk for group in bound.groups_of({place.path}).get(place.path, ())]
    rows = Duty.everything.filter(organisation__in=[place.pk, *groups], subject=subject).order_by()
    first, last = rows.order_by("period_start").first(), rows.order_by("-period_end").first()
    if first and last:
        months = (last.period_end.year - first.period_start.year) * 12 + last.period_end.month - first.period_start.month
        lay_out([place.pk, *groups], first.period_start, months, subjects=[subject])
