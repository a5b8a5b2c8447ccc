"""代办: for a term, by one's posts alone, on record for whom, and never passed on."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from tests.world import signed_in
from zaidao.accounts.actions import delegations, users
from zaidao.accounts.decisions import delegations as decide
from zaidao.accounts.models import AdminDuty, Delegation, User
from zaidao.core import access, audit
from zaidao.core.errors import Refused
from zaidao.core.models import Entry

DAY = date(2026, 5, 6)


@pytest.mark.parametrize(("facts", "says"), [
    ({}, ""), ({"oneself": True}, "自己"), ({"has_posts": False}, "岗位"), ({"since": DAY - timedelta(days=1)}, "早于今天"),
    ({"until": DAY}, "晚于"), ({"until": DAY + timedelta(days=90)}, ""), ({"until": DAY + timedelta(days=91)}, "最长 90 天"),
])
def test_whether_it_can_be_handed_over(facts: dict[str, Any], says: str) -> None:
    told = {"since": DAY, "until": DAY + timedelta(days=7), "today": DAY, "most_days": 90, "oneself": False, "has_posts": True} | facts
    reasons = "".join(decide.give(**told))
    assert says in reasons if says else not reasons


@pytest.fixture
def made(db: None) -> world.World:
    return world.build()


def hand_over(made: world.World, giver: str = "secretary", taker: str = "nobody", *, after: int = 0, days: int = 7) -> Delegation:
    today = timezone.localdate()
    who = made.users[taker]
    return delegations.delegate(
        actor=made.users[giver], work_no=who.work_no, name=who.name, since=today + timedelta(days=after),
        until=today + timedelta(days=after + days), reason="密语事由", today=today,
    )


def holder(made: world.World, key: str) -> access.Holder:
    return access.holder(User.objects.get(pk=made.users[key].pk))


def test_the_taker_may_what_the_giver_may_and_it_says_for_whom(made: world.World) -> None:
    branch = made.orgs["branch"].path
    assert not holder(made, "nobody").may("people.edit", branch)
    hand_over(made)
    held = holder(made, "nobody")
    grant = held.grant_for("people.edit", branch)
    assert grant is not None
    assert grant.on_behalf_of == made.users["secretary"].pk
    assert grant.title == "代用户secretary:机关支部书记"
    assert not held.may("people.edit", made.orgs["sibling"].path)
    entry = audit.record(made.users["nobody"], "people.edit", made.users["nobody"], grant=grant)
    assert (entry.actor, entry.on_behalf_of) == (made.users["nobody"].pk, made.users["secretary"].pk)


def test_ones_own_right_goes_first(made: world.World) -> None:
    hand_over(made, "superior", "secretary")
    grant = holder(made, "secretary").grant_for("people.edit", made.orgs["branch"].path)
    assert grant is not None
    assert grant.on_behalf_of is None


@pytest.mark.parametrize(("after", "days", "runs"), [(0, 1, True), (1, 5, False)])
def test_only_within_the_term(made: world.World, after: int, days: int, runs: bool) -> None:
    given = hand_over(made, after=after, days=days)
    assert holder(made, "nobody").may_somewhere("people.edit") is runs
    Delegation.objects.filter(pk=given.pk).update(since=DAY, until=timezone.localdate())
    assert not holder(made, "nobody").may_somewhere("people.edit")


def test_it_is_not_passed_on(made: world.World) -> None:
    hand_over(made, "secretary", "nobody")
    with pytest.raises(Refused, match="没有可以委托的岗位"):
        hand_over(made, "nobody", "member")
    hand_over(made, "sibling_secretary", "secretary")
    hand_over(made, "secretary", "member")
    assert not holder(made, "member").may("people.edit", made.orgs["sibling"].path)
    assert holder(made, "member").may("people.edit", made.orgs["branch"].path)


def test_duties_and_membership_are_nobody_elses(made: world.World) -> None:
    AdminDuty.objects.create(user=made.users["secretary"], duty="system")
    hand_over(made)
    held = holder(made, "nobody")
    assert not held.may("accounts.manage")
    assert {g.role for g in held.grants} == {"secretary"}
    with pytest.raises(Refused, match="没有可以委托的岗位"):
        hand_over(made, "member", "nobody")


@pytest.mark.parametrize(("number", "name"), [("U-nobody", "别的名字"), ("U-member", "用户nobody"), ("不存在", "用户nobody")])
def test_number_and_name_must_both_be_right(made: world.World, number: str, name: str) -> None:
    today = timezone.localdate()
    with pytest.raises(Refused, match=delegations.NOBODY):
        delegations.delegate(
            actor=made.users["secretary"], work_no=number, name=name, since=today, until=today + timedelta(days=1), reason="出差",
            today=today,
        )


@pytest.mark.parametrize("who", ["secretary", "nobody"])
def test_either_side_ends_it_early(made: world.World, who: str) -> None:
    given = hand_over(made)
    client = signed_in(made.users[who])
    assert client.get(f"/me/delegations/{given.pk}/end/").status_code == 200
    client.post(f"/me/delegations/{given.pk}/end/", {"reason": "提前返回"})
    assert not holder(made, "nobody").may_somewhere("people.edit")
    assert Entry.objects.filter(verb="accounts.delegate", actor=made.users[who].pk, reason="提前返回").exists()


@pytest.mark.parametrize("who", ["superior", "head", "member"])
def test_nobody_else_sees_or_ends_it(made: world.World, who: str) -> None:
    given = hand_over(made)
    with pytest.raises(Refused):
        delegations.end_delegation(actor=made.users[who], pk=given.pk)
    client = signed_in(made.users[who])
    answer = client.post(f"/me/delegations/{given.pk}/end/", {"reason": "试试"}, follow=True)
    assert "密语事由" not in answer.content.decode()
    given.refresh_from_db()
    assert given.ended_at is None


def test_a_closed_account_neither_gives_nor_takes(made: world.World) -> None:
    keeper = User.objects.create(work_no="SYS", name="系统", activated_at=timezone.now())
    AdminDuty.objects.create(user=keeper, duty="system")
    hand_over(made)
    User.objects.filter(pk=made.users["secretary"].pk).update(is_active=False)
    assert not holder(made, "nobody").may_somewhere("people.edit")
    User.objects.filter(pk=made.users["secretary"].pk).update(is_active=True)
    users.deactivate(actor=keeper, user_id=made.users["secretary"].pk, reason="调离")
    assert not Delegation.objects.filter(ended_at=None).exists()


def test_the_page_hands_over_and_the_header_says_so(made: world.World) -> None:
    client, today = signed_in(made.users["secretary"]), timezone.localdate()
    told = {"work_no": "U-nobody", "name": "用户nobody", "since": str(today), "until": str(today + timedelta(days=100)), "reason": "出差"}
    assert "最长 90 天" in client.post("/me/delegations/", told).content.decode()
    client.post("/me/delegations/", told | {"until": str(today + timedelta(days=10))})
    assert Delegation.objects.count() == 1
    page = signed_in(made.users["nobody"]).get("/me/").content.decode()
    assert "代用户secretary:机关支部书记" in page
    assert "代办" in page
