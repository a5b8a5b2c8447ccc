"""The sample group: an invented enterprise whose workbook comes with the package, diagnosed at the first start."""

import shutil
from importlib.resources import as_file, files

from zaidao.core import tasks
from zaidao.diagnosis.models import Run, Upload
from zaidao.engine import catalogue

WORKBOOK = "haiwan-group.xlsx"
TITLE = "示例集团(虚构)"


def ensure() -> Run:
    """The sample's latest run; begins one where none is done, or the catalogue has changed since."""
    upload = Upload.objects.filter(demo=True).first() or _lay_out()
    run = upload.runs.select_related("job").first()
    if run and run.job and tasks.settled(run.job).active:
        return run
    if run and run.manifest.get("catalogue") == catalogue.load().version:
        return run
    return _begin(upload)


def _lay_out() -> Upload:
    upload = Upload.objects.create(title=TITLE, demo=True)
    upload.files.mkdir(parents=True, exist_ok=True)
    with as_file(files("zaidao.diagnosis") / "demo" / WORKBOOK) as packaged:
        shutil.copyfile(packaged, upload.files / WORKBOOK)
    return upload


def _begin(upload: Upload) -> Run:
    shutil.rmtree(upload.facts, ignore_errors=True)
    run = Run.objects.create(upload=upload, title=TITLE)
    run.job = tasks.enqueue("diagnosis.diagnose", run.pk)
    run.save(update_fields=["job"])
    upload.job = run.job
    upload.save(update_fields=["job"])
    return run
