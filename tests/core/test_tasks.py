"""Background work: progress, refusal, failure, and jobs whose process has died."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from zaidao.core import tasks
from zaidao.core.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> dict[str, tasks.Task]:
    autodiscover_modules("tasks")  # so that none registers with the copy
    monkeypatch.setattr(tasks, "REGISTRY", dict(tasks.REGISTRY))
    return tasks.REGISTRY


def _end(task: tasks.Task, register: dict[str, tasks.Task]) -> Job:
    register["one"] = task
    job = tasks.enqueue("one", 7)
    job.refresh_from_db()
    return job


def test_a_job_ends_as_done_and_its_progress_was_written(register: dict[str, tasks.Task]) -> None:
    seen: list[tuple[float, str]] = []

    def work(argument: int, tell: tasks.Tell) -> None:
        tell(1.7, f"第 {argument} 步")
        job = Job.objects.get()
        seen.append((job.share, job.step))

    job = _end(work, register)
    assert seen == [(1.0, "第 7 步")]
    assert (job.state, job.percent, job.active) == (Job.State.DONE, 100, False)


def test_a_refusal_is_told_as_it_is_and_a_defect_is_not(register: dict[str, tasks.Task]) -> None:
    def refuse(argument: int, tell: tasks.Tell) -> None:
        raise tasks.Refused("没有日期")

    def break_down(argument: int, tell: tasks.Tell) -> None:
        raise ZeroDivisionError("secret detail")

    assert _end(refuse, register).error == "没有日期"
    broken = _end(break_down, register)
    assert broken.state == Job.State.FAILED
    assert "ZeroDivisionError" in broken.error
    assert "secret" not in broken.error


def test_a_dead_process_is_found_out(settings: LazySettings) -> None:
    settings.TASKS = "process"
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    job = Job.objects.create(task="one", argument=1, state=Job.State.RUNNING, pid=child.pid)
    assert tasks.settled(job).state == Job.State.FAILED
    assert "中途停止" in job.error
    alive = Job.objects.create(task="one", argument=1, state=Job.State.RUNNING, pid=os.getpid())
    assert tasks.settled(alive).active
    never = Job.objects.create(task="one", argument=1, created_at=timezone.now() - timedelta(minutes=5))
    assert tasks.settled(never).state == Job.State.FAILED


def test_a_cancelled_job_is_stopped() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    job = Job.objects.create(task="one", argument=1, state=Job.State.RUNNING, pid=child.pid)
    tasks.cancel(job)
    assert child.wait(10) == -signal.SIGTERM
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, tasks.CANCELLED)


def test_a_finished_job_is_never_called_dead(settings: LazySettings) -> None:
    settings.TASKS = "process"
    job = Job.objects.create(task="one", argument=1, state=Job.State.DONE, pid=1_999_999)
    assert tasks.settled(job).state == Job.State.DONE


def test_one_job_works_at_a_time(tmp_path: Path, settings: LazySettings) -> None:
    """A second holder waits until the first, killed, leaves its place."""
    settings.VAR = tmp_path
    lock = str(tmp_path / "work.lock")
    code = f"import fcntl,time; f=open({lock!r},'w'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"
    taken = threading.Event()

    def take() -> None:
        with tasks._turn():
            taken.set()

    waiting = threading.Thread(target=take)
    waiting.start()
    time.sleep(0.2)
    assert not taken.is_set()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    waiting.join(10)
    assert taken.is_set()
