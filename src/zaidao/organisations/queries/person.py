"""One person's page: what is kept, where they belonged, what is due. For people whom the caller may see."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, QuerySet, Value

from zaidao.organisations.decisions import dates as judge
from zaidao.organisations.decisions.dates import Clocks, Due
from zaidao.organisations.models import Absence, Appointment, Membership, Objection, Person, Reading, Step, Transfer
from zaidao.organisations.queries.dates import CONTACTED

PLAIN = ("code", "gender", "ethnicity", "born_on", "education", "occupation")
BELONGING = {
    "activist": ("activist_since",), "candidate": ("activist_since",), "probationary": ("joined_on",), "full": ("joined_on", "full_since"),
}
DATED = ("activist_since", "reviewed_on", "joined_on", "full_since", "extended_to")


def _labelled(person: Person, names: tuple[str, ...]) -> list[tuple[str, Any]]:
    labels = {f.name: str(f.verbose_name) for f in person._meta.concrete_fields}
    return [(labels[n], getattr(person, n)) for n in names]


def facts(person: Person) -> list[tuple[str, Any]]:
    """Name of the fact, value; the sensitive ones are not among them."""
    where = person.organisation.name if person.organisation else None
    return [("所在组织", where), ("人员类别", person.get_category_display()), *_labelled(person, PLAIN), *standing(person)]


def standing(person: Person) -> list[tuple[str, Any]]:
    """The dates that bear on the category; those that are unknown only where they belong to it."""
    told = zip(DATED, _labelled(person, DATED), strict=True)
    return [(label, value) for name, (label, value) in told if value is not None or name in BELONGING.get(person.category, ())]


def noted_today(reader: Any, day: date) -> QuerySet[Person]:
    """People in scope, each with `noted`: whether this reader has opened the page today already, and `objected`: whether there are
    requests for correction at all."""
    earlier = Reading.everything.filter(reader=reader.pk, person=OuterRef("pk"), day=day)
    asked = Objection.everything.filter(person=OuterRef("pk"))
    return Person.objects.annotate(noted=Exists(earlier), objected=Exists(asked))  # type: ignore[no-any-return]


def belongings(person: Person) -> dict[str, Any]:
    """Where they belonged, steps, absences, transfers, requests for correction. Four queries."""
    steps, objections = _steps_and_objections(person)
    return {
        "memberships": list(Membership.everything.filter(person=person).select_related("organisation").order_by(
            F("until").desc(nulls_first=True), F("since").desc(nulls_last=True))),
        "steps": steps,
        "absences": list(Absence.everything.filter(person=person).order_by("-since", "-pk")),
        "transfers": list(Transfer.everything.filter(person=person).select_related("sender", "receiver").order_by("-issued_on", "-pk")),
        "objections": objections,
    }


def _steps_and_objections(person: Person) -> tuple[list[Step], list[Objection]]:
    """Both by one query: two short lists that the page shows one above the other, the newest first."""
    steps, asked = Step.everything.filter(person=person).order_by(), Objection.everything.filter(person=person).order_by()
    if not getattr(person, "objected", True):  # known from `noted_today`
        return list(steps.order_by("-on", "-pk")), []
    of_steps = ("pk", "made_at", "made_at", "on", "before", "after", "reason", "basis")
    of_asked = ("pk", "created_at", "answered_at", "due_on", "field", "outcome", "text", "answer")
    rows = list(_columns(asked, 1, of_asked).union(_columns(steps, 0, of_steps), all=True))
    return (
        sorted((_made(Step, of_steps, row) for is_asked, *row in rows if not is_asked), key=lambda s: (s.on, s.pk), reverse=True),
        sorted((_made(Objection, of_asked, row) for is_asked, *row in rows if is_asked), key=lambda o: o.pk, reverse=True),
    )


def _columns(rows: Any, is_asked: int, names: Sequence[str]) -> Any:
    shaped = {f"c{at}": F(name) for at, name in enumerate(names)}
    return rows.annotate(c=Value(is_asked, output_field=IntegerField()), **shaped).values_list("c", *shaped)


def _made(model: Any, names: Sequence[str], row: Sequence[Any]) -> Any:
    return model(**dict(zip(names, row, strict=True)))


def in_office(person: Person) -> QuerySet[Appointment]:
    return Appointment.everything.filter(person=person, until=None).select_related("post__organisation").order_by("pk")


def dues(person: Person, absences: Collection[Absence], day: date, told: Callable[[], Clocks]) -> list[Due]:
    """What is due about one person, near or over. `told` gives the clocks, and is asked only where something may be due."""
    if person.category not in ("probationary", "activist") and not absences:
        return []
    clocks = told()
    found: list[tuple[str, date | None, int]] = []
    if person.category == "probationary":
        found.append((judge.PROBATION, judge.probation_ends(person.joined_on, person.extended_to, clocks), person.pk))
    if person.category == "activist":
        found.append((judge.REVIEW, judge.next_review(person.activist_since, person.reviewed_on, clocks), person.pk))
    for away in absences:
        if away.kind not in CONTACTED or not (away.since <= day and (away.until is None or day < away.until)):
            continue
        on = judge.next_contact(away.since, away.last_contact_on, away.contact_every_months, away.kind, clocks)
        found.append((judge.CONTACT, on, away.pk))
    where = person.organisation.name if person.organisation else ""
    return [
        Due(kind, on, subject, person.pk, person.name, where, (on - day).days if on else None,
            judge.stage(on, day, clocks) if kind == judge.PROBATION else None)
        for kind, on, subject in found if judge.is_due(kind, on, day, clocks)
    ]
