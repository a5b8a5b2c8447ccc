"""Runs, the latest first."""

from typing import Any

from zaidao.core import tasks
from zaidao.diagnosis.models import Run

SHOWN = 20


def latest(user: Any) -> list[Run]:
    """The latest runs on the person's own uploads and on the sample; a run whose process has died says so."""
    own = Run.objects.filter(upload__owner=user) | Run.objects.filter(upload__demo=True)
    return _settled(own)


def living() -> list[Run]:
    """The latest runs on the living system."""
    return _settled(Run.objects.filter(upload=None))


def _settled(found: Any) -> list[Run]:
    runs = list(found.select_related("upload", "job", "ledger")[:SHOWN])
    for run in runs:
        if run.job and not run.done:
            tasks.settled(run.job)
    return runs
