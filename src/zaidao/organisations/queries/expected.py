"""应到名单: who is expected at a meeting of an organisation on a day, with the reason for each."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from zaidao.core import rulebook
from zaidao.core.scope import after
from zaidao.organisations.decisions.expected import Absent, Expected, PersonFacts, expected
from zaidao.organisations.decisions.posts import Span
from zaidao.organisations.models import Absence, Link, Membership, Organisation, Person, Place, Step, Transfer

ORDER = ("full", "probationary", "candidate", "activist", "employee")


@dataclass(frozen=True)
class Row:
    person: Person
    verdict: Expected


def expected_at(organisation: Organisation, day: date) -> list[Row]:
    """Everyone of the organisation (a branch's groups and all below a 党总支 included) around the day, with the verdict. Five queries,
    six for a 党总支, however many people.

    Without those who are neither members nor on the way to it (群众). In the active scope: empty for whoever may not see the roster.
    """
    known, places = rulebook.on(day), _places(organisation, day)
    people, spans = _people(places, day, known.param("living.expected_near_days"))
    absences, steps, leaving = _absences(people), _steps(people), _leaving(people, places)
    found = []
    for person in people:
        facts = PersonFacts(
            person.category, person.joined_on, person.full_since, tuple(spans[person.pk]), tuple(absences[person.pk]),
            tuple(steps[person.pk]), person.pk in leaving,
        )
        if person.category != "employee" or facts.steps:
            found.append(Row(person, expected(facts, day, known)))
    return sorted(found, key=lambda r: (not r.verdict.counted, not r.verdict.votes, ORDER.index(r.person.category), r.person.code))


def _places(organisation: Organisation, day: date) -> list[int]:
    """The organisation and, for a branch, its groups on the day; for a 党总支, whose meetings are of all its members, everything that
    stood below it. At most two queries."""
    if organisation.kind == "general_branch":
        return _below(organisation, day)
    if organisation.kind != "branch":
        return [organisation.pk]
    groups = Link.objects.filter(Q(until=None) | Q(until__gt=day), parent=organisation, child__kind="group", since__lte=day)
    return [organisation.pk, *groups.values_list("child_id", flat=True)]


def _below(organisation: Organisation, day: date) -> list[int]:
    standing = Place.objects.filter(Q(until=None) | Q(until__gt=day), since__lte=day)
    path = standing.filter(organisation=organisation).values_list("path", flat=True).first()
    if path is None:
        return [organisation.pk]
    return list(standing.filter(path__gte=path, path__lt=after(path)).values_list("organisation_id", flat=True))


def _people(places: list[int], day: date, near: int) -> tuple[list[Person], dict[int, list[Span]]]:
    """Those who belong there, came or left within `near` days of the day. One query."""
    around = timedelta(days=near)
    rows = Membership.objects.filter(Q(until=None) | Q(until__gt=day - around), Q(since=None) | Q(since__lte=day + around),
                                     organisation__in=places)
    people: dict[int, Person] = {}
    spans: dict[int, list[Span]] = defaultdict(list)
    for row in rows.select_related("person").order_by("pk"):
        people[row.person_id] = row.person
        spans[row.person_id].append(Span(row.since, row.until))
    return list(people.values()), spans


# What bears on people who are seen already; they may have moved on since, out of the active scope.
def _absences(people: list[Person]) -> dict[int, list[Absent]]:
    found: dict[int, list[Absent]] = defaultdict(list)
    for row in Absence.everything.filter(person__in=people).order_by("since", "pk"):
        found[row.person_id].append(Absent(row.kind, row.get_kind_display(), Span(row.since, row.until), row.excused))
    return found


def _steps(people: list[Person]) -> dict[int, list[tuple[date, str]]]:
    found: dict[int, list[tuple[date, str]]] = defaultdict(list)
    for person, on, before in Step.everything.filter(person__in=people).order_by("on", "pk").values_list("person_id", "on", "before"):
        found[person].append((on, before))
    return found


def _leaving(people: list[Person], places: list[int]) -> set[int]:
    rows = Transfer.everything.filter(person__in=people, sender__in=places, state="asked")
    return set(rows.values_list("person_id", flat=True))
