"""Load inside one organisation now, and what-if: hours before and after, stand-ins, posts elsewhere counted but not named."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from tests.world import signed_in
from zaidao.carriers.models import Activity
from zaidao.core import access, scope
from zaidao.core.scope import system_scope
from zaidao.diagnosis.decisions import what_if
from zaidao.diagnosis.forms import a_month
from zaidao.diagnosis.queries import carried, load
from zaidao.diagnosis.queries.carried import Carried
from zaidao.engine import catalogue
from zaidao.engine.load import Post, Scale
from zaidao.institutions.models import Duty
from zaidao.institutions.queries.running import Running

DAY = date(2026, 11, 1)
SCALE = Scale.of(catalogue.load())
KINDS: dict[str, str | None] = {"B1": "branch", "B2": "branch"}


def post(person: str, title: str, org: str = "B1", domain: str = "party", **more: Any) -> Post:
    held: dict[str, Any] = {"full_time": False, "acting": False, "since": date(2025, 1, 1), "started_known": True}
    return Post(person, org, title, domain, **(held | more))


POSTS = [post("P1", "书记"), post("P2", "组织委员"), post("P3", "宣传委员"), post("P1", "工会主席", "B2", "mass")]


def test_loads_are_the_engines_own() -> None:
    found = what_if.loads(POSTS, KINDS, SCALE, DAY)
    assert {p: (v.hours, v.capacity) for p, v in found.items()} == {"P1": (24, 24), "P2": (7, 24), "P3": (6, 24)}


def test_moving_a_post_moves_all_its_hours() -> None:
    giver, taker = what_if.changes(POSTS, what_if.Move(0, "P2"), KINDS, SCALE, DAY)
    assert (giver.person, giver.before.hours, giver.after.hours) == ("P1", 24, 10)
    assert (taker.person, taker.before.hours, taker.after.hours) == ("P2", 7, 21)
    assert (giver.before.at_once, giver.after.at_once) == (2, 1)


def test_who_gives_their_only_post_has_nothing_left_and_who_held_none_takes_it() -> None:
    giver, taker = what_if.changes(POSTS, what_if.Move(1, "P9"), KINDS, SCALE, DAY)
    assert (giver.after.hours, giver.after.capacity, taker.before.hours, taker.after.hours) == (0, 24, 0, 7)


@pytest.mark.parametrize(("share", "left", "taken"), [(0.5, 17, 14), (0.25, 20.5, 10.5)])
def test_moving_a_part_moves_its_share_of_the_posts_hours(share: float, left: float, taken: float) -> None:
    giver, taker = what_if.changes(POSTS, what_if.Move(0, "P2", share), KINDS, SCALE, DAY)
    assert (giver.after.hours, taker.after.hours) == (left, taken)


def test_stand_ins_are_the_other_party_posts_of_the_organisation_in_their_order() -> None:
    found = what_if.stand_ins(POSTS, what_if.Move(0, ""), KINDS, SCALE, DAY)
    assert [(c.person, c.after.hours) for c in found] == [("P2", 21), ("P3", 20)]
    assert what_if.stand_ins(POSTS, what_if.Move(3, ""), KINDS, SCALE, DAY) == []


def test_stand_ins_of_a_duty_take_its_hours_alone() -> None:
    found = what_if.stand_ins(POSTS, what_if.Move(0, "", hours=4.5), KINDS, SCALE, DAY)
    assert [(c.person, c.before.hours, c.after.hours, c.after.at_once) for c in found] == [("P2", 7, 11.5, 1), ("P3", 6, 10.5, 1)]


def test_moving_a_duty_moves_its_hours_and_no_post() -> None:
    giver, taker = what_if.changes(POSTS, what_if.Move(0, "P2", hours=4.5), KINDS, SCALE, DAY)
    assert (giver.after.hours, giver.after.at_once, taker.after.hours, taker.after.at_once) == (19.5, 2, 11.5, 1)


@pytest.mark.parametrize(("times", "said"), [
    (2.0, "每月 2 次"), (1.0, "每月 1 次"), (1 / 3, "每季度 1 次"), (2 / 12, "每半年 1 次"), (1 / 12, "每年 1 次"),
    (13 / 12, "每月 1.1 次"),
])
def test_how_often_is_said_by_the_shortest_period_that_has_one(times: float, said: str) -> None:
    assert a_month(times) == said


def test_over_is_said_only_where_even_the_lower_bound_passes_what_can_be_given() -> None:
    heavy = [*POSTS, post("P1", "书记", "B2"), post("P1", "党务干事", "B2")]
    found = what_if.loads(heavy, KINDS, SCALE, DAY)
    assert found["P1"].over
    assert not what_if.loads(POSTS, KINDS, SCALE, DAY)["P1"].over


@pytest.mark.django_db
def test_the_picture_takes_the_same_queries_for_one_and_many(django_assert_num_queries: Callable[[int], Any]) -> None:
    made = world.build()
    with scope.scope(access.holder(made.users["head"])):
        with django_assert_num_queries(2):
            assert [r["post"] for r in load.picture(made.orgs["branch"], DAY).rows()] == ["书记"]
        with system_scope("test"):
            for i, title in enumerate(("组织委员", "宣传委员", "纪检委员")):
                world.appoint(world.person(f"N{i}", f"委员{i}", made.orgs["branch"]), made.orgs["branch"], title)
        with django_assert_num_queries(2):
            rows = load.picture(made.orgs["branch"], DAY).rows()
    assert [r["post"] for r in rows] == ["书记", "组织委员", "宣传委员", "纪检委员"]


@pytest.mark.django_db
def test_posts_elsewhere_count_and_are_not_named() -> None:
    made = world.build()
    with system_scope("test"):
        world.appoint(made.people["secretary"], made.orgs["quay"], "书记")
    page = signed_in(made.users["superior"]).get(f"/load/{made.orgs['branch'].pk}/").content.decode()
    assert "含在其他组织的 1 个岗位" in page
    assert made.orgs["quay"].name not in page


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "status"), [
    ("head", 200), ("superior", 200), ("secretary", 200), ("sibling_secretary", 404), ("member", 403), ("nobody", 404),
])
def test_who_may_look(key: str, status: int) -> None:
    made = world.build()
    assert signed_in(made.users[key]).get(f"/load/{made.orgs['branch'].pk}/").status_code == status


@pytest.mark.django_db
def test_asking_changes_nothing_and_answers_in_hours() -> None:
    made = world.build()
    with system_scope("test"):
        held = world.appoint(world.person("N1", "副手", made.orgs["branch"]), made.orgs["branch"], "组织委员")
        secretary = made.people["secretary"].appointments.model.everything.get(person=made.people["secretary"])
    client = signed_in(made.users["secretary"])
    address = f"/load/{made.orgs['branch'].pk}/"
    page = client.get(address, {"post": secretary.pk, "part": "1", "taker": held.person_id}).content.decode()
    assert "调整前后" in page
    assert ">21<" in page
    wrong = client.get(address, {"post": secretary.pk, "part": "1", "taker": secretary.person_id}).content.decode()
    assert "请选别人" in wrong
    assert "可以临时接手" in client.get(address, {"post": secretary.pk, "part": "1", "taker": ""}).content.decode()
    held.refresh_from_db()
    assert held.until is None


@pytest.fixture
def duty_world(db: None) -> tuple[world.World, Any, dict[str, Any]]:
    """The branch with a deputy, a monthly theme day held three times (two of 1.75 hours) by the secretary, a yearly review nobody held,
    and the deputy's appointment and the question as a page asks it."""
    made, today = world.build(), timezone.localdate()
    first = today.replace(day=1)
    with system_scope("test"):
        held = world.appoint(world.person("N1", "副手", made.orgs["branch"]), made.orgs["branch"], "组织委员")
        mine = type(held).everything.get(person=made.people["secretary"])
        for subject, every, days in (("主题党日", "month", 32), ("民主评议", "year", 366)):
            Duty.everything.create(
                organisation=made.orgs["branch"], subject=subject, source="rule:x", every=every, period_start=first,
                period_end=first + timedelta(days=days), due_on=first + timedelta(days=days),
            )
        for ago, hours in ((40, Decimal("1.7")), (70, Decimal("1.8")), (100, None)):
            at = timezone.now() - timedelta(days=ago)
            Activity.everything.create(
                code=f"A{ago}", organisation=made.orgs["branch"], kind="主题党日", title="学习", held_at=at, filed_at=at, state="filed",
                hours=hours, host=made.people["secretary"], recorder=held.person if ago == 40 else None,
            )
    return made, held, {"post": mine.pk, "part": "duty:主题党日", "taker": held.person_id}


def test_a_duty_moves_with_the_hours_of_its_meetings(duty_world: tuple[world.World, Any, dict[str, Any]]) -> None:
    made, held, asked = duty_world
    client, address = signed_in(made.users["secretary"]), f"/load/{made.orgs['branch'].pk}/"
    page = client.get(address, asked).content.decode()
    assert "每月 1 次,每次约 5 小时" in page  # 1.75 hours of meeting are 35 % of it
    assert "近一年归档 3 次,秘书记主持或记录 3 次,副手 1 次" in page.replace(made.people["secretary"].name, "秘书记")
    assert ">9<" in page  # the secretary's 14 less 5
    assert ">12<" in page  # the deputy's 7 and 5
    assert "调整前后" in page
    held.refresh_from_db()
    assert held.until is None


def test_a_duty_of_which_nobody_knows_the_hours_is_told_and_not_guessed(duty_world: tuple[world.World, Any, dict[str, Any]]) -> None:
    made, _, asked = duty_world
    page = signed_in(made.users["secretary"]).get(f"/load/{made.orgs['branch'].pk}/", asked | {"part": "duty:民主评议"}).content.decode()
    assert "工时未知,不作试算" in page
    assert "调整前后" not in page
    wrong = signed_in(made.users["secretary"]).get(f"/load/{made.orgs['branch'].pk}/", asked | {"part": "duty:党课"}).content.decode()
    assert "调整前后" not in wrong


def test_the_clause_says_how_long_and_by_whom(duty_world: tuple[world.World, Any, dict[str, Any]]) -> None:
    made = duty_world[0]
    told = Carried(Running("党课", 1 / 3, 6.0, "宣传委员"))
    assert (told.each(0.35), told.a_month(0.35)) == (6.0, 2.0)
    assert Carried(Running("党课", 1 / 3, None, "")).a_month(0.35) is None
    with scope.scope(access.holder(made.users["secretary"])):
        rows = carried.carried(made.orgs["branch"], timezone.localdate())
    assert [(r.duty.subject, r.meetings.n, r.meetings.usual) for r in rows] == [("主题党日", 3, 1.75), ("民主评议", 0, None)]
    with scope.scope(access.holder(made.users["sibling_secretary"])):
        assert carried.carried(made.orgs["branch"], timezone.localdate()) == []
