"""People whom a meeting's page offers to choose from: those on the roster of an organisation, and who leads it."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Q

from zaidao.accounts.access import SECRETARY
from zaidao.core.scope import after
from zaidao.organisations.decisions import role_of
from zaidao.organisations.models import Appointment, Organisation, Person
from zaidao.organisations.queries.posts import in_office

MOST = 300  # names that one field offers


def roster(organisation: Organisation) -> list[Person]:
    """Members of the organisation (a branch's groups included) in the active scope, by code. Without the sensitive columns. One query."""
    rows = Person.objects.under(organisation.path) if _whole(organisation) else Person.objects.filter(organisation=organisation)
    return list(rows.order_by("code").defer("id_no", "phone")[:MOST])


def rosters(organisations: Collection[Organisation]) -> dict[int, list[Person]]:
    """Number of the organisation -> its roster, of several. One query, none for none."""
    wanted, whose = {each.pk: each for each in organisations}, Q(pk__in=())
    for each in wanted.values():
        whose |= Q(organisation__path__gte=each.path, organisation__path__lt=after(each.path)) if _whole(each) else Q(organisation=each)
    rows = Person.objects.filter(whose).select_related("organisation").order_by("code").defer("id_no", "phone") if wanted else []
    found: dict[int, list[Person]] = {pk: [] for pk in wanted}
    for person, pk in ((person, pk) for person in rows for pk, each in wanted.items() if _on(person, each)):
        found[pk].append(person)
    return {pk: people[:MOST] for pk, people in found.items()}


def _on(person: Any, organisation: Organisation) -> bool:
    below = _whole(organisation) and person.organisation.path.startswith(organisation.path)
    return below or person.organisation_id == organisation.pk


def _whole(organisation: Organisation) -> bool:
    """Whether the people of its groups are on its roster."""
    return organisation.kind == "branch"


def chair(organisation: Any, day: date) -> int | None:
    """The number of the person who leads it on the day, by the post they hold; None where nobody does. One query."""
    held = Appointment.objects.filter(Q(in_office(day)), post__organisation=organisation).order_by("post__title", "pk")
    facts = held.values_list("person_id", "post__title", "post__domain", "post__organisation__kind", "tenure")
    leaders = [(title, person) for person, title, *rest in facts if role_of(title, *rest) == SECRETARY]
    return min(leaders, key=lambda row: (len(row[0]), row[1]))[1] if leaders else None  # 书记 before 副书记
