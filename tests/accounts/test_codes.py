"""Codes on paper: used once, by their owner, in time; nobody learns anything from trying."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.utils import timezone

from tests.accounts.conftest import PASSWORD, person, sign_in
from tests.world import signed_in
from zaidao.accounts.actions import codes
from zaidao.accounts.models import Code, User
from zaidao.core import access
from zaidao.core.errors import Refused
from zaidao.core.models import Entry

pytestmark = pytest.mark.django_db
NEW = "傍晚的灯塔-2026"


@pytest.fixture
def beginner(db: None) -> User:
    return person("N001", "周新", password=None)


def activate(client: Client, work_no: str, code: str, password: str = NEW, again: str = "") -> object:
    return client.post("/activate/", {"work_no": work_no, "code": code, "password1": password, "password2": again or password})


def issue(system: User, user: User) -> str:
    return codes.issue_code(actor=system, user_id=user.pk)[1]


def test_an_account_begins_with_its_code(web: Client, system: User, beginner: User) -> None:
    text = issue(system, beginner)
    assert activate(web, "N001", text).headers["Location"] == "/sign-in/"
    beginner.refresh_from_db()
    assert beginner.activated_at is not None
    assert sign_in(web, "N001", NEW).status_code == 302


@pytest.mark.parametrize("typed", [str.lower, lambda t: t.replace("-", ""), lambda t: t.replace("-", " "), lambda t: f" {t} "])
def test_a_code_may_be_typed_as_people_type(web: Client, system: User, beginner: User, typed: object) -> None:
    assert activate(web, "N001", typed(issue(system, beginner))).status_code == 302  # type: ignore[operator]


def test_only_a_digest_is_kept_and_its_signs_cannot_be_confused(system: User, beginner: User) -> None:
    code, text = codes.issue_code(actor=system, user_id=beginner.pk)
    assert [len(group) for group in text.split("-")] == [4, 4, 4]
    assert not set(text) & set("0O1IL")
    kept = " ".join(str(v) for row in (*Code.objects.values(), *Entry.objects.values()) for v in row.values())
    assert text not in kept
    assert text.replace("-", "") not in kept
    assert code.purpose == "activate"
    assert timedelta(days=6, hours=23) < code.expires_at - timezone.now() <= timedelta(days=7)


def test_a_reset_lasts_a_day_and_is_on_record(system: User, worker: User) -> None:
    code, _ = codes.issue_code(actor=system, user_id=worker.pk, reason="忘记密码")
    assert code.purpose == "reset"
    assert code.expires_at - timezone.now() <= timedelta(hours=24)
    entry = Entry.objects.get(verb="accounts.issue_code")
    assert (entry.actor, entry.object_id, entry.reason) == (system.pk, str(worker.pk), "忘记密码")


def wrong(answer: object) -> bool:
    return answer.status_code == 200 and codes.WRONG in answer.content.decode()  # type: ignore[attr-defined]


def test_a_code_works_once(web: Client, system: User, beginner: User) -> None:
    text = issue(system, beginner)
    activate(web, "N001", text)
    assert wrong(activate(web, "N001", text, "另一个密码-2027"))
    beginner.refresh_from_db()
    assert check_password(NEW, beginner.password)


def test_whatever_is_wrong_the_answer_is_one(web: Client, system: User, beginner: User, worker: User, stranger: User) -> None:
    old = issue(system, beginner)
    good = issue(system, beginner)
    late = issue(system, worker)
    Code.objects.filter(user=worker).update(expires_at=timezone.now())
    closed = issue(system, stranger)
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    tries = [("N001", old), ("N001", "AAAA-AAAA-AAAA"), ("Z001", late), ("Z002", closed), ("NOBODY", good), ("SYS1", good)]
    for work_no, text in tries:
        assert wrong(activate(web, work_no, text)), work_no
    assert activate(web, "N001", good).status_code == 302


def test_a_factor_code_sets_no_password(web: Client, security: User, worker: User) -> None:
    from zaidao.accounts.models import Code as Kept

    _, text = codes._make(worker, Kept.Purpose.FACTORS, "accounts.reset_factors", security, None, "")
    assert wrong(activate(web, "Z001", text))


@pytest.mark.parametrize(("password", "says"), [
    ("短-12345", "10"), ("N001-好长的密码", "工号"), ("1234567890123", "数字"), ("password123", "常见"),
])
def test_a_weak_password_does_not_spend_the_code(web: Client, system: User, beginner: User, password: str, says: str) -> None:
    text = issue(system, beginner)
    answer = activate(web, "N001", text, password)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert activate(web, "N001", text).status_code == 302


def test_two_different_passwords_are_refused(web: Client, system: User, beginner: User) -> None:
    assert "不一样" in activate(web, "N001", issue(system, beginner), NEW, NEW + "x").content.decode()


def test_guesses_are_limited_and_the_page_is_the_same_for_unknown_numbers(system: User, beginner: User) -> None:
    text = issue(system, beginner)
    for work_no in ("N001", "NOBODY"):
        client = Client(HTTP_HOST="127.0.0.1")
        answers = [activate(client, work_no, f"AAAA-AAAA-AAA{n}").status_code for n in range(2, 8)]
        assert answers == [200, 200, 200, 200, 429, 429]
    assert activate(Client(HTTP_HOST="127.0.0.1"), "N001", text).status_code == 429


def test_a_new_password_ends_every_session(web: Client, system: User, worker: User) -> None:
    sign_in(web, "Z001")
    assert web.get("/me/").status_code == 200
    codes.redeem(work_no="Z001", text=issue(system, worker), password=NEW, now=timezone.now())
    assert web.get("/me/").status_code == 302


def test_the_page_shows_the_code_once_and_is_not_kept(system: User, beginner: User) -> None:
    client = signed_in(system)
    page = f"/accounts/{beginner.pk}/code/"
    answer = client.post(page, {"reason": "新进人员"})
    assert "no-store" in answer.headers["Cache-Control"]
    text = answer.context["text"]
    assert text in answer.content.decode()
    assert text not in client.get(page).content.decode()
    assert text not in client.get(f"/accounts/{beginner.pk}/").content.decode()


@pytest.mark.parametrize("duty", ["security", "audit", None])
def test_only_system_administrators_issue_codes(beginner: User, duty: str | None) -> None:
    other = person("X001", duties=(duty,) if duty else ())
    with pytest.raises(access.Denied):
        codes.issue_code(actor=other, user_id=beginner.pk)
    assert signed_in(other).post(f"/accounts/{beginner.pk}/code/", {"reason": "试试"}).status_code == 403
    assert not Code.objects.exists()


def test_a_closed_account_gets_no_code(system: User, stranger: User) -> None:
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    with pytest.raises(Refused, match="停用"):
        issue(system, stranger)


def test_no_account_has_a_password_before_its_code(web: Client, system: User) -> None:
    client = signed_in(system)
    client.post("/accounts/new/", {"work_no": "N007", "name": "吴新", "phone": ""})
    made = User.objects.get(work_no="N007")
    assert not made.has_usable_password()
    assert made.activated_at is None
    for guess in ("", "N007", "123456", PASSWORD):
        assert sign_in(web, "N007", guess).status_code == 200
