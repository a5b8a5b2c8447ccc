"""Single sign-on: whoever another system vouches for enters by work number, nobody is created, nothing is linked by mail."""

import json
import runpy
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.internal.flows.login import complete_login
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import LazySettings
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from tests.accounts.conftest import person
from zaidao.accounts import adapters
from zaidao.accounts.models import User
from zaidao.config import sign_in

pytestmark = pytest.mark.django_db


def vouched(told: dict[str, Any], process: str = "login") -> SocialLogin:
    """What allauth has in hand when the other system has vouched for somebody."""
    account = SocialAccount(provider="sso", uid="abc-1", extra_data={"userinfo": told})
    login = SocialLogin(user=User(email=str(told.get("email", ""))), account=account)
    login.state = {"process": process}
    return login


@pytest.fixture(autouse=True)
def _configured(settings: LazySettings) -> None:
    app = {"provider_id": "sso", "name": "统一身份认证", "client_id": "id", "secret": "s", "settings": {"server_url": "https://sso.test"}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}


def asking() -> HttpRequest:
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/sign-in/oidc/sso/callback/", HTTP_HOST="127.0.0.1")
    request.session, request.user = SessionStore(), AnonymousUser()
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


def enter(told: dict[str, Any], process: str = "login") -> tuple[HttpRequest, HttpResponse]:
    from allauth.core import context

    request = asking()
    with context.request_context(request):
        login = vouched(told, process)
        login.provider = adapters.SingleSignOn().get_provider(request, "sso")
        return request, complete_login(request, login)


@pytest.mark.parametrize("number", ["Z001", " Z001 ", "Z\uff10\uff10\uff11"])
def test_the_work_number_decides(worker: User, number: str) -> None:
    request, answer = enter({"work_no": number, "email": "someone@else.test", "email_verified": True})
    assert request.user == worker
    assert answer.status_code == 302


@pytest.mark.parametrize("told", [
    {"work_no": "UNKNOWN"}, {}, {"work_no": ""}, {"work_no": None}, {"work_no": ["Z001"]}, {"preferred_username": "Z001"}, {"sub": "Z001"},
    {"work_no": "13800001234"}, {"email": "lihai@corp.test", "email_verified": True},
])
def test_whoever_is_not_named_by_work_number_stays_outside(worker: User, told: dict[str, Any]) -> None:
    User.objects.filter(pk=worker.pk).update(email="lihai@corp.test")
    before = User.objects.count()
    request, answer = enter(told)
    assert not request.user.is_authenticated
    assert answer.headers["Location"] == "/sign-in/"
    assert [str(m) for m in request._messages] == [adapters.NO_ACCOUNT]  # type: ignore[attr-defined]
    assert User.objects.count() == before
    assert not SocialAccount.objects.exists()


def test_a_closed_account_stays_closed(worker: User) -> None:
    User.objects.filter(pk=worker.pk).update(is_active=False)
    request, _ = enter({"work_no": "Z001"})
    assert not request.user.is_authenticated


def test_an_earlier_link_does_not_outweigh_the_number(worker: User, stranger: User) -> None:
    SocialAccount.objects.create(user=stranger, provider="sso", uid="abc-1", extra_data={})
    request, _ = enter({"work_no": "Z001"})
    assert request.user == worker


def test_nothing_is_linked(worker: User) -> None:
    with pytest.raises(ImmediateHttpResponse):
        adapters.SingleSignOn().pre_social_login(asking(), vouched({"work_no": "Z001"}, process="connect"))


def test_a_second_factor_is_still_asked_for(worker: User) -> None:
    from tests.accounts.test_factors import with_totp

    with_totp(worker)
    request, answer = enter({"work_no": "Z001"})
    assert answer.headers["Location"] == "/sign-in/factor/"
    assert not request.user.is_authenticated


# The whole way, with a system that vouches on this machine.


class Vouching(BaseHTTPRequestHandler):
    """Describes itself, gives a token for any code, and says who it is about. `told`: the claims; `lacks`: what it does not describe."""

    told: ClassVar[dict[str, Any]] = {}
    lacks: ClassVar[str] = ""
    asked: ClassVar[list[str]] = []

    def log_message(self, *_: Any) -> None:
        """Nothing on the screen."""

    def do_GET(self) -> None:
        at = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        config = {"issuer": at, "authorization_endpoint": f"{at}/auth", "token_endpoint": f"{at}/token", "userinfo_endpoint": f"{at}/me"}
        config |= {"jwks_uri": f"{at}/keys", "token_endpoint_auth_methods_supported": ["client_secret_post"]}
        config.pop(self.lacks, None)
        self._say(self.told if self.path == "/me" else config)

    def do_POST(self) -> None:
        self.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._say({"access_token": "a", "token_type": "Bearer"})

    def _say(self, told: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())


@pytest.fixture
def vouching(settings: LazySettings) -> Iterator[type[Vouching]]:
    settings.ROOT_URLCONF = "tests.accounts.with_single_sign_on"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Vouching)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {"server_url": f"http://127.0.0.1:{server.server_port}"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield Vouching
    Vouching.lacks = ""
    server.shutdown()
    server.server_close()


def led(web: Client, told: dict[str, Any], then: str = "") -> str:
    """Where somebody of these claims is led in the end."""
    Vouching.told = {"sub": "s-1"} | told
    sent = web.post(f"/sign-in/oidc/sso/?next={then}").headers["Location"]
    state = parse_qs(urlsplit(sent).query)["state"][0]
    return web.get("/sign-in/oidc/sso/callback/", {"code": "c", "state": state}).headers["Location"]


@pytest.mark.parametrize(("then", "place"), [("", "/"), ("/me/", "/me/"), ("https://evil.test/", "/"), ("//evil.test", "/")])
def test_the_whole_way_leads_in_and_to_no_other_site(vouching: type[Vouching], web: Client, worker: User, then: str, place: str) -> None:
    assert led(web, {"work_no": "Z001"}, then) == place
    assert web.session["_auth_user_id"] == str(worker.pk)
    assert "code_verifier=" in vouching.asked[-1]
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("number", ["UNKNOWN", "Z002"])
def test_the_whole_way_ends_at_the_door_for_the_unknown_and_the_closed(
    vouching: type[Vouching], web: Client, stranger: User, number: str,
) -> None:
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    assert led(web, {"work_no": number}) == "/sign-in/"
    assert adapters.NO_ACCOUNT in web.get("/sign-in/").content.decode()
    assert web.get("/me/").status_code == 302


def test_an_answer_that_nobody_asked_for_opens_nothing(vouching: type[Vouching], web: Client, worker: User) -> None:
    sent = web.post("/sign-in/oidc/sso/").headers["Location"]
    state = parse_qs(urlsplit(sent).query)["state"][0]
    Vouching.told = {"sub": "s-1", "work_no": "Z001"}
    for client, given in ((web, "x" * len(state)), (Client(HTTP_HOST="127.0.0.1"), state)):
        assert client.get("/sign-in/oidc/sso/callback/", {"code": "c", "state": given}).status_code == 401
        assert client.get("/me/").status_code == 302


@pytest.mark.parametrize("how", ["away", "nonsense"])
def test_where_the_other_system_is_away_the_sign_in_page_says_so(
    vouching: type[Vouching], web: Client, settings: LazySettings, how: str,
) -> None:
    if how == "away":
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    vouching.lacks = "authorization_endpoint"
    answer = web.post("/sign-in/oidc/sso/", follow=True)
    assert answer.redirect_chain == [("/sign-in/", 302)]
    assert "统一身份认证现在连不上" in answer.content.decode()


def test_nobody_signs_up() -> None:
    login = vouched({"work_no": person("Q1").work_no})
    assert not adapters.SingleSignOn().is_open_for_signup(asking(), login)
    assert not adapters.Account().is_open_for_signup(asking())


@pytest.mark.parametrize(("address", "taken"), [
    ("https://sso.corp.cn", True), ("http://127.0.0.1:8080/realm", True), ("http://sso.corp.cn", False), ("http://10.0.0.8", False),
])
def test_whoever_vouches_is_asked_by_https_alone(address: str, taken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ID", "id"), ("SECRET", "s"), ("URL", address)):
        monkeypatch.setenv(f"ZAIDAO_OIDC_{name}", value)
    with nullcontext() if taken else pytest.raises(ImproperlyConfigured, match="https://"):
        assert runpy.run_path(str(sign_in.__file__))["OIDC"]
