"""The lists as workbooks: what the screen shows, inside what one may export."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from tests import world
from tests.carriers import filed
from zaidao.carriers.models import Activity, Carrier, FollowUp
from zaidao.core.models import Entry
from zaidao.core.scope import system_scope

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _everything() -> Iterator[None]:
    with system_scope("tests write their meetings"):
        yield


@pytest.fixture
def made() -> world.World:
    return world.build()


def rows(client: Any, url: str) -> list[tuple[Any, ...]]:
    response = client.get(f"/activities/{url}")
    assert response.status_code == 200
    return list(openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active.iter_rows(values_only=True))[1:]


def test_meetings_by_the_filters_of_the_list(made: world.World) -> None:
    filed.meeting(made, title="=1+1")
    over = filed.meeting(made, kind="党课")
    yesterday = timezone.now() - timedelta(days=1)
    Activity.everything.filter(pk=over.pk).update(state="planned", filed_at=None, held_at=None, planned_at=yesterday)
    filed.meeting(made, "sibling")
    client = world.signed_in(made.users["secretary"])
    told = rows(client, "list.xlsx")
    assert [(r[0], r[1], r[2], r[5]) for r in told] == [
        ("三月工作", "党课", "机关支部", "待归档"), ("'=1+1", "支委会", "机关支部", "已归档")]
    assert [r[1] for r in rows(client, "list.xlsx?kind=党课")] == ["党课"]
    assert rows(client, "list.xlsx?organisation=O-sibling") == []
    assert len(rows(world.signed_in(made.users["superior"]), "list.xlsx")) == 3


def test_a_meeting_that_others_convene_is_in_the_list_of_who_joins(made: world.World) -> None:
    filed.joint(made, filed.meeting(made), "sibling")
    assert [r[2] for r in rows(world.signed_in(made.users["sibling_secretary"]), "list.xlsx")] == ["机关支部"]


def test_follow_ups_by_state(made: world.World) -> None:
    filed.meeting(made)
    done = filed.meeting(made, "sibling")
    FollowUp.everything.filter(activity=done).update(state="done", note="已张贴")
    above = world.signed_in(made.users["superior"])
    assert rows(above, "follow-ups.xlsx?what=open") == [
        ("更新公示栏", "人员secretary", "2026-03-20", "机关支部", "三月工作", "办理中", None)]
    assert [r[3:] for r in rows(above, "follow-ups.xlsx?what=done")] == [("车间支部", "三月工作", "待确认", "已张贴")]
    assert rows(above, "follow-ups.xlsx?what=closed") == []
    assert rows(world.signed_in(made.users["secretary"]), "follow-ups.xlsx?what=done") == []


def test_carriers_that_run_and_that_have_ended(made: world.World) -> None:
    for where, name, until in (("branch", "先锋岗", None), ("branch", "旧岗", date(2026, 2, 1)), ("sibling", "别岗", None)):
        Carrier.everything.create(code=name, organisation=made.orgs[where], name=name, kind="先锋岗", origin="own",
                                  started_on=date(2026, 1, 1), ended_on=until)
    client = world.signed_in(made.users["secretary"])
    assert rows(client, "carriers.xlsx") == [("先锋岗", "先锋岗", "自主发起", "机关支部", "2026-01-01", None)]
    assert [r[0] for r in rows(client, "carriers.xlsx?ended=on")] == ["旧岗"]
    assert rows(client, "carriers.xlsx?organisation=O-sibling") == []


@pytest.mark.parametrize("name", ["list", "follow-ups", "carriers"])
def test_members_take_no_list_along_and_leaders_are_on_record(made: world.World, name: str) -> None:
    assert world.signed_in(made.users["member"]).get(f"/activities/{name}.xlsx").status_code == 403
    rows(world.signed_in(made.users["secretary"]), f"{name}.xlsx")
    assert Entry.objects.get(verb="carriers.export").actor == made.users["secretary"].pk


def test_too_many_are_taken_part_by_part(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zaidao.carriers.views.exports.MOST_ROWS", 1)
    for _ in range(2):
        filed.meeting(made)
    client = world.signed_in(made.users["secretary"])
    assert "一次最多导出1条" in client.get("/activities/list.xlsx", follow=True).content.decode()
    assert not Entry.objects.filter(verb="carriers.export").exists()


@pytest.mark.parametrize("n", [1, 25])
@pytest.mark.parametrize(("name", "queries"), [("list", 11), ("follow-ups", 10), ("carriers", 10)])
def test_many_rows_take_the_same_queries(
    made: world.World, n: int, name: str, queries: int, django_assert_num_queries: Any,
) -> None:
    for _ in range(n):
        filed.meeting(made)
    client = world.signed_in(made.users["secretary"])
    client.get(f"/activities/{name}.xlsx")  # the first export of a month begins its count
    with django_assert_num_queries(queries):
        client.get(f"/activities/{name}.xlsx")
