"""Ledgers that come with an import: rules, carriers, meetings and ideas have no living module yet and stand beside it.

What is kept are the facts as they were read. The files themselves, which may hold identity numbers, lie open only while they are read.
"""

import shutil
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from zaidao.core import audit, tasks
from zaidao.core.plans import files as kept
from zaidao.core.tasks import Tell
from zaidao.diagnosis import access, actions
from zaidao.diagnosis.models import Upload
from zaidao.sheets.files import Source

TASK = "diagnosis.handed"


def keep(plan: Any, _files: Sequence[Source]) -> None:
    """Ask for the import's files to be read as ledgers too: in a job of its own, once the import is committed."""
    upload = Upload.objects.create(title=plan.title, owner=plan.owner, plan=plan)
    upload.job = tasks.enqueue(TASK, upload.pk, key=f"{TASK}:{plan.pk}")
    Upload.objects.filter(pk=upload.pk).update(job=upload.job)


def read(upload: Upload, tell: Tell) -> None:
    """Read them; they stand beside the living system where their owner may decide that, else the owner finds them among the uploads."""
    upload.files.mkdir(parents=True, exist_ok=True)
    upload.folder.chmod(0o700)
    try:
        for number, file in enumerate(kept.sources(upload.plan) if upload.plan else ()):
            (upload.files / f"{number}{file.suffix}").write_bytes(file.read_bytes())
        actions.read(upload, tell)
    finally:
        shutil.rmtree(upload.files, ignore_errors=True)  # where reading failed
    if not upload.refused and access.at_root(upload.owner, access.RUN):
        upload.kept_at = timezone.now()
        upload.save(update_fields=["kept_at"])
        audit.record(upload.owner, access.RUN, upload, changes={"kept_at": [None, upload.kept_at]})
