"""Panels: registered by slot, shown in order to those who may, and never the end of the page they stand on."""

import logging
import sys
from typing import Any

import pytest
from django.http import HttpRequest
from django.template import RequestContext, Template
from django.test import RequestFactory

from tests import world
from zaidao.core import access, panels, scope

pytestmark = pytest.mark.django_db
STATE = "ui/state.html"  # any template that shows `text`


@pytest.fixture(autouse=True)
def own_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the panels of the test."""
    monkeypatch.setattr(panels, "_panels", [])


@pytest.fixture
def made() -> world.World:
    return world.build()


def show(made: world.World, who: str, obj: Any, slot: str = "organisation") -> str:
    request = RequestFactory().get("/")
    request.user = made.users[who]
    with scope.scope(access.holder(request.user)):
        return Template("{% panels slot obj %}").render(RequestContext(request, {"slot": slot, "obj": obj, "text": "外"}))


def say(text: str, order: int, verb: str | None = None) -> None:
    @panels.panel("organisation", STATE, order=order, verb=verb)
    def told(request: HttpRequest, obj: Any) -> dict[str, Any]:
        return {"text": f"{text}:{obj.name}:{request.method}", "kind": "open"}


def test_panels_stand_in_their_order_and_get_the_request_and_the_object(made: world.World) -> None:
    say("后", 20)
    say("先", 10)
    text = show(made, "secretary", made.orgs["branch"])
    assert text.index("先:机关支部:GET") < text.index("后:机关支部:GET")


def test_a_panel_of_a_verb_is_seen_only_where_the_person_may(made: world.World) -> None:
    say("任免", 10, verb="posts.appoint")
    assert "任免" in show(made, "secretary", made.orgs["branch"])
    assert "任免" in show(made, "superior", made.orgs["branch"])
    assert "任免" not in show(made, "sibling_secretary", made.orgs["branch"])
    assert "任免" not in show(made, "member", made.orgs["branch"])
    assert "任免" not in show(made, "nobody", made.orgs["branch"])


def test_where_the_object_has_no_place_the_verb_counts_anywhere(made: world.World) -> None:
    panels.panel("home", STATE, verb="posts.appoint")(lambda request, user: {"text": f"待办:{user.name}", "kind": "open"})
    assert "待办:用户secretary" in show(made, "secretary", made.users["secretary"], "home")
    assert "待办" not in show(made, "member", made.users["member"], "home")


def test_nothing_to_show_leaves_nothing(made: world.World) -> None:
    panels.panel("organisation", STATE)(lambda request, obj: None)
    assert show(made, "secretary", made.orgs["branch"]) == ""


def test_what_the_person_may_not_see_is_left_out_without_a_word(made: world.World, caplog: pytest.LogCaptureFixture) -> None:
    @panels.panel("organisation", STATE)
    def asks(request: HttpRequest, obj: Any) -> None:
        access.require(request.user, "posts.appoint", obj.path)

    with caplog.at_level(logging.ERROR):
        assert show(made, "member", made.orgs["branch"]) == ""
    assert not caplog.records


def test_a_panel_that_fails_says_so_and_the_others_stand(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(panels.log, "exception", lambda text, *about: said.append(f"{text % about} {sys.exc_info()[1]!r}"))

    @panels.panel("organisation", STATE, order=1)
    def divides(request: HttpRequest, obj: Any) -> dict[str, Any]:
        return {"text": 1 / 0}

    panels.panel("organisation", "ui/there_is_no_such.html", order=2)(lambda request, obj: {})
    say("还在", 3)
    text = show(made, "secretary", made.orgs["branch"])
    assert text.count("这一部分暂时无法显示") == 2
    assert "还在:机关支部" in text
    assert ["divides" in line or "lambda" in line for line in said] == [True, True]
    assert "ZeroDivisionError" in said[0]
    assert "division" not in text


def test_values_of_a_panel_do_not_leak_into_the_page(made: world.World) -> None:
    say("内", 1)
    request = RequestFactory().get("/")
    request.user = made.users["head"]
    page = Template("{% panels 'organisation' obj as shown %}{{ text }}")
    assert page.render(RequestContext(request, {"obj": made.orgs["branch"], "text": "外"})) == "外"


def test_an_unknown_slot_is_refused() -> None:
    with pytest.raises(ValueError, match="kitchen"):
        panels.panel("kitchen", STATE)
