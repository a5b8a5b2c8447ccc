"""Upload, problems by cell, correction, diagnosis, deletion; and work that dies."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.world import World
from zaidao.core import tasks
from zaidao.core.models import Job
from zaidao.diagnosis import actions, demo
from zaidao.diagnosis.models import Run, Upload

HEAD = ("组织编号", "组织名称", "组织类型", "上级组织编号", "成立日期")
ROWS = (("O1", "某公司党委", "党委", "", "2010-01-01"), ("O2", "一车间党支部", "党支部", "O1", "2012-01-01"))

pytestmark = pytest.mark.django_db


def _csv(*rows: tuple[str, ...], name: str = "组织.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join(",".join(r) for r in (HEAD, *rows)).encode())


def _send(web: Client, *files: SimpleUploadedFile, query: str = "") -> Upload:
    response = web.post(f"/uploads/{query}", {"ledgers": list(files)})
    assert response.status_code == 302, response.content.decode()
    return Upload.objects.get(pk=int(response["Location"].split("/")[-2]))


def test_planted_errors_are_listed_by_cell_and_can_be_downloaded(web: Client, place: Path, errors_workbook: Path) -> None:
    upload = _send(web, SimpleUploadedFile("台账.xlsx", errors_workbook.read_bytes()))
    page = web.get(f"/uploads/{upload.pk}/").content.decode()
    with (Path(__file__).parents[1] / "data/haiwan-group-errors.key.csv").open(encoding="utf-8-sig") as key:
        planted = {(r["sheet"], r["cell"]) for r in csv.DictReader(key)}
    listed = list(csv.DictReader(io.StringIO(web.get(f"/uploads/{upload.pk}/problems.csv").content.decode("utf-8-sig"))))
    told = {(r["sheet"].split("(")[0].strip(), r["cell"]) for r in listed if r["severity"] == "error"}
    assert {cell for _, cell in planted} <= {cell for _, cell in told}
    assert upload.problems["error"] == sum(r["severity"] == "error" for r in listed)
    assert "开始诊断" in page
    cell = next(r["cell"] for r in listed if r["severity"] == "error")
    assert f"<b>{cell}</b>" in page
    only = web.get(f"/uploads/{upload.pk}/?severity=error").content.decode()
    assert only.count("<b>") == min(upload.problems["error"], 100)


def test_corrected_files_replace_wrong_ones(web: Client, place: Path) -> None:
    wrong = _send(web, _csv(*ROWS, ("O3", "二车间党支部", "党支部", "O9", "2012-01-01")))
    assert wrong.problems["error"] == 1
    assert "更正后的文件" in web.get(f"/uploads/?replaces={wrong.pk}").content.decode()
    right = _send(web, _csv(*ROWS), query=f"?replaces={wrong.pk}")
    assert right.problems["error"] == 0
    assert right.replaces == wrong


def test_files_without_organisations_are_refused_with_what_to_do(web: Client, place: Path) -> None:
    upload = _send(web, SimpleUploadedFile("别的.csv", "甲,乙\n1,2\n".encode()))
    page = web.get(f"/uploads/{upload.pk}/").content.decode()
    assert "组织编号" in page
    assert "开始诊断" not in page
    assert web.post(f"/uploads/{upload.pk}/diagnose/").status_code == 404


def test_files_of_one_name_are_both_kept_and_names_are_made_safe(web: Client, place: Path) -> None:
    upload = _send(web, _csv(*ROWS[:1], name="../../组织.csv"), _csv(*ROWS[1:], name="组织.csv"))
    assert sorted(c["file"] for c in upload.counts) == ["组织(2).csv", "组织.csv"]
    assert upload.folder.stat().st_mode & 0o077 == 0
    assert {c["used"] for c in upload.counts} == {1}


def test_odd_files_and_none_are_answered_with_a_remedy(web: Client, place: Path, settings: LazySettings) -> None:
    odd = web.post("/uploads/", {"ledgers": [SimpleUploadedFile("图.png", b"x")]})
    assert odd.status_code == 422
    assert "另存为 .xlsx" in odd.content.decode()
    assert "请先选择文件" in web.post("/uploads/", {}).content.decode()
    settings.UPLOAD_LIMIT = 10
    assert "分几次上传" in web.post("/uploads/", {"ledgers": [_csv(*ROWS)]}).content.decode()
    assert not Upload.objects.exists()


def test_progress_ends_and_leads_to_the_result(web: Client, small: World, place: Path, run: Run) -> None:
    job = Job.objects.create(task="diagnosis.read", argument=1, state=Job.State.RUNNING, share=0.4, step="正在读取")
    upload = Upload.objects.create(title="台账", owner=small.users["office"], job=job)
    active = web.get(f"/uploads/{upload.pk}/progress/")
    assert "正在读取" in active.content.decode()
    assert "hx-get" in active.content.decode()
    assert "HX-Refresh" not in active
    Job.objects.update(state=Job.State.DONE)
    assert web.get(f"/uploads/{upload.pk}/progress/")["HX-Refresh"] == "true"
    waiting = Run.objects.create(upload=upload, job=job)
    assert web.get(f"/runs/{waiting.pk}/progress/").status_code == 200
    assert "诊断" in web.get(f"/runs/{waiting.pk}/wait/").content.decode()
    assert web.get(f"/runs/{run.pk}/wait/")["Location"] == f"/runs/{run.pk}/"


def test_diagnosis_of_an_upload_says_why_it_cannot_be_made(web: Client, place: Path) -> None:
    """Organisations alone give no day of judgement; the run says so and does not hang."""
    upload = _send(web, SimpleUploadedFile("组织.csv", "组织编号,组织名称\nO1,某公司党委\n".encode()))
    response = web.post(f"/uploads/{upload.pk}/diagnose/", {"as_of": ""})
    page = web.get(response["Location"]).content.decode()
    assert "没有完成" in page
    assert "截止日" in page
    wrong = web.post(f"/uploads/{upload.pk}/diagnose/", {"as_of": "昨天"})
    assert "2026-10-31" in web.get(wrong["Location"]).content.decode()


def test_deleting_removes_files_facts_and_results(web: Client, place: Path) -> None:
    upload = _send(web, _csv(*ROWS))
    web.post(f"/uploads/{upload.pk}/diagnose/", {"as_of": "2026-01-01"})
    run = Run.objects.get()
    assert run.done, run.job.error if run.job else ""
    assert upload.folder.is_dir()
    assert run.path.is_dir()
    assert web.get(f"/uploads/{upload.pk}/delete/").status_code == 405
    web.post(f"/uploads/{upload.pk}/delete/")
    assert not upload.folder.exists()
    assert not run.path.exists()
    assert not Run.objects.exists()


def test_the_sample_cannot_be_deleted(web: Client, upload: Upload) -> None:
    web.post(f"/uploads/{upload.pk}/delete/")
    assert Upload.objects.filter(pk=upload.pk).exists()


def test_the_template_opens_with_the_eight_sheets(web: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(web.get("/template.xlsx").streaming_content)))  # type: ignore[arg-type]
    assert {"组织", "人员", "任职", "制度", "制度条款", "载体", "活动记录", "创新点子"} <= set(book.sheetnames)


def test_forms_of_other_sites_are_refused(place: Path) -> None:
    response = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True).post("/uploads/", {})
    assert response.status_code == 403
    assert "页面已经过期" in response.content.decode()


def test_sample_group_is_not_begun_twice(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    monkeypatch.setattr(tasks, "enqueue", lambda name, argument: started.append(name) or Job.objects.create(task=name, argument=argument))
    first, second = demo.ensure(), demo.ensure()
    assert first == second
    assert started == ["diagnosis.diagnose"]
    assert [f.name for f in first.upload.files.iterdir()] == [demo.WORKBOOK]


def test_files_are_gone_once_they_are_read_or_a_day_old(web: Client, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = _send(web, _csv(*ROWS))
    assert read.facts.exists()
    assert not read.files.exists()
    monkeypatch.setattr("zaidao.diagnosis.intake.read", lambda *_, **__: 1 / 0)
    broken = _send(web, _csv(*ROWS))
    assert broken.files.exists()
    assert actions.forget_files(timezone.now() - timedelta(days=1)) == 0
    assert actions.forget_files(timezone.now()) == 1
    assert not broken.files.exists()
