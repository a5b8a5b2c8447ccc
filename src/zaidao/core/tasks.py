"""Background work: rows that a worker takes one by one, with a lease, progress, and an end that is always written down.

`enqueue` writes the row in the caller's transaction: an act that is rolled back leaves no job. A worker (`core.worker`) takes it and
moves its lease on while the work lasts; a job whose lease has passed was dropped, and is tried again or marked failed. So a task may
be begun twice and must bear it. `schedule` makes a task due by itself.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Count, Q, QuerySet, When
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from zaidao.core import rulebook
from zaidao.core.errors import Refused
from zaidao.core.middleware import request_id
from zaidao.core.models import Job, Schedule

Tell = Callable[[float, str], None]
Task = Callable[[int, Tell], None]
REGISTRY: dict[str, Task] = {}
DIED = "这项工作中途停止了(可能是内存不足,或程序被关闭)。请再试一次;数据很多时,请先关闭其他程序。"
CANCELLED = "这项工作已取消。"
BROKEN = "程序内部出错({name}),这项工作没有完成。请再试一次;若仍不行,请把服务窗口里的出错信息交给维护人员。"
AGAIN = "中途停止,将再试一次"
TELL_EVERY = 0.3  # seconds between two writes of progress
LEASE = timedelta(seconds=60)
AGAIN_AFTER = timedelta(seconds=5)  # what felled the machine once should not fell it again at once
CANCEL_WAIT = 5.0  # seconds until a cancelled job's process should be gone: a worker looks every second

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class How:
    """How a task is done. `isolated`: in a process of its own (long, hungry for memory). `attempts`: how often a dropped one is begun.
    `awaited`: somebody sits before a page that shows its progress, so it goes before what nobody waits for."""

    isolated: bool = False
    attempts: int = 2
    awaited: bool = False


HOW: dict[str, How] = {}
OURS = ("zaidao.core.jobs", "zaidao.core.plans.tasks",)  # by name: they are built on this module


class Gone(Exception):
    """The job was cancelled or handed on while it was worked on: stop, nothing more is to be said."""


def task(name: str, *, isolated: bool = False, attempts: int = 2, awaited: bool = False) -> Callable[[Task], Task]:
    """Register a function (argument, tell) under a name. A module's `tasks.py` is found by `discover`."""

    def register(function: Task) -> Task:
        REGISTRY[name], HOW[name] = function, How(isolated, attempts, awaited)
        return function

    return register


def discover() -> None:
    """Load the tasks and reactions of every module, and those of core's own parts."""
    autodiscover_modules("tasks", "reactions")
    for name in OURS:
        import_module(name)


def enqueue(name: str, argument: int, *, key: str | None = None, run_after: datetime | None = None) -> Job:
    """Ask for the work, not before `run_after`. The same key gives the same job, also to two who ask at once."""
    wanted = {"task": name, "argument": argument, "run_after": run_after or timezone.now()}
    job, new = Job.objects.get_or_create(key=key, defaults=wanted) if key else (Job.objects.create(**wanted), True)
    if new and settings.TASKS == "inline" and job.run_after <= timezone.now():
        perform(job)
    return job


def enqueue_once(name: str, argument: int) -> Job:
    """Ask for the work unless the same is asked for and not begun: it will see what the caller's transaction writes. Only within one."""
    waiting = Job.objects.select_for_update().filter(task=name, argument=argument, state=Job.State.WAITING, key=None)
    return waiting.first() or enqueue(name, argument)  # held until the commit, so that no worker begins it before


def claim(*, isolated: bool) -> Job | None:
    """Take the job that somebody waits for, else the one that waits longest, of those that work in a process of their own or of the
    others; no other worker gets it."""
    apart = [name for name, how in HOW.items() if how.isolated]
    first = Case(When(task__in=[name for name, how in HOW.items() if how.awaited], then=0), default=1)
    due = Job.objects.filter(state=Job.State.WAITING, run_after__lte=timezone.now()).order_by(first, "run_after", "pk")
    due = due.filter(task__in=apart) if isolated else due.exclude(task__in=apart)
    if not due.exists():  # so that a worker without work never takes SQLite's one place for writing
        return None
    with transaction.atomic():
        job = due.select_for_update(skip_locked=True).first()
        return _take(job) if job else None


def _take(job: Job) -> Job:
    job.state, job.step, job.attempts, job.lease_until = Job.State.RUNNING, "已开始", job.attempts + 1, timezone.now() + LEASE
    job.save(update_fields=["state", "step", "attempts", "lease_until"])
    return job


def held(job: Job) -> "QuerySet[Job]":
    """The job's row while it is still in the hands of whoever took it this time."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)


def extend(job: Job) -> bool:
    """Move the lease on; False where the job is no longer ours."""
    return bool(held(job).update(lease_until=timezone.now() + LEASE))


def perform(job: Job) -> None:
    """Do the work here and now, taking the job where nobody has. It ends as done or failed, whatever happens short of dying."""
    if job.state == Job.State.WAITING:
        _take(job)
    token = request_id.set(f"job-{job.pk}")  # acts of the job are found in the audit by it
    try:
        discover()
        with rulebook.read_once():
            REGISTRY[job.task](job.argument, _teller(job))
    except Gone:
        log.info("job %s is not ours any more", job.pk)
    except Refused as refusal:
        _end(job, state=Job.State.FAILED, error=str(refusal))
    except Exception as error:
        log.exception("job %s failed", job.pk)
        _end(job, state=Job.State.FAILED, error=BROKEN.format(name=type(error).__name__))
    else:
        _end(job, state=Job.State.DONE, share=1.0, step="已完成")
    finally:
        request_id.reset(token)


def _end(job: Job, **values: Any) -> None:
    held(job).update(lease_until=None, ended_at=timezone.now(), **values)


def _teller(job: Job) -> Tell:
    last = 0.0

    def tell(share: float, step: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= TELL_EVERY:
            last = now
            if not held(job).update(share=min(max(share, 0.0), 1.0), step=step[:200]):
                raise Gone

    return tell


def cancel(job: Job) -> None:
    """Stop a job that waits or works, and wait for its process to be gone, where a worker lives to stop it; an ended one stays."""
    waits = Job.objects.filter(pk=job.pk, state__in=Job.ACTIVE)
    if waits.update(state=Job.State.FAILED, error=CANCELLED, ended_at=timezone.now()) and not connection.in_atomic_block:
        until = time.monotonic() + CANCEL_WAIT
        while time.monotonic() < until and Job.objects.filter(pk=job.pk, lease_until__gt=timezone.now()).exists():
            time.sleep(0.1)


def let_go(job: Job) -> None:
    """Say that nobody works any more on a job that was cancelled in our hands: its process is gone, not about to go."""
    Job.objects.filter(pk=job.pk, attempts=job.attempts).exclude(state=Job.State.RUNNING).update(lease_until=None)


def release(job: Job) -> None:
    """Give a job back untried: the worker leaves, the work is not to blame."""
    held(job).update(state=Job.State.WAITING, attempts=job.attempts - 1, lease_until=None, step="等待开始", share=0.0)


def dropped(job: Job) -> None:
    """The job's process is gone: try again, or say that it died."""
    if job.attempts < HOW.get(job.task, How()).attempts:
        again = timezone.now() + AGAIN_AFTER
        held(job).update(state=Job.State.WAITING, lease_until=None, step=AGAIN, share=0.0, run_after=again)
    else:
        _end(job, state=Job.State.FAILED, error=DIED)


def reap(*, but: tuple[int, ...] = (), only: tuple[int, ...] = ()) -> int:
    """Find the jobs whose lease has passed and try them again or mark them failed; returns how many. `but`: jobs in our own hands."""
    late = Job.objects.filter(Q(lease_until=None) | Q(lease_until__lt=timezone.now()), state=Job.State.RUNNING).exclude(pk__in=but)
    late = late.filter(pk__in=only) if only else late
    if not late.exists():
        return 0
    discover()
    with transaction.atomic():
        gone = list(late.select_for_update(skip_locked=True)[:100])
        for job in gone:
            dropped(job)
    return len(gone)


def counts(since: datetime) -> tuple[int, int]:
    """How many jobs wait, and how many have failed since then. One query."""
    looked_at = Job.objects.filter(state__in=(Job.State.WAITING, Job.State.FAILED))
    failed = Q(state=Job.State.FAILED, ended_at__gte=since)
    found = looked_at.aggregate(waiting=Count("pk", filter=Q(state=Job.State.WAITING)), failed=Count("pk", filter=failed))
    return found["waiting"], found["failed"]


def settled(job: Job) -> Job:
    """The job as it stands now; one whose lease has passed is tried again or marked failed first."""
    job.refresh_from_db()
    if job.state == Job.State.RUNNING and settings.TASKS != "inline" and reap(only=(job.pk,)):
        job.refresh_from_db()
    return job


@dataclass(frozen=True)
class Rhythm:
    """When a scheduled task is due: every so often, or each day at an hour of the office's clock."""

    every: timedelta | None = None
    at: clock = clock.min

    def slot(self, now: datetime) -> datetime:
        """The latest time at which it was due, `now` included: the same for every worker."""
        if self.every:
            step = self.every.total_seconds()
            return datetime.fromtimestamp(now.timestamp() // step * step, tz=UTC)
        today = datetime.combine(timezone.localtime(now).date(), self.at, tzinfo=timezone.get_current_timezone())
        return today if today <= now else today - timedelta(days=1)

    def coming(self, now: datetime) -> datetime:
        return self.slot(now) + (self.every or timedelta(days=1))


SCHEDULES: dict[str, Rhythm] = {}


def schedule(
    name: str, *, every: timedelta | None = None, at: clock | None = None, isolated: bool = False, attempts: int = 2,
) -> Callable[[Task], Task]:
    """Register a task that is asked for by itself, with argument 0. Times missed while no worker ran are made good once."""
    if (every is None) == (at is None):
        raise ValueError(f"{name}: either every or at")

    def register(function: Task) -> Task:
        SCHEDULES[name] = Rhythm(every, at or clock.min)
        return function if name in REGISTRY else task(name, isolated=isolated, attempts=attempts)(function)

    return register


def lay_out_schedules() -> None:
    """The rows agree with the code: new ones, changed rhythms, and those that are no more. Once, as a worker starts."""
    now = timezone.now()
    Schedule.objects.exclude(name__in=SCHEDULES).delete()
    for name, rhythm in SCHEDULES.items():
        first = rhythm.slot(now) if rhythm.every else rhythm.coming(now)
        Schedule.objects.get_or_create(name=name, defaults={"next_at": first})
        Schedule.objects.filter(name=name, next_at__gt=rhythm.coming(now)).update(next_at=rhythm.coming(now))


def enqueue_due() -> int:
    """Ask for every scheduled task that is due, once however many workers look; returns how many were asked for.

    One whose last job still waits or works stays due until that has ended.
    """
    now = timezone.now()
    due = list(Schedule.objects.filter(name__in=SCHEDULES, next_at__lte=now).values_list("name", flat=True))
    if not due:
        return 0
    busy = set(Job.objects.filter(task__in=due, argument=0, state__in=Job.ACTIVE).values_list("task", flat=True))
    return sum(_ask(name, now) for name in due if name not in busy)


@transaction.atomic
def _ask(name: str, now: datetime) -> bool:
    row = Schedule.objects.select_for_update(skip_locked=True).filter(name=name, next_at__lte=now).first()
    if row is None:  # another worker was quicker
        return False
    rhythm = SCHEDULES[name]
    slot = rhythm.slot(now)
    row.next_at, row.last_at = rhythm.coming(now), now
    row.save(update_fields=["next_at", "last_at"])
    enqueue(name, 0, key=f"{name}:{timezone.localtime(slot).isoformat()}")
    return True
