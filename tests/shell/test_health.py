"""The health page: what runs, what does not, and what to do about it; for those who keep the system alone."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests import world
from zaidao.core import audit, crypto, keys, seal
from zaidao.core.models import Check, Delivery, Job, Message
from zaidao.organisations.models import Organisation
from zaidao.shell.keeping import backup, health


@pytest.fixture
def place(settings: LazySettings, tmp_path: Path) -> Path:
    settings.VAR = tmp_path
    return tmp_path


@pytest.mark.django_db
def test_health_says_what_to_do_and_survives_a_check_that_fails(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {line.name: line for line in health.look()}
    assert lines["后台工作"].state == health.WRONG
    assert "zaidao worker" in lines["后台工作"].advice
    assert lines["数据库结构"].state == health.GOOD
    assert lines["备份"].state == health.LOOK
    monkeypatch.setattr(health.keys, "check", lambda: 1 / 0)
    failing = [line for line in health.look() if line.state == health.WRONG and "ZeroDivisionError" in line.said]
    assert [line.name for line in failing] == ["密钥"]
    assert connection.vendor in lines["程序"].said


@pytest.mark.django_db
def test_every_line_of_the_health_page_can_go_wrong_and_then_says_what_to_do(
        place: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.KEYS = place / "keys"
    keys.ensure()
    audit.record(None, "people.edit", Organisation)
    seal.seal()
    audit.record(None, "people.edit", Organisation)
    now, long_ago = timezone.now(), timezone.now() - timedelta(days=8)
    Check.objects.create(ended_at=long_ago)
    Check.objects.create(ended_at=now, found=2)
    Job.objects.create(task="x", argument=0, state=Job.State.FAILED, ended_at=now, run_after=now)
    Delivery.objects.create(message=Message.objects.create(topic="x", subject=1), handler="x", gave_up=True)
    (place / backup.NOTE).write_text(json.dumps({"at": long_ago.isoformat(), "file": "b.zip", "audit": "cut off"}), encoding="utf-8")
    crypto.path().chmod(0o644)
    monkeypatch.setattr(health.upgrade, "behind", lambda: ["core.0099_x"])
    monkeypatch.setattr(health, "SEAL_MINUTES", -1)
    monkeypatch.setattr(health, "FREE", 2**60)
    monkeypatch.setattr(health.calendar, "known", lambda _year: False)
    lines = health.look()
    assert {line.name for line in lines if line.state == health.GOOD} == {"程序"}
    assert {line.name for line in lines if line.state == health.WRONG} == {"数据库结构", "后台工作", "密钥", "审计核对", "审计链与备份"}
    assert not [line for line in lines if line.state != health.GOOD and not line.advice]
    assert len(lines) == 13


@pytest.mark.django_db
def test_the_health_page_is_for_administrators_and_ping_tells_nothing(place: Path) -> None:
    made = world.build()
    for key in ("head", "office", "secretary", "member", "nobody"):
        assert world.signed_in(made.users[key]).get("/health/").status_code == 403
    made.users["nobody"].duties.create(duty="system")
    page = world.signed_in(made.users["nobody"]).get("/health/")
    assert page.status_code == 500  # no worker runs here: a supervisor sees it too
    assert "zaidao worker" in page.content.decode()
    assert Client(HTTP_HOST="127.0.0.1").get("/ping/").content == b"ok"


@pytest.mark.django_db
@pytest.mark.parametrize(("required", "demo", "state"), [(True, False, health.GOOD), (False, False, health.LOOK), (False, True, None)])
def test_a_system_in_earnest_without_a_second_factor_says_so(
    place: Path, settings: LazySettings, required: bool, demo: bool, state: str | None,
) -> None:
    settings.SECOND_FACTOR_REQUIRED, settings.DEMO = required, demo
    assert next((line.state for line in health.look() if line.name == "第二重验证"), None) == state
