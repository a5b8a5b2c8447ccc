"""投诉建议: said from any page, answered within a term, read by whoever said it."""

from typing import Any
from urllib.parse import urlsplit

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.accounts import forms
from zaidao.accounts.access import SUGGESTIONS_ANSWER
from zaidao.accounts.actions import suggestions as actions
from zaidao.accounts.models import Suggestion
from zaidao.accounts.queries import suggestions as queries
from zaidao.accounts.views import tried, who
from zaidao.core import access, calendar, pages, written
from zaidao.core.once import once

SIZE = 30


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
@once
def suggest(request: HttpRequest) -> HttpResponse:
    """Say something about the system; the page one came from goes along, without its query. Also before sign-in: whoever cannot get in
    has most to say. Then it is limited by address, and the answer cannot be shown."""
    actor = who(request) if request.user.is_authenticated else None
    form = forms.Suggest(request.POST or None, initial={"page": _came_from(request)})
    if request.method == "POST" and actor is None and not ratelimit.consume(request, app="allauth.account", action="suggest"):
        return render(request, "429.html", status=429)
    said = tried(request, form, lambda told: actions.suggest(
        actor=actor, text=told["text"], page=_path(told["page"]),
        due_on=calendar.add_working_days(timezone.localdate(), settings.SUGGESTION_WORKING_DAYS),
    ))
    if said:
        messages.success(request, f"已提交,将在{written.day(said.due_on)}前答复。" if actor else "已提交。")
        return redirect("accounts:suggestion", said.pk) if actor else redirect("accounts:suggest")
    mine = queries.own(actor)[:SIZE] if actor else None
    return render(request, "accounts/suggest.html", {"form": form, "mine": mine, "days": settings.SUGGESTION_WORKING_DAYS})


def _came_from(request: HttpRequest) -> str:
    told = urlsplit(request.headers.get("Referer", ""))
    return _path(told.path) if told.netloc == request.get_host() else ""


def _path(text: str) -> str:
    """The address of a page of ours, without what was asked of it."""
    path = "" if text.startswith("//") else urlsplit(text).path
    return path[:200] if path.startswith("/") and path != reverse("accounts:suggest") else ""


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own suggestion with its answer and its clock; or anybody's, for those who answer."""
    said = _visible(request, pk)
    may = queries.answering(who(request)) is not None and said.user_id != who(request).pk
    return render(request, "accounts/suggestion.html", {"said": said, "clock": _clock(said), "may_answer": may and not said.answered_at})


def _visible(request: HttpRequest, pk: int) -> Suggestion:
    rows = queries.own(who(request)) if queries.answering(who(request)) is None else queries.all_of_them(open_only=False)
    said: Suggestion | None = rows.filter(pk=pk).first()
    if said is None:
        raise Http404("没有找到")
    return said


def _clock(said: Suggestion) -> str:
    """How long until the answer is due, in working days."""
    if said.answered_at:
        return ""
    today, days = timezone.localdate(), calendar.load()
    if today > said.due_on:
        return f"已过答复期限 {days.working_days_between(said.due_on, today)} 个工作日"
    return f"距答复期限还有 {days.working_days_between(today, said.due_on)} 个工作日"


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Everything said, the first due first."""
    _require(request)
    rows, page = queries.all_of_them(open_only="all" not in request.GET), pages.page_of(request)
    return render(request, "accounts/suggestions.html", {
        "rows": rows[(page - 1) * SIZE:page * SIZE], "today": timezone.localdate(), "everything": "all" in request.GET,
        **pages.paging(page, SIZE, rows.count()),
    })


@require_http_methods(["GET", "POST"])
@once
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a suggestion."""
    _require(request)
    said = _visible(request, pk)
    form = forms.Answer(request.POST or None)
    if tried(request, form, lambda told: actions.answer(actor=who(request), pk=pk, text=told["answer"])):
        messages.success(request, "已答复。")
        return redirect("accounts:suggestions")
    return render(request, "accounts/answer.html", {"said": said, "clock": _clock(said), "form": form})


def _require(request: HttpRequest) -> Any:
    grant = queries.answering(who(request))
    if grant is None:
        raise access.Denied(f"您现在的岗位不能“{access.VERBS[SUGGESTIONS_ANSWER].label}”。")
    return grant
