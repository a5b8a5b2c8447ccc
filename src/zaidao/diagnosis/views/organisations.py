"""One organisation, one row of the snapshot, two texts side by side."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from zaidao.diagnosis import labels
from zaidao.diagnosis.access import get_run
from zaidao.diagnosis.models import Run
from zaidao.diagnosis.queries import answers, organisation, overview, records
from zaidao.diagnosis.views.runs import frame, months_of, tree_rows
from zaidao.engine import catalogue, words
from zaidao.engine.report.workbook import measure_name
from zaidao.engine.schema import PRIVATE_KINDS, TABLES


@require_GET
def show(request: HttpRequest, pk: int, org_id: str) -> HttpResponse:
    run = get_run(request.user, pk)
    folder, months = run.folder, months_of(run)
    org = organisation.one(folder, org_id)
    if org is None:
        raise Http404("没有这个组织")
    given = answers.by_finding([org_id], run=run)
    found = organisation.findings(folder, org_id)
    for row in found:
        row["title"] = words.FINDING_NAMES[row["finding"]]
        row["answers"] = given.get((org_id, row["finding"]))
    below, after = overview.children(folder, org_id)
    elements = organisation.elements(folder, org_id)
    for element in elements:
        element["compared"] = words.peer_level(element["peer_level"], overview.names(run.folder))
    return render(request, "diagnosis/organisation.html", frame(run, "overview") | {
        "org": org, "chain": organisation.chain(folder, org_id), "elements": elements, "components": labels.COMPONENT_NAMES,
        "months": months, "strip": organisation.strip(organisation.duties(folder, org_id), months),
        "found": [f for f in found if f["severity"] >= overview.SHOWN_FROM],
        "minor": [f for f in found if f["severity"] < overview.SHOWN_FROM],
        "posts": organisation.posts(folder, org_id, date.fromisoformat(run.manifest["as_of"])),
        "rows": tree_rows(run, below, below=True), "after": after, "parent": org_id, "below": True,
        "rollup": [r | {"title": measure_name(r["measure"])} for r in organisation.rollup(folder, org_id)] if below else [],
        "shared_causes": organisation.shared_causes(folder, org_id), "conflicts": organisation.conflicts(folder, org_id),
        "domains": TABLES["appointment"]["domain"].enum, "full_time": TABLES["appointment"]["full_time"].enum,
    })


@require_GET
def record(request: HttpRequest, pk: int, table: str, key: str) -> HttpResponse:
    """One row of the snapshot with the names of its columns."""
    run = get_run(request.user, pk)
    if table not in TABLES or len(TABLES[table].key) != 1:
        raise Http404("没有这种记录")
    row = records.record(run.folder, table, key)
    if row is None:
        raise Http404("没有这条记录")
    return render(request, "diagnosis/record.html", frame(run) | {
        "sheet": TABLES[table].sheet, "table": table, "key": key, "row": row, "fields": _fields(table, row),
        "org_name": overview.names(run.folder).get(row.get("org_id") or "", ""), "private": row.get("kind") in PRIVATE_KINDS,
        "marks": _marks(run, key) if table == "activity" else [],
    })


def _marks(run: Run, activity: str) -> list[dict[str, Any]]:
    """What was noticed on one record, in words."""
    found = records.marks(run.folder, activity)
    return [m | {"family_name": words.FAMILY_NAMES[m["family"]], "title": labels.MARK_NAMES.get(m["code"], m["code"])} for m in found]


HIDDEN = {"person": {"gender", "ethnicity", "born_on", "education"}, "activity": {"minutes", "photos", "rating"}}


def _fields(table: str, row: dict[str, Any]) -> list[tuple[str, Any]]:
    """(header, value) of what a page may show; a mean of few raters is not shown (SIGNALS 4.12)."""
    shown = []
    for field in TABLES[table].fields:
        if field.sensitive or field.name in HIDDEN.get(table, ()) or field.name not in row:
            continue
        value = row[field.name]
        shown.append((field.header, "、".join(value) if isinstance(value, list) else field.enum.get(value, value)))
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
    run = get_run(request.user, pk)
    first, second = request.GET.get("a", ""), request.GET.get("b", "")
    found = records.pair(run.folder, first, second)
    content = frame(run) | {"a": first, "b": second, "names": overview.names(run.folder), "pair": found}
    if found:
        left, right = records.differences(found[0]["minutes"] or "", found[1]["minutes"] or "")
        content |= {"sides": [(found[0], left), (found[1], right)]}
    part = request.htmx  # type: ignore[attr-defined]
    return render(request, "diagnosis/parts/compare.html" if part else "diagnosis/compare.html", content)
