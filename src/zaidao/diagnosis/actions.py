"""Verbs on uploads: take files in, read them, diagnose, keep as ledgers, delete; and answers to findings.

Each leaves files and rows in agreement. The diagnosis of the living system is in `living.py`.
"""

import json
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.utils import timezone

from zaidao.core import access as grants
from zaidao.core import audit, tasks
from zaidao.core.tasks import Refused, Tell
from zaidao.diagnosis import access
from zaidao.diagnosis.models import Answer, FindingClock, Run, Upload, evidence_hash
from zaidao.institutions.queries import settings
from zaidao.organisations import queries as organisations

UNSAFE = re.compile(r"[\\/\x00-\x1f:*?\"<>|]")
PROBLEM_FIELDS = ("file", "sheet", "cell", "field", "code", "severity", "value", "reason", "remedy")


class Incoming(Protocol):
    """A file that comes with a request."""

    name: str

    def chunks(self) -> Iterable[bytes]: ...


def take_in(files: Sequence[Incoming], *, actor: Any, replaces: Upload | None = None) -> Upload:
    """Keep the files of a new upload and begin to read them. It belongs to the actor."""
    if not grants.holder(actor).may_somewhere(access.LEDGERS):
        raise grants.Denied("您现在的岗位不能上传台账。")
    names = [_safe(f.name) for f in files]
    title = names[0] if len(names) == 1 else f"{names[0]} 等{len(names)}个文件"
    upload = Upload.objects.create(title=title[:120], owner=actor, replaces=replaces)
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
    """Read the files to facts and problems, which hold nothing sensitive; then the files as they came are gone. Those of the sample
    group stay: they are read anew when the catalogue changes."""
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
    if not upload.demo:
        shutil.rmtree(upload.files)


def forget_files(before: datetime) -> int:
    """Remove the files of uploads older than `before` that could not be read: they may hold identity numbers. Returns how many."""
    left = [u for u in Upload.objects.filter(demo=False, created_at__lt=before) if u.files.exists()]
    for upload in left:
        shutil.rmtree(upload.files)
    return len(left)


def begin_diagnosis(upload: Upload, *, as_of: date | None = None) -> Run:
    """A new run on an upload that was read; earlier runs stay as they are. The caller has fetched the upload for its actor."""
    run = Run.objects.create(upload=upload, asked_as_of=as_of, title=upload.title)
    run.job = tasks.enqueue("diagnosis.diagnose", run.pk)
    run.save(update_fields=["job"])
    return run


def diagnose(run: Run, upload: Upload, tell: Tell) -> None:
    """Diagnose a run's upload and publish."""
    problems = pq.read_table(upload.folder / "problems.parquet").drop_columns(["n"]).to_pylist()
    roots = publish(run, upload.facts, tell, problems=problems, counts=upload.counts)
    run.title = (f"{roots[0]}等{len(roots)}个组织" if len(roots) > 1 else roots[0] if roots else upload.title)[:120]
    run.save(update_fields=["title"])


def publish(
    run: Run, facts: Path, tell: Tell, *, problems: list[Any], counts: list[Any], own: Sequence[dict[str, Any]] | None = None,
    along: Callable[[], None] = lambda: None,
) -> list[str]:
    """Diagnose fact tables and publish; returns the names of the roots. Explained evidence stays out, the manifest says how much.

    `own`: the office's values (`institutions.queries.settings.in_force`) in place of the catalogue's; the manifest keeps them.
    `along`: what has to hold from the moment on at which people can read the results, in the same transaction.
    """
    from zaidao.engine import outputs
    from zaidao.engine import run as engine
    from zaidao.engine.facts import Facts

    tell(0.0, "正在读取数据")
    try:
        result = engine.diagnose(
            Facts.from_parquet(facts), as_of=run.asked_as_of, answers=explained(**run.answers_of),
            progress=lambda step, done: tell(0.05 + 0.75 * done, step), catalogue=settings.as_told(own or ()),
        )
    except ValueError as refusal:
        raise Refused(str(refusal)) from refusal
    if own is not None:
        result.manifest["office_values"] = list(own)
    tell(0.85, "正在写出报告")
    outputs.write(result, run.path, problems, counts)
    with transaction.atomic():
        run.manifest = json.loads((run.path / "manifest.json").read_text(encoding="utf-8"))
        run.save(update_fields=["manifest"])
        along()
    return [r["name"] or r["org_id"] for r in result.org.sort_by("ord").to_pylist() if r["depth"] == 0]


def explained(*, demo: bool, owner: int | None = None) -> list[tuple[str, str, str]]:
    """Organisation, code and evidence key of everything that was explained or found to be wrong data (as `Run.answers_of`)."""
    answers = Answer.objects.filter(demo=demo, owner=owner, kind__in=Answer.LEAVES)
    return sorted({(a.org_id, a.finding, key) for a in answers for key in a.keys})


@transaction.atomic
def answer(*, actor: Any, run: Run, org_id: str, finding: str, keys: Collection[str], given: dict[str, Any]) -> Answer:
    """Keep an answer; the same kind on the same evidence and day replaces what was said before.

    On the living system it opens the finding to the superiors; beside an upload it stays with whoever uploaded.
    """
    access.require_answer(actor, run, org_id)
    of = {"demo": run.demo, "owner_id": run.answers_of["owner"]}
    kept, _ = Answer.objects.update_or_create(
        **of, org_id=org_id, finding=finding, evidence=evidence_hash(keys), kind=given["kind"], given_on=given["given_on"],
        defaults={"keys": sorted(set(keys)), "text": given["text"], "role": given["role"]},
    )
    if run.living:
        FindingClock.objects.filter(org_id=org_id, finding=finding, answered_on=None).update(answered_on=timezone.localdate())
    _record(actor, run, kept, changes={"kind": [None, kept.kind]})
    return kept


@transaction.atomic
def withdraw(*, actor: Any, run: Run, answer: Answer) -> None:
    """Take an answer back. Without any answer left the organisation is asked again; what its superiors have seen stays in their sight."""
    access.require_answer(actor, run, answer.org_id)
    _record(actor, run, answer, changes={"kind": [answer.kind, None]})
    about = {"org_id": answer.org_id, "finding": answer.finding}
    answer.delete()
    if run.living and not Answer.objects.filter(**about, **run.answers_of).exists():
        clocks = FindingClock.objects.filter(**about)
        clocks.filter(opens_on__gt=timezone.localdate()).update(opens_on=timezone.localdate())
        clocks.update(answered_on=None)


def _record(actor: Any, run: Run, answer: Answer, changes: dict[str, Any]) -> None:
    path = "" if run.upload else organisations.path_of_code(answer.org_id) or ""
    grant = grants.holder(actor).grant_for(access.ANSWER, path) if path else None
    audit.record(actor, access.ANSWER, answer, path=path, changes=changes, grant=grant)


@transaction.atomic
def keep_as_ledgers(*, actor: Any, upload: Upload) -> Upload:
    """Let an upload's ledgers of rules, carriers, meetings and ideas stand beside the living system for its diagnosis, from now on."""
    if not access.at_root(actor, access.RUN):
        raise grants.Denied("请由最上级组织的书记或党务干部确定全组织诊断使用的台账。")
    if not upload.read:
        raise Refused("这次上传还没有读取完成,或没有可用的数据,不能作为台账留存。")
    upload.kept_at = timezone.now()
    upload.save(update_fields=["kept_at"])
    audit.record(actor, access.RUN, upload, changes={"kept_at": [None, upload.kept_at]})
    return upload


def delete(upload: Upload) -> None:
    """Remove an upload with its files, facts and all results on it; answers stay, they belong to the organisations."""
    for job in filter(None, [upload.job, *(run.job for run in upload.runs.select_related("job"))]):
        tasks.cancel(job)
    folders = [upload.folder, *(run.path for run in upload.runs.all())]
    with transaction.atomic():
        upload.delete()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
