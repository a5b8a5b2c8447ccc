"""Tick lists and leave: who may tell what of whom, and what stays as it was."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from tests.carriers.meeting import at, belongs, filed, part, planned
from zaidao.accounts.models import Delegation
from zaidao.carriers.actions import attending
from zaidao.carriers.actions.attending import ask_leave, tell
from zaidao.carriers.forms.record import Line
from zaidao.carriers.models import Attendance
from zaidao.carriers.queries.expected import expected_for
from zaidao.core import access, rulebook
from zaidao.core.access import Denied
from zaidao.core.errors import Refused
from zaidao.core.models import Entry
from zaidao.core.scope import scope, system_scope
from zaidao.organisations import tree
from zaidao.organisations.models import Link, Organisation

pytestmark = pytest.mark.django_db


def told(row: Any) -> dict[str, tuple[str, str]]:
    return {a.person.code: (a.state, a.why) for a in Attendance.everything.filter(participation__activity=row).exclude(person=None)}


def test_states_are_told_changed_and_taken_back() -> None:
    made = world.build()
    row = planned(made)
    secretary, member = made.people["secretary"].pk, made.people["member"].pk
    tell(actor=made.users["secretary"], participation=part(row), states={secretary: ("present", ""), member: ("leave", "出差")})
    assert told(row) == {"C-secretary": ("present", ""), "C-member": ("leave", "出差")}
    tell(actor=made.users["secretary"], participation=part(row), states={member: ("", "")}, rest="")
    assert told(row) == {"C-secretary": ("present", "")}
    tell(actor=made.users["secretary"], participation=part(row), states={secretary: ("absent", "")})
    assert told(row) == {"C-secretary": ("absent", "")}


def test_nothing_is_set_by_default_and_the_rest_only_where_it_is_asked_for() -> None:
    made = world.build()
    row = planned(made)
    assert told(row) == {}
    tell(actor=made.users["secretary"], participation=part(row), states={made.people["member"].pk: ("leave", "病假")}, rest="present")
    assert told(row) == {"C-member": ("leave", "病假"), "C-secretary": ("present", ""), "P-branch": ("present", "")}
    tell(actor=made.users["secretary"], participation=part(row), states={}, rest="absent")
    assert told(row)["C-secretary"] == ("present", "")  # told already: the rest is what is left


def test_guests_stand_by_name_and_stay_where_nothing_is_told_of_them() -> None:
    made = world.build()
    row = planned(made)
    tell(actor=made.users["secretary"], participation=part(row), states={}, guests=["宣讲员甲", " ", "宣讲员甲", "宣讲员乙"])
    tell(actor=made.users["secretary"], participation=part(row), states={})
    assert attending.guests_of(part(row)) == ["宣讲员甲", "宣讲员乙"]
    tell(actor=made.users["secretary"], participation=part(row), states={}, guests=[])
    assert attending.guests_of(part(row)) == []


def test_whoever_is_not_of_the_organisation_cannot_be_ticked() -> None:
    made = world.build()
    row = planned(made)
    for number in (made.people["sibling_secretary"].pk, 999_999):
        with pytest.raises(Refused, match="不在本组织"):
            tell(actor=made.users["secretary"], participation=part(row), states={number: ("present", "")})
    with pytest.raises(Refused, match="请选择"):
        tell(actor=made.users["secretary"], participation=part(row), states={made.people["member"].pk: ("late", "")})
    assert told(row) == {}


@pytest.mark.parametrize("who", ["sibling_secretary", "member", "nobody"])
def test_only_keepers_of_the_organisation_tell(who: str) -> None:
    made = world.build()
    row = planned(made)
    with pytest.raises(Denied):
        tell(actor=made.users[who], participation=part(row), states={}, rest="present")
    assert told(row) == {}


def test_each_of_two_organisations_that_meet_tells_its_own() -> None:
    made = world.build()
    row = planned(made, actor="superior", joint=[made.orgs["sibling"]])
    theirs = row.participations(manager="everything").get(organisation=made.orgs["sibling"])
    with pytest.raises(Denied):
        tell(actor=made.users["secretary"], participation=theirs, states={}, rest="present")
    tell(actor=made.users["sibling_secretary"], participation=theirs, states={}, rest="present")
    assert set(told(row)) == {"C-sibling_secretary", "P-sibling"}


def test_whoever_stands_in_tells_it_for_the_one_who_asked_them_to() -> None:
    made = world.build()
    row = planned(made)
    today = timezone.localdate()
    Delegation.objects.create(giver=made.users["secretary"], taker=made.users["nobody"], since=today, until=today + timedelta(days=3))
    tell(actor=made.users["nobody"], participation=part(row), states={}, rest="present")
    entry = Entry.objects.get(verb="carriers.attend")
    assert (entry.actor, entry.on_behalf_of) == (made.users["nobody"].pk, made.users["secretary"].pk)
    assert {a.told_by for a in Attendance.everything.all()} == {made.users["nobody"]}


def test_what_is_filed_is_not_ticked_any_more() -> None:
    made = world.build()
    row = filed(made)
    with pytest.raises(Refused, match="更正"):
        tell(actor=made.users["secretary"], participation=part(row), states={made.people["member"].pk: ("absent", "")})


def test_the_audit_counts_and_names_nobody() -> None:
    made = world.build()
    row = planned(made)
    tell(actor=made.users["secretary"], participation=part(row), states={made.people["member"].pk: ("leave", "住院手术")}, rest="present")
    entry = Entry.objects.get(verb="carriers.attend")
    assert entry.changes == {"leave": [None, 1], "present": [None, 2], "entries": [None, 3]}
    assert "住院" not in str(entry.changes)
    swapped = {made.people["member"].pk: ("present", ""), made.people["secretary"].pk: ("leave", "")}
    tell(actor=made.users["secretary"], participation=part(row), states=swapped)
    tell(actor=made.users["secretary"], participation=part(row), states=swapped)  # nothing new, nothing to record
    assert [e.changes for e in Entry.objects.filter(verb="carriers.attend").order_by("pk")][1:] == [{"entries": [None, 2]}]


def test_a_meeting_to_which_nobody_is_bound_to_come_has_no_rest() -> None:
    made = world.build()
    row = planned(made, kind="志愿服务")
    with pytest.raises(Refused, match="逐人登记"):
        tell(actor=made.users["secretary"], participation=part(row), states={}, rest="present")


def test_a_member_asks_for_leave_once() -> None:
    made = world.build()
    row = planned(made, days=2)
    found = ask_leave(actor=made.users["member"], activity=row, why="出差")
    assert (found.state, found.why, found.told_by) == ("leave", "出差", made.users["member"])
    with pytest.raises(Refused, match="已经登记"):
        ask_leave(actor=made.users["member"], activity=row, why="又出差")
    assert Entry.objects.get(verb="carriers.mine").changes == {"state": [None, "leave"]}  # without the reason


@pytest.mark.parametrize("who", ["sibling_secretary", "nobody", "head"])
def test_whoever_is_not_expected_asks_for_no_leave(who: str) -> None:
    made = world.build()
    row = planned(made, days=2)
    with pytest.raises(Refused, match="没有您"):
        ask_leave(actor=made.users[who], activity=row, why="出差")


def test_no_leave_after_the_meeting_and_none_without_a_reason() -> None:
    made = world.build()
    with pytest.raises(Refused, match="不能再请假"):
        ask_leave(actor=made.users["member"], activity=planned(made, days=-1), why="出差")
    with pytest.raises(Refused, match="请假原因"):
        ask_leave(actor=made.users["member"], activity=planned(made, days=1), why=" ")


def test_a_member_of_a_group_asks_the_branch_for_leave() -> None:
    made = world.build()
    group = Organisation.everything.create(code="O-g", name="一组", kind="group", path="00000099")
    Link.everything.create(child=group, parent=made.orgs["branch"], since=world.SINCE)
    tree.rebuild([group.pk])
    group.refresh_from_db()
    world.cast(made, "grouped", "branch", None)
    made.people["grouped"].organisation = group
    made.people["grouped"].save()
    belongs(made.people["grouped"], organisation=group)
    assert ask_leave(actor=made.users["grouped"], activity=planned(made, days=2), why="值班").state == "leave"


def test_the_committee_s_list_has_those_in_its_posts_first(django_assert_num_queries: Any) -> None:
    made = world.build()
    world.appoint(made.people["member"], made.orgs["branch"], "组织委员")
    world.appoint(made.people["at_branch"], made.orgs["branch"], "工会主席")
    holder = access.holder(made.users["secretary"])
    _ = holder.grants
    with scope(holder), rulebook.read_once(), django_assert_num_queries(7):
        rows = expected_for(made.orgs["branch"], "支委会", timezone.localdate())
    assert [(r.person.code, r.verdict.counted) for r in rows] == [("C-secretary", True), ("C-member", True), ("P-branch", False)]
    assert "组织委员" in rows[1].verdict.reason
    with scope(access.holder(made.users["sibling_secretary"])):
        assert expected_for(made.orgs["branch"], "支委会", timezone.localdate()) == []


def test_a_general_branch_gathers_the_members_of_all_that_stood_below_it_that_day() -> None:
    made = world.build()
    company, today = made.orgs["company"], timezone.localdate()
    Organisation.everything.filter(pk=company.pk).update(kind="general_branch")
    company.refresh_from_db()
    left = today - timedelta(days=10)
    Link.everything.filter(child=made.orgs["sibling"]).update(until=left)
    Link.everything.create(child=made.orgs["sibling"], parent=made.orgs["other"], since=left)
    with system_scope("test"):
        tree.rebuild([made.orgs["sibling"].pk])
        now = {r.person.code for r in expected_for(company, "党员大会", today) if r.verdict.counted}
        then = {r.person.code for r in expected_for(company, "党员大会", left - timedelta(days=1)) if r.verdict.counted}
    here = {"C-superior", "P-company", "C-secretary", "C-member", "P-branch"}
    assert now == here
    assert then == here | {"C-sibling_secretary", "P-sibling"}


def test_the_list_is_of_the_day_of_the_meeting() -> None:
    made = world.build()
    late = world.person("N-late", "后来", made.orgs["branch"])
    belongs(late, since=timezone.localdate())
    row = planned(made, days=-3)
    tell(actor=made.users["secretary"], participation=part(row), states={}, rest="present")
    assert "N-late" not in told(row)
    assert at(-3).date() < date.today()


def test_in_a_tick_list_only_what_is_not_as_of_most_is_said_of_somebody() -> None:
    reasons = ("正式党员,有表决权。", "正式党员,有表决权;组织关系转出未被接收,仍由本组织负责。", "预备党员,计入应到,没有表决权。")
    assert [Line(None, counted=True, votes=True, reason=reason).remark for reason in reasons] == ["", *reasons[1:]]
