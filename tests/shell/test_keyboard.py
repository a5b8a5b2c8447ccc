"""The whole flow by keyboard alone: Tab, Shift+Tab, Enter, Space, arrows and typing. No clicks, no fields filled behind the page's back.

Every step along the way asserts that the focus is visible and that it never stays where it is.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests import world
from tests.shell import browsing
from tests.shell.keyboard import Keys
from zaidao.core.scope import system_scope
from zaidao.organisations.models import Organisation, Person, Transfer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "清晨的海湾-2026"
TODAY = timezone.localdate()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture
def made(live_server: LiveServer, settings: LazySettings, tmp_path: Path) -> world.World:
    settings.VAR = tmp_path
    cache.clear()
    built = world.build()
    user = built.users["superior"]
    user.activated_at = timezone.now()
    user.set_password(PASSWORD)
    user.save()
    return built


@pytest.fixture
def keyboard(chromium: Browser, live_server: LiveServer, made: world.World) -> Iterator[Keys]:
    desk = {"width": 1280, "height": 900}
    context = chromium.new_context(base_url=live_server.url, viewport=desk, locale="zh-CN", reduced_motion="reduce")
    page = context.new_page()
    wrong = browsing.watch(page, live_server.url)
    yield Keys(page)
    context.close()
    assert not wrong


def _sign_in(keyboard: Keys) -> None:
    keyboard.page.goto("/sign-in/")
    keyboard.write("工号或手机号", "U-superior")
    keyboard.write("密码", PASSWORD)
    with keyboard.page.expect_navigation():
        keyboard.press("Enter")
    assert keyboard.page.text_content("h1") == "用户superior,您好"


def test_a_wrong_password_leads_back_to_what_was_wrong(keyboard: Keys) -> None:
    keyboard.page.goto("/sign-in/")
    keyboard.write("工号或手机号", "U-superior")
    keyboard.write("密码", "不是这个-2026")
    with keyboard.page.expect_navigation():
        keyboard.press("Enter")
    at = keyboard.at()
    assert at
    assert at["wrong"]
    _sign_in(keyboard)


@pytest.mark.parametrize(("width", "menu", "entry"), [(360, "菜单", "名册"), (1280, "诊断", "规则目录")])
def test_the_menu_opens_leads_on_and_closes(keyboard: Keys, width: int, menu: str, entry: str) -> None:
    _sign_in(keyboard)
    keyboard.page.set_viewport_size({"width": width, "height": 900})
    first = keyboard.step()
    assert first
    assert first["name"] == "跳到正文"
    keyboard.to(menu, tag="summary")
    keyboard.press("Enter")
    keyboard.to(entry, tag="a")
    assert browsing.aside(keyboard.page) == 0
    keyboard.press("Escape")
    at = keyboard.at()
    assert at
    assert at["name"] == menu
    keyboard.press("Space")
    keyboard.go(entry, tag="a")
    assert keyboard.page.text_content("h1") == entry
    assert keyboard.around() > 10


def test_skip_link_and_no_trap_on_the_pages_of_the_flow(keyboard: Keys, made: world.World) -> None:
    _sign_in(keyboard)
    person, organisation = made.people["at_sibling"].pk, made.orgs["sibling"].pk
    for url in (
        "/", "/organisations/", "/organisations/people/new/", f"/organisations/people/{person}/", f"/organisations/{organisation}/",
        f"/organisations/{organisation}/establish/", "/uploads/", "/catalogue/",
    ):
        keyboard.page.goto(url)
        assert keyboard.around() > 5, url
    keyboard.page.goto("/organisations/")
    keyboard.step()
    keyboard.press("Enter")
    at = keyboard.step()
    assert at
    assert keyboard.page.evaluate("document.querySelector('main').contains(document.activeElement)")
    keyboard.to("跳到正文", back=True)


def test_the_numbers_of_the_tree_come_into_their_rows(keyboard: Keys, made: world.World) -> None:
    _sign_in(keyboard)
    sibling = made.orgs["sibling"].pk
    keyboard.page.goto("/organisations/")
    expect(keyboard.page.locator(f"#full-{sibling}")).to_have_text(re.compile(r"^\d+$"))
    cells = keyboard.page.locator(f"tr:has(#full-{sibling}) td")
    assert cells.count() == 6
    assert "…" not in "".join(cells.all_inner_texts())
    assert "/" in (cells.last.text_content() or "")


def test_from_searching_the_roster_to_a_transfer_asked_for_and_withdrawn(keyboard: Keys, made: world.World) -> None:
    _sign_in(keyboard)
    keyboard.go("名册", tag="a")
    keyboard.press("/")
    keyboard.page.keyboard.type("密语sibling")
    with keyboard.page.expect_navigation():
        keyboard.press("Enter")
    keyboard.go("登记人员")
    keyboard.write("所在组织", "O-sibling")
    with keyboard.page.expect_navigation():
        keyboard.press("Enter")
    at = keyboard.at()
    assert at
    assert at["wrong"], at
    assert at["name"] == "姓名"
    keyboard.page.keyboard.type("曾海燕")
    keyboard.choose("人员类别", "入党积极分子")
    keyboard.go("登记", tag="button")
    assert "曾海燕" in (keyboard.page.text_content("h1") or "")
    with system_scope("test"):
        row = Person.everything.get(name="曾海燕")
    assert row.organisation == made.orgs["sibling"]
    keyboard.go("转接组织关系")
    keyboard.write("系统内的接收组织", "O-quay")
    keyboard.write("事由", "工作调动")
    keyboard.go("提交转接", tag="button")
    assert "对方接收之前仍由本组织负责" in keyboard.page.inner_text("main")
    with system_scope("test"):
        transfer = Transfer.everything.get(person=row)
    assert transfer.state == Transfer.State.ASKED
    keyboard.go("名册", tag="a")
    keyboard.go("组织关系转接", tag="a")
    keyboard.go("曾海燕", tag="a")
    keyboard.go("撤回", tag="a")
    keyboard.write("理由", "暂不调动")
    keyboard.go("确认撤回", tag="button")
    transfer.refresh_from_db()
    assert transfer.state == Transfer.State.WITHDRAWN


def test_renaming_an_organisation_shows_what_happens_before_it_does(keyboard: Keys, made: world.World) -> None:
    _sign_in(keyboard)
    organisation = made.orgs["sibling"]
    keyboard.page.goto(f"/organisations/{organisation.pk}/")
    keyboard.to("由上级办理的变动", tag="summary")
    keyboard.press("Enter")
    keyboard.go("更名", tag="a")
    keyboard.write("新名称", "装配车间支部")
    keyboard.go("下一步", tag="button")
    at = keyboard.at()
    assert at
    assert at["wrong"]
    assert at["name"] == "生效日期"
    keyboard.date(TODAY)
    keyboard.write("文号", "某党组〔2026〕12号")
    keyboard.go("下一步", tag="button")
    assert "装配车间支部" in keyboard.page.inner_text(".confirm")
    assert Organisation.everything.get(pk=organisation.pk).name == "车间支部"
    keyboard.go("确认更名", tag="button")
    assert Organisation.everything.get(pk=organisation.pk).name == "装配车间支部"
    keyboard.page.goto("/")
    keyboard.to("用户superior", tag="summary")
    keyboard.press("Space")
    keyboard.go("退出登录", tag="button")
    assert keyboard.page.text_content("h1") == "登录"
