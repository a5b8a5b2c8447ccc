"""What the acts of a row would refuse, and what a structural change would bring: looked at while planning, by the acts' own judgements.

A plan that promises what its commit refuses is no plan. What depends on the moment (who was quicker) is still asked again at commit.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from zaidao.core import rulebook
from zaidao.core.plans import Given, Work, compare
from zaidao.organisations.actions import people, standing, structure
from zaidao.organisations.decisions import people as judge
from zaidao.organisations.decisions import terms
from zaidao.organisations.decisions.placement import withheld
from zaidao.organisations.decisions.structure_facts import Order
from zaidao.organisations.imports.base import Spot
from zaidao.organisations.models import Organisation, Person, Term

STEP_DATE = {"probationary": "joined_on", "full": "full_since"}
DATES = ("born_on", "joined_on", "full_since")
SHOWN = {"to": "category", "on": "moved_in_on"}
UNSETTLED = "按现在的情况不能办理:"
UNSETTLED_REMEDY = "文件里前面的行可能改变这一情况,确认后按当时的情况办理。"


def person(given: Given, known: Person, came: date | None, spot: Spot | None, differs: set[str], why: str, work: Work) -> None:
    """Errors where editing, stepping, correcting dates or moving would refuse. `came`: when they came to where they are."""
    flaws = _facts(given, known) | _step(given, known, why, work.day)
    if "org_id" in differs and spot is not None and (refusal := withheld(spot.form, "transfer", rulebook.today())):
        flaws["org_id"] = refusal
    since = given.get("moved_in_on")
    if "moved_in_on" in differs and since and since > work.day:
        flaws["moved_in_on"] = "转入日期晚于今天,请核对。"
    elif {"org_id", "moved_in_on"} <= differs and since and came and since < came:
        flaws["moved_in_on"] = f"转入日期早于转入原组织的日期({came}),请核对。"
    for name, reason in flaws.items():
        given.error(name, reason)


def _said(given: Given, known: Person, name: str) -> Any:
    told = name in given.values or name in given.cleared
    return given.get(name) if told else getattr(known, name)


def _facts(given: Given, known: Person) -> judge.Flaws:
    number, phone, gender = (str(_said(given, known, n) or "") for n in ("id_no", "phone", "gender"))
    flaws = judge.identity_flaws(number.upper(), _said(given, known, "born_on"), gender) | judge.phone_flaws(phone)
    if compare.plain(_said(given, known, "born_on")) != compare.plain(known.born_on):  # the date of birth is written before the others
        as_edited = {n: getattr(known, n) for n in judge.DATES} | {"born_on": _said(given, known, "born_on")}
        flaws |= judge.date_flaws(judge.Standing(known.category, **as_edited), date.max)
    return flaws


def _step(given: Given, known: Person, why: str, day: date) -> judge.Flaws:
    """The change of category, and the dates as they stand after it."""
    who, to = people.standing_of(known), str(_said(given, known, "category"))
    dates = {n: getattr(known, n) for n in judge.DATES}
    flaws: judge.Flaws = {}
    if to != known.category:
        on = given.get(STEP_DATE.get(to, "")) or day
        flaws = judge.step_flaws(who, to, on, why, day=day, clocks=standing.clocks()) or standing.kept_from(known, to)
        dates |= judge.dates_after(who, to, on)
    dates |= {n: _said(given, known, n) for n in DATES if n in given.values or n in given.cleared}
    flaws = {_shown(name, to): reason for name, reason in flaws.items()}
    return flaws or {n if n in DATES else "category": r for n, r in judge.date_flaws(judge.Standing(to, **dates), day).items()}


def _shown(name: str, to: str) -> str:
    """The column in which a flaw of a step is said."""
    return STEP_DATE.get(to, "category") if name == "on" else SHOWN.get(name, "category")


def term(given: Given, row: Organisation, before: Mapping[str, Any], work: Work) -> None:
    """Errors where the running term could not be put right so."""
    said = {n: given.values[n] for n in ("term_started_on", "extended_to") if n in given.values}
    started_on = said.get("term_started_on", before["term_started_on"])
    if not said or started_on is None:
        return
    extended_to = None if "extended_to" in given.cleared else said.get("extended_to", before["extended_to"])
    earlier = Term.everything.filter(organisation=row).exclude(ended_on=None).order_by("-started_on").first()
    refusals = terms.correct(
        started_on=started_on, before=earlier.started_on if earlier else None, extended_to=extended_to, today=work.day)
    if refusals:
        given.error(next(iter(said)), "".join(refusals))


def change(given: Given, row: Organisation, above: Spot | None, differs: set[str], work: Work) -> None:
    """What renaming, setting up anew or moving would refuse, else what it brings; as things stand, which earlier rows may change."""
    earlier, work.shared["restructured"] = work.shared.get("restructured", False), True
    for name, order in _orders(given, row, above, differs, work.day).items():
        told = structure.preview(work.actor, order)
        if told.refusals and earlier:
            given.doubt(name, "warning", UNSETTLED + "".join(told.refusals), UNSETTLED_REMEDY)
        elif told.refusals:
            given.error(name, "".join(told.refusals))
        else:
            given.doubt(name, "note", "".join(told.lines), "生效日期以确认导入时填写的为准。")


def _orders(given: Given, row: Organisation, above: Spot | None, differs: set[str], day: date) -> dict[str, Order]:
    """The acts that committing the row would do, by the field at which they are told; `day`: where the confirmation names no other."""
    found = {}
    kind, form, name = (given.get(n) or getattr(row, n) for n in ("kind", "form", "name"))
    if differs & {"kind", "form"}:
        told = name if "name" in differs else ""
        found["kind" if "kind" in differs else "form"] = Order("rekind", day, "—", (row.pk,), name=told, org_kind=kind, form=form)
    elif "name" in differs:
        found["name"] = Order("rename", day, "—", (row.pk,), name=name)
    if "parent_id" in differs and above is not None and above.pk is not None:
        found["parent_id"] = Order("move", day, "—", (row.pk,), target=above.pk)
    return found
