"""Import in two steps, and export. A plan, its rows and its files are seen by whoever uploaded it and by nobody else."""

import io
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zaidao.accounts import factors
from zaidao.core import access, pages
from zaidao.core.errors import Refused
from zaidao.core.plans import Plan, PlanRow, actions, handback, shown
from zaidao.organisations import access as verbs
from zaidao.organisations import export as exporting
from zaidao.organisations.columns import SHEETS
from zaidao.organisations.forms.imports import ConfirmForm, ExportForm, UploadForm
from zaidao.organisations.imports import KIND
from zaidao.organisations.queries import people as roster
from zaidao.organisations.views.parts import somewhere
from zaidao.sheets import template

SIZE = 50
TONES = {Plan.State.READY: "wait", Plan.State.DONE: "done", Plan.State.UNDONE: "off", Plan.State.REFUSED: "off"}


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """One's own imports, and the form for a new one. Four queries."""
    somewhere(request, verbs.IMPORT)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        plan = actions.begin(actor=request.user, name=KIND.name, uploads=form.cleaned_data["ledgers"])
        return redirect("organisations:import", pk=plan.pk)
    plans = [(p, TONES.get(Plan.State(p.state), "open")) for p in actions.own(request.user, KIND.name)]
    return render(request, "organisations/imports.html", {
        "form": form, "plans": plans, "menu": "imports", "may_export": access.holder(request.user).may_somewhere(verbs.EXPORT),
    }, status=422 if form.errors else 200)


def _plan(request: HttpRequest, pk: int) -> Plan:
    """The person's own plan; 404 for anything else."""
    somewhere(request, verbs.IMPORT)
    return actions.of(request.user, KIND.name, pk)


@never_cache
@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan in whatever state: progress; totals, rows and the confirmation; what became of it. At most nine queries."""
    plan = _plan(request, pk)
    return _page(request, plan, _confirmation(plan, None))


def _confirmation(plan: Plan, data: Any) -> ConfirmForm:
    flags = plan.options.get("flags", ())
    return ConfirmForm(data, initial={"seal": plan.seal}, restructures="restructures" in flags, own="own_post" in flags)


def _page(request: HttpRequest, plan: Plan, form: ConfirmForm, *, status: int = 200) -> HttpResponse:
    working = plan.state in actions.RUNNING
    active = working and actions.active(plan)
    return render(request, "organisations/import.html", {
        "plan": plan, "job": plan.job, "active": active, "stopped": working and not active, "form": form, "menu": "imports",
        "url": reverse("organisations:import_progress", args=[plan.pk]), "totals": shown.totals(plan), "states": shown.STATES,
        "outcomes": shown.outcomes(plan), "undoable": actions.undoable(plan), "undo_days": actions.UNDO_DAYS,
        "changing": any(n for t in shown.totals(plan) for s, _, n in t.states if s in ("new", "changed", "warning")),
        "noted": any(n["severity"] != "note" for n in plan.notes or ()),
        "faulty": _faulty(plan), "tone": TONES.get(Plan.State(plan.state), "open"), **_rows(request, plan),
        "crumbs": [("台账导入", reverse("organisations:imports")), (plan.title, None)],
    }, status=status)


def _faulty(plan: Plan) -> int:
    """Rows that were not and will not be imported."""
    done = plan.counts.get("outcomes", {})
    return done.get("refused", 0) if done else sum(s.get("error", 0) for t, s in plan.counts.items() if t != "outcomes")


def _rows(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    """The rows asked for: by state or outcome, by table, one page."""
    state, table = request.GET.get("state", ""), request.GET.get("table", "")
    rows = plan.rows.order_by("n")
    if state in PlanRow.State.values:
        rows = rows.filter(state=state)
    elif state in PlanRow.Outcome.values:
        rows = rows.filter(outcome=state)
    else:
        state = ""
    if table in {i.table for i in KIND.importers}:
        rows = rows.filter(table=table)
    page, total = pages.page_of(request), rows.count() if plan.state != Plan.State.READING else 0
    lines = shown.lines(plan, rows[(page - 1) * SIZE:page * SIZE]) if total else []
    return {"lines": lines, "filters": _filters(plan, state), "state": state, "table": table, **pages.paging(page, SIZE, total)}


def _filters(plan: Plan, state: str) -> list[dict[str, Any]]:
    """All rows, each state that occurs, and once committed each outcome."""
    by_state = {s: sum(t.get(s, 0) for name, t in plan.counts.items() if name != "outcomes") for s in shown.STATES}
    found = [("", "全部", plan.total)] + [(s, label, by_state[s]) for s, label in shown.STATES.items() if by_state[s]]
    return [{"text": t, "count": n, "href": f"?state={s}", "here": s == state} for s, t, n in [*found, *shown.outcomes(plan)]]


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress (fragment); once the work has ended, HTMX is told to load the page anew."""
    plan = _plan(request, pk)
    active = actions.active(plan)
    response = render(request, "ui/progress.html", {"job": plan.job, "url": request.path})
    if not active:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Commit what was seen."""
    plan = _plan(request, pk)
    form = _confirmation(plan, request.POST)
    if not form.is_valid():
        return _page(request, plan, form, status=422)
    return _done(request, plan, lambda: actions.confirm(
        actor=request.user, plan=plan, seal=form.cleaned_data["seal"], options=form.options()))


@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up work that was cut short."""
    plan = _plan(request, pk)
    return _done(request, plan, lambda: actions.go_on(actor=request.user, plan=plan))


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _plan(request, pk)
    return _done(request, plan, lambda: actions.take_back(actor=request.user, plan=plan))


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _plan(request, pk)
    try:
        actions.discard(actor=request.user, plan=plan)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("organisations:import", pk=pk)
    messages.success(request, "已取消这次导入,文件和计划已删除。")
    return redirect("organisations:imports")


def _done(request: HttpRequest, plan: Plan, act: Any) -> HttpResponse:
    try:
        act()
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("organisations:import", pk=plan.pk)


@never_cache
@require_GET
def errors(request: HttpRequest, pk: int) -> FileResponse:
    """The rows that were not imported, to be corrected and uploaded again."""
    plan = _plan(request, pk)
    return _attachment(handback.workbook(plan), f"未导入的行-{plan.pk}.xlsx", exporting.XLSX)


@require_GET
def blank(request: HttpRequest) -> FileResponse:
    """The empty workbook with drop-downs and an example row."""
    somewhere(request, verbs.IMPORT)
    return _attachment(template.workbook(SHEETS), "组织人员任职模板.xlsx", exporting.XLSX)


def _attachment(data: bytes, name: str, kind: str) -> FileResponse:
    response = FileResponse(io.BytesIO(data), as_attachment=True, filename=name, content_type=kind)
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest) -> HttpResponse | FileResponse:
    """Organisations, people and appointments in one's scope as a file; whole numbers only with a second factor and a reason."""
    somewhere(request, verbs.EXPORT)
    reveals = access.holder(request.user).may_somewhere(verbs.SENSITIVE)
    asked = {k: v for k, v in request.GET.items() if k in roster.Asked.__annotations__}
    form = ExportForm(request.POST or None, reveals=reveals, initial=asked)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data.get("whole") and not factors.second_factor_ok(request):
            return factors.ask(request, back=request.path)
        try:
            made = _exported(request, form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _attachment(made.data, made.name, made.kind)
    return render(request, "organisations/export.html", {"form": form, "menu": "export"}, status=422 if form.errors else 200)


def _exported(request: HttpRequest, told: dict[str, Any]) -> exporting.File:
    shape = told["shape"]
    asked = exporting.Asked(
        (shape.removeprefix("csv-"),) if shape != "xlsx" else tuple(told["tables"]),
        roster.Asked(told["q"], told["category"], told["organisation"], told["state"]), timezone.localdate(), bool(told.get("whole")),
        told.get("reason", ""), factors.second_factor_ok(request),
    )
    return (exporting.workbook if shape == "xlsx" else exporting.text_table)(actor=request.user, asked=asked)
