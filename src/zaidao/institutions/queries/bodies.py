"""Organisations as the laying out of duties sees them. Six queries for any number, seven with groups among them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Min

from zaidao.core.scope import numbers
from zaidao.engine.catalogue import Catalogue
from zaidao.institutions.decisions.laying import Body, Spell
from zaidao.institutions.models import Record
from zaidao.organisations.queries import bound
from zaidao.organisations.queries.bound import Bound

FULL_FROM = "branch.committee_required_from"
FullSpell = tuple[date | None, date | None, date | None]


@dataclass(frozen=True)
class Placed:
    """An organisation with what bears on its duties. `above`: its own number first, then its superiors', as text."""

    bound: Bound
    body: Body
    above: tuple[str, ...]


@dataclass(frozen=True)
class _Read:
    """What was read of all of them, by number; `groups` by path."""

    groups: Mapping[str, Sequence[Bound]]
    seats: Mapping[int, Sequence[bound.Seat]]
    posts_since: Mapping[int, date]
    full: Mapping[int, Sequence[FullSpell]]
    files: Mapping[int, frozenset[str]]
    held_since: Mapping[int, date]
    posts_known: bool
    people_known: bool

    def began(self, org: Bound) -> date:
        """The founding day; without one, the first start of a term, a post or a record."""
        signs = (org.term_started_on, self.posts_since.get(org.pk), self.held_since.get(org.pk))
        return org.established_on or min((day for day in signs if day), default=date.min)


def placed(organisations: Collection[int], today: date, known: Catalogue) -> list[Placed]:
    """These organisations, in the tree's order."""
    found = bound.organisations(organisations)
    read = _read(found)
    return [_one(org, read, today, known) for org in found]


def _read(found: Sequence[Bound]) -> _Read:
    groups = bound.groups_of({org.path for org in found if org.kind != "group"})
    branches = {numbers(org.path)[-2] for org in found if org.kind == "group" and org.superior}
    mine = {org.pk for org in found} | {group.pk for below in groups.values() for group in below}
    seats, posts_since = bound.seats(mine)
    files, held_since = _records(mine | branches)
    posts, people = bool(posts_since or seats) or bound.any_posts(), bound.any_people()
    return _Read(groups, seats, posts_since, bound.full_members(mine), files, held_since, posts, people)


def ledger_begins() -> date | None:
    """The day of the first record on file anywhere; None without any. One query."""
    return Record.everything.filter(withdrawn_at=None).aggregate(first=Min("held_on"))["first"]  # type: ignore[no-any-return]


def _records(organisations: Collection[int]) -> tuple[dict[int, frozenset[str]], dict[int, date]]:
    """Organisation -> subjects that it has records of, and -> the day of its first."""
    files: dict[int, set[str]] = defaultdict(set)
    first: dict[int, date] = {}
    rows = Record.everything.filter(organisation__in=organisations, withdrawn_at=None).order_by()
    for org, subject, day in rows.values_list("organisation", "subject").annotate(first=Min("held_on")):
        files[org].add(subject)
        first[org] = min(day, first.get(org, day))
    return {org: frozenset(subjects) for org, subjects in files.items()}, first


def _one(org: Bound, read: _Read, today: date, known: Catalogue) -> Placed:
    groups = read.groups.get(org.path, ())
    members = [spell for each in (org.pk, *(g.pk for g in groups)) for spell in read.full.get(each, ())]
    superiors = numbers(org.path)[::-1]
    seats = tuple(_seats(org, read.seats.get(org.pk, ()), known)) if read.posts_known else None
    body = Body(
        org.kind, read.began(org), org.dissolved_on or date.max, seats, tuple((read.began(g), g.dissolved_on or date.max) for g in groups),
        tuple(_spell(*spell) for spell in members) if read.people_known else None,
        small=read.people_known and _there(org, members, read, today) < known.rule(FULL_FROM).value,
        files=read.files.get(org.pk, frozenset()),
        branch_files=read.files.get(superiors[1], frozenset()) if len(superiors) > 1 else frozenset(),
    )
    return Placed(org, body, tuple(map(str, superiors)))


def _there(org: Bound, members: Sequence[FullSpell], read: _Read, today: date) -> int:
    """Full members today; those of groups count where the organisation is a branch."""
    counted = members if org.kind == "branch" else read.full.get(org.pk, ())
    return sum((since or date.min) <= today < (until or date.max) for _, since, until in counted)


def _spell(full_since: date | None, moved_in: date | None, moved_out: date | None) -> Spell:
    return max(full_since or date.min, moved_in or date.min), moved_out or date.max


def _seats(org: Bound, held: Iterable[bound.Seat], known: Catalogue) -> Iterable[tuple[int, date, date]]:
    """Committee posts; one that is dated at the start of the term counts as held before: it was registered with the election."""
    near = timedelta(days=known.param("duties.term_start_days"))
    for person, since, until in held:
        at_term = since is not None and org.term_started_on is not None and abs(since - org.term_started_on) <= near
        yield person, date.min if since is None or at_term else since, until or date.max
