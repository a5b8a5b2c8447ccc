"""Who acts for which organisation on a day, for jobs that go through everybody with an account: the same as grants, many at once."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from zaidao.accounts.access import MEMBER
from zaidao.accounts.models import Delegation, User
from zaidao.organisations.decisions import role_of
from zaidao.organisations.models import Appointment
from zaidao.organisations.queries.posts import in_office

AT_ONCE = 500  # people of one round


@dataclass
class Acting:
    """One account that can be signed in to. `roles`: organisation -> the roles held there, by posts, standing in, or as a member."""

    user: int
    email: str
    person: int | None
    roles: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))


def acting(day: date) -> Iterator[list[Acting]]:
    """Everybody with an account, some hundred at a time, in the order of accounts. Unscoped. Three queries a round."""
    rows = User.objects.filter(is_active=True).order_by("pk").values_list("pk", "email", "person__pk", "person__organisation_id")
    last = 0
    while some := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        last = some[-1][0]
        found = {user: Acting(user, email, person) for user, email, person, _ in some}
        for user, _, _, organisation in some:
            if organisation:
                found[user].roles[organisation].add(MEMBER)
        takers = _running(day, found)
        for user, organisation, role in _posts(day, {*found, *(giver for _, giver in takers)}):
            for acts in [user, *(taker for taker, giver in takers if giver == user)]:
                if acts in found:
                    found[acts].roles[organisation].add(role)
        yield list(found.values())


def _running(day: date, users: dict[int, Acting]) -> list[tuple[int, int]]:
    """(taker, giver) of delegations in force. One query."""
    rows = Delegation.objects.filter(since__lte=day, until__gt=day, ended_at=None, giver__is_active=True, taker__in=list(users))
    return list(rows.order_by().values_list("taker_id", "giver_id"))


def _posts(day: date, users: set[int]) -> Iterator[tuple[int, int, str]]:
    """(user, organisation, role) of posts in office. One query."""
    rows = Appointment.everything.filter(in_office(day), Q(post__organisation__dissolved_on=None), person__user__in=users).order_by()
    wanted = ("person__user_id", "post__organisation_id", "post__title", "post__domain", "post__organisation__kind", "tenure")
    for user, organisation, title, domain, kind, tenure in rows.values_list(*wanted):
        role = role_of(title, domain, kind, tenure)
        if role and user:
            yield user, organisation, role
