"""Every page is closed to strangers; a session ends after its term and when nobody uses it; a second factor comes first where it must."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url

from zaidao.accounts import factors, sessions

GetResponse = Callable[[HttpRequest], HttpResponse]
NEEDED = "您的岗位可以查看他人的身份号码、电话,或负责系统管理。请先设置第二重验证,再继续。"


class SignInRequired(LoginRequiredMiddleware):
    """Django's own; a part of a page that is asked for by htmx sends the whole page to the sign-in."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseBase:  # type: ignore[override]
        response = super().handle_no_permission(request, view_func)
        if getattr(request, "htmx", False) and isinstance(response, HttpResponseRedirect):
            return HttpResponse(status=204, headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
        return response


def session_term(get_response: GetResponse) -> GetResponse:
    """End sessions that are over."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and sessions.over(request, time.time()):
            logout(request)
            messages.info(request, "您有一段时间没有操作,已自动退出。请重新登录。")
        return get_response(request)

    return middleware


def second_factor(get_response: GetResponse) -> GetResponse:
    """Lead those who need a second factor to it before anything else works."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not factors.missing(request):
            return None
        if factors.has(request.user):
            return factors.ask(request)
        messages.info(request, NEEDED)
        return HttpResponseRedirect(resolve_url("mfa_index"))

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware
