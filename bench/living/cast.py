"""Who looks at the pages: people of the invented group found by the posts they hold."""

from dataclasses import dataclass

from zaidao.accounts.models import User
from zaidao.organisations.models import Appointment, Organisation, Person


@dataclass(frozen=True)
class Cast:
    """Accounts by part, and the organisations and people whose pages they open."""

    users: dict[str, User]
    root: Organisation
    division: Organisation
    company: Organisation
    branch: Organisation
    person: Person  # a full member of the branch, neither its secretary nor the member who looks


def cast() -> Cast:
    """The head and the office of the group, the secretary of a division, of a branch below it, and a member of that branch."""
    rows = Organisation.everything.filter(dissolved_on=None)
    root = rows.get(links__parent=None, links__until=None)
    division = rows.filter(links__parent=root, links__until=None).order_by("path")[1]
    company = rows.filter(links__parent=division, links__until=None).order_by("path")[3]
    branch = rows.filter(links__parent=company, links__until=None, kind="branch").order_by("path")[2]
    users = {
        "head": _in_office(root, "书记"), "office": _in_office(root, "党务干事"), "superior": _in_office(division, "书记"),
        "secretary": _in_office(branch, "书记"),
    }
    posts = Appointment.everything.filter(until=None).values("person")
    others = Person.everything.filter(organisation=branch, category="full").exclude(pk__in=posts).order_by("pk")
    users["member"] = _account(others[0])
    users["auditor"], users["keeper"] = (User.objects.get(work_no=f"admin-{duty}") for duty in ("audit", "system"))
    return Cast(users, root, division, company, branch, others[1])


def _in_office(organisation: Organisation, title: str) -> User:
    held = Appointment.everything.select_related("person").filter(post__organisation=organisation, post__title=title, until=None)
    return _account(held.order_by("pk")[0].person)


def _account(person: Person) -> User:
    """The person's account, opened where there is none."""
    if person.user is None:
        person.user = User.objects.create(work_no=person.code, name=person.name, password="!")
        person.save(update_fields=["user"])
    return person.user
