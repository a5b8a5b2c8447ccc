"""Sessions end by term, for want of use, elsewhere on wish, and everywhere with the password."""

import time

import pytest
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.test import Client

from tests.accounts.conftest import PASSWORD, sign_in
from zaidao.accounts import middleware, sessions
from zaidao.accounts.models import User
from zaidao.accounts.templatetags.devices import device
from zaidao.core.models import Entry

pytestmark = pytest.mark.django_db


START = time.time()


def at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """So many seconds after these tests began."""
    monkeypatch.setattr(middleware.time, "time", lambda: START + seconds)


def test_an_idle_session_ends(web: Client, worker: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IDLE_MINUTES = 30
    at(monkeypatch, 0)
    sign_in(web, "Z001")
    at(monkeypatch, 29 * 60)
    assert web.get("/me/").status_code == 200
    at(monkeypatch, 58 * 60)
    assert web.get("/me/").status_code == 200  # used in between
    at(monkeypatch, 89 * 60)
    assert web.get("/me/").headers["Location"] == "/sign-in/?next=/me/"
    assert "自动退出" in web.get("/sign-in/").content.decode()


def test_a_used_session_ends_after_its_term(web: Client, worker: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.SESSION_COOKIE_AGE == 12 * 3600
    at(monkeypatch, 0)
    sign_in(web, "Z001")
    for hour in range(1, 24):
        at(monkeypatch, hour * 1800)
        assert web.get("/me/").status_code == 200
    at(monkeypatch, 12 * 3600 + 1)
    assert web.get("/me/").status_code == 302


def test_a_session_of_unknown_age_is_over(web: Client, worker: User) -> None:
    sign_in(web, "Z001")
    session = web.session
    del session[sessions.BEGAN]
    session.save()
    assert web.get("/me/").status_code == 302


def test_the_cookie_goes_with_the_browser_and_not_to_scripts(web: Client, worker: User) -> None:
    sign_in(web, "Z001")
    cookie = web.cookies["sessionid"]
    assert cookie["httponly"]
    assert not cookie["max-age"]
    assert cookie["samesite"] == "Lax"


def test_a_page_in_the_same_minute_writes_nothing(web: Client, worker: User, django_assert_num_queries: object) -> None:
    sign_in(web, "Z001")
    web.get("/me/sessions/")
    seen = UserSession.objects.get().last_seen_at
    web.get("/me/sessions/")
    assert UserSession.objects.get().last_seen_at == seen


def test_other_devices_are_listed_and_signed_out(web: Client, worker: User, stranger: User) -> None:
    elsewhere, theirs = Client(HTTP_HOST="127.0.0.1", HTTP_USER_AGENT="旧电脑"), Client(HTTP_HOST="127.0.0.1")
    sign_in(elsewhere, "Z001")
    sign_in(theirs, "Z002")
    sign_in(web, "Z001")
    assert "旧电脑" in web.get("/me/sessions/").content.decode()
    web.post("/me/sessions/")
    assert web.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    assert theirs.get("/me/").status_code == 200


def test_one_device_is_signed_out_alone_and_on_record(web: Client, worker: User, stranger: User) -> None:
    old, other, theirs = (Client(HTTP_HOST="127.0.0.1", HTTP_USER_AGENT=name) for name in ("旧电脑", "平板", "别人的"))
    for client, who in ((old, "Z001"), (other, "Z001"), (theirs, "Z002"), (web, "Z001")):
        sign_in(client, who)
    number = {s.user_agent: s.pk for s in UserSession.objects.all()}
    mine = UserSession.objects.get(session_key=web.session.session_key).pk
    assert f"/me/sessions/{mine}/end/" not in web.get("/me/sessions/").content.decode()
    for pk in (mine, number["别人的"], 99999):
        assert web.post(f"/me/sessions/{pk}/end/").status_code == 404
    assert web.get(f"/me/sessions/{number['旧电脑']}/end/").status_code == 405
    assert f"/me/sessions/{number['旧电脑']}/end/" in web.get("/me/sessions/").content.decode()
    assert web.post(f"/me/sessions/{number['旧电脑']}/end/").headers["Location"] == "/me/sessions/"
    assert [c.get("/me/").status_code for c in (old, other, theirs, web)] == [302, 200, 200, 200]
    assert Entry.objects.get(verb="accounts.end_session").actor == worker.pk


def test_a_new_password_signs_out_elsewhere_and_is_on_record(web: Client, worker: User) -> None:
    elsewhere, new = Client(HTTP_HOST="127.0.0.1"), "午后的码头-2026"
    sign_in(elsewhere, "Z001")
    sign_in(web, "Z001")
    answer = web.post("/me/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    assert web.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    entry = Entry.objects.get(verb="accounts.change_password")
    assert entry.changes == {"password": "已改动"}
    assert UserSession.objects.filter(user=worker).count() == 1


@pytest.mark.parametrize(("old", "new", "says"), [
    ("不是我的密码-1", "午后的码头-2026", "现在的密码不对"), (PASSWORD, "短", "10"), (PASSWORD, "我的Z001密码很长", "工号"),
    (PASSWORD, "13800001234很长", "手机号"),
])
def test_a_password_is_not_changed_without_the_old_or_to_a_weak_one(web: Client, worker: User, old: str, new: str, says: str) -> None:
    sign_in(web, "Z001")
    answer = web.post("/me/password/", {"oldpassword": old, "password1": new, "password2": new})
    assert answer.status_code == 200
    assert says in answer.content.decode()
    worker.refresh_from_db()
    assert worker.check_password(PASSWORD)


@pytest.mark.parametrize(("agent", "told"), [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0 Safari/537.36 Edg/120.0", "Windows 电脑,Edge"),
    ("Mozilla/5.0 (Linux; Android 13) Chrome/107.0 Safari/537.36 wxwork/4.1 MicroMessenger/7.0", "安卓设备,企业微信"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "iPhone,Safari"),
    ("Mozilla/5.0 (X11; Linux x86_64) Chrome/116.0 Safari/537.36", "Linux 电脑,Chrome"), ("curl/8", "未知设备"), ("", "未知设备"),
])
def test_a_device_is_told_in_words_that_its_owner_knows(agent: str, told: str) -> None:
    assert device(agent) == told
