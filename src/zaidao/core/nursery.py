"""Processes of single jobs. They branch off one process that has loaded the program, so that none of them begins by loading it.

Imported by that process before anything else of the program; it does no work itself, and opens neither database nor thread.
"""

import multiprocessing
import os
import signal
import threading
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from zaidao.core import tasks
from zaidao.core.models import Job

_PLACE = multiprocessing.get_context("forkserver")
_PLACE.set_forkserver_preload([__name__, f"{__package__}.loaded"])


def warm() -> None:
    """Begin to load the program beside, for the first job; does not wait for it."""
    forkserver.ensure_running()


def begin(job: Job) -> BaseProcess:
    """A process at work on a job that a worker has taken, and whose lease it moves on. It ends with the worker."""
    process = _PLACE.Process(target=_work, args=(job.pk, job.attempts), daemon=True)
    process.start()
    return process


def _work(pk: int, attempt: int) -> None:
    os.setsid()  # what is typed at the worker's terminal is the worker's
    threading.Thread(target=_end_with_worker, daemon=True).start()
    job = tasks.held(Job(pk=pk, attempts=attempt)).first()
    if job:  # neither cancelled nor handed on since
        tasks.perform(job)


def _end_with_worker() -> None:
    """The process from which this one branched off lives as long as this one; the worker may be killed."""
    worker = multiprocessing.parent_process()
    if worker:
        worker.join()
        os.kill(os.getpid(), signal.SIGKILL)
