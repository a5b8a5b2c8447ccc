"""Pages of one run: overview, findings, organisation, load, records, files."""

from datetime import date, timedelta
from typing import Any

from csp.decorators import csp_replace
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from zaidao.core.pages import number, page_of, paging
from zaidao.diagnosis import labels
from zaidao.diagnosis.access import get_run
from zaidao.diagnosis.models import Run
from zaidao.diagnosis.queries import answers, organisation, overview, records
from zaidao.engine import catalogue, words
from zaidao.engine.report.workbook import measure_name
from zaidao.engine.schema import ELEMENTS, FINDINGS, ORG_KINDS, PRIVATE_KINDS, TABLES

FILES = {
    "report.html": "text/html; charset=utf-8", "report.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "findings.csv": "text/csv", "elements.csv": "text/csv", "duties.csv": "text/csv", "rollup.csv": "text/csv", "problems.csv": "text/csv",
    "manifest.json": "application/json",
}
REPORT_CSP = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"], "frame-ancestors": ["'none'"]}
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
        "run": run, "active": active, "as_of": date.fromisoformat(run.manifest["as_of"]), "first_month": months[0], "last_month": months[-1],
        "manifest": run.manifest, "kinds_of_org": ORG_KINDS, "element_names": words.ELEMENT_NAMES, "finding_names": words.FINDING_NAMES,
        "severity_names": words.SEVERITY_NAMES, "state_names": words.STATE_NAMES, "element_roots": words.ELEMENT_ROOTS,
    }


def _rows(run: Run, rows: list[dict[str, Any]], *, below: bool) -> list[dict[str, Any]]:
    """Tree rows with their cells, findings and answers: three statements and one query, however many rows."""
    ids = [r["org_id"] for r in rows]
    cells, flags = overview.cells(run.folder, ids, below=below), overview.flags(run.folder, ids)
    given = answers.by_finding(ids, demo=run.upload.demo)
    for row in rows:
        row["cells"] = [(e, cells[row["org_id"]].get(e)) for e in ELEMENTS]
        flag = flags.get(row["org_id"], {})
        row["codes"] = [(c, words.FINDING_NAMES[c], given.get((row["org_id"], c))) for c in flag.get("codes", ())]
        row["below"] = flag.get("below", 0)
    return rows


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_run(pk)
    folder, below = run.folder, request.GET.get("view") == "below"
    looks, looks_total = overview.first_looks(folder, catalogue.load().param("elements.gap_flag"))
    element = _element(request)
    kinds = overview.kinds(folder)
    return render(request, "diagnosis/overview.html", frame(run, "overview") | {
        "rows": _rows(run, overview.top(folder), below=below), "below": below, "elements": [(e, words.ELEMENT_NAMES[e]) for e in ELEMENTS],
        "whole": overview.size(folder) <= overview.WHOLE_TREE, "size": overview.size(folder), "kinds": kinds, "looks": looks, "looks_total": looks_total, "looks_less": -len(looks),
        "duties": overview.duty_totals(folder), "element": element, "picture": overview.picture(folder, element),
        "kinds_picture": [{"name": k["name"], "two": k["two"], "three": k["three"]} for k in reversed(kinds)],
        "unknown": _unknown(run), "shown": sum(k["two"] + k["three"] for k in kinds),
    })


def _element(request: HttpRequest) -> str:
    asked = request.GET.get("element", "")
    return asked if asked in ELEMENTS else "organisational_life"


def _unknown(run: Run) -> list[tuple[str, str]]:
    named = words.FINDING_NAMES | words.ELEMENT_NAMES
    return [(named.get(code, code), why) for code, why in run.manifest.get("unknown", {}).items()]


@require_GET
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The scatter of another element (fragment)."""
    run, element = get_run(pk), _element(request)
    return render(request, "diagnosis/parts/picture.html", frame(run) | {
        "element": element, "picture": overview.picture(run.folder, element), "elements": [(e, words.ELEMENT_NAMES[e]) for e in ELEMENTS],
    })


@require_GET
def children(request: HttpRequest, pk: int, org_id: str) -> HttpResponse:
    """The next level of the tree as table rows (fragment), or as a page of their own without HTMX."""
    run, below = get_run(pk), request.GET.get("view") == "below"
    rows, after = overview.children(run.folder, org_id, number(request.GET.get("after"), -1))
    content = frame(run, "overview") | {"rows": _rows(run, rows, below=below), "parent": org_id, "after": after, "below": below}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "diagnosis/parts/tree_rows.html", content)
    content |= {"chain": organisation.chain(run.folder, org_id), "elements": [(e, words.ELEMENT_NAMES[e]) for e in ELEMENTS]}
    return render(request, "diagnosis/tree.html", content)


@require_GET
def findings(request: HttpRequest, pk: int) -> HttpResponse:
    run, page = get_run(pk), page_of(request)
    code = request.GET.get("code", "") if request.GET.get("code") in FINDINGS else ""
    least = 1 if request.GET.get("all") else overview.SHOWN_FROM
    under = request.GET.get("under", "")
    found, total = overview.findings(run.folder, code=code, org=under, least=least, page=page)
    given = answers.by_finding({f["org_id"] for f in found}, demo=run.upload.demo)
    for row in found:
        row["title"], row["answers"] = words.FINDING_NAMES[row["finding"]], given.get((row["org_id"], row["finding"]))
    return render(request, "diagnosis/findings.html", frame(run, "findings") | paging(page, overview.PAGE, total) | {
        "found": found, "code": code, "all": least == 1, "under": under, "under_name": overview.names(run.path).get(under, under),
        "kinds": overview.kinds(run.folder),
    })


@require_GET
def show_organisation(request: HttpRequest, pk: int, org_id: str) -> HttpResponse:
    run = get_run(pk)
    folder, months = run.folder, months_of(run)
    org = organisation.one(folder, org_id)
    if org is None:
        raise Http404("没有这个组织")
    given = answers.by_finding([org_id], demo=run.upload.demo)
    found = organisation.findings(folder, org_id)
    for row in found:
        row["title"], row["answers"] = words.FINDING_NAMES[row["finding"]], answers.beside(given.get((org_id, row["finding"]), []), row["evidence"])
    below, after = overview.children(folder, org_id)
    elements = organisation.elements(folder, org_id)
    for element in elements:
        element["compared"] = words.peer_level(element["peer_level"], overview.names(run.path))
    return render(request, "diagnosis/organisation.html", frame(run, "overview") | {
        "org": org, "chain": organisation.chain(folder, org_id), "elements": elements, "components": labels.COMPONENT_NAMES,
        "months": months, "strip": organisation.strip(organisation.duties(folder, org_id), months),
        "found": [f for f in found if f["severity"] >= overview.SHOWN_FROM], "minor": [f for f in found if f["severity"] < overview.SHOWN_FROM],
        "posts": organisation.posts(folder, org_id, date.fromisoformat(run.manifest["as_of"])), "rows": _rows(run, below, below=True), "after": after,
        "parent": org_id, "below": True, "heads": [(e, words.ELEMENT_NAMES[e]) for e in ELEMENTS],
        "rollup": [r | {"title": measure_name(r["measure"])} for r in organisation.rollup(folder, org_id)] if org["depth"] == 0 or below else [],
        "domains": TABLES["appointment"]["domain"].enum, "full_time": TABLES["appointment"]["full_time"].enum,
    })


@require_GET
def load(request: HttpRequest, pk: int) -> HttpResponse:
    run, page = get_run(pk), page_of(request)
    under = request.GET.get("under", "")
    ids, total = organisation.loaded(run.folder, under=under, page=page, size=LOAD_PAGE)
    groups: dict[str, dict[str, Any]] = {}
    for row in organisation.load(run.folder, ids):
        groups.setdefault(row["org_id"], {"name": row["org_name"], "posts": []})["posts"].append(row)
    return render(request, "diagnosis/load.html", frame(run, "load") | paging(page, LOAD_PAGE, total) | {
        "groups": groups, "under": under, "under_name": overview.names(run.path).get(under, under), "domains": TABLES["appointment"]["domain"].enum,
    })


@require_GET
def record(request: HttpRequest, pk: int, table: str, key: str) -> HttpResponse:
    """One row of the snapshot with the names of its columns."""
    run = get_run(pk)
    if table not in TABLES or len(TABLES[table].key) != 1:
        raise Http404("没有这种记录")
    row = records.record(run.folder, table, key)
    if row is None:
        raise Http404("没有这条记录")
    return render(request, "diagnosis/record.html", frame(run) | {
        "sheet": TABLES[table].sheet, "table": table, "key": key, "row": row, "fields": _fields(table, row),
        "org_name": overview.names(run.path).get(row.get("org_id") or "", ""), "private": row.get("kind") in PRIVATE_KINDS,
        "marks": [m | {"family_name": words.FAMILY_NAMES[m["family"]], "title": labels.MARK_NAMES.get(m["code"], m["code"])} for m in records.marks(run.folder, key)]
        if table == "activity" else [],
    })


HIDDEN = {"person": {"gender", "ethnicity", "born_on", "education"}, "activity": {"minutes", "photos", "rating"}}


def _fields(table: str, row: dict[str, Any]) -> list[tuple[str, Any]]:
    """(header, value) of what a page may show; a mean of few raters is not shown (SIGNALS 4.12)."""
    shown = []
    for field in TABLES[table].fields:
        if field.sensitive or field.name in HIDDEN.get(table, ()) or field.name not in row:
            continue
        value = row[field.name]
        shown.append((field.header, field.enum.get(value, value) if field.enum else "、".join(value) if isinstance(value, list) else value))
    if table == "activity" and row.get("photos") is not None:
        shown.append((TABLES[table]["photos"].header, f"{len(row['photos'])} 张"))
    if table == "activity" and (row.get("ratings") or 0) >= _least_raters():
        shown.append((TABLES[table]["rating"].header, row["rating"]))
    return shown


def _least_raters() -> int:
    return int(catalogue.load().param("low_appeal.least_raters"))


@require_GET
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Two records' texts side by side with what differs marked (fragment, or a page without HTMX)."""
    run = get_run(pk)
    first, second = request.GET.get("a", ""), request.GET.get("b", "")
    found = records.pair(run.folder, first, second)
    content = frame(run) | {"a": first, "b": second, "names": overview.names(run.path), "pair": found}
    if found:
        left, right = records.differences(found[0]["minutes"] or "", found[1]["minutes"] or "")
        content |= {"sides": [(found[0], left), (found[1], right)]}
    part = request.htmx  # type: ignore[attr-defined]
    return render(request, "diagnosis/parts/compare.html" if part else "diagnosis/compare.html", content)


@require_GET
def file(request: HttpRequest, pk: int, name: str) -> HttpResponse | FileResponse:
    """One published file, named so that its purpose travels with it."""
    run = get_run(pk)
    if name not in FILES or not (run.path / name).is_file():
        raise Http404("没有这个文件")
    stem, _, suffix = name.partition(".")
    shown = f"{run.title}-{stem}-{run.manifest['as_of']}({words.NOTICE.replace(',', '_')}).{suffix}"
    return FileResponse((run.path / name).open("rb"), as_attachment=True, filename=shown, content_type=FILES[name])


@require_GET
@csp_replace(REPORT_CSP)
def report(request: HttpRequest, pk: int) -> FileResponse:
    """The printable report, which carries its own style and no script."""
    return FileResponse((get_run(pk).path / "report.html").open("rb"), content_type=FILES["report.html"])
