"""The menu shows what a person may open, and where they are."""

import pytest
from django.urls import reverse

from tests import world
from zaidao.core import access, menu

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the entries of the test."""
    monkeypatch.setattr(menu, "_items", [])


def texts(user: object, path: str = "/") -> dict[str, list[str]]:
    return {section.key: [i.text for i in section.items] for section in menu.visible(access.holder(user), path)}


@pytest.mark.usefixtures("own_items")
def test_entries_follow_the_verbs_of_the_posts_held() -> None:
    menu.item("任免", "shell:home", verb="posts.appoint", order=2)
    menu.item("说明", "shell:about", order=1)
    made = world.build()
    assert texts(made.users["secretary"]) == {"": ["说明", "任免"]}
    assert texts(made.users["member"]) == {"": ["说明"]}
    assert texts(made.users["nobody"]) == {"": ["说明"]}


@pytest.mark.usefixtures("own_items")
def test_sections_stand_in_order_and_an_undeclared_one_behind() -> None:
    menu.item("丙", "shell:about", section="别的")
    menu.item("乙", "shell:about", section="help")
    menu.item("甲", "shell:home")
    made = world.build()
    assert list(texts(made.users["nobody"])) == ["", "help", "别的"]
    assert [s.name for s in menu.visible(access.holder(made.users["nobody"]))] == ["", "帮助", "别的"]


@pytest.mark.usefixtures("own_items")
def test_an_entry_without_its_page_is_left_out_and_twice_is_once() -> None:
    for _ in range(2):
        menu.item("说明", "shell:about")
    menu.item("还没有", "shell:not_there")
    assert texts(world.build().users["nobody"]) == {"": ["说明"]}


@pytest.mark.usefixtures("own_items")
def test_the_nearest_entry_says_that_one_is_there() -> None:
    menu.item("首页", "shell:home")
    menu.item("说明", "shell:about")
    held = access.holder(world.build().users["nobody"])

    def here(path: str) -> list[str]:
        return [i.here for section in menu.visible(held, path) for i in section.items]

    assert here("/") == ["page", ""]
    assert here(reverse("shell:about")) == ["", "page"]
    assert here(reverse("shell:about") + "more/") == ["", "true"]
    assert here("/elsewhere/") == ["", ""]


def test_every_entry_of_the_program_opens_a_page_under_a_known_verb() -> None:
    assert {i.text for i in menu.items()} >= {"首页", "说明"}
    for each in menu.items():
        assert reverse(each.url_name)
        assert each.verb is None or each.verb in access.VERBS, each
