"""Background work of this module, registered for core.tasks."""

from zaidao.core.tasks import Tell, task
from zaidao.diagnosis import actions
from zaidao.diagnosis.models import Run, Upload


@task("diagnosis.read")
def read(upload: int, tell: Tell) -> None:
    actions.read(Upload.objects.get(pk=upload), tell)


@task("diagnosis.diagnose")
def diagnose(run: int, tell: Tell) -> None:
    """Read first where that has not happened yet (the sample group)."""
    made = Run.objects.select_related("upload").get(pk=run)
    if not made.upload.facts.exists():
        actions.read(made.upload, lambda share, step: tell(share * 0.3, step))
    actions.diagnose(made, tell)
