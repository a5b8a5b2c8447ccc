"""A real worker beside the bench, and how much memory it and its children take: from /proc, in MB."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zaidao.core.models import Delivery, Message
from zaidao.core.worker import worker_alive

PAUSE = 0.2  # seconds between two looks
LOADING = 5.0  # seconds in which the process that jobs branch off has loaded the program


class Watch:
    """The most memory of a process of its own, and of its children while they live."""

    def __init__(self, pid: int) -> None:
        self.pid, self.own, self.child = pid, 0.0, 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def forget(self) -> None:
        """Begin anew: for the next piece of work."""
        self.own = self.child = 0.0

    def _look(self) -> None:
        while not self._over.wait(PAUSE):
            self.own = max(self.own, resident(self.pid))
            self.child = max([self.child, *(highest(pid) for pid in children(self.pid))])

    def end(self) -> None:
        self._over.set()
        self._thread.join()


def resident(pid: int) -> float:
    return _status(pid, "VmRSS")


def highest(pid: int) -> float:
    """The most that a process ever held."""
    return _status(pid, "VmHWM")


def _status(pid: int, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:")), 0.0)


def children(pid: int) -> list[int]:
    """Those of the process and theirs: a job branches off one that has loaded the program."""
    try:
        own = [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return own + [below for each in own for below in children(each)]


def at_rest() -> None:
    """Wait until the worker has handed over all news of what was done before."""
    while Message.objects.filter(routed=False).exists() or Delivery.objects.filter(done_at=None, gave_up=False).exists():
        time.sleep(PAUSE)


@contextmanager
def worker() -> Iterator[Watch]:
    """`zaidao worker` in a process of its own, on the bench's database and settings, that has been there for a while."""
    process = subprocess.Popen([sys.executable, "-m", "zaidao", "worker"], env=os.environ, stdin=subprocess.DEVNULL)
    watch = Watch(process.pid)
    try:
        while not worker_alive():
            time.sleep(PAUSE)
        time.sleep(LOADING)
        at_rest()
        yield watch
    finally:
        watch.end()
        process.terminate()
        process.wait(30)
