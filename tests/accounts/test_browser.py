"""The first administrator in headless Chromium, on a server as it is run in earnest: code, password, passkey, sign-in with it alone.

Fails on any violation of the content security policy, any script error, any serious finding of axe-core.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.shell import browsing

PASSWORD = "清晨的海湾-2026"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server with an empty database, and the first administrator's code."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    environment = os.environ | {"ZAIDAO_VAR": str(tmp_path_factory.mktemp("var")), "ZAIDAO_TASKS": "worker"}
    environment["DJANGO_SETTINGS_MODULE"] = "zaidao.config.settings"

    def zaidao(*words: str) -> str:
        return subprocess.run([sys.executable, "-m", "zaidao", *words], env=environment, capture_output=True, text=True, check=True).stdout

    zaidao("upgrade")
    code = zaidao("admin", "A001", "何首").strip()
    command = [sys.executable, "-m", "zaidao", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, start_new_session=True, text=True)
    try:
        _wait(port)
        yield f"http://localhost:{port}", code
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.communicate(timeout=30)


def _wait(port: int) -> None:
    import time

    for _ in range(240):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.25)
    raise AssertionError("the server did not start")


@pytest.fixture
def page(office: tuple[str, str]) -> Iterator[Page]:
    """A page with an authenticator of its own, which fails the test for whatever goes wrong."""
    with browsing.chromium() as browser:
        made = browser.new_context(base_url=office[0], locale="zh-CN").new_page()
        wrong = browsing.watch(made, office[0])
        browsing.authenticator(made)
        yield made
    assert not wrong


def _sound(page: Page) -> None:
    """No serious finding, nothing wider than the screen, at both widths."""
    for width in browsing.WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert browsing.aside(page) == 0, (page.url, width)
    assert browsing.serious(page) == [], page.url


def test_from_the_paper_code_to_a_sign_in_with_the_passkey_alone(page: Page, office: tuple[str, str]) -> None:
    page.goto("/activate/")
    _sound(page)
    page.get_by_label("工号", exact=True).fill("A001")
    page.get_by_label("启用码或重设码").fill(office[1].lower())
    page.get_by_label("新密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次新密码").fill(PASSWORD)
    page.get_by_role("button", name="设置密码").click()
    expect(page.get_by_text("密码已设置")).to_be_visible()
    _sound(page)
    page.get_by_label("工号或手机号").fill("a001".upper())
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name="第二重验证", level=1)).to_be_visible()
    _sound(page)
    page.get_by_role("link", name="设置手机验证器").click()
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="确认").click()
    expect(page.get_by_alt_text("手机验证器的二维码")).to_be_visible()
    _sound(page)
    page.goto("/me/factors/passkeys/new/")
    page.get_by_label("也可以只用它登录").check()
    _sound(page)
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_role("heading", name="备用码")).to_be_visible()
    _sound(page)
    page.get_by_role("link", name="已收好").click()
    for address in (
        "/accounts/", "/accounts/new/", "/accounts/1/", "/accounts/1/code/", "/me/", "/me/sessions/", "/me/delegations/",
        "/suggestions/new/",
    ):
        page.goto(address)
        _sound(page)
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="退出").click()
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_role("heading", name="登录")).to_have_count(0)
    page.goto("/accounts/")
    expect(page.get_by_role("heading", name="账号", exact=True)).to_be_visible()
