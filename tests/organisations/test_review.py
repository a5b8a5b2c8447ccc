"""What a review found that somebody with a small post could have done to others, each kept from coming back."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.organisations.books import commit, imported, outcomes, plan_of, undo
from tests.organisations.test_import import man, org, post
from tests.world import signed_in
from zaidao.accounts.models import AdminDuty, Code, Delegation
from zaidao.core.errors import Refused
from zaidao.core.models import Entry
from zaidao.organisations.actions import account, appointments, objections, standing
from zaidao.organisations.actions.doubts import Unconfirmed
from zaidao.organisations.imports import base
from zaidao.organisations.models import Appointment, Membership, Person, Post, Transfer

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def test_a_branch_does_not_take_a_superiors_secretary_out_of_office() -> None:
    """Leaders are on a branch's roster: whoever keeps it cannot end their posts by taking them off."""
    made = world.build()
    leader = made.people["at_branch"]
    seat = world.appoint(leader, made.orgs["other"], "副书记")
    with pytest.raises(Refused, match="管理范围以外") as told:
        standing.leave(actor=made.users["secretary"], person=leader, on=TODAY, why="deceased")
    assert made.orgs["other"].name not in str(told.value)
    seat.refresh_from_db()
    assert seat.until is None
    standing.leave(actor=made.users["head"], person=leader, on=TODAY, why="deceased")
    seat.refresh_from_db()
    assert seat.until == TODAY


def test_no_account_is_opened_for_somebody_still_in_office_above() -> None:
    """An end that is set for a later day leaves the rights until then."""
    made = world.build()
    held = world.appoint(made.people["at_branch"], made.orgs["group"], "副书记")
    Appointment.everything.filter(pk=held.pk).update(until=TODAY + timedelta(days=30))
    with pytest.raises(Refused, match="其他组织任职"):
        account.open_account(actor=made.users["secretary"], person=made.people["at_branch"])


@pytest.mark.parametrize("more", ["duty", "delegation"])
def test_no_code_for_an_account_that_may_do_more_than_its_person(more: str) -> None:
    """An administrator who has not begun yet, linked to somebody of the same name on one's own roster, gets no code there."""
    made = world.build()
    keeper, secretary = made.users["nobody"], made.users["secretary"]
    if more == "duty":
        AdminDuty.objects.create(user=keeper, duty="security")
    else:
        Delegation.objects.create(giver=made.users["head"], taker=keeper, since=TODAY + timedelta(days=1), until=TODAY + timedelta(days=9))
    namesake = world.person("X-1", keeper.name, made.orgs["branch"])
    account.link(actor=secretary, person=namesake, work_no=keeper.work_no)
    with pytest.raises(Refused, match="系统管理员"):
        account.open_account(actor=secretary, person=namesake)
    assert not Code.objects.exists()


def test_doubts_do_not_name_organisations_out_of_sight() -> None:
    made = world.build()
    somebody = Person.everything.get(pk=made.people["at_branch"].pk)
    held = world.appoint(somebody, made.orgs["quay"], "纪检委员")
    Appointment.everything.filter(pk=held.pk).update(full_time="yes")
    seat = Post.everything.create(organisation=made.orgs["branch"], title="宣传委员", domain="party")
    told = {}
    for key in ("secretary", "head"):
        with pytest.raises(Unconfirmed) as doubt:
            appointments.appoint(actor=made.users[key], post=seat, person=somebody, since=date(2026, 11, 1))
        told[key] = str(doubt.value)
    assert made.orgs["quay"].name not in told["secretary"]
    assert made.orgs["quay"].name in told["head"]


def _stands_in(made: world.World, giver: str, taker: str) -> None:
    Delegation.objects.create(giver=made.users[giver], taker=made.users[taker], since=TODAY, until=TODAY + timedelta(days=9))


def test_an_export_says_for_whom_it_was_taken() -> None:
    made = world.build()
    _stands_in(made, "secretary", "nobody")
    told = {"tables": ["person"], "shape": "csv-person", "state": ""}
    assert signed_in(made.users["nobody"]).post("/organisations/export/", told).status_code == 200
    entry = Entry.objects.get(verb="organisations.export")
    assert (entry.actor, entry.on_behalf_of) == (made.users["nobody"].pk, made.users["secretary"].pk)


def test_members_read_who_held_a_post_and_not_why_they_left() -> None:
    made = world.build()
    held = Appointment.everything.get(person=made.people["secretary"])
    Appointment.everything.filter(pk=held.pk).update(until=TODAY - timedelta(days=1), end_reason="开除或除名", basis="党委〔2026〕3号")
    page = f"/organisations/posts/{held.post_id}/"
    for key, sees in (("member", False), ("superior", True)):
        told = signed_in(made.users[key]).get(page).content.decode()
        assert made.people["secretary"].name in told
        assert ("开除或除名" in told, "党委〔2026〕3号" in told) == (sees, sees), key


def _gone_to_quay(made: world.World) -> Person:
    """Somebody who was of the branch and is of another committee's branch now."""
    person = made.people["at_branch"]
    Membership.everything.filter(person=person).update(until=date(2026, 6, 1), end_reason="组织关系转出")
    Membership.everything.create(person=person, organisation=made.orgs["quay"], since=date(2026, 6, 1))
    Person.everything.filter(pk=person.pk).update(organisation=made.orgs["quay"])
    return person


def test_what_becomes_of_somebody_elsewhere_is_not_told_where_they_were() -> None:
    made = world.build()
    person = _gone_to_quay(made)
    row = Transfer.everything.create(
        person=person, sender=made.orgs["branch"], receiver=made.orgs["quay"], issued_on=date(2026, 5, 20), valid_until=date(2026, 8, 1),
        state="received", settled_on=date(2026, 6, 1),
    )
    for key, sees in (("secretary", False), ("head", True)):
        client = signed_in(made.users[key])
        page = client.get(f"/organisations/transfers/{row.pk}/").content.decode()
        assert person.name in page
        assert ("人员类别" in page) == sees
        left = client.get("/organisations/people/?state=left&category=full").content.decode()
        assert (person.code in left) == sees, key
        assert person.code in client.get("/organisations/people/?state=left").content.decode()


def test_nobody_has_their_own_request_answered_by_their_stand_in() -> None:
    made = world.build()
    _stands_in(made, "secretary", "nobody")
    asked = objections.ask(actor=made.users["secretary"], field="name", text="名字有误")
    with pytest.raises(Refused, match="上级"):
        objections.answer(actor=made.users["nobody"], objection=asked, outcome="kept", text="无误")
    assert objections.answer(actor=made.users["superior"], objection=asked, outcome="kept", text="无误").outcome == "kept"


def test_a_huge_cell_is_refused_where_it_stands() -> None:
    """Names of megabytes would lie on the pages of everybody above."""
    made = world.build()
    plan = imported(
        made.users["head"], organisation=[org("N-1", "O-group", kind="党委", unit="长" * 5000)],
        person=[man("N1", "O-branch", name="长" * 5000), man("N2", "O-branch", occupation="长" * 81), man("N" * 41, "O-branch")],
        appointment=[post("P-branch", "O-branch", "长" * 61)],
    )
    assert outcomes(plan) == ["refused"] * 5
    assert "最多 60 个字" in str(plan.rows.get(key="N1").fields["name"]["reason"])


def _demoted(made: world.World, key: str, where: str) -> None:
    """Somebody who looks after one branch now, and no more."""
    Appointment.everything.filter(person=made.people[key]).update(until=TODAY)
    world.appoint(made.people[key], made.orgs[where], "副书记")


def test_an_import_is_taken_back_by_rights_of_now_on_both_sides() -> None:
    """A person goes back into, and an organisation under, only what the importer still decides about."""
    made = world.build()
    plan = commit(plan_of(
        made.users["superior"], organisation=[{"org_id": "O-sibling", "name": "新名"}],
        person=[man("P-branch", "O-sibling", name=made.people["at_branch"].name, moved_in_on="2026-06-01")],
    ), document_no="文〔2026〕1号", effective_on="2026-06-01")
    assert outcomes(plan) == ["applied", "applied"]
    _demoted(made, "superior", "sibling")
    undo(plan)
    assert {r.reason for r in plan.rows.all()} == {base.NOT_UNDONE_HERE}
    assert Person.everything.get(code="P-branch").organisation == made.orgs["sibling"]
    made.orgs["sibling"].refresh_from_db()
    assert made.orgs["sibling"].name == "新名"
