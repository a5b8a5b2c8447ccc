"""Single sign-on: whoever another system vouches for enters by work number, nobody is created, nothing is linked by mail."""

from typing import Any

import pytest
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.internal.flows.login import complete_login
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import LazySettings
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tests.accounts.conftest import person
from zaidao.accounts import adapters
from zaidao.accounts.models import User

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


def test_nobody_signs_up() -> None:
    login = vouched({"work_no": person("Q1").work_no})
    assert not adapters.SingleSignOn().is_open_for_signup(asking(), login)
    assert not adapters.Account().is_open_for_signup(asking())
