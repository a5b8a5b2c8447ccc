"""交接清单: when it is made, what stands on it, and who may say that it is done."""

from datetime import date
from typing import Any

import pytest

from tests import world
from zaidao.core import access, scope
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Message
from zaidao.organisations.actions import appointments
from zaidao.organisations.actions import hand_over as actions
from zaidao.organisations.models import Appointment, HandOver, Membership, Person, Post, Transfer
from zaidao.organisations.queries import posts as queries

pytestmark = pytest.mark.django_db
LEFT = date(2026, 6, 1)


@pytest.fixture
def made() -> world.World:
    return world.build()


@pytest.fixture
def waiting(made: world.World) -> HandOver:
    """The branch's secretary has left; nobody follows yet."""
    held = Appointment.everything.get(post__organisation=made.orgs["branch"])
    appointments.end(actor=made.users["superior"], appointment=held, until=LEFT, reason="调离")
    return HandOver.everything.get()


def follow(made: world.World, key: str = "member") -> Appointment:
    post = Post.everything.get(organisation=made.orgs["branch"])
    return appointments.appoint(actor=made.users["superior"], post=post, person=made.people[key], since=LEFT, basis="批复")


def test_the_list_is_filled_with_what_the_post_carries(made: world.World) -> None:
    Transfer.everything.create(person=made.people["member"], sender=made.orgs["branch"], receiver=made.orgs["quay"],
                               issued_on=date(2026, 5, 1), valid_until=date(2026, 8, 1))
    Transfer.everything.create(person=made.people["at_sibling"], sender=made.orgs["sibling"], receiver=made.orgs["branch"],
                               issued_on=date(2026, 5, 2), valid_until=date(2026, 8, 1))
    held = Appointment.everything.get(post__organisation=made.orgs["branch"])
    appointments.end(actor=made.users["superior"], appointment=held, until=LEFT, reason="调离")
    texts = [i["text"] for i in HandOver.everything.get().items]
    assert texts[0] == "党组织印章、文件和档案"
    assert "组织关系转接未办结:人员member转往码头支部(2026年5月1日开出)" in texts
    assert "组织关系转入待接收:密语sibling(2026年5月2日开出)" in texts


def test_upper_modules_add_what_is_carried(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_carried", list(actions._carried))
    actions.carries(lambda held: [f"{held.post.title}的待办:三季度党课"])
    held = Appointment.everything.get(post__organisation=made.orgs["branch"])
    appointments.end(actor=made.users["superior"], appointment=held, until=LEFT, reason="调离")
    assert "书记的待办:三季度党课" in [i["text"] for i in HandOver.everything.get().items]


def test_posts_outside_party_work_have_no_list(made: world.World) -> None:
    post = Post.everything.create(organisation=made.orgs["branch"], title="经理", domain="administrative")
    held = Appointment.everything.create(post=post, person=made.people["member"], since=date(2025, 1, 1))
    appointments.end(actor=made.users["superior"], appointment=held, until=LEFT, reason="调离")
    assert not HandOver.everything.exists()


def test_the_successor_receives(made: world.World, waiting: HandOver) -> None:
    assert waiting.receiver is None
    follow(made)
    waiting.refresh_from_db()
    assert waiting.receiver == made.people["member"]


def test_who_was_appointed_ahead_receives_at_the_end(made: world.World) -> None:
    held = Appointment.everything.get(post__organisation=made.orgs["branch"])
    Appointment.everything.create(post=held.post, person=made.people["member"], since=LEFT)
    appointments.end(actor=made.users["superior"], appointment=held, until=LEFT, reason="调离")
    assert HandOver.everything.get().receiver == made.people["member"]


def test_both_sides_confirm_the_former_holder_without_any_post(made: world.World, waiting: HandOver) -> None:
    follow(made)
    made.users["secretary"].__dict__.pop("_holder", None)
    assert not access.holder(made.users["secretary"]).may("posts.hand_over", made.orgs["branch"].path)
    actions.confirm(actor=made.users["secretary"], hand_over=waiting, side="given")
    waiting.refresh_from_db()
    assert (waiting.given_by, waiting.is_open) == (made.users["secretary"], True)
    assert not Message.objects.filter(topic="organisations.handed_over").exists()
    actions.confirm(actor=made.users["member"], hand_over=waiting, side="received")
    waiting.refresh_from_db()
    assert (waiting.received_by, waiting.is_open) == (made.users["member"], False)
    assert Message.objects.filter(topic="organisations.handed_over", subject=waiting.pk).count() == 1
    with pytest.raises(Refused, match="已经确认过"):
        actions.confirm(actor=made.users["member"], hand_over=waiting, side="received")


def test_the_former_holder_confirms_from_another_organisation(made: world.World, waiting: HandOver) -> None:
    Membership.everything.filter(person=made.people["secretary"]).update(organisation=made.orgs["quay"])
    Person.everything.filter(pk=made.people["secretary"].pk).update(organisation=made.orgs["quay"])
    assert queries.own_hand_overs(made.users["secretary"]) == [waiting]
    with scope.scope(access.Holder(made.users["secretary"])):
        assert queries.hand_over_for(made.users["secretary"], waiting.pk) == waiting
    actions.confirm(actor=made.users["secretary"], hand_over=waiting, side="given")
    assert queries.own_hand_overs(made.users["secretary"]) == []


def test_for_another_only_a_manager_and_with_a_reason(made: world.World, waiting: HandOver) -> None:
    with pytest.raises(Refused, match="代为确认请写明原因"):
        actions.confirm(actor=made.users["superior"], hand_over=waiting, side="given")
    actions.confirm(actor=made.users["superior"], hand_over=waiting, side="given", note="已离开单位,由公司党委核对")
    waiting.refresh_from_db()
    assert (waiting.given_by, waiting.note) == (made.users["superior"], "已离开单位,由公司党委核对")
    assert Entry.objects.filter(object_type="organisations.handover", reason="已离开单位,由公司党委核对").count() == 1


@pytest.mark.parametrize("key", ["sibling_secretary", "member", "nobody"])
@pytest.mark.parametrize("verb", ["confirm", "edit"])
def test_others_say_and_change_nothing(made: world.World, waiting: HandOver, key: str, verb: str) -> None:
    more: dict[str, Any] = {"side": "given", "note": "代"} if verb == "confirm" else {"items": ["印章"], "receiver": None}
    with pytest.raises(access.Denied):
        getattr(actions, verb)(actor=made.users[key], hand_over=waiting, **more)
    with scope.scope(access.holder(made.users[key])):
        assert queries.hand_over_for(made.users[key], waiting.pk) is None
    waiting.refresh_from_db()
    assert waiting.given_at is None


def test_nobody_receives_before_somebody_is_named(made: world.World, waiting: HandOver) -> None:
    with pytest.raises(Refused, match="还没有接收人"):
        actions.confirm(actor=made.users["superior"], hand_over=waiting, side="received", note="代")


def test_another_list_is_confirmed_anew(made: world.World, waiting: HandOver) -> None:
    actions.confirm(actor=made.users["secretary"], hand_over=waiting, side="given")
    told = ["印章", " ", "台账", "印章"]
    edited = actions.edit(actor=made.users["secretary"], hand_over=waiting, items=told, receiver=made.people["member"])
    assert [i["text"] for i in edited.items] == ["印章", "台账"]
    assert (edited.given_at, edited.given_by, edited.receiver) == (None, None, made.people["member"])
    for who, side in (("secretary", "given"), ("member", "received")):
        actions.confirm(actor=made.users[who], hand_over=edited, side=side)
    with pytest.raises(Refused, match="清单不能再改"):
        actions.edit(actor=made.users["superior"], hand_over=edited, items=["印章"], receiver=None)


def test_a_list_is_never_empty_endless_or_to_oneself(made: world.World, waiting: HandOver) -> None:
    for items, receiver, words in (([" "], None, "至少要有一项"), ([f"事项{i}" for i in range(61)], None, "最多60项"),
                                   (["印章"], made.people["secretary"], "不能是交出人自己")):
        with pytest.raises(Refused, match=words):
            actions.edit(actor=made.users["superior"], hand_over=waiting, items=items, receiver=receiver)


def test_open_lists_are_shown_where_sight_reaches(made: world.World, waiting: HandOver) -> None:
    for key, sees in (("head", True), ("superior", True), ("sibling_secretary", False), ("member", False), ("nobody", False)):
        with scope.scope(access.holder(made.users[key])):
            assert (waiting in queries.hand_overs_in_reach()) is sees, key
