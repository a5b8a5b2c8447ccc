"""The audit: who did what, searched by its administrator, with the state of its chain."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from zaidao.accounts import forms
from zaidao.accounts.access import AUDIT_EXPORT, AUDIT_READ
from zaidao.accounts.actions import audit as actions
from zaidao.accounts.queries import audit as queries
from zaidao.accounts.views import who
from zaidao.core import access, history, jobs, pages, seal
from zaidao.core.history import Wanted

SIZE = 50
FAULTS = 20


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What is on record, the newest first."""
    access.require(who(request), AUDIT_READ)
    form = forms.FindActs(request.GET)
    asked, page = _wanted(form), pages.page_of(request)
    first = (page - 1) * SIZE
    acts = history.told(history.search(asked)[first:first + SIZE + 1], with_places=True) if asked else []  # one more: is there a next page
    return render(request, "accounts/audit.html", {
        "form": form, "acts": acts[:SIZE], "most": actions.MOST, "page": page, "before": page - 1,
        "after": page + 1 if acts[SIZE:] else None, **_state(),
    })


def _wanted(form: forms.FindActs) -> Wanted | None:
    """None where the filter was filled in wrongly: its errors stand beside the fields."""
    return queries.wanted(form.cleaned_data) if form.is_valid() else None


def _state() -> dict[str, Any]:
    check = jobs.latest_check()
    return {"head": seal.head(), "check": check, "faults": check.faults[:FAULTS] if check else []}


@never_cache
@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """The part of the page that says how the chain stands, while it is being verified."""
    access.require(who(request), AUDIT_READ)
    return render(request, "accounts/parts/audit_state.html", _state())


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Begin a verification."""
    actions.verify(actor=who(request))
    return redirect("accounts:audit")


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The filtered acts as a sheet."""
    access.require(who(request), AUDIT_EXPORT)
    asked = _wanted(forms.FindActs(request.POST))
    if asked is None:
        messages.warning(request, "筛选条件有误,没有导出。请改正后再试。")
        return redirect("accounts:audit")
    sheet, _ = actions.export(actor=who(request), wanted=asked)
    name = f"audit-{timezone.localdate():%Y%m%d}.csv"
    return HttpResponse(sheet, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'})
