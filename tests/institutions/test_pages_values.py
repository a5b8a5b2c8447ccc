"""The office's own values: what may be set, by whom, with its reason, and what held before."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from tests.world import World
from zaidao.engine import catalogue
from zaidao.institutions.models import OfficeValue
from zaidao.institutions.queries import settings as queries

pytestmark = pytest.mark.django_db
URL = "/institutions/values/"


@pytest.fixture
def made() -> World:
    return world.build()


def told(**parts: Any) -> dict[str, Any]:
    return {"since": timezone.localdate().isoformat(), "reason": "按本单位规定"} | parts


def test_only_what_may_be_changed_is_offered() -> None:
    keys = {s.key for s in queries.every()}
    rules = {r.key: r.office_may_change for r in catalogue.load().rules}
    assert {key for key, may in rules.items() if may} == {key for key in keys if key in rules}
    assert "duties.moved_days" in keys
    assert not keys & {"living.burden_least_people", "living.least_shown", "statistics.p_sound"}


def test_a_value_is_set_with_its_reason_and_stands_beside_what_came_with_the_system(made: World) -> None:
    client = world.signed_in(made.users["office"])
    assert client.post(f"{URL}duties.moved_days/", told(value="30", source="〔2026〕1号")).status_code == 302
    row = OfficeValue.objects.get()
    assert (row.key, row.value, row.reason) == ("duties.moved_days", 30, "按本单位规定")
    page = client.get(URL).content.decode()
    assert "原为 45" in page
    assert "〔2026〕1号" in page
    member = world.signed_in(made.users["member"]).get(f"{URL}duties.moved_days/").content.decode()
    assert "现行" in member
    assert "设定新的取值" not in member


def test_earlier_values_stay_to_be_read(made: World) -> None:
    client, today = world.signed_in(made.users["head"]), timezone.localdate()
    for days, value in ((20, "30"), (10, "20"), (-5, "10")):
        since = (today - timedelta(days=days)).isoformat()
        assert client.post(f"{URL}duties.moved_days/", told(value=value, since=since)).status_code == 302
    page = client.get(f"{URL}duties.moved_days/").content.decode()
    lines = page.split('<ol class="history">')[1].split("<li>")[1:]
    states = ("将起用", "现行", "曾用")
    assert [[state in line for state in states] for line in lines] == [[state == own for state in states] for own in states]
    assert "不能早于" in client.post(f"{URL}duties.moved_days/", told(value="40")).content.decode()


@pytest.mark.parametrize(("key", "parts", "value"), [
    ("election.quorum", {"num": "2", "den": "3"}, {"num": 2, "den": 3}), ("frequency.party_lecture", {"per": "quarter", "n": "1"}, None),
    ("election.committee_surplus_min", {"v": "0.25"}, {"v": 0.25}), ("living.term_notice_days", {"value": "200、100 20"}, [200, 100, 20]),
    ("duties.stated_words", {"value": "改期、顺延"}, ["改期", "顺延"]), ("living.election_win_of", {"value": "present"}, "present"),
    ("living.expected_categories", {"value": "full"}, ["full"]), ("duties.filing_share", {"value": "0.8"}, 0.8),
])
def test_each_kind_of_value_is_written_as_the_catalogue_writes_it(made: World, key: str, parts: dict[str, str], value: Any) -> None:
    client = world.signed_in(made.users["head"])
    assert client.post(f"{URL}{key}/", told(**parts)).status_code == 302
    assert OfficeValue.objects.get().value == (value or {"per": "quarter", "n": 1})
    assert client.get(URL).status_code == 200


@pytest.mark.parametrize(("key", "parts", "said"), [
    ("duties.moved_days", {"value": ""}, "请至少填写一项取值"), ("duties.moved_days", {"value": "-1"}, "大于或等于0"),
    ("election.quorum", {"num": "5", "den": "4"}, "比例要大于 0、不大于 1"), ("living.term_notice_days", {"value": "十天"}, "逐项填写数字"),
    ("duties.moved_days", {"value": "30", "reason": ""}, "必填"), ("frequency.party_lecture", {"per": "month"}, "次数"),
])
def test_what_is_no_value_is_said(made: World, key: str, parts: dict[str, str], said: str) -> None:
    response = world.signed_in(made.users["head"]).post(f"{URL}{key}/", told(**parts))
    assert said in response.content.decode()
    assert not OfficeValue.objects.exists()


def test_who_manages_a_part_of_the_tree_sets_nothing_for_the_whole(made: World) -> None:
    for who in ("superior", "secretary", "member"):
        client = world.signed_in(made.users[who])
        assert client.get(f"{URL}duties.moved_days/").status_code == 200
        assert client.post(f"{URL}duties.moved_days/", told(value="30")).status_code == 403
    assert world.signed_in(made.users["nobody"]).get(URL).status_code == 403
    client = world.signed_in(made.users["head"])
    assert client.get(f"{URL}branch.min_formal_members/").status_code == client.get(f"{URL}nothing/").status_code == 404
    assert not OfficeValue.objects.exists()
