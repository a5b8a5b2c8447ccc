"""Background work in a process of its own: registered functions, progress, and an end that is always written down.

A job that dies (killed, out of memory, machine restarted) is found out by whoever looks at it next and marked failed: nothing
hangs. One job works at a time; the others wait.
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from zaidao.core.errors import Refused
from zaidao.core.models import Job

Tell = Callable[[float, str], None]
Task = Callable[[int, Tell], None]
REGISTRY: dict[str, Task] = {}
DIED = "这项工作中途停止了(可能是内存不足,或程序被关闭)。请再试一次;数据很多时,请先关闭其他程序。"
CANCELLED = "这项工作已取消。"
BROKEN = "程序内部出错({name}),这项工作没有完成。请再试一次;若仍不行,请把服务窗口里的出错信息交给维护人员。"
TELL_EVERY = 0.3  # seconds between two writes of progress
START_WITHIN = 60  # seconds a job may have no process before it counts as dead

log = logging.getLogger(__name__)


def task(name: str) -> Callable[[Task], Task]:
    """Register a function (argument, tell) under a name; importing the module that holds it is the caller's part."""

    def register(function: Task) -> Task:
        REGISTRY[name] = function
        return function

    return register


def enqueue(name: str, argument: int) -> Job:
    """Begin the work and return its job at once; call it after the transaction that wrote the argument's row."""
    job = Job.objects.create(task=name, argument=argument)
    if settings.TASKS == "inline":
        perform(job)
    else:
        _start(job)
    return job


def _start(job: Job) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "zaidao.config.settings")}
    environment["ZAIDAO_VAR"] = str(settings.VAR)
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "django", "work", str(job.pk)], env=environment, stdin=subprocess.DEVNULL, start_new_session=True,
    )
    Job.objects.filter(pk=job.pk).update(pid=child.pid)
    threading.Thread(target=child.wait, daemon=True).start()  # so that a dead child does not look alive


def perform(job: Job) -> None:
    """Do the work here and now. The job ends as done or failed whatever happens, short of the process dying."""
    with _turn():
        _set(job, state=Job.State.RUNNING, pid=os.getpid(), step="已开始")
        try:
            autodiscover_modules("tasks")
            REGISTRY[job.task](job.argument, _teller(job))
        except Refused as refusal:
            _set(job, state=Job.State.FAILED, error=str(refusal), ended_at=timezone.now())
        except Exception as error:
            log.exception("job %s failed", job.pk)
            _set(job, state=Job.State.FAILED, error=BROKEN.format(name=type(error).__name__), ended_at=timezone.now())
        else:
            _set(job, state=Job.State.DONE, share=1.0, step="已完成", ended_at=timezone.now())


def cancel(job: Job) -> None:
    """Stop a job that waits or works in a process of its own; one that has ended stays as it is."""
    if job.active and job.pid and job.pid != os.getpid():
        with contextlib.suppress(ProcessLookupError):
            os.kill(job.pid, signal.SIGTERM)
        _set(job, state=Job.State.FAILED, error=CANCELLED, ended_at=timezone.now())


def settled(job: Job) -> Job:
    """The job as it stands now; one whose process is gone is marked failed first."""
    if job.active and settings.TASKS != "inline" and not _alive(job):
        dead = Job.objects.filter(pk=job.pk, state__in=Job.ACTIVE)
        dead.update(state=Job.State.FAILED, error=DIED, ended_at=timezone.now())
    job.refresh_from_db()
    return job


def _alive(job: Job) -> bool:
    if job.pid is None:
        return (timezone.now() - job.created_at).total_seconds() < START_WITHIN
    try:
        os.kill(job.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _set(job: Job, **values: object) -> None:
    Job.objects.filter(pk=job.pk).update(**values)


def _teller(job: Job) -> Tell:
    last = 0.0

    def tell(share: float, step: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= TELL_EVERY:
            last = now
            _set(job, share=min(max(share, 0.0), 1.0), step=step[:200])

    return tell


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """Hold the one place for work, waiting for it; a dead holder's place is free at once (the system releases the lock)."""
    try:
        import fcntl
    except ImportError:  # no such locks on Windows: jobs then run side by side
        yield
        return
    Path(settings.VAR).mkdir(parents=True, exist_ok=True)
    with open(settings.VAR / "work.lock", "w") as place:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
