"""Posts, who holds them, and hand-overs. Each says how many queries it takes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, Q

from zaidao.engine import structure
from zaidao.organisations import access
from zaidao.organisations.models import Appointment, HandOver, Organisation, Person, Post


@dataclass(frozen=True)
class Filled:
    """A post with those in it on a day, those who come later, and how many seats are free."""

    post: Post
    holders: list[Appointment] = field(default_factory=list)
    coming: list[Appointment] = field(default_factory=list)

    @property
    def free(self) -> int:
        return max(self.post.seats - len(self.holders), 0)


def in_office(day: date, prefix: str = "") -> Q:
    """Appointments that hold on the day. `prefix`: the way to them, such as `appointments__`."""
    since, until = f"{prefix}since", f"{prefix}until"
    return (Q(**{since: None}) | Q(**{f"{since}__lte": day})) & (Q(**{until: None}) | Q(**{f"{until}__gt": day}))


def appointments_in(organisation: Organisation) -> list[Appointment]:
    """Everybody who was, is or will be in a post of the organisation, with their hand-over lists, the earliest first. One query."""
    rows = Appointment.objects.filter(post__organisation=organisation).select_related("person", "post", "hand_over__receiver")
    return list(rows.order_by(F("since").asc(nulls_first=True), "pk"))


def posts_of(organisation: Organisation, day: date, held: Iterable[Appointment] | None = None) -> list[Filled]:
    """The organisation's standing posts with their holders. Two queries, one where `held` (`appointments_in`) is at hand."""
    standing = Q(until=None) | Q(until__gt=day)
    posts = list(Post.objects.filter(standing, organisation=organisation).select_related("organisation").order_by("domain", "title"))
    filled = {post.pk: Filled(post) for post in posts}
    for row in appointments_in(organisation) if held is None else held:
        place = filled.get(row.post_id)
        if place is not None and (row.until is None or row.until > day):
            (place.coming if row.since and row.since > day else place.holders).append(row)
    return sorted(filled.values(), key=lambda f: rank(f.post))


ORDER = ("书记", "组织", "宣传", "纪", "委员")  # what titles say, in the order in which they are named


def rank(post: Post) -> tuple[int, int, str]:
    """Order of posts on pages: Party posts first, secretary, deputies, members, others."""
    marks = [structure.role(post.title) == structure.SECRETARY, *(word in post.title for word in ORDER)]
    return (("party", "", "administrative", "mass").index(post.domain), marks.index(True) if any(marks) else len(marks), post.title)


def abolished(organisation: Organisation, day: date) -> list[Post]:
    """Posts that no longer stand. One query."""
    return list(Post.objects.filter(organisation=organisation, until__lte=day).order_by("-until", "title"))


def history(post: Post) -> list[Appointment]:
    """All appointments to a post, newest first; those registered by mistake are left out. One query."""
    rows = Appointment.objects.filter(post=post).exclude(until=F("since")).select_related("person")
    return list(rows.order_by(F("since").desc(nulls_last=True), "-pk"))


def career(person: Person, *, own: bool) -> list[Appointment]:
    """The posts that somebody holds and held, newest first: those the active scope shows, or all where it is one's own page. One query."""
    rows: Any = Appointment.everything if own else Appointment.objects
    found = rows.filter(person=person).exclude(until=F("since")).select_related("post__organisation")
    return list(found.order_by(F("until").desc(nulls_first=True), F("since").desc(nulls_last=True), "-pk"))


OPEN = Q(given_at=None) | Q(received_at=None)
WITH = ("appointment__post__organisation", "appointment__person", "receiver")


def open_hand_overs(organisation: Organisation) -> list[HandOver]:
    """Lists of the organisation that wait for somebody. One query."""
    return list(HandOver.objects.filter(OPEN, appointment__post__organisation=organisation).select_related(*WITH).order_by("pk"))


def open_among(held: Iterable[Appointment], organisation: Organisation) -> list[HandOver]:
    """The same from `appointments_in`. No query."""
    lists = [row.hand_over for row in held if hasattr(row, "hand_over") and row.hand_over.is_open]
    for each in lists:
        each.appointment.post.organisation = organisation
    return sorted(lists, key=lambda each: each.pk)


def hand_overs_in_reach() -> Any:
    """Open lists where the active scope may see to them, in the tree's order: a queryset."""
    rows = HandOver.objects.within(access.HAND_OVER).filter(OPEN).select_related(*WITH)
    return rows.order_by("appointment__post__organisation__path", "pk")


def own_hand_overs(user: Any) -> list[HandOver]:
    """Open lists that wait for this very person, wherever they are; also after leaving office. One query."""
    own = getattr(user, "person", None)
    if own is None:
        return []
    waiting = Q(appointment__person=own, given_at=None) | Q(receiver=own, received_at=None)
    return list(HandOver.everything.filter(waiting).select_related(*WITH).order_by("pk"))


def hand_over_for(user: Any, pk: int) -> HandOver | None:
    """A list, where the user is one of its two sides or may see to it there; None where it is not theirs to see. At most three queries."""
    own = getattr(user, "person", None)
    found = None
    if own is not None:
        found = HandOver.everything.filter(Q(appointment__person=own) | Q(receiver=own), pk=pk).select_related(*WITH).first()
    return found or HandOver.objects.within(access.HAND_OVER).filter(pk=pk).select_related(*WITH).first()


def receivers(found: HandOver, day: date) -> list[Person]:
    """Who may receive a list: those in office in its organisation, and whoever is named on it. One query; for the list's own page."""
    rows = Appointment.everything.filter(in_office(day), post__organisation=found.appointment.post.organisation)
    people = {row.person_id: row.person for row in rows.select_related("person").order_by("pk")}
    if found.receiver is not None:
        people.setdefault(found.receiver.pk, found.receiver)
    return list(people.values())


MOST = 200  # people offered while somebody types


def eligible(organisation: Organisation) -> list[Person]:
    """Full members of the organisation and below it, to choose from while typing. One query."""
    rows = Person.objects.filter(category="full").under(organisation.path).order_by("organisation__path", "code")
    return list(rows.select_related("organisation")[:MOST])


def people_named(text: str) -> list[Person]:
    """Whom a code or a name stands for in the active scope: the code first, at most ten of a name. At most two queries."""
    rows = Person.objects.select_related("organisation")
    return list(rows.filter(code=text.strip())[:1]) or list(rows.filter(name=text.strip()).order_by("code")[:10])
