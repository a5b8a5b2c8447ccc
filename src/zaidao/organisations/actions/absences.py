"""Verbs on long absences: mobile members, away, ill, abroad, without vote or membership suspended; and the contact kept with them."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zaidao.core import access, audit, outbox, written
from zaidao.organisations import access as verbs
from zaidao.organisations.actions.people import hold, place
from zaidao.organisations.actions.refusals import Flawed
from zaidao.organisations.decisions.people import MEMBERS
from zaidao.organisations.models import Absence, Person

FOR_MEMBERS = (Absence.Kind.MOBILE, Absence.Kind.SUSPENDED, Absence.Kind.LAPSED)
WITH_REASON = (Absence.Kind.SUSPENDED, Absence.Kind.LAPSED)


@transaction.atomic
def begin(
    *, actor: Any, person: Person, kind: str, since: date, until: date | None = None, place_gone: str = "",
    contact_every_months: int | None = None, excused: str = "", note: str = "",
) -> Absence:
    """Register an absence from a day on. Suspensions want the decision; `excused`: by which consent they are not expected at meetings."""
    row = hold(person.pk)
    grant = access.require(actor, verbs.ABSENCE, place(row))
    _may_begin(row, kind, since, until, note)
    made = Absence.everything.create(
        person=row, kind=kind, since=since, until=until, place=place_gone, contact_every_months=contact_every_months, excused=excused,
        note=note,
    )
    told = {"kind": made.get_kind_display(), "since": since, "until": until, "place": place_gone, "excused": excused}
    audit.record(actor, verbs.ABSENCE, made, path=place(row), changes=audit.changed({}, told), reason=note, grant=grant)
    outbox.announce("organisations.absence_changed", made.pk, person=row.pk)
    return made


def _may_begin(row: Person, kind: str, since: date, until: date | None, note: str) -> None:
    if since > timezone.localdate():
        raise Flawed({"since": "开始日期晚于今天,请在开始后登记。"})
    if until is not None and until <= since:
        raise Flawed({"until": "结束日期应晚于开始日期。"})
    if kind in FOR_MEMBERS and row.category not in MEMBERS:
        raise Flawed({"kind": f"“{Absence.Kind(kind).label}”只用于正式党员和预备党员。"})
    if kind in WITH_REASON and not note.strip():
        raise Flawed({"note": "请写明作出决定的组织、日期和依据。"})
    running = Absence.everything.filter(Q(until=None) | Q(until__gt=since), person=row, kind=kind)
    if until is not None:
        running = running.filter(since__lt=until)
    if running.exists():
        raise Flawed({"kind": f"同一时间已登记“{Absence.Kind(kind).label}”,请先结束原来的登记。"})


def _held(absence: Absence) -> Absence:
    """The absence, locked together with its person."""
    hold(absence.person_id)
    return Absence.everything.select_for_update(of=("self",)).select_related("person__organisation").get(pk=absence.pk)


@transaction.atomic
def end(*, actor: Any, absence: Absence, until: date, reason: str = "") -> Absence:
    """Say from which day the absence no longer holds."""
    row = _held(absence)
    grant = access.require(actor, verbs.ABSENCE, place(row.person))
    if until <= row.since:
        raise Flawed({"until": f"结束日期应晚于开始日期({written.day(row.since)})。"})
    before, row.until = row.until, until
    row.save(update_fields=["until"])
    audit.record(actor, verbs.ABSENCE, row, path=place(row.person), changes={"until": [before, until]}, reason=reason, grant=grant)
    outbox.announce("organisations.absence_changed", row.pk, person=row.person_id)
    return row


@transaction.atomic
def contacted(*, actor: Any, absence: Absence, on: date, note: str = "") -> Absence:
    """Register that somebody who is away was contacted; what was said is kept in the record's history."""
    row = _held(absence)
    grant = access.require(actor, verbs.ABSENCE, place(row.person))
    earliest = row.last_contact_on or row.since
    if not earliest <= on <= timezone.localdate():
        raise Flawed({"on": f"联系日期应在{written.day(earliest)}之后、今天之前,请核对。"})
    before, row.last_contact_on = row.last_contact_on, on
    row.save(update_fields=["last_contact_on"])
    audit.record(actor, verbs.ABSENCE, row, path=place(row.person), changes={"last_contact_on": [before, on]}, reason=note, grant=grant)
    return row
