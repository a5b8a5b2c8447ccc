"""Load inside one organisation now, and what-if: hours before and after, stand-ins, posts elsewhere counted but not named."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests import world
from tests.world import signed_in
from zaidao.core import access, scope
from zaidao.core.scope import system_scope
from zaidao.diagnosis.decisions import what_if
from zaidao.diagnosis.queries import load
from zaidao.engine import catalogue
from zaidao.engine.load import Post, Scale

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
    found = what_if.stand_ins(POSTS, 0, KINDS, SCALE, DAY)
    assert [(c.person, c.after.hours) for c in found] == [("P2", 21), ("P3", 20)]
    assert what_if.stand_ins(POSTS, 3, KINDS, SCALE, DAY) == []


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
    page = client.get(address, {"post": secretary.pk, "share": "1", "taker": held.person_id}).content.decode()
    assert "调整前后" in page
    assert ">21<" in page
    wrong = client.get(address, {"post": secretary.pk, "share": "1", "taker": secretary.person_id}).content.decode()
    assert "请选别人" in wrong
    assert "可以临时接手" in client.get(address, {"post": secretary.pk, "share": "1", "taker": ""}).content.decode()
    held.refresh_from_db()
    assert held.until is None
