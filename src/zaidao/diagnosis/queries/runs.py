"""Runs, the latest first."""

from zaidao.core import tasks
from zaidao.diagnosis.models import Run

SHOWN = 20


def latest() -> list[Run]:
    """The latest runs with their uploads; a run whose process has died says so."""
    runs = list(Run.objects.select_related("upload", "job")[:SHOWN])
    for run in runs:
        if run.job and not run.done:
            tasks.settled(run.job)
    return runs
