"""The second factor: who must have one, what waits for it, how it is lost and found again."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import LazySettings
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client, RequestFactory

from tests import world
from tests.accounts.conftest import PASSWORD, person, sign_in
from tests.world import signed_in
from zaidao.accounts import factors
from zaidao.accounts.actions import codes
from zaidao.accounts.models import Code, User
from zaidao.core import access
from zaidao.core.errors import Refused
from zaidao.core.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings: LazySettings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


def number(secret: str) -> str:
    """What the telephone shows now. Each number is good once, so the note of used ones is torn up."""
    cache.clear()
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_totp(user: User) -> str:
    """The secret of a factor that the person has set up."""
    from allauth.core import context

    request = RequestFactory().get("/")
    secret = generate_totp_secret()
    with context.request_context(request):
        TOTP.activate(user, secret)
    return secret


def asked(user: User) -> HttpRequest:
    """A request of a session of this person."""
    client = signed_in(user)
    request = RequestFactory().get("/")
    request.user, request.session = user, client.session
    return request


def test_the_verbs_that_ask_for_it_exist() -> None:
    assert set(factors.SENSITIVE) <= set(access.VERBS)


@pytest.mark.parametrize(("key", "must"), [
    ("head", True), ("office", True), ("superior", True), ("secretary", True), ("member", False), ("nobody", False),
])
def test_who_may_see_sensitive_fields_of_others_needs_one(key: str, must: bool) -> None:
    made = world.build()
    assert factors.needed(made.users[key]) is must
    answer = signed_in(made.users[key]).get("/me/")
    assert (answer.status_code, answer.headers.get("Location")) == ((302, "/me/factors/") if must else (200, None))


@pytest.mark.parametrize("duty", ["system", "security", "audit"])
def test_whoever_keeps_the_system_needs_one(duty: str) -> None:
    assert factors.needed(person("K001", duties=(duty,)))


def test_a_stand_in_needs_one_too() -> None:
    from datetime import timedelta

    from django.utils import timezone

    from zaidao.accounts.models import Delegation

    made, today = world.build(), timezone.localdate()
    assert not factors.needed(made.users["nobody"])
    Delegation.objects.create(
        giver=made.users["secretary"], taker=made.users["nobody"], since=today, until=today + timedelta(days=3), reason="出差",
    )
    access.forget(made.users["nobody"])
    assert factors.needed(made.users["nobody"])


def test_before_it_is_set_up_nothing_else_works(system: User) -> None:
    client = signed_in(system)
    for page in ("/", "/me/", "/accounts/", "/suggestions/", "/me/phone/"):
        assert client.get(page).headers["Location"] == "/me/factors/", page
    assert client.post("/accounts/new/", {"work_no": "N1", "name": "新人"}).headers["Location"] == "/me/factors/"
    assert not User.objects.filter(work_no="N1").exists()
    assert client.get("/me/factors/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_setting_it_up_opens_the_system_and_gives_codes_once(web: Client, system: User) -> None:
    sign_in(web, "SYS1")
    assert web.get("/me/factors/totp/").headers["Location"].startswith("/me/confirm/?next=")
    assert web.post("/me/confirm/?next=/me/factors/totp/", {"password": PASSWORD}).headers["Location"] == "/me/factors/totp/"
    page = web.get("/me/factors/totp/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert 'src="data:image/svg+xml' in page.content.decode()
    wrong = web.post("/me/factors/totp/", {"code": "000000"})
    assert "验证码不对" in wrong.content.decode()
    assert web.post("/me/factors/totp/", {"code": number(secret)}).headers["Location"] == "/me/factors/codes/"
    shown = web.get("/me/factors/codes/").context["unused_codes"]
    assert len(shown) == 10
    assert shown[0] not in web.get("/me/factors/codes/").content.decode()
    assert web.get("/accounts/").status_code == 200
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert shown[0] not in kept
    assert Entry.objects.filter(verb="accounts.change_factors", actor=system.pk).exists()


def test_signing_in_asks_for_it(web: Client, system: User) -> None:
    secret = with_totp(system)
    assert sign_in(web, "SYS1").headers["Location"] == "/sign-in/factor/"
    assert "_auth_user_id" not in web.session
    assert web.get("/accounts/").headers["Location"].startswith("/sign-in/")
    assert "验证码不对" in web.post("/sign-in/factor/", {"code": "000000"}).content.decode()
    assert web.post("/sign-in/factor/", {"code": number(secret)}).headers["Location"] == "/"
    assert web.get("/accounts/").status_code == 200


def test_a_number_works_once(web: Client, system: User) -> None:
    secret = with_totp(system)
    shown = number(secret)
    sign_in(web, "SYS1")
    assert web.post("/sign-in/factor/", {"code": shown}).status_code == 302
    again = Client(HTTP_HOST="127.0.0.1")
    sign_in(again, "SYS1")
    assert again.post("/sign-in/factor/", {"code": shown}).status_code == 200


def test_numbers_cannot_be_guessed_at_will(web: Client, system: User) -> None:
    secret = with_totp(system)
    sign_in(web, "SYS1")
    for n in range(6):
        web.post("/sign-in/factor/", {"code": f"00000{n}"})
    right = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert "稍后再试" in web.post("/sign-in/factor/", {"code": right}).content.decode()
    assert "_auth_user_id" not in web.session


def test_with_its_key_lost_no_number_is_right_and_nothing_breaks(web: Client, system: User) -> None:
    secret = with_totp(system)
    Authenticator.objects.update(data={"secret": "k9:AAAA"})
    sign_in(web, "SYS1")
    assert "验证码不对" in web.post("/sign-in/factor/", {"code": number(secret)}).content.decode()
    assert "_auth_user_id" not in web.session


def test_another_persons_number_opens_nothing(web: Client, system: User, security: User) -> None:
    with_totp(system)
    other = with_totp(security)
    sign_in(web, "SYS1")
    assert web.post("/sign-in/factor/", {"code": number(other)}).status_code == 200


def test_a_session_without_it_is_asked_once_the_duty_comes(system: User) -> None:
    """Signed in by another way, or before the duty came: the factor is asked for, the password does not stand in."""
    client = signed_in(system)
    secret = with_totp(system)
    assert client.get("/accounts/").headers["Location"] == "/me/confirm/factor/?next=%2Faccounts%2F"
    assert client.get("/me/confirm/").headers["Location"].startswith("/me/confirm/factor/")
    assert client.post("/me/confirm/factor/?next=/accounts/", {"code": number(secret)}).headers["Location"] == "/accounts/"
    assert client.get("/accounts/").status_code == 200


def test_it_is_fresh_for_an_hour(system: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    request = asked(system)
    assert not factors.second_factor_ok(request)
    assert factors.ask(request).url == "/me/factors/"
    with_totp(system)
    factors.record_authentication(request, system, "mfa", type="totp")
    assert factors.second_factor_ok(request)
    now = time.time()
    monkeypatch.setattr(factors.time, "time", lambda: now + settings.SECOND_FACTOR_MINUTES * 60 + 1)
    assert not factors.second_factor_ok(request)
    assert factors.ask(request, back="/accounts/").url == "/me/confirm/factor/?next=%2Faccounts%2F"


def test_somebody_elses_proof_in_the_session_does_not_count(system: User, security: User) -> None:
    request = asked(system)
    factors.record_authentication(request, security, "mfa", type="totp")
    assert not factors.second_factor_ok(request)


def test_without_the_demand_whoever_is_signed_in_passes(system: User, settings: LazySettings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    assert factors.second_factor_ok(asked(system))
    assert signed_in(system).get("/accounts/").status_code == 200


# A lost telephone.


def test_a_code_on_paper_replaces_a_lost_factor_together_with_the_password(web: Client, system: User, security: User) -> None:
    with_totp(system)
    _, text = codes.issue_factor_code(actor=security, user_id=system.pk, reason="手机丢失,当面核实")
    assert web.get("/sign-in/factor/code/").headers["Location"] == "/sign-in/"
    sign_in(web, "SYS1")
    assert codes.WRONG in web.post("/sign-in/factor/code/", {"code": "AAAA-AAAA-AAAA"}).content.decode()
    assert factors.has(system)
    assert web.post("/sign-in/factor/code/", {"code": text}).headers["Location"] == "/"
    assert not factors.has(system)
    assert web.get("/accounts/").headers["Location"] == "/me/factors/"
    assert Entry.objects.get(verb="accounts.reset_factors").reason == "手机丢失,当面核实"
    assert Entry.objects.filter(verb="accounts.factors", actor=system.pk).exists()


def test_guessing_that_code_is_limited(web: Client, system: User, security: User) -> None:
    with_totp(system)
    codes.issue_factor_code(actor=security, user_id=system.pk, reason="手机丢失")
    sign_in(web, "SYS1")
    answers = [web.post("/sign-in/factor/code/", {"code": f"AAAA-AAAA-AAA{n}"}).status_code for n in range(2, 8)]
    assert answers == [200, 200, 200, 200, 429, 429]


@pytest.mark.parametrize("duty", ["system", "audit", None])
def test_only_security_administrators_issue_it(system: User, duty: str | None) -> None:
    with_totp(system)
    other = person("X001", duties=(duty,) if duty else ())
    with pytest.raises(access.Denied):
        codes.issue_factor_code(actor=other, user_id=system.pk, reason="试试")
    assert not Code.objects.exists()


def test_nobody_issues_it_to_themselves_or_to_somebody_without_a_factor(security: User, system: User) -> None:
    with_totp(security)
    with pytest.raises(Refused, match="自己"):
        codes.issue_factor_code(actor=security, user_id=security.pk, reason="试试")
    with pytest.raises(Refused, match="没有设置"):
        codes.issue_factor_code(actor=security, user_id=system.pk, reason="试试")


def test_one_administrator_alone_cannot_take_over_an_account(web: Client, system: User, security: User) -> None:
    """The code for a password leaves the factor as it is."""
    with_totp(security)
    _, text = codes.issue_code(actor=system, user_id=security.pk)
    web.post("/activate/", {"work_no": "SEC1", "code": text, "password1": "管理员不该知道-2026", "password2": "管理员不该知道-2026"})
    assert sign_in(web, "SEC1", "管理员不该知道-2026").headers["Location"] == "/sign-in/factor/"


# Passkeys, as far as they go without a browser.


def test_passkey_pages_offer_options_and_refuse_nonsense(web: Client, system: User) -> None:
    told = web.get("/sign-in/passkey/", headers={"Accept": "application/json"}).json()
    assert told["request_options"]["publicKey"]["rpId"] == "127.0.0.1"
    assert web.post("/sign-in/passkey/", {"credential": "{}"}).headers["Location"] == "/sign-in/"
    assert "_auth_user_id" not in web.session
    sign_in(web, "SYS1")
    web.post("/me/confirm/", {"password": PASSWORD})
    page = web.get("/me/factors/passkeys/new/")
    assert page.status_code == 200
    assert "creation_options" in page.content.decode()
    assert web.post("/me/factors/passkeys/new/", {"name": "电脑", "credential": "{}"}).status_code == 200
    assert not factors.has(system)


def test_removing_the_factor_asks_for_it_and_leads_back_to_setting_it_up(web: Client, system: User) -> None:
    secret = with_totp(system)
    sign_in(web, "SYS1")
    web.post("/sign-in/factor/", {"code": number(secret)})
    assert web.get("/me/factors/totp/remove/").headers["Location"].startswith("/me/confirm/factor/")
    web.post("/me/confirm/factor/", {"code": number(secret)})
    web.post("/me/factors/totp/remove/")
    assert not factors.has(system)
