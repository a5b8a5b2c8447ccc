"""Work that core asks for: sealing every minute, and verifying on demand."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from tests.core.test_seal import act, chain
from zaidao.core import jobs, seal, tasks, triggers
from zaidao.core.models import Check, Entry, Job, Schedule

pytestmark = pytest.mark.django_db


def test_the_sealer_is_due_every_minute_and_every_night() -> None:
    tasks.discover()
    tasks.lay_out_schedules()
    Schedule.objects.exclude(name__startswith="core.seal").delete()
    Schedule.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    act(1)
    assert tasks.enqueue_due() == 2
    assert seal.unsealed() == 0
    assert {job.state for job in Job.objects.all()} == {Job.State.DONE}
    assert tasks.SCHEDULES["core.seal"].every == timedelta(minutes=1)


def test_a_verification_says_how_far_it_went() -> None:
    chain()
    check = jobs.ask_to_verify(7)
    head = seal.head()
    assert head is not None
    assert (check.by, check.found, check.faults, check.entries, check.unsealed, check.head) == (7, 0, [], 16, 2, head.digest)
    assert check.ended_at
    assert check.job
    assert check.job.state == Job.State.DONE
    assert jobs.latest_check() == check


def test_the_whole_chain_is_verified_every_night_and_what_is_found_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    numbers = chain()
    with triggers.removed(connection):
        Entry.objects.filter(pk=numbers[0]).update(reason="另写")
    tasks.discover()
    tasks.lay_out_schedules()
    Schedule.objects.exclude(name="core.verify_night").delete()
    Schedule.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert tasks.enqueue_due() == 1
    check = jobs.latest_check()
    assert check is not None
    assert (check.by, check.found) == (None, 1)
    assert [r.levelname for r in caplog.records if r.name == "zaidao.core.jobs"] == ["ERROR"]
    assert tasks.HOW[jobs.VERIFY].isolated  # the worker's loop goes on with its other work


def test_what_it_found_is_kept_in_words_the_first_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_TOLD", 2)
    numbers = chain()
    with triggers.removed(connection):
        Entry.objects.filter(pk__in=numbers[:3]).update(reason="另写")
    check = jobs.ask_to_verify(None)
    assert check.found == 3
    assert check.faults == [f"第 {n} 号审计记录与写入时不一致:内容被改动过,或不是由程序写入的。" for n in numbers[:2]]


def test_one_verification_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job.objects.create(task=jobs.VERIFY, argument=1, state=Job.State.RUNNING)
    running = Check.objects.create(job=job)
    assert jobs.ask_to_verify(1) == running
    Job.objects.update(state=Job.State.FAILED)
    assert jobs.ask_to_verify(1) != running


def test_without_the_key_it_says_so(tmp_path: Path, settings: LazySettings) -> None:
    act(1)
    settings.KEYS = tmp_path
    check = jobs.ask_to_verify(None)
    assert check.job
    assert (check.job.state, check.ended_at) == (Job.State.FAILED, None)
    assert check.job.error.startswith("不能核对:找不到密钥文件")
