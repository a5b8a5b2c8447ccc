"""Who makes up a committee on a day, and people by their numbers, for modules above that have asked who may."""

from collections.abc import Collection
from datetime import date
from typing import Any

from zaidao.engine.structure import is_committee_post
from zaidao.organisations.decisions.expected import Expected
from zaidao.organisations.models import Appointment, Person
from zaidao.organisations.queries.expected import Row
from zaidao.organisations.queries.posts import in_office, rank


def committee_at(organisation: Any, day: date) -> list[Row]:
    """Those in posts of the organisation's Party committee on the day, in the order of the posts, with the post as the reason. In the
    active scope. One query."""
    held = Appointment.objects.filter(in_office(day), post__organisation=organisation, post__domain__in=("party", ""))
    rows = sorted(held.select_related("person", "post").order_by("pk"), key=lambda a: rank(a.post))
    titles: dict[int, list[str]] = {}
    people: dict[int, Person] = {}
    for row in rows:
        if is_committee_post(row.post.title):
            people[row.person_id] = row.person
            titles.setdefault(row.person_id, []).append(row.post.title)
    return [Row(person, Expected(counted=True, votes=True, reason=f"{'、'.join(titles[pk])},计入应到。")) for pk, person in people.items()]


def addresses(people: Collection[int]) -> dict[int, str]:
    """Number of the account -> mail address, of those people who have both and may sign in. Unscoped. One query."""
    rows = Person.everything.filter(pk__in=people, user__is_active=True).exclude(user__email="").order_by("user")
    return dict(rows.values_list("user", "user__email"))


def named(numbers: Collection[int]) -> dict[int, Person]:
    """Number -> person with their organisation. Unscoped. One query."""
    return {p.pk: p for p in Person.everything.select_related("organisation").filter(pk__in=numbers)}
