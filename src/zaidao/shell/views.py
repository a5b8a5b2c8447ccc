"""Home by post, about, filters that people keep, and the pages for what goes wrong."""

import sys
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote_plus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError, connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from zaidao.accounts.access import HEALTH_READ, OWN
from zaidao.accounts.models import SavedFilter, User
from zaidao.core import access, menu, panels, scrub
from zaidao.diagnosis.access import LEDGERS
from zaidao.diagnosis.queries import runs as latest_runs
from zaidao.shell import context, whom
from zaidao.shell.keeping import health as keeping

USEFUL = 2  # links offered where nothing is due
WORK = ("", "system")  # sections of the menu with work of one's own
KEPT = 30  # filters that one person may keep for one list
LONGEST = 500  # signs of one kept filter


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What the person acts as, what is due, and where to begin."""
    held = access.holder(request.user)
    roster = [g.title for g in held.grants if g.role == context.MEMBER and not g.on_behalf_of]
    return render(request, "home.html", {
        "menu": "home", "acting": context.posts(held), "roster": roster,
        "useful": _useful(menu.visible(held, request.path)), "diagnosis": _diagnosis(request.user) if held.may_somewhere(LEDGERS) else None,
    })


def _useful(sections: list[menu.Section]) -> list[menu.Shown]:
    """The first entries of the menu that lead somewhere else: one's own work, the keeping of the system, then what is to be read."""
    ranked = sorted((s for s in sections if s.key != "help"), key=lambda s: s.key not in WORK)
    return [entry for section in ranked for entry in section.items if entry.key != "home"][:USEFUL]


def _diagnosis(user: Any) -> dict[str, Any]:
    """The sample group, one's own ledgers, the latest results."""
    runs = latest_runs.latest(user)
    samples = sorted((r for r in runs if r.demo), key=lambda r: not r.done)  # the latest result before one in the making
    return {"sample": samples[0] if samples else None, "runs": [r for r in runs if not r.demo]}


@require_GET
def panel(request: HttpRequest, slot: str, key: str, pk: int) -> HttpResponse:
    """A panel that is fetched apart from its page: a fragment, or a page of its own without HTMX."""
    found = panels.one(request.user, slot, key, pk)
    if found is None or not panels.allowed(found[0], request, found[1]):
        raise Http404("没有这一部分")
    part = request.htmx  # type: ignore[attr-defined]
    return render(request, "parts/panel.html" if part else "panel.html", {"panel": found[0], "obj": found[1]})


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """What the system is for; where its files lie is told to those who keep it."""
    keeper = access.holder(request.user).may_somewhere(HEALTH_READ)
    return render(request, "about.html", {"menu": "about", "place": Path(settings.VAR) if keeper else None})


@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Whether everything that has to run runs, and what to do where it does not."""
    access.require_somewhere(request.user, HEALTH_READ)
    lines = keeping.look()
    wrong = any(line.state == keeping.WRONG for line in lines)
    return render(request, "health.html", {"lines": lines, "menu": "health"}, status=500 if wrong else 200)


@require_GET
@login_not_required
def ping(request: HttpRequest) -> HttpResponse:
    """Whether the service answers and its database is there, for a supervisor: one word, nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@require_POST
def filter_save(request: HttpRequest) -> HttpResponse:
    """Keep the conditions of a list under a name; the same name again replaces them."""
    access.require(request.user, OWN)
    name, page = (request.POST.get(part, "").replace("\0", "").strip() for part in ("name", "page"))  # no database keeps that sign
    name, page = name[:40], page[:60]
    query = QueryDict(request.POST.get("query", "")).copy()
    query.pop("page", None)  # the page of the list, not a condition
    refused = _not_kept(SavedFilter.objects.filter(user=request.user.pk, page=page), name, page, query.urlencode())
    if refused:
        messages.error(request, f"没有保存:{refused}")
    else:
        SavedFilter.objects.update_or_create(user=cast("User", request.user), page=page, name=name, defaults={"query": query.urlencode()})
        messages.success(request, f"已保存筛选“{name}”。")
    return redirect(_back(request))


def _not_kept(mine: QuerySet[SavedFilter], name: str, page: str, query: str) -> str:
    """Why conditions are not kept; empty where they may be."""
    if not name or not page or not query or len(query) > LONGEST:
        return "请先筛选,再给这组条件起个名称。"
    told = f"{name} {unquote_plus(query)}"
    if scrub.numbers(told) != told:
        return "条件或名称里有像身份号码、电话的数字,这些不能存在筛选里。"
    if mine.count() >= KEPT and not mine.filter(name=name).exists():
        return f"每个列表最多保存 {KEPT} 组条件,请先删除不用的。"
    return ""


@require_POST
def filter_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop one's own filter. Raises Http404 for another's."""
    access.require(request.user, OWN)
    kept = SavedFilter.objects.filter(user=request.user.pk, pk=pk).first()
    if kept is None:
        raise Http404("没有这组条件")
    kept.delete()
    messages.success(request, f"已删除筛选“{kept.name}”。")
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The page of this server that the person came from, else home."""
    place = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(place, {request.get_host()}, request.is_secure()) and place.startswith("/")
    return place if safe else "/"


def _error(request: HttpRequest, status: int, title: str, kept: str, advice: str, **more: Any) -> HttpResponse:
    told = {"status": status, "title": title, "kept": kept, "advice": advice} | more
    return render(request, "error.html", told, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None, **_: object) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return _error(request, 400, "这个请求没有看懂", "没有改动任何数据。", "请从首页重新进入。如果是上传文件,请分几次上传,一次少选几个。")


def forbidden(request: HttpRequest, exception: Exception | None = None, **_: object) -> HttpResponse:
    """Says which verb is missing and which posts have it."""
    title = str(exception) if isinstance(exception, access.Denied) and str(exception) else "这一步没有被接受"
    denied = exception if isinstance(exception, access.Denied) and exception.verb else None
    return _error(
        request, 403, title, "没有改动任何数据。",
        whom.ask(denied.verb) if denied else "请返回上一页、刷新后再试;仍不行,请联系本组织书记或上级党务办公室。",
        able=whom.posts(request.user, denied.verb, denied.path) if denied else (),
    )


def csrf_failure(request: HttpRequest, **_: object) -> HttpResponse:
    return _error(
        request, 403, "页面已经过期", "为防止别的网站代您提交,这一步没有执行,没有改动任何数据。",
        "请返回上一页、刷新后再提交。浏览器须允许本站 Cookie;隔了很久没有操作的,请重新登录。",
    )


def not_found(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    return _error(
        request, 404, "没有找到这个页面", "没有改动任何数据。",
        "地址可能有误,内容可能已经删除或合并,也可能不在您现在岗位的范围之内。请从首页重新进入;需要看而看不到的,请联系本组织书记或上级党务办公室。",
    )


def too_large(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    advice = f"上传文件一次最多 {settings.UPLOAD_LIMIT // 2**20} MB:请分几次上传,或先去掉文件里的大图片。文字太长的,请分几次提交。"
    return _error(request, 413, "提交的内容太大", "提交的内容没有保存,没有改动任何数据。", advice)


def too_many(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    return render(request, "429.html", status=429)


def failed(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: what failed may be whatever it needs, the session or the database. A database that does not answer is
    told apart: nobody's mistake, and it passes."""
    away = isinstance(sys.exc_info()[1], (InterfaceError, OperationalError))
    return HttpResponse(render_to_string("503.html" if away else "500.html", context.plain()), status=503 if away else 500)
