"""A small group for tests, and the six persons who look at it.

    集团党委 (group)                      <- head: secretary of the group;  office: its Party-affairs officer
      一公司党委 (company)                 <- superior: secretary of the company
        机关支部 (branch)                  <- secretary; member: a full member there
        车间支部 (sibling)                 <- sibling: its secretary
      二公司党委 (other)
        码头支部 (quay)
    nobody: signed in, on no roster, without any post

Every organisation carries a canary in its name and its people, so that tests can look for what must not be seen.
"""

from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db import transaction
from django.test import Client

from zaidao.accounts.models import User
from zaidao.core.scope import system_scope
from zaidao.organisations import tree
from zaidao.organisations.models import Appointment, Link, Membership, Naming, Organisation, Person, Post, Term

SINCE = date(2020, 1, 1)
TREE = (
    ("group", "集团党委", "committee", None), ("company", "一公司党委", "committee", "group"), ("branch", "机关支部", "branch", "company"),
    ("sibling", "车间支部", "branch", "company"), ("other", "二公司党委", "committee", "group"), ("quay", "码头支部", "branch", "other"),
)
CAST = (
    ("head", "group", "书记"), ("office", "group", "党务干事"), ("superior", "company", "书记"), ("secretary", "branch", "书记"),
    ("sibling_secretary", "sibling", "书记"), ("member", "branch", None), ("nobody", None, None),
)


@dataclass
class World:
    """Organisations, people and users by their names above."""

    orgs: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def canaries(self, *names: str) -> list[str]:
        """What may be read only by those who see these organisations."""
        return [canary(name) for name in names]


def canary(name: str) -> str:
    """The word that gives an organisation's people away."""
    return f"密语{name}"


@transaction.atomic
def build() -> World:
    """Write the world. One call a test; about 40 rows."""
    world = World()
    with system_scope("tests build their world"):
        for key, name, kind, parent in TREE:
            world.orgs[key] = organisation(key, name, kind, world.orgs.get(parent or ""))
        tree.rebuild([o.pk for o in world.orgs.values()])
        for org in world.orgs.values():
            org.refresh_from_db()
        for key, where, title in CAST:
            cast(world, key, where, title)
        for key, org in world.orgs.items():
            world.people[f"at_{key}"] = person(f"P-{key}", f"{canary(key)}", org)
    return world


def signed_in(user: User) -> Client:
    """A client in which this person has signed in."""
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def organisation(key: str, name: str, kind: str, parent: Organisation | None) -> Organisation:
    made = Organisation.everything.create(code=f"O-{key}", name=name, kind=kind, established_on=SINCE, headcount=40)
    Link.everything.create(child=made, parent=parent, since=SINCE)
    Naming.everything.create(organisation=made, name=name, kind=kind, since=SINCE)
    Term.everything.create(organisation=made, started_on=date(2025, 3, 1), years=3)
    return made


def person(code: str, name: str, org: Organisation | None, category: str = "full") -> Person:
    made = Person.everything.create(code=code, name=name, organisation=org, category=category, joined_on=SINCE, full_since=date(2021, 1, 1))
    if org:
        Membership.everything.create(person=made, organisation=org, since=SINCE)
    return made


def appoint(who: Person, org: Organisation, title: str) -> Appointment:
    post, _ = Post.everything.get_or_create(organisation=org, title=title, defaults={"domain": "party"})
    return Appointment.everything.create(post=post, person=who, since=date(2025, 3, 1), full_time="no")


def cast(world: World, key: str, where: str | None, title: str | None) -> None:
    user = world.users[key] = User.objects.create(work_no=f"U-{key}", name=f"用户{key}")
    user.set_unusable_password()
    user.save()
    if where:
        world.people[key] = person(f"C-{key}", f"人员{key}", world.orgs[where])
        world.people[key].user = user
        world.people[key].save()
        if title:
            appoint(world.people[key], world.orgs[where], title)
