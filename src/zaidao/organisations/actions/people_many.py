"""Registering many people at once: the judgements, the audit and the news of `people.register`, with a few queries a batch.

Whoever cannot be registered is refused alone; the others are written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from zaidao.core import access, audit, bulk, crypto, outbox
from zaidao.core.errors import Refused
from zaidao.organisations import access as verbs
from zaidao.organisations.actions.people import CODE_TAKEN, Facts, filled, fresh, own_flaws, register, taken, told_of
from zaidao.organisations.actions.refusals import Flawed
from zaidao.organisations.decisions.people import Flaws
from zaidao.organisations.models import Membership, Organisation, Person
from zaidao.organisations.models.people import ID_NO

NO_PLACE = "所在组织不存在,或不在您的管理范围内。"
NOT_ALLOWED = "您现在的岗位不能在这个组织登记人员。"
SAME_NUMBER = "同一批中已有一行用了这个身份号码。"


@dataclass
class Entry:
    """One person to be registered. `until`: the day they left again, as a ledger tells; None: they are there."""

    organisation: int
    code: str
    facts: Facts
    since: date | None = None
    until: date | None = None
    why: str = "登记"


@dataclass
class Batch:
    """What a batch is judged against: read once."""

    actor: Any
    day: date
    organisations: dict[int, Organisation]
    codes: set[str] = field(default_factory=set)
    numbers: dict[str, Person] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


@transaction.atomic
def register_many(*, actor: Any, entries: Sequence[Entry]) -> list[Membership | Refused]:
    """The membership of a person on the roster, or the refusal, for each entry, in order. About eight queries a batch."""
    batch = _read(actor, entries)
    facts = [filled(e.facts) for e in entries]
    verdicts = [_verdict(batch, e, f) for e, f in zip(entries, facts, strict=True)]
    sound = [i for i, refusal in enumerate(verdicts) if refusal is None]
    try:
        with transaction.atomic():
            made: list[Membership | Refused] = list(_write(batch, [(entries[i], facts[i]) for i in sound]))
    except IntegrityError:  # somebody was quicker with a code or a number: one by one, to find out whose
        made = [_one(actor, entries[i]) for i in sound]
    found = dict(zip(sound, made, strict=True))
    return [found.get(i) or verdicts[i] for i in range(len(entries))]  # type: ignore[misc]


def _read(actor: Any, entries: Sequence[Entry]) -> Batch:
    """The organisations, locked so that they neither move nor end; which codes and numbers are taken."""
    places = Organisation.everything.select_for_update(no_key=True).filter(pk__in={e.organisation for e in entries}).order_by("pk")
    marks = {crypto.blind(n, ID_NO) for e in entries if (n := str(e.facts.get("id_no") or "").upper().strip())}
    return Batch(
        actor, timezone.localdate(), {o.pk: o for o in places},
        set(Person.everything.filter(code__in={e.code.strip() for e in entries}).values_list("code", flat=True)),
        {p.id_no_index: p for p in Person.everything.filter(id_no_index__in=marks).select_related("organisation")},
    )


def _verdict(batch: Batch, entry: Entry, facts: Facts) -> Refused | None:
    place = batch.organisations.get(entry.organisation)
    if place is None:
        return Refused(NO_PLACE)
    if not access.holder(batch.actor).may(verbs.REGISTER, place.path):
        return Refused(NOT_ALLOWED)
    flaws = own_flaws(facts, place, entry.since, batch.day) | _taken(batch, entry, facts) | _times(entry, batch.day)
    return Flawed(flaws) if flaws else None


def _taken(batch: Batch, entry: Entry, facts: Facts) -> Flaws:
    """A code or number that somebody has, or that an earlier entry of the batch takes."""
    flaws: Flaws = {}
    if entry.code in batch.codes:
        flaws["code"] = CODE_TAKEN
    batch.codes.add(entry.code)
    if facts["id_no"]:
        mark = crypto.blind(facts["id_no"], ID_NO)
        if mark in batch.numbers:
            flaws["id_no"] = taken(batch.actor, batch.numbers[mark])
        elif mark in batch.used:
            flaws["id_no"] = SAME_NUMBER
        batch.used.add(mark)
    return flaws


def _times(entry: Entry, day: date) -> Flaws:
    if entry.until is None:
        return {}
    if entry.until > day:
        return {"until": "转出日期晚于今天,请核对。"}
    return {"until": "转出日期早于转入日期,请核对。"} if entry.since and entry.until < entry.since else {}


def _write(batch: Batch, entries: Sequence[tuple[Entry, Facts]]) -> list[Membership]:
    places = [batch.organisations[e.organisation] for e, _ in entries]
    people = [fresh(f, place, e.code.strip()) for (e, f), place in zip(entries, places, strict=True)]
    for person, (entry, _) in zip(people, entries, strict=True):
        person.organisation = None if entry.until else person.organisation
    bulk.add(people, numbered=True)
    belongs = [
        Membership(person=p, organisation=place, since=e.since, until=e.until, why=e.why, end_reason="台账所载" if e.until else "")
        for p, place, (e, _) in zip(people, places, entries, strict=True)
    ]
    bulk.add(belongs, numbered=True)
    grants = {place.path: access.holder(batch.actor).grant_for(verbs.REGISTER, place.path) for place in batch.organisations.values()}
    acts = [
        (p, place.path, told_of(p, f, place, e.since) | ({"moved_out_on": [None, e.until]} if e.until else {}))
        for p, place, (e, f) in zip(people, places, entries, strict=True)
    ]
    audit.record_many(batch.actor, verbs.REGISTER, acts, reason=entries[0][0].why if entries else "", grants=grants)
    outbox.announce_many("organisations.person_registered", [p.pk for p in people])
    return belongs


def _one(actor: Any, entry: Entry) -> Membership | Refused:
    """By itself; whoever has left again cannot be told apart in the slow way and is refused."""
    try:
        with transaction.atomic():
            place = Organisation.everything.get(pk=entry.organisation)
            if entry.until:
                return Refused(CODE_TAKEN)
            made = register(actor=actor, organisation=place, since=entry.since, facts=entry.facts, code=entry.code, why=entry.why)
            return Membership.everything.select_related("person__organisation", "organisation").get(person=made)
    except Refused as refusal:
        return refusal
