"""Home, about, and the pages for what goes wrong."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from zaidao.diagnosis.queries import runs as latest_runs


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Where to begin: the sample group, one's own ledgers, the latest results."""
    runs = latest_runs.latest()
    samples = sorted((r for r in runs if r.upload.demo), key=lambda r: not r.done)  # the latest result before one in the making
    return render(request, "home.html", {
        "menu": "home", "sample": samples[0] if samples else None, "runs": [r for r in runs if not r.upload.demo],
    })


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "about.html", {"menu": "about", "place": Path(settings.VAR)})


def _error(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    return render(request, "error.html", {"status": status, "title": title, "advice": advice}, status=status)


def bad_request(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    return _error(request, 400, "这个请求没有看懂", "请从首页重新进入;如果是上传文件,请分几次上传。")


def forbidden(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    return _error(request, 403, "这一步没有被接受", "请返回上一页、刷新后再试。")


def csrf_failure(request: HttpRequest, **_: object) -> HttpResponse:
    return _error(
        request, 403, "页面已经过期", "为防止别的网站代您提交,这一步没有执行。请返回上一页、刷新后再提交;浏览器须允许本站 Cookie。",
    )


def not_found(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    return _error(request, 404, "没有找到这个页面", "可能已经删除,或者诊断还没有完成。请从首页重新进入。")


def failed(request: HttpRequest) -> HttpResponse:
    return _error(request, 500, "程序出错了", "您的数据没有改变。请再试一次;若仍不行,请把服务窗口里的出错信息交给维护人员。")
