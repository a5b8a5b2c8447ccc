"""Taking an import back after the world went on: what no longer has its place stays as it is, with the reason, and stops nothing else."""

from typing import Any

import pytest
from django.utils import timezone

from tests import world
from tests.organisations.books import commit, imported, plan_of, undo
from tests.organisations.roster import id_no
from tests.organisations.test_import import man, org, post
from zaidao.core.plans import Plan
from zaidao.organisations import models as m
from zaidao.organisations.actions import account, appointments, dissolve, people, posts, rename, standing

pytestmark = pytest.mark.django_db
DOCUMENT = "党字〔2026〕9号"


@pytest.fixture
def made() -> world.World:
    return world.build()


def told(plan: Plan) -> dict[str, tuple[str, str]]:
    return {r.key: (r.outcome, r.reason) for r in plan.rows.all()}


def person(code: str) -> Any:
    return m.Person.everything.get(code=code)


def test_a_number_that_somebody_else_has_now(made: world.World) -> None:
    head = made.users["head"]
    imported(head, person=[man("N1", "O-branch", id_no=id_no()), man("N2", "O-branch"), man("N3", "O-branch")])
    plan = imported(head, person=[man("N1", "O-branch", id_no=id_no(serial="113")), man("N3", "O-branch", occupation="改")])
    people.edit(actor=head, person=person("N2"), changes={"id_no": id_no()}, version=None)
    undo(plan)
    assert plan.state == Plan.State.UNDONE
    assert told(plan)["N3"] == ("undone", "")
    assert told(plan)["N1"][0] == "applied"
    assert "已登记" in told(plan)["N1"][1]
    assert (person("N1").id_no, person("N2").id_no) == (id_no(serial="113"), id_no())


def test_an_organisation_that_is_dissolved_takes_nobody_back(made: world.World) -> None:
    head = made.users["head"]
    imported(head, person=[man("N1", "O-sibling", moved_in_on="2024-01-01"),
                           man("E1", "O-sibling", category="群众", moved_in_on="2024-01-01")])
    plan = imported(head, person=[man("N1", "O-branch", moved_in_on="2025-01-01"),
                                  man("E1", "O-sibling", category="群众", moved_in_on="2024-01-01", moved_out_on="2025-01-01")])
    dissolve.dissolve(actor=head, organisation=made.orgs["sibling"].pk, successor=made.orgs["branch"].pk,
                      effective_on=timezone.localdate(), document_no=DOCUMENT)
    undo(plan)
    assert {k: v[0] for k, v in told(plan).items()} == {"N1": "applied", "E1": "applied"}
    assert all("撤销" in v[1] for v in told(plan).values())
    assert person("N1").organisation == made.orgs["branch"]
    assert not m.Membership.everything.filter(organisation=made.orgs["sibling"], until=None).exists()


def test_nothing_goes_back_under_a_superior_that_is_dissolved(made: world.World) -> None:
    head = made.users["head"]
    imported(head, organisation=[org("N-0", "O-group", kind="党委"), org("N-1", "N-0")])
    plan = commit(plan_of(head, organisation=[{"org_id": "N-1", "parent_id": "O-company"}]), document_no=DOCUMENT)
    dissolve.dissolve(actor=head, organisation=m.Organisation.everything.get(code="N-0").pk, successor=made.orgs["group"].pk,
                      effective_on=timezone.localdate(), document_no=DOCUMENT)
    undo(plan)
    assert told(plan)["N-1"][0] == "applied"
    assert m.Organisation.everything.get(code="N-1").path.startswith(made.orgs["company"].path)


def test_a_name_that_another_bears_now_does_not_come_back(made: world.World) -> None:
    head = made.users["head"]
    old = m.Organisation.everything.get(code="O-branch").name
    plan = commit(plan_of(head, organisation=[{"org_id": "O-branch", "name": "改名支部"}]), document_no=DOCUMENT)
    rename.rename(actor=head, organisation=made.orgs["sibling"].pk, name=old, effective_on=timezone.localdate(), document_no=DOCUMENT)
    undo(plan)
    assert told(plan)["O-branch"][0] == "applied"
    assert m.Organisation.everything.get(code="O-branch").name == "改名支部"


def test_a_seat_that_somebody_else_holds_now_is_not_given_back(made: world.World) -> None:
    head = made.users["head"]
    imported(head, person=[man("N1", "O-branch", moved_in_on="2024-01-01")],
             appointment=[post("N1", "O-branch", "组织委员", domain="党务", since="2024-02-01")])
    plan = imported(head, appointment=[post("N1", "O-branch", "组织委员", since="2024-02-01", until="2026-01-01")])
    seat = m.Post.everything.get(organisation=made.orgs["branch"], title="组织委员")
    appointments.appoint(actor=head, post=seat, person=made.people["at_branch"], since=timezone.localdate(), basis="批")
    undo(plan)
    assert [v[0] for v in told(plan).values()] == ["applied"]
    assert m.Appointment.everything.filter(post=seat, until=None).count() == 1


def test_a_post_that_is_abolished_gets_nobody_back(made: world.World) -> None:
    head = made.users["head"]
    imported(head, person=[man("N1", "O-branch", moved_in_on="2024-01-01")],
             appointment=[post("N1", "O-branch", "组织委员", domain="党务", since="2024-02-01")])
    plan = imported(head, appointment=[post("N1", "O-branch", "组织委员", since="2024-02-01", until="2026-01-01")])
    seat = m.Post.everything.get(organisation=made.orgs["branch"], title="组织委员")
    posts.abolish(actor=head, post=seat, on=timezone.localdate(), reason="不再设")
    undo(plan)
    assert [v[0] for v in told(plan).values()] == ["applied"]


def test_somebody_with_an_account_is_not_taken_away(made: world.World) -> None:
    plan = imported(made.users["head"], person=[man("N1", "O-branch")])
    account.open_account(actor=made.users["head"], person=person("N1"))
    undo(plan)
    assert told(plan)["N1"][0] == "applied"
    assert person("N1").user is not None


def test_whoever_was_taken_off_the_roster_since_holds_no_post_again(made: world.World) -> None:
    head = made.users["head"]
    imported(head, person=[man("E1", "O-branch", category="群众", moved_in_on="2024-01-01")],
             appointment=[post("E1", "O-branch", "干事", domain="行政", since="2024-02-01")])
    plan = imported(head, appointment=[post("E1", "O-branch", "干事", since="2024-02-01", until="2026-01-01")])
    standing.leave(actor=head, person=person("E1"), on=timezone.localdate(), why="left_unit")
    undo(plan)
    assert [v[0] for v in told(plan).values()] == ["applied"]
    assert not m.Appointment.everything.filter(person=person("E1"), until=None).exists()


def test_who_ended_and_who_followed_go_back_together(made: world.World) -> None:
    """The seat is free for the one before, since the one after goes with the same import."""
    head = made.users["head"]
    imported(head, person=[man("N1", "O-branch", moved_in_on="2024-01-01"), man("N2", "O-branch", moved_in_on="2024-01-01")],
             appointment=[post("N1", "O-branch", "组织委员", domain="党务", since="2024-02-01")])
    plan = imported(head, appointment=[post("N1", "O-branch", "组织委员", since="2024-02-01", until="2026-01-01"),
                                       post("N2", "O-branch", "组织委员", since="2026-01-01")])
    undo(plan)
    assert [v[0] for v in told(plan).values()] == ["undone"] * 2
    assert m.Appointment.everything.get(post__title="组织委员").person == person("N1")


def test_one_row_that_nobody_foresaw_stops_nothing(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    head = made.users["head"]
    imported(head, person=[man("N1", "O-branch"), man("N2", "O-branch")])
    plan = plan_of(head, person=[man("N1", "O-branch", occupation="甲"), man("N2", "O-branch", occupation="乙")])
    edit = people.edit

    def broken(**told: Any) -> Any:
        return edit(**told) if told["person"].code == "N1" else 1 // 0

    monkeypatch.setattr(people, "edit", broken)
    commit(plan)
    assert plan.state == Plan.State.DONE
    assert {k: v[0] for k, v in told(plan).items()} == {"N1": "applied", "N2": "refused"}
    assert "ZeroDivisionError" in told(plan)["N2"][1]


def test_the_last_manager_is_not_undone(made: world.World) -> None:
    """A second office by the import, the only one since."""
    head = made.users["head"]
    m.Appointment.everything.filter(person=made.people["office"]).delete()
    plan = imported(head, appointment=[post("C-head", "O-group", "党务干事", domain="党务", since="2024-02-01")])
    m.Appointment.everything.filter(person=made.people["head"], post__title="书记").update(until=timezone.localdate())
    undo(plan)
    assert [v[0] for v in told(plan).values()] == ["applied"]
    assert "最后一位" in told(plan)["C-head O-group 党务干事"][1]
    assert m.Appointment.everything.filter(person__user=head, until=None).exists()
