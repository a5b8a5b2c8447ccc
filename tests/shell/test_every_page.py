"""Every address that shows a page, in headless Chromium, at the width of a telephone and of a desk; and on paper.

The addresses are the rows of the access matrix; each is opened by somebody who may, in the world of that matrix.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.conf import LazySettings
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Browser, Error, Page, Response
from pytest_django.live_server_helper import LiveServer

from tests import world
from tests.access.matrix import ROWS
from tests.access.planted import Planted, address, diagnose, plant
from tests.shell import browsing
from zaidao.accounts.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Who looks, the first that may: those of a lower rank before those of a higher one, but with something to see.
LOOKERS = ("sibling_secretary", "secretary", "superior", "office", "head", "keeper", "member", "nobody")
FILES = {"accounts:audit_export", "diagnosis:file"}  # and every address that ends as a file does
PARTS = {  # fetched into a page that stands
    "accounts:audit_state", "diagnosis:picture", "diagnosis:run_progress", "diagnosis:upload_progress", "organisations:import_progress",
    "organisations:numbers", "organisations:receivers", "shell:demo_progress", "shell:ping",
}
POSTED = {"accounts:appoint", "accounts:audit_verify", "organisations:hand_over_confirm", "organisations:own_reveal"}  # answer POST alone
SHEET = "/report/"  # a printed sheet, handed on as it is: its matrix keeps its columns
STATUS = {"shell:health": (200, 500)}  # by what it has to say
SHAPE = """() => [
  [!document.title.trim(), 'no title'], [!document.documentElement.lang, 'no language'],
  [document.querySelectorAll('h1').length !== 1, 'headings of the first level: ' + document.querySelectorAll('h1').length],
].filter(([wrong]) => wrong).map(([, said]) => said)"""
WITHIN = """() => [...document.querySelectorAll('main *')].filter((e) => e.scrollWidth > e.clientWidth + 1
  && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)).map((e) => e.getAttribute('aria-label') || e.className)"""
OPENED = "for (const each of document.querySelectorAll('main details')) each.open = true"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture
def planted(tmp_path: Path, settings: LazySettings, live_server: LiveServer) -> Planted:
    settings.VAR = tmp_path
    cache.clear()
    return plant(diagnose(tmp_path / "diagnosed"))


class Looked:
    """A page that goes from address to address and keeps what is wrong with each."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.base = base
        self.context = browser.new_context(base_url=base, viewport={"width": 1280, "height": 900}, locale="zh-CN")
        self.page: Page = self.context.new_page()
        self.watched = browsing.watch(self.page, base)
        self.wrong: list[str] = []
        self.seen = 0

    def as_(self, user: User) -> None:
        """Go on as this person, who has confirmed themselves a moment ago."""
        client = world.signed_in(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]  # allauth's
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        self.context.clear_cookies()
        self.context.add_cookies([{"name": "sessionid", "value": session.session_key or "", "url": self.base}])

    def at(self, url: str, *status: int) -> None:
        """Open it and look. `status`: which may be the answer's."""
        try:
            came = self.page.goto(url)
        except Error as error:
            self.wrong.append(f"{url}: {error.message}")
            self.page.goto("about:blank")
        else:
            self.look(url, came, *status)

    def look(self, place: str, came: Response | None, *status: int) -> None:
        """At the page as it stands: what a desk shows, then how wide it is on a telephone."""
        page = self.page
        self.seen += 1
        found = [] if came is None or came.status in (status or (200,)) else [f"status {came.status}"]
        self.watched[:] = [each for each in self.watched if not any(f"status of {code}" in each for code in status)]
        found += page.evaluate(SHAPE)
        page.evaluate(OPENED)
        found += browsing.serious(page)
        page.set_viewport_size({"width": 360, "height": 900})
        aside = browsing.aside(page)
        found += [f"{aside} px wider than a telephone"] if aside else []
        found += [f"on a telephone to be pushed sideways: {each}" for each in page.evaluate(WITHIN) if not place.endswith(SHEET)]
        page.set_viewport_size({"width": 1280, "height": 900})
        self.wrong += [f"{place}: {each}" for each in found + self.watched]
        self.watched.clear()


def _factors(looked: Looked, planted: Planted) -> int:
    """Give the secretary of 车间支部 a password and factors of every kind, and the member a password. Gives the key of the passkey."""
    user = planted.world.users["sibling_secretary"]
    for each in (user, planted.world.users["member"]):
        each.set_password("清晨的海湾-2026")
        each.save()
    Authenticator.objects.create(user=user, type="totp", data={"secret": encrypt("JBSWY3DPEHPK3PXP")})
    looked.as_(user)
    browsing.authenticator(looked.page)
    looked.page.goto(reverse("mfa_add_webauthn"))
    looked.page.get_by_role("button", name="添加").click()
    looked.page.get_by_role("heading", name="备用码").wait_for()
    return Authenticator.objects.get(user=user, type="webauthn").pk


@pytest.fixture
def looked(chromium: Browser, live_server: LiveServer) -> Iterator[Looked]:
    made = Looked(chromium, live_server.url)
    yield made
    made.context.close()


def _pages(planted: Planted, who: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The addresses of the pages that this person is to look at, and how they may be answered, which for oneself is by one's state.

    Pages about oneself are looked at with factors and without, the one for a first password without any, home by everybody.
    """
    for name, row in ROWS.items():
        url = address(planted, name, row)
        if row.post or name in FILES | PARTS | POSTED or url.endswith((".xlsx", ".csv", ".docx", ".pdf", ".ics")):
            continue
        first = next((each for each in LOOKERS if each in row.may), None)
        if who == first or name == "shell:home" or (row.own and who == "member") or (name, who) == ("account_set_password", "nobody"):
            yield url, (200, 403, 404) if row.own else STATUS.get(name, ())
    if who == "sibling_secretary":
        for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
            yield reverse(name, args=[planted.keys["passkey"]]), ()


def test_every_page_of_the_matrix(looked: Looked, planted: Planted) -> None:
    planted.keys["passkey"] = _factors(looked, planted)
    for who in LOOKERS:
        looked.as_(planted.world.users[who])
        for url, status in _pages(planted, who):
            looked.at(url, *status)
    assert looked.seen >= 100
    assert not looked.wrong, "\n".join(looked.wrong)


def test_pages_before_sign_in_and_pages_that_say_no(looked: Looked, planted: Planted, settings: LazySettings) -> None:
    for url in ("/sign-in/", "/activate/", "/sign-in/inactive/", "/sign-in/?next=/organisations/"):
        looked.at(url)
    looked.at("/nothing/", 404)
    looked.as_(planted.world.users["member"])
    looked.at("/nothing/", 404)
    looked.at("/organisations/people/", 403)
    looked.at(f"/organisations/{planted.keys['organisation']}/", 404)
    settings.SECOND_FACTOR_REQUIRED = True
    looked.as_(planted.world.users["secretary"])
    looked.at("/organisations/people/")
    assert looked.page.url.endswith("/me/factors/")
    assert not looked.wrong, "\n".join(looked.wrong)


REFUSED = (  # forms sent empty
    "/activate/", "/organisations/people/new/", "/organisations/people/{person}/transfer/", "/organisations/people/{person}/step/",
    "/organisations/{organisation}/establish/", "/organisations/{organisation}/change/rename/", "/organisations/posts/{post}/appoint/",
    "/organisations/imports/", "/uploads/", "/me/delegations/", "/suggestions/new/",
)


FILED = ("/organisations/imports/", "/uploads/")


def test_refused_forms_lead_to_what_is_to_be_mended(looked: Looked, planted: Planted) -> None:
    looked.as_(planted.world.users["superior"])
    for form in REFUSED:
        url = form.format(**planted.keys)
        looked.page.goto(url)
        with looked.page.expect_navigation() as came:
            looked.page.evaluate("document.querySelector('main form[method=post]').submit()")
        looked.look(f"{url} sent empty", came.value, 422 if url in FILED else 200)
        focused = looked.page.evaluate("document.activeElement.matches('[aria-invalid=true], [data-errors]')")
        looked.wrong += [] if focused else [f"{url}: the first error has not the focus"]
    assert not looked.wrong, "\n".join(looked.wrong)


PRINTED = """() => {
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.getClientRects().length).length;
  const before = getComputedStyle(document.body, '::after');
  return {
    aside: shown('header, nav, .skip, .btn, .buttons, form, .filters, .foot-links'), body: shown('main h1'), notice: shown('.foot .notice'),
    heads: [...document.querySelectorAll('thead')].every((e) => getComputedStyle(e).display === 'table-header-group'),
    cut: [...document.querySelectorAll('.table-responsive')].some((e) => getComputedStyle(e).overflowX !== 'visible'),
    mark: before.backgroundImage.includes('watermark') && before.position === 'fixed',
  };
}"""


def test_on_paper_stands_what_is_read_and_the_watermark_of_the_demonstration(
    looked: Looked, planted: Planted, settings: LazySettings,
) -> None:
    settings.DEMO = True
    organisation, code = f"/organisations/{planted.keys['organisation']}/", f"/accounts/{planted.keys['user']}/code/"
    for who, url in (("sibling_secretary", f"{organisation}expected/"), ("superior", organisation), ("keeper", code)):
        looked.as_(planted.world.users[who])
        looked.page.goto(url)
        if url == code:
            looked.page.get_by_label("理由").fill("本人忘记密码")
            looked.page.get_by_role("button", name="发放").click()
            looked.page.locator(".code").wait_for()
        looked.page.emulate_media(media="print")
        assert looked.page.evaluate(PRINTED) == {"aside": 0, "body": 1, "notice": 1, "heads": True, "cut": False, "mark": True}, url
        looked.page.emulate_media(media="screen")
    assert not looked.watched


BAD = """<!doctype html><html><head></head><body><h1>一</h1><h1>二</h1>
<p style="color: red">文字</p><input type="text"><div class="wide">宽</div><script>missing()</script></body></html>"""


def test_the_lookout_itself_sees_what_is_wrong(looked: Looked) -> None:
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'self'"}
    looked.page.route("**/bad/", lambda route: route.fulfill(body=BAD, content_type="text/html", headers=policy))
    looked.page.route("**/bad/script/", lambda route: route.fulfill(body=BAD, content_type="text/html"))
    looked.at("/bad/")
    looked.at("/bad/script/")
    broad = '<svg width="900" height="9"></svg>'
    looked.page.set_content(f'<main><p style="overflow-x: auto">{broad}</p></main>{broad}')
    looked.look("wide", None)
    told = "\n".join(looked.wrong)
    for word in (
        "Content Security Policy", "no title", "no language", "headings of the first level: 2", "label: ", "script: missing is not defined",
        "px wider than a telephone", "to be pushed sideways",
    ):
        assert word in told, told
