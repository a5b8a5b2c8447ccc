"""Workers in processes of their own on the database of the test: killed, asked to leave, and two beside each other."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.db import OperationalError, connection
from django.utils import timezone

from tests.core.chores import tasks as chores  # noqa: F401  known here too
from zaidao.core import outbox, tasks, worker
from zaidao.core.models import Job, Message, WorkerBeat
from zaidao.core.worker import Worker, worker_alive

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
SMALL = 300  # megabytes
PATIENCE = 240  # seconds: the machine may be busy with other things

Process = subprocess.Popen[bytes]
Start = Callable[[], Process]


@pytest.fixture(autouse=True)
def waits(settings: LazySettings) -> None:
    settings.TASKS = "worker"


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a worker on this test's database; none outlives the test."""
    begun: list[Process] = []

    def begin() -> Process:
        begun.append(subprocess.Popen([sys.executable, "-m", "zaidao", "worker"], cwd=ROOT, env=_environment(), stderr=subprocess.DEVNULL))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait()
    _until(lambda: not any(map(_lives, Job.objects.exclude(pid=None).values_list("pid", flat=True))))


def _environment() -> dict[str, str]:
    known = {k: connection.settings_dict[k] for k in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.core.chores.settings", "ZAIDAO_TEST_CHILD_DATABASE": json.dumps(known, default=str),
        "ZAIDAO_TASKS": "worker", "ZAIDAO_VAR": str(settings.VAR),
    }


def _until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, list(Job.objects.values("task", "state", "attempts", "step", "error"))
        time.sleep(0.1)


def _lives(pid: int) -> bool:
    """A process that runs, not one that waits to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _begun(job: Job) -> bool:
    """Whether its process is at work; the job's row is read anew."""
    job.refresh_from_db()
    return job.pid is not None and Message.objects.filter(topic="chore.begun", subject=job.argument).exists()


def _state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def _hurry(job: Job) -> None:
    """The time passes that a dropped job waits."""
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now())


def _memory(pid: int) -> int:
    """Megabytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) // 1024


def test_two_workers_share_the_work_and_no_job_is_done_twice(start: Start) -> None:
    jobs = [tasks.enqueue("chores.note", n) for n in range(30)] + [tasks.enqueue("chores.note_apart", n) for n in range(30, 33)]
    workers = [start(), start()]
    _until(lambda: not Job.objects.filter(state__in=Job.ACTIVE).exists())
    assert Counter(Message.objects.filter(topic="chore.done").values_list("subject", flat=True)) == Counter(range(len(jobs)))
    assert set(Job.objects.filter(pk__in=[j.pk for j in jobs]).values_list("state", "attempts")) == {(Job.State.DONE, 1)}
    assert worker_alive()
    _until(lambda: WorkerBeat.objects.count() == 2)
    assert all(_memory(w.pid) < SMALL for w in workers)
    for process in workers:
        process.terminate()
    assert [process.wait(PATIENCE) for process in workers] == [0, 0]
    assert not WorkerBeat.objects.exists()
    assert not worker_alive()


def test_jobs_branch_off_one_process_that_has_loaded_the_program(start: Start) -> None:
    first, second = tasks.enqueue("chores.parent", 1), tasks.enqueue("chores.parent", 2)
    process = start()
    _until(lambda: {_state(first), _state(second)} == {Job.State.DONE})
    told = [m.data for m in Message.objects.filter(topic="chore.parent").order_by("subject")]
    assert told[0]["parent"] == told[1]["parent"] != process.pid
    assert told[0]["pid"] != told[1]["pid"]
    assert [t["loaded"] for t in told] == [True, True]
    process.terminate()
    assert process.wait(PATIENCE) == 0
    _until(lambda: not _lives(told[0]["parent"]))


def test_a_killed_job_is_taken_up_again_and_one_that_always_dies_fails(start: Start) -> None:
    again, deadly = tasks.enqueue("chores.second_time", 1), tasks.enqueue("chores.die", 2)
    start()
    _until(lambda: _begun(again))
    assert again.pid
    os.kill(again.pid, signal.SIGKILL)
    _until(lambda: _hurry(again) or _state(again) == Job.State.DONE)
    assert again.attempts == 2
    _until(lambda: _hurry(deadly) or _state(deadly) == Job.State.FAILED)
    assert (deadly.error, deadly.attempts) == (tasks.DIED, 2)
    assert Message.objects.filter(topic="chore.begun", subject=2).count() == 2


def test_a_killed_worker_takes_its_child_along_and_another_takes_up_both_jobs(start: Start) -> None:
    apart, here = tasks.enqueue("chores.second_time", 1), tasks.enqueue("chores.wait_here", 2)
    first = start()
    _until(lambda: _begun(apart) and Message.objects.filter(topic="chore.begun", subject=2).exists())
    first.kill()
    _until(lambda: not _lives(apart.pid or 0))
    assert {_state(apart), _state(here)} == {Job.State.RUNNING}  # as far as anybody can know
    Job.objects.update(lease_until=timezone.now())  # a minute passes
    start()
    _until(lambda: (_hurry(apart), _state(apart) == Job.State.DONE)[-1])
    _until(lambda: (_hurry(here), _state(here) == Job.State.RUNNING)[-1])  # after it, for this one keeps the loop
    assert (apart.attempts, here.attempts) == (2, 2)


def test_a_worker_that_is_asked_to_leave_gives_back_what_it_cannot_finish(start: Start) -> None:
    job = tasks.enqueue("chores.wait", 1)
    process = start()
    _until(lambda: _begun(job))
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert not _lives(job.pid or 0)
    assert (_state(job), job.attempts, job.lease_until) == (Job.State.WAITING, 0, None)


def test_a_cancelled_job_is_gone_when_cancelling_returns_and_the_next_has_its_place(start: Start) -> None:
    job, following = tasks.enqueue("chores.wait", 1), tasks.enqueue("chores.note_apart", 2)
    start()
    _until(lambda: _begun(job))
    assert _state(following) == Job.State.WAITING  # one at a time
    tasks.cancel(job)
    assert not _lives(job.pid or 0)
    assert (_state(job), job.error, job.lease_until) == (Job.State.FAILED, tasks.CANCELLED, None)
    _until(lambda: _state(following) == Job.State.DONE)


def test_a_worker_ends_with_the_process_that_started_it(start: Start) -> None:
    """As under `zaidao run` when that is killed."""
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'zaidao', 'worker', '--parent', str(os.getpid())])\n"
        "print(child.pid, flush=True); time.sleep(300)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=_environment(), stdout=subprocess.PIPE)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    _until(worker_alive)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _until(lambda: not _lives(pid))
    assert not WorkerBeat.objects.exists()


def test_a_round_outlives_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> int:
        raise OperationalError("gone")

    busy, logged = Worker(), list[str]()
    monkeypatch.setattr(worker.log, "exception", logged.append)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "dispatch", away)
        assert busy._round() == worker.PAUSE
    assert logged == ["a round failed"]
    assert busy._round() in (0.0, worker.POLL)


def test_signs_of_life_move_the_leases_on() -> None:
    tasks.enqueue("chores.note", 1)
    busy = Worker()
    busy.own = tasks.claim(isolated=False)
    Job.objects.update(lease_until=timezone.now())
    assert not worker_alive()
    busy.beat()
    assert worker_alive()
    assert Job.objects.get().lease_until > timezone.now() + timedelta(seconds=50)  # type: ignore[operator]
    WorkerBeat.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert not worker_alive()


def test_tidying_keeps_what_somebody_may_still_look_at() -> None:
    old = timezone.now() - timedelta(days=40)
    scheduled = {"task": "core.tidy", "argument": 0, "state": Job.State.DONE}
    Job.objects.create(key="core.tidy:old", ended_at=old, **scheduled)
    kept = {
        Job.objects.create(key="core.tidy:new", ended_at=timezone.now(), **scheduled).pk,
        Job.objects.create(task="diagnosis.read", argument=3, ended_at=old, state=Job.State.DONE).pk,
    }
    WorkerBeat.objects.create(name="long gone", seen_at=old)
    worker.tidy(0, lambda share, step: None)
    assert set(Job.objects.values_list("pk", flat=True)) == kept
    assert not WorkerBeat.objects.exists()
