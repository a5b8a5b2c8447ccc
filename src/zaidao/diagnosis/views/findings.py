"""One finding: its evidence, how it was computed, what was ruled out, the path, and the answers to it."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from zaidao.core.once import once
from zaidao.core.pages import page_of, paging
from zaidao.diagnosis import actions, labels
from zaidao.diagnosis.access import get_answer, get_run, may_answer, require_answer
from zaidao.diagnosis.forms import AnswerForm
from zaidao.diagnosis.models import Run
from zaidao.diagnosis.queries import answers, organisation, overview, records, standards
from zaidao.diagnosis.views.runs import frame
from zaidao.engine import catalogue, words

PIECES = 50  # evidence rows on a page
TEXTS = ("copied_minutes",)  # findings whose evidence is a pair of texts


@require_http_methods(["GET", "POST"])
@once
def show(request: HttpRequest, pk: int, code: str, org_id: str) -> HttpResponse:
    run = get_run(request.user, pk)
    finding = organisation.finding(run.folder, org_id, code) if code in words.FINDING_NAMES else None
    if finding is None:
        raise Http404("没有这条提示")
    keys = list(finding["evidence"] or ())
    form = AnswerForm(request.POST or None, keys=keys, initial={"keys": keys})
    if request.method == "POST":
        require_answer(request.user, run, org_id)
    if request.method == "POST" and form.is_valid():
        actions.answer(actor=request.user, run=run, org_id=org_id, finding=code, keys=form.cleaned_data["keys"], given=form.cleaned_data)
        messages.success(request, "回应已记录,显示在这条提示旁边;下次诊断时按回应处理。")
        return redirect("diagnosis:finding", pk=pk, code=code, org_id=org_id)
    content = _content(run, finding, keys, page_of(request)) | {"form": form, "may_answer": may_answer(request.user, run, org_id)}
    return render(request, "diagnosis/finding.html", content, status=422 if form.errors else 200)


def _content(run: Run, finding: dict[str, Any], keys: list[str], page: int) -> dict[str, Any]:
    org_id, code, names = finding["org_id"], finding["finding"], overview.names(run.folder)
    given = answers.by_finding([org_id], run=run).get((org_id, code), [])
    part = keys[(page - 1) * PIECES:page * PIECES]
    pieces = records.lines(run.folder, part, names)
    _offer_texts(run, finding, pieces)
    details = json.loads(finding["details"] or "{}")
    return frame(run, "findings") | paging(page, PIECES, len(keys)) | {
        "finding": finding, "title": words.FINDING_NAMES[code], "org_id": org_id, "org_name": names.get(org_id, org_id),
        "chain": organisation.chain(run.folder, org_id), "pieces": pieces, "keys": keys,
        "computed": list(labels.computed(details)), "card": catalogue.load().cards.get(code, {}),
        "compared": words.peer_level(finding["peer_level"], names), "answers": answers.beside(given, keys),
        "params": standards.of_finding(run, code),
    }


def _offer_texts(run: Run, finding: dict[str, Any], pieces: list[dict[str, Any]]) -> None:
    """Give each piece the two activities whose texts may be read side by side, or None."""
    pairs = {pair.split("~")[0]: pair for pair in reversed(finding.get("pairs") or ())} if finding["finding"] in TEXTS else {}
    for piece in pieces:
        both = [k.removeprefix("activity:") for k in pairs.get(piece["key"], "").split("~")]
        piece["texts"] = both if len(both) > 1 else None
    hidden = records.private(run.folder, [a for p in pieces for a in p["texts"] or ()]) if pairs else set()
    for piece in pieces:
        if hidden.intersection(piece["texts"] or ()):
            piece["texts"] = None


@require_POST
def withdraw(request: HttpRequest, pk: int, answer: int) -> HttpResponse:
    """Take an answer back."""
    run = get_run(request.user, pk)
    given = get_answer(run, answer)
    actions.withdraw(actor=request.user, run=run, answer=given)
    messages.success(request, "回应已撤回。")
    return redirect("diagnosis:finding", pk=run.pk, code=given.finding, org_id=given.org_id)
