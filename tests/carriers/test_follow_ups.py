"""Follow-ups: done by the person, confirmed by the organisation, given back, given up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import world
from tests.carriers.meeting import everybody, filed, planned, record
from zaidao.carriers.actions import follow_ups
from zaidao.carriers.actions.filing import file
from zaidao.carriers.decisions.record import Task
from zaidao.carriers.models import FollowUp
from zaidao.core.access import Denied
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Message

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def one(made: world.World, who: str = "member") -> FollowUp:
    filed(made, follow_ups=[Task("更新台账", made.people[who].pk, TODAY + timedelta(days=5), "通过计划")])
    return FollowUp.everything.get()


def test_the_person_says_done_and_the_organisation_confirms() -> None:
    made = world.build()
    row = follow_ups.done(actor=made.users["member"], follow_up=one(made), on=TODAY, note="已更新")
    assert (row.state, row.done_on, row.note, row.done_by) == ("done", TODAY, "已更新", made.users["member"])
    with pytest.raises(Refused, match="待确认"):
        follow_ups.done(actor=made.users["member"], follow_up=row, on=TODAY)
    with pytest.raises(Denied):
        follow_ups.confirm(actor=made.users["member"], follow_up=row)
    row = follow_ups.confirm(actor=made.users["secretary"], follow_up=row)
    assert (row.state, row.closed_by) == ("confirmed", made.users["secretary"])
    for act in (follow_ups.confirm, lambda **a: follow_ups.drop(reason="x", **a), lambda **a: follow_ups.reopen(reason="x", **a)):
        with pytest.raises(Refused, match="已办结"):
            act(actor=made.users["secretary"], follow_up=row)
    topics = list(Message.objects.filter(topic__startswith="carriers.follow").order_by("pk").values_list("topic", flat=True))
    assert topics == ["carriers.follow_up_done", "carriers.follow_up_confirmed"]
    assert [e.verb for e in Entry.objects.filter(object_type="carriers.followup").order_by("pk")] == ["carriers.mine", "carriers.close"]


def test_a_keeper_says_and_closes_at_once() -> None:
    made = world.build()
    row = one(made)
    with pytest.raises(Refused, match="办结日期"):
        follow_ups.confirm(actor=made.users["secretary"], follow_up=row)
    assert follow_ups.confirm(actor=made.users["secretary"], follow_up=row, on=TODAY).state == "confirmed"


def test_what_is_not_done_yet_goes_back_with_a_reason() -> None:
    made = world.build()
    row = follow_ups.done(actor=made.users["secretary"], follow_up=one(made), on=TODAY)
    with pytest.raises(Refused, match="退回的原因"):
        follow_ups.reopen(actor=made.users["secretary"], follow_up=row, reason="")
    row = follow_ups.reopen(actor=made.users["secretary"], follow_up=row, reason="还缺一份")
    assert (row.state, row.done_on, row.note) == ("open", None, "退回:还缺一份")


def test_giving_up_wants_a_reason() -> None:
    made = world.build()
    row = one(made)
    with pytest.raises(Refused, match="原因"):
        follow_ups.drop(actor=made.users["secretary"], follow_up=row, reason=" ")
    assert follow_ups.drop(actor=made.users["secretary"], follow_up=row, reason="计划取消").state == "dropped"


@pytest.mark.parametrize("days", [1, -2])
def test_a_day_that_cannot_be_is_refused(days: int) -> None:
    made = world.build()
    with pytest.raises(Refused, match="办结日期不能"):
        follow_ups.done(actor=made.users["member"], follow_up=one(made), on=TODAY + timedelta(days=days))


@pytest.mark.parametrize("who", ["sibling_secretary", "nobody", "member"])
def test_others_neither_say_nor_close(who: str) -> None:
    made = world.build()
    row = one(made, "secretary")
    for act in (
        lambda: follow_ups.done(actor=made.users[who], follow_up=row, on=TODAY),
        lambda: follow_ups.confirm(actor=made.users[who], follow_up=row, on=TODAY),
        lambda: follow_ups.drop(actor=made.users[who], follow_up=row, reason="x"),
        lambda: follow_ups.reopen(actor=made.users[who], follow_up=row, reason="x"),
    ):
        with pytest.raises(Denied):
            act()
    assert FollowUp.everything.get().state == "open"


def test_a_follow_up_stands_where_its_person_belongs() -> None:
    made = world.build()
    row = planned(made, actor="superior", joint=[made.orgs["sibling"]])
    tasks = [Task("甲", made.people["at_sibling"].pk, TODAY), Task("乙", made.people["member"].pk, TODAY), Task("丙", None, TODAY)]
    both = everybody(made.orgs["branch"]) | everybody(made.orgs["sibling"])
    file(actor=made.users["superior"], activity=row, record=record(made, ticks=both, follow_ups=tasks))
    assert dict(FollowUp.everything.values_list("what", "organisation__code")) == {"甲": "O-sibling", "乙": "O-branch", "丙": "O-branch"}


def test_a_follow_up_is_due_after_the_meeting_and_of_somebody_in_sight() -> None:
    made = world.build()
    with pytest.raises(Refused, match="早于会议日期"):
        filed(made, follow_ups=[Task("更新", None, TODAY - timedelta(days=3))])
    with pytest.raises(Refused, match="名册"):
        filed(made, follow_ups=[Task("更新", made.people["at_quay"].pk, TODAY)])
    assert not FollowUp.everything.exists()
