"""Verbs: take files in, read them, diagnose, answer, delete. Each leaves files and rows in agreement."""

import json
import re
import shutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction

from zaidao.core import tasks
from zaidao.core.tasks import Refused, Tell
from zaidao.diagnosis.models import Answer, Run, Upload, evidence_hash

UNSAFE = re.compile(r"[\\/\x00-\x1f:*?\"<>|]")
PROBLEM_FIELDS = ("file", "sheet", "cell", "field", "code", "severity", "value", "reason", "remedy")


class Incoming(Protocol):
    """A file that comes with a request."""

    name: str

    def chunks(self) -> Iterable[bytes]: ...


def take_in(files: Sequence[Incoming], *, replaces: Upload | None = None) -> Upload:
    """Keep the files of a new upload and begin to read them."""
    names = [_safe(f.name) for f in files]
    title = names[0] if len(names) == 1 else f"{names[0]} 等{len(names)}个文件"
    upload = Upload.objects.create(title=title[:120], replaces=replaces)
    upload.files.mkdir(parents=True)
    upload.folder.chmod(0o700)  # the files as they came may hold identity numbers
    for file, name in zip(files, names, strict=True):
        with _free(upload.files, name).open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
    begin_reading(upload)
    return upload


def begin_reading(upload: Upload) -> None:
    upload.job = tasks.enqueue("diagnosis.read", upload.pk)
    upload.save(update_fields=["job"])


def _safe(name: str) -> str:
    """The last part of a file's name without signs that a file system minds."""
    return UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")[-100:] or "未命名"


def _free(folder: Path, name: str) -> Path:
    """A path that no other file of the upload has."""
    target, i = folder / name, 1
    while target.exists():
        i += 1
        target = folder / f"{Path(name).stem}({i}){Path(name).suffix}"
    return target


def read(upload: Upload, tell: Tell) -> None:
    """Read the files to facts and problems; nothing sensitive is written anywhere but in the files as they came."""
    from zaidao.diagnosis import intake

    found = intake.read([upload.files], progress=tell)
    upload.folder.mkdir(parents=True, exist_ok=True)
    if not found.refused:
        shutil.rmtree(upload.facts, ignore_errors=True)
        upload.facts.mkdir()
        found.facts.write(upload.facts)
    rows = [{"n": i} | {f: str(getattr(p, f) or "") for f in PROBLEM_FIELDS} for i, p in enumerate(found.problems)]
    schema = pa.schema([("n", pa.int32()), *((f, pa.string()) for f in PROBLEM_FIELDS)])
    pq.write_table(pa.Table.from_pylist(rows, schema), upload.folder / "problems.parquet")
    upload.problems = dict(intake.summary(found))
    upload.counts = [{k: v for k, v in asdict(c).items() if isinstance(v, str | int)} for c in found.counts]
    upload.refused, upload.as_of_hint = found.refused, found.as_of_hint
    upload.save(update_fields=["problems", "counts", "refused", "as_of_hint"])


def begin_diagnosis(upload: Upload, *, as_of: date | None = None) -> Run:
    """A new run on an upload that was read; earlier runs stay as they are."""
    run = Run.objects.create(upload=upload, asked_as_of=as_of, title=upload.title)
    run.job = tasks.enqueue("diagnosis.diagnose", run.pk)
    run.save(update_fields=["job"])
    return run


def diagnose(run: Run, tell: Tell) -> None:
    """Diagnose and publish. Explained evidence stays out; how much of it is in the manifest."""
    from zaidao.engine import outputs
    from zaidao.engine import run as engine
    from zaidao.engine.facts import Facts

    tell(0.0, "正在读取数据")
    facts = Facts.from_parquet(run.upload.facts)
    try:
        result = engine.diagnose(
            facts, as_of=run.asked_as_of, answers=explained(demo=run.upload.demo),
            progress=lambda step, done: tell(0.05 + 0.75 * done, step),
        )
    except ValueError as refusal:
        raise Refused(str(refusal)) from refusal
    tell(0.85, "正在写出报告")
    problems = pq.read_table(run.upload.folder / "problems.parquet").drop_columns(["n"]).to_pylist()
    outputs.write(result, run.path, problems, run.upload.counts)
    run.manifest = json.loads((run.path / "manifest.json").read_text(encoding="utf-8"))
    roots = [r["name"] or r["org_id"] for r in result.org.sort_by("ord").to_pylist() if r["depth"] == 0]
    run.title = (f"{roots[0]}等{len(roots)}个组织" if len(roots) > 1 else roots[0] if roots else run.upload.title)[:120]
    run.save(update_fields=["manifest", "title"])


def explained(*, demo: bool) -> list[tuple[str, str, str]]:
    """Organisation, code and evidence key of everything that was explained or found to be wrong data."""
    answers = Answer.objects.filter(demo=demo, kind__in=Answer.LEAVES)
    return sorted({(a.org_id, a.finding, key) for a in answers for key in a.keys})


@transaction.atomic
def answer(*, run: Run, org_id: str, finding: str, keys: Collection[str], given: dict[str, Any]) -> Answer:
    """Keep an answer; the same kind on the same evidence and day replaces what was said before."""
    kept, _ = Answer.objects.update_or_create(
        demo=run.upload.demo, org_id=org_id, finding=finding, evidence=evidence_hash(keys), kind=given["kind"], given_on=given["given_on"],
        defaults={"keys": sorted(set(keys)), "text": given["text"], "role": given["role"]},
    )
    return kept


def withdraw(answer: Answer) -> None:
    answer.delete()


def delete(upload: Upload) -> None:
    """Remove an upload with its files, facts and all results on it; answers stay, they belong to the organisations."""
    for job in filter(None, [upload.job, *(run.job for run in upload.runs.select_related("job"))]):
        tasks.cancel(job)
    folders = [upload.folder, *(run.path for run in upload.runs.all())]
    with transaction.atomic():
        upload.delete()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
