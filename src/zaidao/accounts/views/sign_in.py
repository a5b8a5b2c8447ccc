"""Before anybody is signed in: sign-in, the code on paper, the lost second factor, persons of a demonstration."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.account.views import LoginView
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from requests import RequestException

from zaidao.accounts import demo, forms, lockout
from zaidao.accounts.actions import codes
from zaidao.accounts.models import User
from zaidao.core.errors import Refused

log = logging.getLogger(__name__)


class SignIn(LoginView):
    """Work number or telephone number and password; a passkey; another system that vouches; in a demonstration, a person."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().get_context_data(**kwargs)
        sso = {"name": settings.OIDC_NAME, "provider": settings.OIDC_PROVIDER} if settings.OIDC else None
        return told | {"offers": demo.offers(), "sso": sso}


def away(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that asks the system that vouches: where that is away, or answers nonsense, people sign in by their password."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (RequestException, KeyError) as error:  # KeyError: its description of itself lacks an address
            log.warning("the system that vouches for people did not answer: %s", type(error).__name__)
            messages.error(request, f"{settings.OIDC_NAME}现在连不上。请稍后再试,或用工号和密码登录。")
            return redirect("account_login")

    return asked


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2", "code")
@require_http_methods(["GET", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    """Set a password by the code that an administrator handed over."""
    form = forms.Activate(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if lockout.refused(request, form.cleaned_data["work_no"]):
            return HttpResponse(status=429)  # the middleware words it
        if _activated(request, form):
            messages.success(request, "密码已设置。请用工号和新密码登录。")
            return redirect("account_login")
    return render(request, "accounts/activate.html", {"form": form})


def _activated(request: HttpRequest, form: forms.Activate) -> bool:
    told = form.cleaned_data
    try:
        codes.redeem(work_no=told["work_no"], text=told["code"], password=told["password1"], now=timezone.now())
    except codes.WeakPassword as weak:
        form.add_error("password1", list(weak.reasons))
    except Refused as refusal:
        lockout.count(request, told["work_no"])
        form.add_error(None, str(refusal))
    else:
        return True
    return False


@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def factor_code(request: HttpRequest) -> HttpResponse:
    """The password was right, the second factor is lost: a code from the security administrator takes its place, once."""
    stage = request._login_stage  # type: ignore[attr-defined]
    form = forms.FactorReset(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if lockout.refused(request, stage.login.user.work_no):
            return HttpResponse(status=429)
        try:
            codes.redeem_factor_code(user=stage.login.user, text=form.cleaned_data["code"], now=timezone.now())
        except Refused as refusal:
            lockout.count(request, stage.login.user.work_no)
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "原来的第二重验证已取消。请尽快重新设置。")
            return stage.exit()  # type: ignore[no-any-return]
    return render(request, "accounts/factor_code.html", {"form": form})


@login_not_required
@never_cache
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Enter a demonstration as one of the persons offered. Outside one there is no such page."""
    work_no = request.POST.get("work_no", "")
    user = User.objects.filter(work_no=work_no, is_active=True).first() if demo.offered(work_no) else None
    if user is None:
        raise Http404("没有这个页面")
    if request.user.is_authenticated:
        logout(request)
    return perform_login(request, Login(user=user))
