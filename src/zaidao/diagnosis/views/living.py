"""Diagnoses of the living system: the latest ones, and starting one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from zaidao.core import access
from zaidao.diagnosis import living
from zaidao.diagnosis.access import RUN, VIEW, at_root
from zaidao.diagnosis.queries import runs


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The latest runs; with what they were made from."""
    access.require_somewhere(request.user, VIEW)
    ledger = living.latest_ledger()
    return render(request, "diagnosis/living.html", {
        "menu": "living", "runs": runs.living(), "ledger": ledger, "may_begin": at_root(request.user, RUN),
    })


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    run = living.begin(actor=request.user)
    return redirect("diagnosis:run_wait", pk=run.pk)
