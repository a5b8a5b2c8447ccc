"""Signing in: both names, one answer to whoever may not, nothing open to strangers."""

import re

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.accounts.conftest import PASSWORD, person, sign_in
from tests.world import signed_in
from zaidao.accounts.models import User
from zaidao.core.models import Entry

pytestmark = pytest.mark.django_db
WRONG = "工号(手机号)或密码不对。"
OPEN = {
    "account_login", "account_logout", "account_inactive", "mfa_authenticate", "mfa_login_webauthn", "accounts:activate",
    "accounts:factor_code", "accounts:enter", "accounts:suggest",
}
# What a load balancer asks; how far a demonstration is, before anybody can enter it; a calendar by its secret, 404 without.
OUTSIDE = {"shell:ping", "shell:demo_progress", "carriers:feed_calendar"}


WIDE = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})  # as Chinese keyboards write letters and digits


@pytest.mark.parametrize("login", [
    "Z001", " Z001 ", "Z 001", "Z001".translate(WIDE), "13800001234", "138 0000 1234", "13800001234".translate(WIDE), "+86 138-0000-1234",
])
def test_by_work_number_or_telephone_however_they_are_typed(web: Client, worker: User, login: str) -> None:
    assert sign_in(web, login).headers["Location"] == "/"
    assert web.session["_auth_user_id"] == str(worker.pk)


def test_every_refusal_has_the_same_answer(web: Client, worker: User, stranger: User) -> None:
    stranger.is_active = False
    stranger.save()
    person("NEW1", password=None)
    told = [
        ("Z001", "不是这个密码-1"), ("NOBODY", PASSWORD), ("Z002", PASSWORD), ("NEW1", PASSWORD), ("13900000000", PASSWORD), ("NEW1", "!"),
    ]
    answers = [sign_in(web, *each) for each in told]
    assert {a.status_code for a in answers} == {200}
    pages = {re.sub(r'value="[^"]*"', "", a.content.decode()) for a in answers}
    assert len(pages) == 1
    assert WRONG in pages.pop()
    assert "_auth_user_id" not in web.session


def test_two_people_with_one_telephone_number_cannot_use_it(web: Client, worker: User) -> None:
    person("Z009", phone="13800001234")
    assert WRONG in sign_in(web, "13800001234").content.decode()
    assert sign_in(web, "Z001").status_code == 302


def test_another_persons_password_opens_nothing(web: Client, worker: User) -> None:
    person("Z003", password="另外一个人的密码-9")
    assert WRONG in sign_in(web, "Z001", "另外一个人的密码-9").content.decode()


def test_the_session_gets_a_new_key(web: Client, worker: User) -> None:
    web.get("/sign-in/")
    session = web.session
    session["planted"] = True
    session.save()
    web.cookies["sessionid"] = session.session_key
    sign_in(web, "Z001")
    assert web.session.session_key != session.session_key


def test_signing_in_is_on_record_without_what_was_typed(web: Client, worker: User) -> None:
    sign_in(web, "13800001234")
    entry = Entry.objects.get(verb="accounts.sign_in")
    assert (entry.actor, entry.changes) == (worker.pk, {})


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(web: Client, worker: User, target: str) -> None:
    assert sign_in(web, "Z001", next=target).headers["Location"] == "/"


def test_one_goes_on_where_one_wanted_to(web: Client, worker: User) -> None:
    assert web.get("/me/").headers["Location"] == "/sign-in/?next=/me/"
    assert sign_in(web, "Z001", next="/me/").headers["Location"] == "/me/"


def test_the_notice_stands_at_the_sign_in(web: Client) -> None:
    assert "非涉密系统,不得录入涉密信息" in web.get("/sign-in/").content.decode()


def test_signing_out_is_a_post_and_ends_the_session(worker: User) -> None:
    client = signed_in(worker)
    assert "退出登录" in client.get("/sign-out/").content.decode()
    assert client.get("/me/").status_code == 200
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/me/").status_code == 302


def addresses(resolver: URLResolver, before: str = "", space: str = "") -> list[tuple[str, str]]:
    """Every address of the system with its name, arguments filled in."""
    found = []
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            found += addresses(each, route, each.namespace or space)
        elif isinstance(each, URLPattern):
            name = f"{space}:{each.name}" if space else str(each.name)
            found.append((name, "/" + re.sub(r"<(?:int:)?\w+>", "1", re.sub(r"<(?:slug|path|str|uuid):\w+>", "a", route))))
    return found


def test_every_other_page_is_closed_to_strangers(web: Client) -> None:
    """Walks the resolver: a page that forgets nothing still asks for sign-in first."""
    walked = addresses(get_resolver())
    assert len(walked) > 40
    for name, address in walked:
        if name in OPEN | OUTSIDE:
            continue
        for answer in (web.get(address), web.post(address)):
            assert answer.status_code == 302, (name, address, answer.status_code)
            assert answer.headers["Location"].startswith("/sign-in/"), (name, address)


def test_what_is_open_to_strangers_besides_tells_nothing(web: Client, worker: User) -> None:
    assert web.get("/demo/progress/").status_code == 404  # outside a demonstration
    assert worker.name not in web.get("/ping/").content.decode()


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(web: Client) -> None:
    answer = web.get("/me/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in/")


@pytest.mark.parametrize("address", [
    "/signup/", "/sign-up/", "/accounts/signup/", "/password/reset/", "/accounts/password/reset/", "/me/email/", "/confirm-email/",
    "/accounts/email/", "/login/code/", "/social/signup/", "/sign-in/oidc/sso/", "/accounts/social/connections/",
])
def test_what_needs_mail_or_makes_accounts_is_not_there(address: str, worker: User) -> None:
    assert signed_in(worker).get(address).status_code == 404


SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>")


@pytest.mark.parametrize("address", [
    "/sign-in/", "/activate/", "/me/", "/me/password/", "/me/factors/", "/me/sessions/", "/me/delegations/", "/suggestions/new/",
    "/sign-out/", "/me/confirm/",
])
def test_no_page_carries_scripts_or_styles_in_its_text(address: str, web: Client, worker: User) -> None:
    client = web if address in ("/sign-in/", "/activate/") else signed_in(worker)
    answer = client.get(address)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert not SCRIPT.search(text)
    assert " style=" not in text
    assert "<style" not in text
    assert not re.search(r"\son\w+=", text)
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
