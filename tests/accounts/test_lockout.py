"""Too many attempts: counted per name and address, known or not; nothing readable is kept; lifted on record."""

import logging
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.accounts.conftest import PASSWORD, person, sign_in
from tests.world import signed_in
from zaidao.accounts import adapters, lockout
from zaidao.accounts.models import User
from zaidao.core.models import Entry

pytestmark = pytest.mark.django_db
GUESS = "猜一个密码-0000"


def fail(client: Client, login: str, times: int = 5) -> list[int]:
    return [sign_in(client, login, GUESS).status_code for _ in range(times)]


@pytest.mark.parametrize("login", ["Z001", "13800001234", "NOBODY", "13999999999"])
def test_five_failures_lock_a_name_whether_or_not_it_exists(web: Client, worker: User, login: str) -> None:
    assert fail(web, login) == [200, 200, 200, 200, 429]
    answer = sign_in(web, login)
    assert answer.status_code == 429
    assert "15 分钟" in answer.content.decode()
    assert "Z001" not in answer.content.decode()


def test_pages_of_the_lock_are_equal_for_known_and_unknown(worker: User) -> None:
    pages = []
    for login in ("Z001", "NOBODY"):
        client = Client(HTTP_HOST="127.0.0.1")
        fail(client, login)
        pages.append(sign_in(client, login).content)
    assert pages[0] == pages[1]


def test_locking_one_name_tells_nothing_of_another(web: Client, worker: User) -> None:
    """The telephone number of a locked work number is not locked: else it would tell whose it is."""
    fail(web, "Z001")
    assert sign_in(web, "13800001234", GUESS).status_code == 200


def test_other_addresses_and_other_names_go_on(web: Client, worker: User, stranger: User) -> None:
    fail(web, "Z001")
    assert sign_in(web, "Z002").status_code == 302
    assert sign_in(Client(HTTP_HOST="127.0.0.1", REMOTE_ADDR="10.0.0.9"), "Z001").status_code == 302


def test_trying_on_does_not_prolong_it(web: Client, worker: User) -> None:
    fail(web, "Z001", 8)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert sign_in(web, "Z001").status_code == 302


def test_success_forgets_the_failures(web: Client, worker: User) -> None:
    fail(web, "Z001", 4)
    sign_in(web, "Z001")
    web.post("/sign-out/")
    assert fail(web, "Z001", 4) == [200] * 4


def test_nothing_readable_is_kept_or_logged(web: Client, worker: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        fail(web, "Z001", 6)
        fail(web, "13800001234", 6)
    kept = " ".join(str(v) for row in AccessAttempt.objects.values() for v in row.values())
    for secret in ("Z001", "13800001234", GUESS, "csrf"):
        assert secret not in kept.replace("csrfmiddlewaretoken", "")
        assert secret not in caplog.text


def test_a_lock_is_on_record_once(web: Client, worker: User) -> None:
    fail(web, "Z001", 7)
    entry = Entry.objects.get(verb="accounts.locked")
    assert (entry.object_type, entry.object_id, entry.actor) == ("accounts.user", str(worker.pk), None)


def test_the_security_administrator_lifts_it(web: Client, security: User, worker: User) -> None:
    fail(web, "Z001")
    assert lockout.is_locked(worker)
    client = signed_in(security)
    assert "登录暂时锁定" in client.get(f"/accounts/{worker.pk}/").content.decode()
    client.post(f"/accounts/{worker.pk}/unlock/", {"reason": "本人到场核实"})
    assert not lockout.is_locked(worker)
    assert Entry.objects.get(verb="accounts.lift_lock").reason == "本人到场核实"
    assert sign_in(web, "Z001").status_code == 302


@pytest.mark.parametrize("duty", ["system", "audit", None])
def test_nobody_else_lifts_it(web: Client, worker: User, duty: str | None) -> None:
    other = person("X001", duties=(duty,) if duty else ())
    fail(web, "Z001")
    assert signed_in(other).post(f"/accounts/{worker.pk}/unlock/", {"reason": "试试"}).status_code == 403
    assert lockout.is_locked(worker)


def test_many_names_from_one_address_are_limited_too(web: Client, worker: User) -> None:
    said = [adapters.TOO_MANY in sign_in(web, f"NAME{n}", GUESS).content.decode() for n in range(62)]
    assert said == [False] * 60 + [True] * 2


def test_confirming_ones_password_is_limited_too(worker: User) -> None:
    client = signed_in(worker)
    answers = [client.post("/me/confirm/", {"password": GUESS}).status_code for _ in range(5)]
    assert answers[-1] == 429
    assert PASSWORD not in answers


def test_what_was_counted_and_used_holds_in_every_process_of_the_place() -> None:
    """A one-time code that was used, and attempts by address, would otherwise be good again in a second process or after a start anew."""
    cache.set("used", "1", timeout=90)
    code = "import django; django.setup(); from django.core.cache import cache; print(cache.get('used'), cache.add('used', '2'))"
    place = {"DJANGO_SETTINGS_MODULE": "zaidao.config.settings", "ZAIDAO_VAR": str(settings.VAR), "ZAIDAO_SECRET_KEY": "tests" * 10}
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | place, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1 False"
