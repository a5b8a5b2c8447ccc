"""Uploads: choose files, watch reading, see problems by cell, correct, diagnose, delete."""

import io
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zaidao.core import access, tasks
from zaidao.core.errors import Refused
from zaidao.core.pages import number, page_of, paging
from zaidao.core.parquet import Folder
from zaidao.diagnosis import actions, columns
from zaidao.diagnosis.access import LEDGERS, RUN, at_root, find_run, get_run, get_upload
from zaidao.diagnosis.forms import DiagnoseForm, UploadForm
from zaidao.diagnosis.models import Upload
from zaidao.diagnosis.queries import records
from zaidao.diagnosis.views.runs import frame
from zaidao.engine.report.method import PROBLEM_SEVERITIES
from zaidao.sheets import problem, template

SEVERITIES = {s: PROBLEM_SEVERITIES[s] for s in ("error", "warning", "note")}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All uploads, and the form for a new one; `?replaces=ID` marks it as the corrected files of another."""
    access.require_somewhere(request.user, LEDGERS)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*sent)
    mine = Upload.objects.filter(demo=False, owner=request.user.pk)
    replaces = mine.filter(pk=number(request.GET.get("replaces"), 0)).first()
    if request.method == "POST" and form.is_valid():
        upload = actions.take_in(form.cleaned_data["ledgers"], actor=request.user, replaces=replaces)
        return redirect("diagnosis:upload", pk=upload.pk)
    uploads = mine.select_related("job").prefetch_related("runs")[:100]
    return render(request, "diagnosis/uploads.html", {
        "form": form, "uploads": uploads, "replaces": replaces, "menu": "uploads",
    }, status=422 if form.errors else 200)


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Reading with its progress; then what was read, the problems, and the button that diagnoses."""
    upload = get_upload(request.user, pk)
    if upload.job:
        tasks.settled(upload.job)
    if not upload.read:
        return render(request, "diagnosis/upload_progress.html", {"upload": upload, "job": upload.job, "menu": "uploads"})
    return problem_list(request, upload, {
        "base_page": "base.html", "form": DiagnoseForm(), "menu": "uploads", "runs": upload.runs.select_related("job"), "standing": True,
        "may_keep": at_root(request.user, RUN),
    })


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of reading (fragment); once it ended, HTMX is told to load the page anew."""
    upload = get_upload(request.user, pk)
    return _progress(request, upload.job, f"/uploads/{pk}/progress/")


@require_GET
def run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    return _progress(request, find_run(request.user, pk).job, f"/runs/{pk}/progress/")


def _progress(request: HttpRequest, job: Any, url: str) -> HttpResponse:
    if job is None:
        raise Http404("没有这项工作")
    tasks.settled(job)
    response = render(request, "parts/progress.html", {"job": job, "url": url})
    if not job.active:
        response["HX-Refresh"] = "true"
    return response


@require_GET
def run_wait(request: HttpRequest, pk: int) -> HttpResponse:
    """Diagnosing with its progress; the results once they are there."""
    run = find_run(request.user, pk)
    if run.done:
        return redirect("diagnosis:run", pk=pk)
    if run.job:
        tasks.settled(run.job)
    return render(request, "diagnosis/run_progress.html", {"run": run, "upload": run.upload, "job": run.job, "menu": "uploads"})


def problem_list(request: HttpRequest, upload: Upload, content: dict[str, Any]) -> HttpResponse:
    """What reading found, by cell, with filters."""
    severity = request.GET.get("severity", "") if request.GET.get("severity") in SEVERITIES else ""
    code, page = request.GET.get("kind", ""), page_of(request)
    folder = Folder(upload.folder)
    found, total = records.problems(folder, severity=severity, code=code, page=page)
    counts = [{"name": SEVERITIES[s], "severity": s, "n": upload.problems.get(s, 0)} for s in SEVERITIES]
    return render(request, "diagnosis/upload.html", content | paging(page, records.PROBLEMS_PAGE, total) | {
        "upload": upload, "found": found, "severity": severity, "kind": code, "severities": SEVERITIES, "totals": counts,
        "kinds": records.problem_kinds(folder), "headers": _headers(),
    })


def _headers() -> dict[str, str]:
    """Field names as the workbook's headers."""
    return {c.name: c.header for sheet in columns.SHEETS for c in sheet.columns}


@require_POST
def diagnose(request: HttpRequest, pk: int) -> HttpResponse:
    upload, form = get_upload(request.user, pk), DiagnoseForm(request.POST)
    if not upload.read:
        raise Http404("这次上传还不能诊断")
    if not form.is_valid():
        messages.error(request, "截止日没有看懂,请写成 2026-10-31 这样的日期。")
        return redirect("diagnosis:upload", pk=pk)
    run = actions.begin_diagnosis(upload, as_of=form.cleaned_data["as_of"])
    return redirect("diagnosis:run_wait", pk=run.pk)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    upload = get_upload(request.user, pk)
    if upload.demo:
        messages.error(request, "示例集团不能删除。")
        return redirect("shell:home")
    actions.delete(upload)
    messages.success(request, f"已删除“{upload.title}”的文件、数据和诊断结果。")
    return redirect("diagnosis:uploads")


@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Let these ledgers stand beside the living system."""
    upload = get_upload(request.user, pk)
    try:
        actions.keep_as_ledgers(actor=request.user, upload=upload)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("diagnosis:upload", pk=pk)
    messages.success(request, "这份台账中的制度、载体、活动和点子,今后用于全组织诊断。")
    return redirect("diagnosis:living")


@require_GET
def problems_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """All problems of an upload as a file for the clerk who corrects it."""
    upload = get_upload(request.user, pk)
    rows, _ = records.problems(Folder(upload.folder), page=1, size=1_000_000)
    found = [problem.Problem(**{f: r[f] for f in problem.COLUMNS}) for r in rows]
    response = HttpResponse(problem.to_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="problems-{pk}.csv"'
    return response


@require_GET
def of_run(request: HttpRequest, pk: int) -> HttpResponse:
    """What reading the files of a run found."""
    run = get_run(request.user, pk)
    if run.upload is None:
        raise Http404("全组织诊断直接取数,没有读取问题清单")
    return problem_list(request, run.upload, frame(run, "problems") | {"base_page": "diagnosis/run_base.html"})


@require_GET
def blank(request: HttpRequest) -> FileResponse:
    """The empty workbook with drop-downs and an example row."""
    return FileResponse(io.BytesIO(template.workbook(columns.SHEETS)), as_attachment=True, filename="载道台账模板.xlsx", content_type=XLSX)

