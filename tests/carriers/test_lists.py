"""Pages and checks of meetings ask as many statements for one row as for many: those that no test beside their own pages counts."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.carriers.test_pages import TEXT, ago, local, planned, url
from tests.world import World
from zaidao.carriers.models import Activity, Attendance, Carrier, FollowUp, Minutes, Notice, Participation

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world.build()


def branches(made: World, many: int) -> list[str]:
    new = [world.organisation(f"under-{n}", f"支部{n}", "branch", made.orgs["company"]) for n in range(many)]
    world.tree.rebuild([each.pk for each in new])
    for n, each in enumerate(new):
        each.refresh_from_db()
        world.person(f"P-{n}", f"同志{n}", each)
    return [each.name for each in new]


def check(client: Client, names: list[str], **more: str) -> str:
    told = {"kind": "主题党日", "held_at": local(ago(days=1)), "text": TEXT} | more
    form = {f"s-{i}-{key}": value for i, name in enumerate(names) for key, value in (told | {"organisation": name}).items()}
    answer = client.post(reverse("carriers:sheets"), form | {"s-n": str(len(names))})
    assert answer.status_code == 422
    return str(answer.content.decode())


@pytest.mark.parametrize("many", [1, 10])
def test_sheets_that_are_not_right_yet(made: World, many: int, django_assert_num_queries: Any) -> None:
    names, client = branches(made, many), world.signed_in(made.users["superior"])
    client.get(reverse("carriers:sheets"))
    with django_assert_num_queries(7):
        page = check(client, names, leave="查无此人")
    assert page.count("名册上没有“查无此人”。") == many
    assert not Activity.everything.exists()


def test_names_on_sheets_are_of_the_sheets_own_branch(made: World) -> None:
    branches(made, 2)
    client = world.signed_in(made.users["superior"])
    page = check(client, ["支部0", "O-under-0", "支部1"], leave="同志0")  # one branch by its name and by its code
    assert page.count("名册上没有“同志0”。") == 1
    assert "有2位" not in page
    assert Activity.everything.filter(organisation__name="支部0", state="filed").count() == 2


@pytest.mark.parametrize("many", [1, 30])
def test_the_tick_list_of_one_organisation(made: World, many: int, django_assert_num_queries: Any) -> None:
    found = planned(made, "党员大会", at=ago(days=-1))
    part = Participation.everything.get(activity=found)
    for n in range(many):
        someone = world.person(f"P-{n}", f"同志{n}", made.orgs["branch"])
        Attendance.everything.create(participation=part, person=someone, state="leave", why="出差")
    client = world.signed_in(made.users["secretary"])
    client.get("/")
    with django_assert_num_queries(12):
        page = client.get(url("attendance", part)).content.decode()
    assert page.count("data-line") == many + 3


@pytest.mark.parametrize("many", [1, 20])
def test_what_became_of_a_meeting_and_what_it_is_corrected_from(made: World, many: int, django_assert_num_queries: Any) -> None:
    found = planned(made, "党员大会", at=ago(days=2))
    Activity.everything.filter(pk=found.pk).update(state="filed", held_at=ago(days=2), filed_at=ago(days=1))
    for n in range(1, many + 1):
        Minutes.everything.create(activity=found, number=n, text=TEXT, correction="笔误" if n > 1 else "", filed_by=made.users["secretary"])
        Notice.everything.create(activity=found, text=f"通知{n}", given_by=made.users["secretary"])
        FollowUp.everything.create(activity=found, organisation=made.orgs["branch"], what=f"事项{n}", due_on=timezone.localdate())
    client = world.signed_in(made.users["secretary"])
    client.get("/")
    with django_assert_num_queries(12):
        assert f"第 {many} 版" in client.get(url("activity", found)).content.decode()
    with django_assert_num_queries(15):
        assert client.get(url("correct", found)).status_code == 200
    with django_assert_num_queries(6):
        assert client.get(url("history", found)).status_code == 200


@pytest.mark.parametrize("many", [1, 30])
def test_one_carrier_with_its_meetings(made: World, many: int, django_assert_num_queries: Any) -> None:
    carrier = Carrier.everything.create(
        code="Z-1", organisation=made.orgs["branch"], name="先锋岗", kind="先锋岗", origin="own", started_on=date(2026, 1, 5))
    for n in range(many):
        Activity.everything.filter(pk=planned(made).pk).update(carrier=carrier, title=f"活动{n}。")
    client = world.signed_in(made.users["member"])
    client.get("/")
    with django_assert_num_queries(7):
        page = client.get(url("carrier", carrier)).content.decode()
    assert page.count("活动") >= min(many, 20)
