"""What a chunk of the sheet 任职 is judged against: the people, posts and appointments of the system and of the file itself."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from zaidao.core import access
from zaidao.core.plans import Given, Work
from zaidao.core.plans.compare import bare
from zaidao.organisations import access as verbs
from zaidao.organisations.decisions.posts import ELSEWHERE, Held, Seat, Somebody, Span
from zaidao.organisations.imports.base import Spot, key, places
from zaidao.organisations.models import Appointment, Membership, Person, Post

Line = tuple[Span, str]  # when, and the place in the tree as a text


@dataclass
class Known:
    """The person of a row: number (None: registered by this import), category, when full member, and where they belonged when."""

    pk: int | None
    category: str
    full_since: date | None
    lines: list[Line]

    def somebody(self, spot: Spot) -> Somebody:
        inside = tuple(span for span, line in self.lines if line.startswith(spot.line))
        return Somebody(self.category, self.full_since, tuple(span for span, _ in self.lines), inside)


@dataclass
class Scene:
    """`held`: every appointment of the rows' people and organisations, by number; `of_person`, `of_place`: the same, sorted out."""

    actor: Any
    people: dict[str, Known]
    posts: dict[tuple[int, str], Post]
    held: dict[int, Appointment]
    of_person: dict[int, list[Appointment]] = field(default_factory=lambda: defaultdict(list))
    of_place: dict[int, list[Appointment]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, rows: Sequence[Given], work: Work) -> "Scene":
        """Four queries for any number of rows."""
        codes = {str(g.get("person_id")) for g in rows if g.get("person_id")}
        people = {key(p.code): p for p in Person.everything.filter(code__in=codes)}
        numbers = [p.pk for p in people.values()]
        at = {s.pk for g in rows if (s := places(work).find(g.get("org_id"))) and s.pk}
        set_up = Post.everything.filter(organisation__in=at).select_related("organisation")
        related = Appointment.everything.select_related("post__organisation", "person__user")
        held = {a.pk: a for rows_of in (related.filter(post__organisation__in=at), related.filter(person__in=numbers)) for a in rows_of}
        scene = cls(work.actor, _known(people, _belonged(numbers), work), {(p.organisation_id, bare(p.title)): p for p in set_up}, held)
        for a in held.values():
            if a.post.organisation_id in at:  # who holds a post here is seen here, wherever they belong
                scene.people.setdefault(key(a.person.code), Known(a.person_id, a.person.category, a.person.full_since, []))
            scene.of_person[a.person_id].append(a)
            scene.of_place[a.post.organisation_id].append(a)
        return scene

    def match(self, given: Given, spot: Spot | None, who: Known | None) -> Appointment | None:
        """The appointment that the row speaks of: of the same first day, else the one in office, else the only one."""
        if spot is None or spot.pk is None or who is None or who.pk is None:
            return None
        own = [a for a in self.of_person[who.pk] if a.post.organisation_id == spot.pk and bare(a.post.title) == bare(given.get("post"))]
        since, until = given.get("since"), given.get("until")
        same = [a for a in own if a.since == since]
        if same or since is None:
            return _nearest(same or own, until)
        running = [a for a in own if a.until is None]
        return running[0] if running and (until is None or running[0].since is None) else None

    def seat(self, given: Given, spot: Spot, seats: int) -> Seat:
        """The post, or the one that will be set up with as many seats as the file fills."""
        post = self.posts.get((spot.pk or 0, bare(given.get("post"))))
        if post is None:
            return Seat(given.get("post"), given.get("domain") or "", seats, Span(None, None))
        span, ended = Span(post.since, post.until), post.organisation.dissolved_on
        return Seat(post.title, given.get("domain") or post.domain, post.seats, span, ended)

    def others(self, given: Given, spot: Spot, who: Known, work: Work) -> list[Held]:
        """What is held besides, of the same organisation or person, but for what rows of the file revise; places outside the actor's
        scope stay unnamed."""
        rows = {a.pk: a for a in (*self.of_place.get(spot.pk or 0, ()), *self.of_person.get(who.pk or 0, ()))}
        return [self._held(a, given, spot, who) for a in rows.values() if a.pk not in work.shared["revised"]]

    def _held(self, a: Appointment, given: Given, spot: Spot, who: Known) -> Held:
        organisation, same = a.post.organisation, a.post.organisation_id == spot.pk
        one_post = same and bare(a.post.title) == bare(given.get("post"))
        where = organisation.name if access.holder(self.actor).may(verbs.VIEW, organisation.path) else ELSEWHERE
        return Held(
            Span(a.since, a.until), a.post.title, a.post.domain, one_post, same, a.person_id == who.pk, a.tenure, a.full_time, where,
        )

    def ask(self, given: Given, spot: Spot, work: Work) -> None:
        """Let later rows of the file see this one."""
        for mark in (("at", spot.code), ("by", key(given.get("person_id")))):
            work.shared["asked"][mark].append((given, spot))

    def asked(self, given: Given, spot: Spot, work: Work) -> list[Held]:
        """What earlier rows of the file ask for, of the same organisation or person."""
        asked, code = work.shared["asked"], key(given.get("person_id"))
        rows = {id(other): (other, place) for mark in (("at", spot.code), ("by", code)) for other, place in asked.get(mark, ())}
        return [
            Held(
                Span(o.get("since"), o.get("until")), o.get("post"), o.get("domain") or "",
                place.code == spot.code and o.get("post") == given.get("post"), place.code == spot.code, key(o.get("person_id")) == code,
                o.get("tenure") or "", o.get("full_time") or "", place.name,
            ) for o, place in rows.values()
        ]


def _belonged(numbers: Sequence[int]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = defaultdict(list)
    rows = Membership.everything.filter(person__in=numbers)
    for person, since, until, path in rows.values_list("person_id", "since", "until", "organisation__path"):
        found[person].append((Span(since, until), path))
    return found


def _known(people: dict[str, Person], belonged: dict[int, list[Line]], work: Work) -> dict[str, Known]:
    """People whom the actor may see anywhere they belonged, as this import leaves them; and those that it registers."""
    holder = access.holder(work.actor)
    found = {
        code: Known(p.pk, p.category, p.full_since, belonged[p.pk]) for code, p in people.items()
        if any(holder.may(verbs.PEOPLE, line) for _, line in belonged[p.pk])
    }
    for code, (given, before, spot) in work.shared.get("people", {}).items():
        held = found.get(code)
        if before is None and code not in people and spot is not None:
            span = Span(given.get("moved_in_on"), given.get("moved_out_on"))
            found[code] = Known(None, given.get("category"), given.get("full_since"), [(span, spot.line)])
        elif held is not None:
            category, full_since = given.get("category") or held.category, given.get("full_since") or held.full_since
            moved = [(Span(given.get("moved_in_on"), None), spot.line)] if spot is not None else []
            found[code] = replace(held, category=category, full_since=full_since, lines=held.lines + moved)
    return found


def _nearest(own: list[Appointment], until: date | None) -> Appointment | None:
    return next((a for a in own if a.until == until), next((a for a in own if a.until is None), own[-1] if own else None))
