"""What bears on the duties of organisations, for modules above, which have asked who may: plain values, the whole tree. Each one query."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Length

from zaidao.core.scope import WIDTH, Reach, after
from zaidao.core.scope import numbers as split
from zaidao.engine.structure import is_committee_post
from zaidao.organisations.models import Appointment, Membership, Organisation, Person, Place

Seat = tuple[int, date | None, date | None]  # person, since, until


@dataclass(frozen=True)
class Bound:
    """One organisation, standing or dissolved. `term_started_on`: of its last term."""

    pk: int
    code: str
    name: str
    path: str
    kind: str
    established_on: date | None
    dissolved_on: date | None
    term_started_on: date | None

    @property
    def superior(self) -> str:
        """The path above; empty for a root."""
        return self.path[:-WIDTH]


def _rows(where: Q) -> Any:
    return Organisation.everything.filter(where).annotate(term=Max("terms__started_on")).order_by("path").values_list(
        "pk", "code", "name", "path", "kind", "established_on", "dissolved_on", "term")


def organisations(numbers: Collection[int]) -> list[Bound]:
    """These organisations, in the tree's order."""
    return [Bound(*row) for row in _rows(Q(pk__in=numbers))]


def ended(organisations: Collection[int], codes: Collection[str] = ()) -> list[tuple[int, date]]:
    """(number, day of its dissolution) of those among these that have ended."""
    rows: Any = Organisation.everything.filter(Q(pk__in=organisations) | Q(code__in=codes), dissolved_on__isnull=False)
    return list(rows.order_by("path").values_list("pk", "dissolved_on"))


def groups_of(paths: Collection[str]) -> dict[str, list[Bound]]:
    """Path of a superior -> the groups directly below."""
    found: dict[str, list[Bound]] = defaultdict(list)
    if paths:
        first, last = min(paths), max(paths)
        for row in _rows(Q(kind="group", path__gt=first, path__lt=last + ":")):  # ":" comes behind every digit
            group = Bound(*row)
            if group.superior in paths:
                found[group.superior].append(group)
    return found


def places(path: str = "") -> list[tuple[int, str, str, str]]:
    """(number, code, path, kind) of every organisation at or below a path that stands, in the tree's order."""
    rows: Any = Organisation.everything.filter(dissolved_on=None).order_by("path")
    inside = rows.filter(path__gte=path, path__lt=after(path)) if path else rows
    return list(inside.values_list("pk", "code", "path", "kind"))


def numbers(path: str = "") -> list[int]:
    """The numbers of all organisations at or below a path, dissolved ones too, in the tree's order."""
    rows: Any = Organisation.everything.order_by("path")
    inside = rows.filter(path__gte=path, path__lt=after(path)) if path else rows
    return list(inside.values_list("pk", flat=True))


def whole(organisations: Collection[int], codes: Collection[str] = ()) -> list[int]:
    """The numbers of these organisations and of all below them. Two queries."""
    rows: Any = Organisation.everything.filter(Q(pk__in=organisations) | Q(code__in=codes))
    tops: Any = tuple(rows.values_list("path", flat=True))
    inside = Organisation.everything.filter(Reach(frozenset(p for p in tops if p)).q("path")) if any(tops) else rows
    return list(inside.order_by("path").values_list("pk", flat=True))


def roots() -> list[str]:
    """The paths of the organisations at the top that stand."""
    rows: Any = Organisation.everything.filter(dissolved_on=None).annotate(length=Length("path")).filter(length=WIDTH)
    return list(rows.order_by("path").values_list("path", flat=True))


def near(organisation: int) -> list[int]:
    """The number of an organisation and of those whose duties its coming and going bear on: its groups, a group's branch. Two queries."""
    found = Organisation.everything.filter(pk=organisation).values_list("path", "kind").first()
    if found is None or not found[0]:
        return []
    path, kind = found
    here = Q(path__in=(path, path[:-WIDTH])) if kind == "group" else Q(path=path)
    groups = Q(kind="group", path__gt=path, path__lt=after(path)) if kind == "branch" else Q(pk=organisation)
    return list(Organisation.everything.filter(here | groups).order_by("path").values_list("pk", flat=True))


def of_appointment(number: int) -> int | None:
    """The organisation of an appointment; None where it is gone."""
    return Appointment.everything.filter(pk=number).values_list("post__organisation", flat=True).first()


def any_posts() -> bool:
    """Whether anybody's posts are on file at all."""
    return Appointment.everything.exists()


def any_people() -> bool:
    return Person.everything.exists()


def seats(numbers: Collection[int]) -> tuple[dict[int, list[Seat]], dict[int, date]]:
    """Organisation -> its committee posts, and -> the first day on which any post of it was held."""
    held: dict[int, list[Seat]] = defaultdict(list)
    first: dict[int, date] = {}
    rows = Appointment.everything.filter(post__organisation__in=numbers).order_by("pk").values_list(
        "post__organisation", "post__title", "post__domain", "person", "since", "until")
    for org, title, domain, person, since, until in rows:
        if since is not None:
            first[org] = min(since, first.get(org, since))
        if domain in ("party", "") and is_committee_post(title):
            held[org].append((person, since, until))
    return held, first


def full_members(numbers: Collection[int]) -> dict[int, list[tuple[date | None, date | None, date | None]]]:
    """Organisation -> (full since, moved in, moved out) of the full members who belong there, or belonged there last."""
    latest = (F("until").desc(nulls_first=True), F("since").desc(nulls_last=True))
    last = Membership.everything.filter(person=OuterRef("person")).order_by(*latest).values("pk")[:1]
    belonging = Q(until=None) | Q(person__organisation=None, pk=Subquery(last))
    rows = Membership.everything.filter(belonging, organisation__in=numbers, person__category="full").order_by("pk").values_list(
        "organisation", "person__full_since", "since", "until")
    found: dict[int, list[tuple[date | None, date | None, date | None]]] = defaultdict(list)
    for org, *spell in rows:
        found[org].append((spell[0], spell[1], spell[2]))
    return found


def came_under(superior: int, path: str) -> dict[int, date]:
    """Organisation -> since when it stands under the superior, of those below the path that stood elsewhere before. One query."""
    inside = Place.everything.filter(organisation__path__gte=path, organisation__path__lt=after(path), until__isnull=False)
    rows = inside.order_by("organisation", "since").values_list("organisation", "path", "until")
    return {org: until for org, where, until in rows if until and superior not in split(where)}
