"""Pages of one run: overview, tree, findings, load, files."""

import io
from datetime import date, timedelta
from typing import Any, BinaryIO

from csp.decorators import csp_replace
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from zaidao.core import mark, rulebook
from zaidao.core.pages import number, page_of, paging
from zaidao.diagnosis.access import get_run, require_whole
from zaidao.diagnosis.models import Run
from zaidao.diagnosis.queries import answers, organisation, overview, standards
from zaidao.engine import words
from zaidao.engine.schema import ELEMENTS, FINDINGS, ORG_KINDS, TABLES

FILES = {
    "report.html": "text/html; charset=utf-8",
    "report.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "findings.csv": "text/csv", "elements.csv": "text/csv", "duties.csv": "text/csv", "rollup.csv": "text/csv", "problems.csv": "text/csv",
    "manifest.json": "application/json",
}
REPORT_CSP = {
    "default-src": ["'none'"], "script-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"],
    "frame-ancestors": ["'none'"],
}
LOAD_PAGE = 20


def months_of(run: Run) -> list[date]:
    """First days of the months of the window."""
    window = run.manifest["window"]
    day, end = date.fromisoformat(window["from"]), date.fromisoformat(window["to"])
    months = []
    while day < end:
        months.append(day)
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return months


def frame(run: Run, active: str = "") -> dict[str, Any]:
    """What every page of a run says: which group, as of when, over which months."""
    months = months_of(run)
    return {
        "first_days": int(rulebook.today().param("living.answer_first_days")), "own_values": standards.values(run),
        "run": run, "active": active, "manifest": run.manifest, "as_of": date.fromisoformat(run.manifest["as_of"]),
        "first_month": months[0], "last_month": months[-1], "kinds_of_org": ORG_KINDS,
        "heads": [(e, words.ELEMENT_NAMES[e]) for e in ELEMENTS], "element_names": words.ELEMENT_NAMES,
        "element_roots": words.ELEMENT_ROOTS, "finding_names": words.FINDING_NAMES, "severity_names": words.SEVERITY_NAMES,
        "state_names": words.STATE_NAMES,
    }


def tree_rows(run: Run, rows: list[dict[str, Any]], *, below: bool) -> list[dict[str, Any]]:
    """Tree rows with their cells, findings and answers: three statements and one query, however many rows."""
    ids = [r["org_id"] for r in rows]
    cells, flags = overview.cells(run.folder, ids, below=below), overview.flags(run.folder, ids)
    given = answers.by_finding(ids, run=run)
    for row in rows:
        row["cells"] = [(e, cells[row["org_id"]].get(e)) for e in ELEMENTS]
        flag = flags.get(row["org_id"], {})
        row["codes"] = [(c, words.FINDING_NAMES[c], given.get((row["org_id"], c))) for c in flag.get("codes", ())]
        row["below"] = flag.get("below", 0)
    return rows


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_run(request.user, pk)
    folder, below = run.folder, request.GET.get("view") == "below"
    rows, parent, after = overview.top(folder)
    looks, looks_total = overview.first_looks(folder, standards.of(run).param("elements.gap_flag"))
    given = answers.by_finding([o["org_id"] for o in looks], run=run)
    for each in (f for o in looks for f in o["found"]):
        each["answers"] = given.get((each["org_id"], each["finding"]))
    element = _element(request)
    kinds = overview.kinds(folder, run.manifest.get("unknown", {}))
    judged, held = overview.judged_and_held(folder)
    duties, recorded = overview.duty_totals(folder), "activity" not in run.manifest.get("missing", {})
    return render(request, "diagnosis/overview.html", frame(run, "overview") | {
        "rows": tree_rows(run, rows, below=below), "parent": parent, "after": after, "below": below, "judged": judged,
        "held": held if recorded else None, "missed": duties.get("missed", 0) if recorded and run.manifest["duties"] else None,
        "whole": overview.size(folder) <= overview.WHOLE_TREE, "size": overview.size(folder), "kinds": kinds,
        "looks": looks, "looks_left": looks_total - len(looks),
        "duties": duties, "element": element, "picture": overview.picture(folder, element),
        "kinds_picture": [{"name": k["name"], "two": k["two"], "three": k["three"]} for k in reversed(kinds) if k["two"] is not None],
        "unknown": _unknown(run), "shown": sum(k[n] or 0 for k in kinds for n in ("two", "three")),
    } | _kept_back(run))


def _element(request: HttpRequest) -> str:
    asked = request.GET.get("element", "")
    return asked if asked in ELEMENTS else "organisational_life"


def _kept_back(run: Run) -> dict[str, Any]:
    """Kinds of findings that organisations are still to answer first, as sums of enough of them; with how many have any."""
    least = int(rulebook.today().param("living.least_shown"))
    sums = run.folder.kept_back(least)
    return {"kept_back": [(words.FINDING_NAMES[code], n) for code, n in sums.items() if code], "kept_back_any": sums.get("", 0)}


def _unknown(run: Run) -> list[tuple[str, str]]:
    named = words.FINDING_NAMES | words.ELEMENT_NAMES
    return [(named.get(code, code), why) for code, why in run.manifest.get("unknown", {}).items()]


@require_GET
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The scatter of another element (fragment)."""
    run, element = get_run(request.user, pk), _element(request)
    return render(request, "diagnosis/parts/picture.html", frame(run) | {
        "element": element, "picture": overview.picture(run.folder, element),
    })


@require_GET
def children(request: HttpRequest, pk: int, org_id: str) -> HttpResponse:
    """The next level of the tree as table rows (fragment), or as a page of their own without HTMX."""
    run, below = get_run(request.user, pk), request.GET.get("view") == "below"
    rows, after = overview.children(run.folder, org_id, number(request.GET.get("after"), -1))
    content = frame(run, "overview") | {"rows": tree_rows(run, rows, below=below), "parent": org_id, "after": after, "below": below}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "diagnosis/parts/tree_rows.html", content)
    content["chain"] = organisation.chain(run.folder, org_id)
    return render(request, "diagnosis/tree.html", content)


@require_GET
def findings(request: HttpRequest, pk: int) -> HttpResponse:
    run, page = get_run(request.user, pk), page_of(request)
    code = request.GET.get("code", "") if request.GET.get("code") in FINDINGS else ""
    least = 1 if request.GET.get("all") else overview.SHOWN_FROM
    under = request.GET.get("under", "")
    found, total = overview.findings(run.folder, code=code, org=under, least=least, page=page)
    given = answers.by_finding({f["org_id"] for f in found}, run=run)
    for row in found:
        row["title"], row["answers"] = words.FINDING_NAMES[row["finding"]], given.get((row["org_id"], row["finding"]))
    return render(request, "diagnosis/findings.html", frame(run, "findings") | paging(page, overview.PAGE, total) | {
        "found": found, "code": code, "all": least == 1, "under": under, "under_name": overview.names(run.folder).get(under, under),
        "kinds": overview.kinds(run.folder, run.manifest.get("unknown", {})),
    })


@require_GET
def load(request: HttpRequest, pk: int) -> HttpResponse:
    run, page = get_run(request.user, pk), page_of(request)
    under = request.GET.get("under", "")
    ids, total = organisation.loaded(run.folder, under=under, page=page, size=LOAD_PAGE)
    groups: dict[str, dict[str, Any]] = {}
    for row in organisation.load(run.folder, ids):
        groups.setdefault(row["org_id"], {"name": row["org_name"], "posts": []})["posts"].append(row)
    return render(request, "diagnosis/load.html", frame(run, "load") | paging(page, LOAD_PAGE, total) | {
        "groups": groups, "under": under, "under_name": overview.names(run.folder).get(under, under),
        "domains": TABLES["appointment"]["domain"].enum,
    })


@require_GET
def file(request: HttpRequest, pk: int, name: str) -> HttpResponse | FileResponse:
    """One published file, named so that its purpose travels with it."""
    run = get_run(request.user, pk)
    require_whole(run)
    if name not in FILES or not (run.path / name).is_file():
        raise Http404("没有这个文件")
    stem, _, suffix = name.partition(".")
    shown = f"{run.title}-{stem}-{run.manifest['as_of']}({words.NOTICE.replace(',', '_')}).{suffix}"
    return FileResponse(_opened(run, name), as_attachment=True, filename=shown, content_type=FILES[name])


@require_GET
@csp_replace(REPORT_CSP)  # type: ignore[arg-type]
def report(request: HttpRequest, pk: int) -> FileResponse:
    """The printable report, which carries its own style and no script."""
    run = get_run(request.user, pk)
    require_whole(run)
    return FileResponse(_opened(run, "report.html"), content_type=FILES["report.html"])


def _opened(run: Run, name: str) -> BinaryIO:
    """A published file; the report of a demonstration says above everything else what it is."""
    path = run.path / name
    if name == "report.html" and mark.word():
        head, body, rest = path.read_bytes().partition(b"<body>")
        return io.BytesIO(head + body + f"<p><b>{mark.word()}</b></p>".encode() + rest)
    return path.open("rb")
