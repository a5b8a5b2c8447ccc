"""The office's own values for rules and parameters of the catalogue: what may be set, what was set when and why."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.core import access
from zaidao.core.acts import attempt
from zaidao.core.once import once
from zaidao.institutions import access as verbs
from zaidao.institutions import actions, columns
from zaidao.institutions.forms import ValueForm
from zaidao.institutions.models import OfficeValue
from zaidao.institutions.queries import settings as queries
from zaidao.institutions.views import parts


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What was set, and everything that may be. About six queries."""
    access.require_somewhere(request.user, verbs.VIEW)
    every = queries.every()
    return render(request, "institutions/values.html", {
        "eras": [e for e in queries.eras(timezone.localdate()) if e.state != "past"], "rules": [s for s in every if s.is_rule],
        "params": queries.of_kind(s for s in every if not s.is_rule), "tabs": parts.tabs(request, "values"), "menu": "values",
        "exports": access.holder(request.user).may_somewhere(verbs.EXPORT),
    })


@require_http_methods(["GET", "POST"])
@once
def show(request: HttpRequest, key: str) -> HttpResponse:
    """One setting with its history; whoever manages the whole tree sets its value."""
    access.require_somewhere(request.user, verbs.VIEW)
    setting = queries.one(key)
    if setting is None:
        raise Http404("没有这一项")
    tops = queries.tops()
    sets = all(access.holder(request.user).may(verbs.VALUES, path) for path in tops)
    if request.method == "POST":
        access.require(request.user, verbs.VALUES, next((p for p in tops if not access.holder(request.user).may(verbs.VALUES, p)), tops[0]))
    form = _form(request, setting) if sets else None
    if form is not None and request.method == "POST" and form.is_valid() and attempt(form, lambda told: actions.set_value(
            actor=request.user, key=key, value=form.value, since=told["since"], reason=told["reason"], source=told["source"])):
        messages.success(request, "已设定。")
        return redirect("institutions:value", key)
    return render(request, "institutions/value.html", {
        "setting": setting, "form": form, "eras": queries.eras(timezone.localdate(), key), "menu": "values",
        "crumbs": [("单位取值", reverse("institutions:values")), (setting.name, None)],
    })


def _form(request: HttpRequest, setting: queries.Setting) -> ValueForm:
    called, first = None if setting.is_rule else setting.label, {"since": timezone.localdate()}
    return ValueForm(queries.fields(setting), request.POST or None, initial=first, called=called)


@never_cache
@require_GET
def export(request: HttpRequest) -> FileResponse:
    """Everything that may be set, with what the office has set, as a workbook; on record."""
    access.require_somewhere(request.user, verbs.EXPORT)
    own: dict[str, list[queries.Era]] = defaultdict(list)
    for era in queries.eras(timezone.localdate()):
        own[era.setting.key].append(era)
    lines = [line for setting in queries.every() for line in _lines(setting, own.get(setting.key, []))]
    return parts.handed_out(request, OfficeValue, "单位取值", columns.VALUES, lines)


def _lines(setting: queries.Setting, eras: list[queries.Era]) -> list[list[Any]]:
    """A line for each value that the office set, or one where it set none."""
    about = [setting.group, setting.name, setting.packaged, setting.ground]
    told = [[era.words, era.row.since, queries.STATES[era.state], era.row.reason, era.row.source] for era in eras]
    return [[*about, *each] for each in told or [[None] * 5]]
