"""The record in a browser: ticked by the space bar, the rest by one button, a draft that keeps itself, a text that is copied."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import world
from tests.shell import browsing
from tests.world import World
from zaidao.carriers.models import Activity, Draft, Participation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture
def made(live_server: LiveServer) -> World:
    return world.build()


@pytest.fixture
def meeting(made: World) -> Activity:
    row = Activity.everything.create(
        code="H-1", organisation=made.orgs["branch"], kind="党员大会", title="三月党员大会", planned_at=timezone.now() - timedelta(hours=2))
    Participation.everything.create(activity=row, organisation=made.orgs["branch"])
    return row


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer, made: World) -> Iterator[Page]:
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}, locale="zh-CN")
    client = world.signed_in(made.users["secretary"])
    context.add_cookies([{"name": "sessionid", "value": client.session.session_key or "", "url": live_server.url}])
    page = context.new_page()
    wrong = browsing.watch(page, live_server.url)
    yield page
    context.close()
    assert not wrong


def test_the_record_by_keyboard_with_a_draft_that_keeps_itself(page: Page, meeting: Activity) -> None:
    page.goto(f"/activities/{meeting.pk}/record/")
    expect(page.locator("main")).to_be_focused()  # the menu is passed already
    ticks = page.locator("[data-line] input[type=checkbox]")
    expect(page.locator("[data-line] input:checked")).to_have_count(0)
    ticks.first.focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-line] input:checked")).to_have_count(1)
    expect(page.locator("[data-line] select").first).to_be_hidden()  # who came is not asked why not
    why = page.locator("[data-line] input[name^=why]").last
    expect(why).to_be_hidden()
    page.locator("[data-line] select").last.select_option("leave")
    expect(why).to_be_visible()
    page.get_by_role("button", name="其余全部到会").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-line] input:checked")).to_have_count(ticks.count() - 1)
    votes = page.get_by_label(re.compile("赞成"))
    expect(votes).to_be_hidden()
    page.get_by_label(re.compile("方式")).select_option(label="决议")
    expect(votes).to_be_visible()
    page.get_by_label(re.compile("方式")).select_option(label="议定事项(未表决)")
    page.get_by_label("记录正文").fill("会议讨论了三月的安排。")
    page.get_by_label("发言要点").first.focus()
    page.get_by_text("草稿已保存").wait_for()
    assert "会议讨论了三月的安排" in Draft.objects.get().body
    page.goto(f"/activities/{meeting.pk}/record/")
    expect(page.get_by_label("记录正文")).to_have_value("会议讨论了三月的安排。")
    expect(page.locator("[data-line] input:checked")).to_have_count(ticks.count() - 1)
    page.get_by_label("时长").press("Enter")  # keeps the draft: it neither files nor ticks anybody
    page.get_by_text("草稿已保存,24小时内").wait_for()
    meeting.refresh_from_db()
    assert meeting.state == "planned"
    page.get_by_role("button", name="归档", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_text("内容已锁定").wait_for()
    assert not Draft.objects.exists()


def test_the_text_of_a_notice_is_copied(page: Page, meeting: Activity) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/activities/{meeting.pk}/")
    page.get_by_role("button", name="复制").click()
    page.get_by_role("button", name="已复制").wait_for()
    assert "三月党员大会" in page.evaluate("navigator.clipboard.readText()")
