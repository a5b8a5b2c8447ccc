"""Headless Chromium for tests: started, watched, and asked what is wrong with a page."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import world
from zaidao.accounts.models import User

CHROMIUM = "/usr/bin/chromium"
AXE = (Path(__file__).parents[1] / "vendor/axe.min.js").read_text(encoding="utf-8")
WIDTHS = (360, 1280)
PATIENCE = 20_000  # milliseconds to wait for something to be there


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. While it runs, the test may use the database, which Django would refuse: Playwright has a loop in the same thread."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as play:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


def watch(page: Page, base: str) -> list[str]:
    """Grows with whatever goes wrong on the page: scripts, the content security policy, requests that fail or go elsewhere."""
    wrong: list[str] = []
    own = (base, "data:", "blob:")
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}") if "ABORTED" not in (request.failure or "") else None)
    page.on("request", lambda request: None if request.url.startswith(own) else wrong.append(f"foreign: {request.url}"))
    return wrong


def authenticator(page: Page) -> None:
    """A device that knows its owner, as in telephones and computers."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }})


def serious(page: Page) -> list[str]:
    """Findings of axe-core of impact serious or critical, with the first element of each."""
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")]


def aside(page: Page) -> int:
    """Pixels by which the document is wider than the window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


ANSWERED = re.compile(r"status of (403|404|422)\b")  # pages that a story asks for on purpose; it says itself what they must show


@contextmanager
def visitors(browser: Browser, base: str) -> Iterator[Callable[[User], Page]]:
    """Opens pages for people who have signed in, each in a browser of their own; at the end nothing may have gone wrong on any of them."""
    opened: list[tuple[BrowserContext, list[str]]] = []

    def enter(user: User) -> Page:
        context = browser.new_context(base_url=base, viewport={"width": 1280, "height": 900}, locale="zh-CN")
        session = world.signed_in(user).session.session_key or ""
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base}])
        page = context.new_page()
        opened.append((context, watch(page, base)))
        return page

    try:
        yield enter
    finally:
        for context, _ in opened:
            context.close()
    assert [text for _, wrong in opened for text in wrong if not ANSWERED.search(text)] == []


def main(page: Page) -> str:
    """What is read on the page, without its header and footer."""
    return page.inner_text("main")
