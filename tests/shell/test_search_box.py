"""The box in the header, in headless Chromium: reached by one key from every page, at the width of a telephone and of a desk."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests import world
from tests.shell import browsing
from zaidao.core import search

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsing.chromium() as browser:
        yield browser


@pytest.mark.parametrize("width", browsing.WIDTHS)
def test_one_key_leads_into_the_box_and_enter_to_what_is_found(chromium: Browser, live_server: LiveServer, width: int) -> None:
    cache.clear()
    made = world.build()
    search.rebuild()
    context = chromium.new_context(base_url=live_server.url, viewport={"width": width, "height": 800}, locale="zh-CN")
    session = world.signed_in(made.users["head"]).session.session_key or ""
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    wrong = browsing.watch(page, live_server.url)
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("密语quay")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("main section h2").all_inner_texts() == ["人员"]
    assert page.locator("main li a").all_inner_texts() == [world.canary("quay")]
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search-q"
    assert browsing.aside(page) <= 0
    assert browsing.serious(page) == []
    assert wrong == []
    context.close()
