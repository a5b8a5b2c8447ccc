"""Lists of meetings, follow-ups and carriers; the grid of paper sheets; panels. The same number of queries with one row and with many."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.carriers.test_pages import TEXT, ago, fields, filed, local, planned, url
from tests.world import World
from zaidao.carriers.models import Activity, Attendance, Carrier, FollowUp, Minutes, Participation

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world.build()


@pytest.fixture
def secretary(made: World) -> Client:
    return world.signed_in(made.users["secretary"])


def many(made: World, n: int) -> None:
    for _ in range(n):
        planned(made)


def test_the_list_by_kind_state_month_and_organisation(made: World) -> None:
    client = world.signed_in(made.users["superior"])
    here, there = planned(made, "党课"), planned(made, "支委会", where="sibling", at=ago(days=70))
    page = reverse("carriers:list")

    def shown(**asked: str) -> list[bool]:
        told = client.get(page, asked).content.decode()
        return [url("activity", row) in told for row in (here, there)]

    assert shown() == [True, True]
    assert shown(kind="党课") == [True, False]
    assert shown(state="filed") == [False, False]
    assert shown(month=f"{timezone.localtime(there.planned_at):%Y-%m}") == [False, True]
    assert shown(organisation="车间支部") == [False, True]
    assert shown(organisation="O-branch") == [True, False]
    assert shown(organisation="码头支部") == [False, False]  # out of sight: not told from one that is not there
    assert "没有找到这个组织" in client.get(page, {"organisation": "码头支部"}).content.decode()


def test_what_was_never_planned_stands_where_it_was_held(made: World, secretary: Client) -> None:
    early, late = planned(made, at=ago(days=40)), planned(made, at=ago(days=1))
    paper = planned(made, at=ago(days=20))
    Activity.everything.filter(pk=paper.pk).update(planned_at=None, held_at=ago(days=20), filed_at=ago(days=2), state="filed")
    told = secretary.get(reverse("carriers:list")).content.decode()
    assert told.index(url("activity", late)) < told.index(url("activity", paper)) < told.index(url("activity", early))
    month = f"{timezone.localtime(ago(days=20)):%Y-%m}"
    assert url("activity", paper) in secretary.get(reverse("carriers:list"), {"month": month}).content.decode()


@pytest.mark.parametrize("n", [1, 30])
def test_the_list_asks_the_same_of_one_and_of_many(made: World, secretary: Client, n: int, django_assert_num_queries: Any) -> None:
    many(made, n)
    with django_assert_num_queries(8):
        told = secretary.get(reverse("carriers:list")).content.decode()
    assert ("共 2 页" in told) is (n > 25)


@pytest.mark.parametrize("n", [1, 30])
def test_one_meeting_asks_the_same_of_one_and_of_many(made: World, secretary: Client, n: int, django_assert_num_queries: Any) -> None:
    found = filed(made, secretary)
    part = Participation.everything.get()
    for i in range(n):
        someone = world.person(f"P-{i}", f"同志{i}", made.orgs["branch"])
        Attendance.everything.create(participation=part, person=someone, state="present")
        FollowUp.everything.create(activity=found, organisation=made.orgs["branch"], what=f"事项{i}", due_on=date(2026, 5, 1))
    secretary.get(url("activity", found))  # says once what was done
    with django_assert_num_queries(12):
        secretary.get(url("activity", found))


@pytest.mark.parametrize("n", [1, 30])
def test_the_record_asks_the_same_of_one_and_of_many(made: World, secretary: Client, n: int, django_assert_num_queries: Any) -> None:
    found = planned(made, "党员大会", at=ago(hours=0.1))
    for i in range(n):
        world.person(f"P-{i}", f"同志{i}", made.orgs["branch"])
    with django_assert_num_queries(14):
        told = secretary.get(url("record", found)).content.decode()
    assert told.count("data-line") == n + 3


def test_the_record_of_a_committee_asks_one_query_more(made: World, secretary: Client, django_assert_num_queries: Any) -> None:
    found = planned(made, "支委会", at=ago(days=40))
    with django_assert_num_queries(15):
        told = secretary.get(url("record", found)).content.decode()
    assert told.count("data-line") == 1  # the secretary alone; the others may observe


@pytest.mark.parametrize("n", [1, 30])
def test_follow_ups_and_carriers_ask_the_same_of_one_and_of_many(
    made: World, secretary: Client, n: int, django_assert_num_queries: Any,
) -> None:
    found = planned(made)
    for i in range(n):
        FollowUp.everything.create(activity=found, organisation=made.orgs["branch"], what=f"事项{i}", due_on=date(2026, 5, 1))
        Carrier.everything.create(
            code=f"Z-{i}", organisation=made.orgs["branch"], name=f"先锋岗{i}", kind="先锋岗", origin="own", started_on=date(2026, 1, 1))
    with django_assert_num_queries(6):
        assert "已过时限" in secretary.get(f"{reverse('carriers:follow_ups')}?what=open").content.decode()
    with django_assert_num_queries(8):
        assert "先锋岗0" in secretary.get(reverse("carriers:carriers")).content.decode()


def test_a_carrier_begins_and_ends(made: World, secretary: Client) -> None:
    form = {"name": "青年先锋岗", "kind": "先锋岗", "origin": "own", "started_on": "2026-03-01", "aim": "缩短检修时间"}
    assert secretary.post(reverse("carriers:carrier_new"), form | {"name": ""}).status_code == 200
    assert secretary.post(reverse("carriers:carrier_new"), form).status_code == 302
    found = Carrier.everything.get()
    assert found.organisation == made.orgs["branch"]
    assert "缩短检修时间" in secretary.get(url("carrier", found)).content.decode()
    assert "青年先锋岗" in secretary.get(reverse("carriers:plan")).content.decode()  # a meeting may belong to it
    assert secretary.post(url("carrier_end", found), {"on": "2026-06-01", "reason": "目标达成"}).status_code == 302
    assert "目标达成" in secretary.get(url("carrier", found)).content.decode()
    assert "青年先锋岗" not in secretary.get(reverse("carriers:plan")).content.decode()
    member = world.signed_in(made.users["member"])
    assert member.get(url("carrier", found)).status_code == 200
    assert member.get(url("carrier_end", found)).status_code == 403


def sheet(i: int, organisation: str, **more: str) -> dict[str, str]:
    told = {"organisation": organisation, "kind": "主题党日", "held_at": local(ago(days=1)), "text": TEXT, **more}
    return {f"s-{i}-{name}": value for name, value in told.items()}


def test_paper_sheets_of_several_branches_are_filed_each_on_its_own(made: World) -> None:
    client, page = world.signed_in(made.users["superior"]), reverse("carriers:sheets")
    form = fields(client.get(page))
    assert [form[f"s-{i}-organisation"] for i in (0, 1)] == ["机关支部", "车间支部"]  # begun for the branches that the person sees to
    answer = client.post(page, form | sheet(0, "机关支部", absent=f"{made.people['member'].name}(病假)", host="人员secretary") | sheet(
        1, "车间支部", leave="查无此人"))
    assert answer.status_code == 422
    found = Activity.everything.get()
    assert (found.organisation, found.state, found.host) == (made.orgs["branch"], "filed", made.people["secretary"])
    missing = Attendance.everything.get(person=made.people["member"])
    assert (missing.state, missing.why) == ("absent", "病假")
    assert Attendance.everything.filter(state="present").count() == 2
    told = answer.content.decode()
    assert "查无此人" in told
    left = fields(answer)
    assert "机关支部" not in [value for name, value in left.items() if name.endswith("-organisation")]
    again = client.post(page, form | sheet(0, "机关支部"))  # the same row again
    assert again.status_code == 200
    assert Activity.everything.count() == 1
    assert Minutes.everything.count() == 1


def test_sheets_without_a_word_are_none_and_rows_can_be_added(made: World) -> None:
    client, page = world.signed_in(made.users["superior"]), reverse("carriers:sheets")
    form = fields(client.get(page))
    assert "还没有填写记录" in client.post(page, form | {"then": "file"}).content.decode()
    assert not Activity.everything.exists()
    more = fields(client.post(page, form | {"then": "more", "s-0-text": "写了一半"}))
    assert int(more["s-n"]) == int(form["s-n"]) + 3
    assert more["s-0-text"] == "写了一半"


def test_a_sheet_of_an_organisation_out_of_reach_is_refused(made: World, secretary: Client) -> None:
    answer = secretary.post(reverse("carriers:sheets"), {"s-n": "1", **sheet(0, "车间支部")})
    assert answer.status_code == 422
    assert not Activity.everything.exists()


def test_nobodys_number_is_taken_into_a_tick_list(made: World, secretary: Client) -> None:
    found, part = planned(made), Participation.everything.get()
    ill = f"{part.pk}-{made.people['member'].pk}"
    form = fields(secretary.get(url("record", found))) | {
        "text": TEXT, f"away-{ill}": "leave", f"why-{ill}": "电话13912345678", "then": "rest"}
    form = fields(secretary.post(url("record", found), form))
    assert secretary.post(url("record", found), form | {"then": "file"}).status_code == 422
    assert secretary.post(url("attendance", part), form | {"then": ""}).status_code == 422
    assert not Attendance.everything.exists()


def test_panels_say_what_is_next_and_who_may_plan(made: World, secretary: Client) -> None:
    found = planned(made, at=timezone.now() + timedelta(days=1))
    page = reverse("organisations:organisation", args=[made.orgs["branch"].pk])
    told = secretary.get(page).content.decode()
    assert url("activity", found) in told
    assert f"{reverse('carriers:plan')}?organisation={made.orgs['branch'].pk}" in told
    member = world.signed_in(made.users["member"]).get(page).content.decode()
    assert url("activity", found) in member
    assert "?organisation=" not in member.partition("panel-meetings")[2].partition("会议和活动</a>")[0] or "安排会议" not in member
    other = world.signed_in(made.users["sibling_secretary"])
    assert url("activity", found) not in other.get("/").content.decode()


def test_a_meeting_of_the_committee_is_nobody_elses(made: World) -> None:
    found = planned(made, "支委会", at=timezone.now() + timedelta(days=1))
    assert url("activity", found) in world.signed_in(made.users["secretary"]).get("/").content.decode()
    assert url("activity", found) not in world.signed_in(made.users["member"]).get("/").content.decode()


def test_whoever_belongs_to_a_group_sees_the_meetings_of_its_branch(made: World) -> None:
    from zaidao.core.scope import system_scope
    from zaidao.organisations import tree
    from zaidao.organisations.models import Membership, Person

    with system_scope("test"):
        group = world.organisation("team", "第一小组", "group", made.orgs["branch"])
        tree.rebuild([group.pk])
        Person.everything.filter(pk=made.people["member"].pk).update(organisation=group)
        Membership.everything.filter(person=made.people["member"]).update(organisation=group)
    found, client = planned(made, at=timezone.now() + timedelta(days=1)), world.signed_in(made.users["member"])
    assert url("activity", found) in client.get("/").content.decode()
    assert client.get(url("activity", found)).status_code == 200
    assert client.post(url("leave", found), {"why": "值班"}).status_code == 302
    elsewhere = planned(made, where="sibling", at=timezone.now() + timedelta(days=1))
    assert client.get(url("activity", elsewhere)).status_code == 404
