"""The worker: one loop that asks for what is scheduled, hands out news, takes jobs and finds dropped ones.

Short jobs are done in the loop itself, long ones (`isolated`) in a process of their own, so that the loop stays small and a job that
runs out of memory takes nothing with it. Any number of workers may run beside each other.
"""

import contextlib
import logging
import os
import secrets
import signal
import socket
import threading
import time
from dataclasses import dataclass
from datetime import time as clock
from datetime import timedelta
from multiprocessing.process import BaseProcess
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from zaidao.core import nursery, once, outbox, tasks
from zaidao.core.models import Job, WorkerBeat

POLL = 1.0  # seconds between two rounds that found nothing to do
PAUSE = 5.0  # seconds after a round that failed: the database is away, or not brought up to date yet
BEAT = 10.0  # seconds between two signs of life; a sixth of a lease
SEEN = timedelta(seconds=60)
GRACE = 3.0  # seconds that children have to finish when the worker leaves
LONGEST = 6 * 3600  # seconds a child may take: none works so long, but one that waits for ever does
KEPT = timedelta(days=30)

log = logging.getLogger(__name__)


def worker_alive() -> bool:
    """Whether a worker gave a sign of life within a minute."""
    return WorkerBeat.objects.filter(seen_at__gt=timezone.now() - SEEN).exists()


@tasks.schedule("core.tidy", at=clock(2, 30))
def tidy(_: int, tell: tasks.Tell) -> None:
    """Remove what nobody looks at any more: delivered news, forms sent long ago, scheduled jobs that ended, signs of workers long gone."""
    old = timezone.now() - KEPT
    tell(0.0, "正在清理")
    outbox.prune(timezone.now())
    once.forget(timezone.now())
    Job.objects.filter(argument=0, key__isnull=False, ended_at__lt=old).delete()
    WorkerBeat.objects.filter(seen_at__lt=old).delete()


@dataclass(frozen=True)
class Child:
    """A job in a process of its own. `since`: on the clock that never jumps."""

    job: Job
    process: BaseProcess
    since: float

    @property
    def works(self) -> bool:
        """Its process runs, the job is still ours, and it does not take for ever."""
        return self.process.is_alive() and time.monotonic() - self.since < LONGEST and tasks.held(self.job).exists()

    def stop(self) -> None:
        self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


class Worker:
    """`run` works until SIGTERM or SIGINT; `turn` is one round of it."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.children: dict[int, Child] = {}
        self.own: Job | None = None
        self.leaving = False
        self._ready = False
        self._over = threading.Event()

    def run(self) -> None:
        """Work until asked to leave; then finish or give back what is held."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_leave)
        nursery.warm()
        beating = threading.Thread(target=self._beat, daemon=True)
        beating.start()
        try:
            while not self.leaving:
                time.sleep(self._round())
        finally:
            self._over.set()
            beating.join(BEAT)
            self._leave()  # within the leases' time

    def turn(self) -> bool:
        """One round; whether anything was done, so that there may be more."""
        self._look_after()
        tasks.reap(but=tuple(job.pk for job in self.holding()))
        tasks.enqueue_due()
        started = self._start()
        called = outbox.dispatch()
        return bool(self._work_here() or called or started)

    def holding(self) -> list[Job]:
        """The jobs in this worker's hands."""
        own = self.own
        return [child.job for child in list(self.children.values())] + ([own] if own else [])

    def _asked_to_leave(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.leaving = True

    def _round(self) -> float:
        """One round that outlives every failure; returns the seconds to wait until the next."""
        try:
            if not self._ready:
                tasks.discover()
                tasks.lay_out_schedules()
                self._ready = True
            return 0.0 if self.turn() else POLL
        except Exception:
            log.exception("a round failed")
            return PAUSE
        finally:
            close_old_connections()

    def _look_after(self) -> None:
        """Take leave of children that have ended, were cancelled or died."""
        for child in list(self.children.values()):
            if not child.works:
                child.stop()
                del self.children[child.job.pk]
                tasks.dropped(child.job)
                tasks.let_go(child.job)

    def _start(self) -> bool:
        started = False
        while len(self.children) < settings.WORKER_CHILDREN and (job := tasks.claim(isolated=True)):
            self.children[job.pk] = Child(job, nursery.begin(job), time.monotonic())
            Job.objects.filter(pk=job.pk).update(pid=self.children[job.pk].process.pid)
            started = True
        return started

    def _work_here(self) -> bool:
        job = self.own = tasks.claim(isolated=False)
        try:
            if job:
                tasks.perform(job)
                tasks.let_go(job)
        finally:
            self.own = None
        return job is not None

    def _leave(self) -> None:
        """Give the children a moment; what is not done by then is stopped and given back for the next worker."""
        until = time.monotonic() + GRACE
        with contextlib.suppress(DatabaseError):
            while self.children and time.monotonic() < until:
                self._look_after()
                time.sleep(0.1)
        for child in self.children.values():
            child.stop()
            with contextlib.suppress(DatabaseError):
                tasks.release(child.job)
                tasks.let_go(child.job)
        with contextlib.suppress(DatabaseError):
            WorkerBeat.objects.filter(name=self.name).delete()

    def _beat(self) -> None:
        """The thread that gives signs of life and moves the leases on."""
        while True:
            try:
                self.beat()
            except DatabaseError as error:
                log.warning("no sign of life could be written: %s", type(error).__name__)
            finally:
                connection.close()
            if self._over.wait(BEAT):
                return

    def beat(self) -> None:
        for job in self.holding():
            tasks.extend(job)
        WorkerBeat.objects.update_or_create(name=self.name, defaults={"seen_at": timezone.now()})
