"""Verbs on people: register and edit. What changes their standing is in `standing`.

Each locks the person first and asks then whether the actor may, at the place where the person is now. Raises Denied, Flawed
(reasons by field), Conflict (changed meanwhile) or Refused.
"""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from zaidao.core import access, audit, crypto, outbox, scrub
from zaidao.core.access import Grant
from zaidao.core.errors import Refused
from zaidao.engine.schema import CATEGORIES
from zaidao.organisations import access as verbs
from zaidao.organisations.actions.refusals import Conflict, Flawed, unless
from zaidao.organisations.decisions import people as judge
from zaidao.organisations.models import Membership, Organisation, Person
from zaidao.organisations.models.people import ID_NO

SENSITIVE = ("id_no", "phone")
PLAIN = ("name", "gender", "ethnicity", "born_on", "education", "occupation")
EDITABLE = (*PLAIN, *SENSITIVE)
DATED = ("joined_on", "full_since", "activist_since", "reviewed_on", "extended_to")
TAKEN = "该号码已登记在其他组织,请联系上级党务部门核对。"
CODE_TAKEN = "人员编号已被使用,请换一个,或留空由系统编号。"
GONE = "该同志已不在册,不能再改;如回到本组织,请办理转入。"

Facts = Mapping[str, Any]


def register(*, actor: Any, organisation: Organisation, since: date | None, facts: Facts, code: str = "", why: str = "登记") -> Person:
    """Put somebody on a roster from a day (None: unknown). `facts`: name, category and any of EDITABLE and DATED."""
    try:
        with transaction.atomic():
            place_now = seat(organisation.pk)
            grant = access.require(actor, verbs.REGISTER, place_now.path)
            return enrol(actor, verbs.REGISTER, organisation=place_now, since=since, facts=facts, code=code, why=why, grant=grant)
    except IntegrityError:
        raise Flawed(_just_taken(facts)) from None


def seat(pk: int) -> Organisation:
    """The organisation, locked, so that it neither moves nor ends while somebody comes to it."""
    return Organisation.everything.select_for_update(no_key=True).get(pk=pk)


def _just_taken(facts: Facts) -> judge.Flaws:
    """What is said where somebody else was quicker by a moment."""
    return {"id_no": TAKEN} if facts.get("id_no") else {"code": "该编号刚被使用,请换一个。"}


def enrol(
    actor: Any, verb: str, *, organisation: Organisation, since: date | None, facts: Facts, code: str, why: str, grant: Grant | None,
) -> Person:
    """The writing half of registering, for verbs that have asked already. Seven queries with an identity number."""
    today = timezone.localdate()
    facts = filled(facts)
    unless(_flaws(actor, facts, organisation, since, code, today))
    person = fresh(facts, organisation, code.strip() or new_code(today))
    person.save(force_insert=True)
    Membership.everything.create(person=person, organisation=organisation, since=since, why=why)
    audit.record(actor, verb, person, path=organisation.path, changes=told_of(person, facts, organisation, since), reason=why, grant=grant)
    outbox.announce("organisations.person_registered", person.pk)
    return person


def back(actor: Any, verb: str, *, organisation: Organisation, since: date, facts: Facts, why: str, grant: Grant | None) -> Person | None:
    """Somebody who was on a roster once and is gone, found by the identity number and under the same name, on this roster again."""
    facts = {n: v for n, v in filled(facts).items() if v not in (None, "")}
    known = holder_of(facts["id_no"]) if "id_no" in facts else None
    if known is None or known.organisation_id is not None:
        return None
    row = Person.everything.select_for_update(no_key=True).get(pk=known.pk)
    last = Membership.everything.filter(person=row).order_by("-until").first()
    if row.organisation_id is not None or row.name != facts["name"]:
        raise Flawed({"name": "该号码的原登记姓名与此不同,请对照证件核对,或联系上级党务部门。"})
    if last and last.until and since < last.until:
        raise Flawed({"on": "转入日期早于上次离册日期,请核对。"})
    row.organisation = organisation
    Membership.everything.create(person=row, organisation=organisation, since=since, why=why)
    audit.record(actor, verb, row, path=organisation.path, changes={"organisation": [None, organisation.name]}, reason=why, grant=grant)
    return written(actor, verb, row, {"category": facts["category"], **_sound(actor, row, facts)}, grant=grant, reason=why)


def fresh(facts: Facts, organisation: Organisation, code: str) -> Person:
    """A new person with these (filled) facts, not yet written."""
    person = Person(code=code, organisation=organisation, category=facts["category"])
    _put(person, facts)
    return person


def told_of(person: Person, facts: Facts, organisation: Organisation, since: date | None) -> dict[str, Any]:
    """What the audit says of somebody who was put on a roster."""
    told = {"organisation": organisation.name, "moved_in_on": since, "code": person.code}
    told |= {k: v for k, v in facts.items() if v not in (None, "")}
    return audit.changed({}, told, hidden=SENSITIVE)


def filled(facts: Facts) -> dict[str, Any]:
    """The facts with what the identity number tells where it is left open."""
    number = str(facts.get("id_no") or "").upper().strip()
    full = dict(facts) | {"id_no": number, "name": scrub.visible(str(facts.get("name") or ""))}
    full["phone"] = judge.dialled(str(facts.get("phone") or ""))
    if number and not judge.identity_flaws(number, None, ""):
        full |= {k: v for k, v in judge.from_identity(number).items() if not full.get(k)}
    return full


def _flaws(actor: Any, facts: Facts, organisation: Organisation, since: date | None, code: str, today: date) -> judge.Flaws:
    flaws = own_flaws(facts, organisation, since, today)
    if code.strip() and Person.everything.filter(code=code.strip()).exists():
        flaws["code"] = CODE_TAKEN
    return flaws if flaws.get("id_no") else flaws | _identity(actor, facts, None)


def own_flaws(facts: Facts, organisation: Organisation | None, since: date | None, today: date) -> judge.Flaws:
    """What the facts alone tell against registering; `organisation` None: one that does not stand yet."""
    if facts.get("category") not in CATEGORIES:
        return {"category": "请选择人员类别。"}
    flaws: judge.Flaws = {}
    if organisation and not organisation.standing:
        flaws["organisation"] = "该组织已撤销,不能登记人员。"
    if not facts.get("name"):
        flaws["name"] = "请填写姓名。"
    if since and since > today:
        flaws["since"] = "转入日期晚于今天,请核对。"
    number, born, gender = str(facts.get("id_no") or ""), facts.get("born_on"), str(facts.get("gender") or "")
    standing = judge.Standing(facts["category"], **{n: facts.get(n) for n in judge.DATES})
    flaws |= judge.identity_flaws(number, born, gender) | judge.phone_flaws(str(facts.get("phone") or ""))
    return flaws | judge.date_flaws(standing, today)


def _identity(actor: Any, facts: Facts, but: int | None) -> judge.Flaws:
    """The number itself, and that nobody else has it."""
    number = str(facts.get("id_no") or "")
    flaws = judge.identity_flaws(number, facts.get("born_on"), str(facts.get("gender") or ""))
    other = None if flaws or not number else holder_of(number, but)
    return {"id_no": taken(actor, other)} if other else flaws


def holder_of(number: str, but: int | None = None) -> Person | None:
    """Whoever has this identity number, on a roster or gone, anywhere."""
    rows = Person.everything.select_related("organisation").filter(id_no_index=crypto.blind(number, ID_NO))
    return (rows.exclude(pk=but) if but else rows).first()


def taken(actor: Any, other: Person) -> str:
    """That a number is taken; who and where only to somebody who may see that roster."""
    if other.organisation is None:
        return "该号码有离册人员的登记,请用“转入登记”办理。"
    if access.holder(actor).may(verbs.PEOPLE, place(other)):
        return f"该号码已登记为{other.name}({other.organisation.name}),请核对。"
    return TAKEN


def _put(person: Person, facts: Facts) -> None:
    for name, value in facts.items():
        if name == "name":
            person.set_name(value)
        elif name == "id_no":
            person.set_id_no(value or "")
        elif name == "phone":
            person.set_phone(value or "")
        elif name in PLAIN or name in DATED:
            setattr(person, name, value if value is not None or name in DATED or name == "born_on" else "")


def new_code(day: date) -> str:
    """A code that nobody has."""
    while True:
        code = f"RY{day:%y%m}{secrets.randbelow(10**6):06d}"
        if not Person.everything.filter(code=code).exists():
            return code


def hold(pk: int) -> Person:
    """The person, locked to the end of the transaction. Raises Refused for somebody who is on no roster."""
    person = Person.everything.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=pk)
    if person.organisation is None:
        raise Refused(GONE)
    return person


def place(person: Person) -> str:
    """Where somebody on a roster belongs."""
    return str(person.organisation.path) if person.organisation else ""


def standing_of(person: Person) -> judge.Standing:
    return judge.Standing(person.category, **{n: getattr(person, n) for n in judge.DATES})


def written(
    actor: Any, verb: str, person: Person, values: Facts, *, grant: Grant | None, reason: str = "", topic: str = "person_changed",
) -> Person:
    """Put the values that differ into a held person, with version, audit and news. Nothing happens where nothing differs."""
    before = {name: getattr(person, name) for name in values}
    changes = audit.changed(before, values, hidden=SENSITIVE)
    if not changes:
        return person
    _put(person, {name: values[name] for name in changes})
    if "category" in changes:
        person.category = values["category"]
    person.version += 1
    person.save()
    audit.record(actor, verb, person, path=place(person), changes=changes, reason=reason, grant=grant)
    outbox.announce(f"organisations.{topic}", person.pk)
    return person


def edit(*, actor: Any, person: Person, changes: Facts, version: int | None, reason: str = "") -> Person:
    """Change plain and sensitive facts (EDITABLE). `version`: as of which it was looked at; None: the caller has compared itself."""
    try:
        with transaction.atomic():
            row = hold(person.pk)
            grant = access.require(actor, verbs.PEOPLE_EDIT, place(row))
            unknown = set(changes) - set(EDITABLE)
            if unknown:
                raise ValueError(f"not edited here: {sorted(unknown)}")
            if version is not None and version != row.version:
                raise conflict(row, changes)
            return written(actor, verbs.PEOPLE_EDIT, row, _sound(actor, row, changes), grant=grant, reason=reason)
    except IntegrityError:
        raise Flawed({"id_no": TAKEN}) from None


def conflict(row: Person, changes: Facts) -> Conflict:
    """What stands there now where it differs from what was to be written; of sensitive values nothing."""
    differs = {name: getattr(row, name) for name, value in changes.items() if getattr(row, name) != value}
    return Conflict({n: audit.HIDDEN if n in SENSITIVE else v for n, v in differs.items()}, row.version)


def _sound(actor: Any, row: Person, changes: Facts) -> dict[str, Any]:
    """The changes as they may be written. Raises Flawed."""
    tidy = {n: v.strip() if isinstance(v, str) else v for n, v in changes.items()}
    if "id_no" in tidy:
        tidy["id_no"] = tidy["id_no"].upper()
    if "name" in tidy:
        tidy["name"] = scrub.visible(tidy["name"])
    if "phone" in tidy:
        tidy["phone"] = judge.dialled(tidy["phone"])
    whole = {n: tidy.get(n, getattr(row, n)) for n in EDITABLE}
    flaws = {} if scrub.visible(whole["name"]) else {"name": "请填写姓名。"}
    dated = judge.Standing(row.category, **{n: tidy.get(n, getattr(row, n)) for n in judge.DATES})
    unless(flaws | _identity(actor, whole, row.pk) | judge.phone_flaws(whole["phone"]) | judge.date_flaws(dated, timezone.localdate()))
    return tidy
