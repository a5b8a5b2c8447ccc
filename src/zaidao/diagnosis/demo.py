"""The sample group: an invented enterprise whose workbook comes with the package, diagnosed at the first start."""

import shutil
from importlib.resources import files

from zaidao.core import tasks
from zaidao.diagnosis.models import Run, Upload
from zaidao.engine import catalogue

WORKBOOK = "haiwan-group.xlsx"
TITLE = "示例集团(虚构)"


def ensure(workbook: bytes | None = None) -> Run:
    """The sample's latest run; begins one where none is done, or the catalogue has changed since.

    `workbook`: instead of the packaged one.
    """
    upload = Upload.objects.filter(demo=True).first() or _lay_out(workbook)
    run = upload.runs.select_related("job").first()
    if run and run.job and tasks.settled(run.job).active:
        return run
    if run and run.manifest.get("catalogue") == catalogue.load().version:
        return run
    return _begin(upload)


def _lay_out(workbook: bytes | None) -> Upload:
    upload = Upload.objects.create(title=TITLE, demo=True)
    upload.files.mkdir(parents=True, exist_ok=True)
    (upload.files / WORKBOOK).write_bytes(workbook or packaged())
    return upload


def packaged() -> bytes:
    """The sample's workbook as it comes with the package."""
    return (files("zaidao.diagnosis") / "demo" / WORKBOOK).read_bytes()


def _begin(upload: Upload) -> Run:
    shutil.rmtree(upload.facts, ignore_errors=True)
    run = Run.objects.create(upload=upload, title=TITLE)
    run.job = tasks.enqueue("diagnosis.diagnose", run.pk)
    run.save(update_fields=["job"])
    upload.job = run.job
    upload.save(update_fields=["job"])
    return run
