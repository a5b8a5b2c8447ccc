"""Background work of this module, registered for core.tasks."""

from datetime import time, timedelta

from django.utils import timezone

from zaidao.core.tasks import Tell, schedule, task
from zaidao.diagnosis import actions, handed, living
from zaidao.diagnosis.models import Run, Upload


@task("diagnosis.read", isolated=True)
def read(upload: int, tell: Tell) -> None:
    actions.read(Upload.objects.get(pk=upload), tell)


@task("diagnosis.handed", isolated=True)
def read_handed(upload: int, tell: Tell) -> None:
    handed.read(Upload.objects.select_related("owner", "plan").get(pk=upload), tell)


@task("diagnosis.diagnose", isolated=True)
def diagnose(run: int, tell: Tell) -> None:
    """Read first where that has not happened yet (the sample group)."""
    made = Run.objects.select_related("upload").get(pk=run)
    upload = Upload.objects.get(runs=made)
    if not upload.facts.exists():
        actions.read(upload, lambda share, step: tell(share * 0.3, step))
    actions.diagnose(made, upload, tell)


@task("diagnosis.living", isolated=True)
def diagnose_living(run: int, tell: Tell) -> None:
    living.diagnose(Run.objects.select_related("ledger").get(pk=run), tell)


@schedule("diagnosis.nightly", at=time(2, 0))
def nightly(_slot: int, tell: Tell) -> None:
    """Begin the night's diagnosis; put away old ones, and files that could not be read."""
    living.begin_nightly(timezone.localdate())
    tell(0.5, "正在清理旧的诊断")
    living.prune(timezone.localdate())
    actions.forget_files(timezone.now() - timedelta(days=1))
