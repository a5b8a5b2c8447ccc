"""What administrators do with one account: each act is a page that says what will happen, a reason, and a button."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from zaidao.accounts import forms
from zaidao.accounts.access import ACCOUNTS_MANAGE, ACCOUNTS_VIEW, CODES_ISSUE, DUTIES_GRANT, FACTORS_RESET, LOCKS_LIFT
from zaidao.accounts.actions import codes, duties, users
from zaidao.accounts.models import AdminDuty, Code, User
from zaidao.accounts.views import tried, who
from zaidao.core import access
from zaidao.core.once import once


@dataclass(frozen=True)
class Act:
    """`effects`: what will happen, for the person to read first."""

    title: str
    verb: str
    do: Callable[..., Any]
    submit: str
    effects: tuple[str, ...]


ACTS = {
    "deactivate": Act("停用账号", ACCOUNTS_MANAGE, users.deactivate, "停用", (
        "立即退出所有登录", "未使用的启用码、重设码作废", "担任的管理职责、委托和代办结束", "岗位和名册不变,历史记录保留",
    )),
    "reactivate": Act("恢复账号", ACCOUNTS_MANAGE, users.reactivate, "恢复", ("可以用原来的密码登录", "原有的管理职责和委托不自动恢复")),
    "unlock": Act("解除登录锁定", LOCKS_LIFT, users.lift_lock, "解除锁定", ("清除登录失败次数,可以马上再试",)),
}
ISSUES = {
    "code": Act("发放启用码或重设码", CODES_ISSUE, codes.issue_code, "发放", (
        "生成一个只显示一次的码,请打印或抄写后当面交给本人", "同类的旧码作废", "本人用它自己设置密码,您不会知道密码",
    )),
    "factors": Act("发放验证重设码", FACTORS_RESET, codes.issue_factor_code, "发放", (
        "本人输入密码后,用这个码取消原来的第二重验证并重新设置", "请先当面核实本人身份", "同类的旧码作废",
    )),
}


@require_http_methods(["GET", "POST"])
@once
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One of `ACTS`, after a reason."""
    wanted = ACTS[name]
    access.require(who(request), wanted.verb)
    user, form = get_object_or_404(User, pk=pk), forms.Reason(request.POST or None)
    if tried(request, form, lambda told: (wanted.do(actor=who(request), user_id=pk, reason=told["reason"]),)):
        messages.success(request, f"{wanted.title}:已办理。")
        return redirect("accounts:user", pk)
    return _confirm(request, user, wanted, form)


@never_cache
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One of `ISSUES`. The code stands on this one answer and nowhere else."""
    wanted = ISSUES[name]
    access.require(who(request), wanted.verb)
    user, form = get_object_or_404(User, pk=pk), forms.Reason(request.POST or None)
    made = tried(request, form, lambda told: wanted.do(actor=who(request), user_id=pk, reason=told["reason"]))
    if made:
        return _paper(request, user, *made)
    return _confirm(request, user, wanted, form)


def _paper(request: HttpRequest, user: User, code: Code, text: str) -> HttpResponse:
    return render(request, "accounts/code.html", {
        "person": user, "code": code, "text": text, "address": request.build_absolute_uri(reverse("accounts:activate")),
        "by_factor": code.purpose == Code.Purpose.FACTORS,
    })


def _confirm(request: HttpRequest, user: User, wanted: Act, form: forms.Reason) -> HttpResponse:
    back = reverse("accounts:user", args=[user.pk])
    return render(request, "accounts/act.html", {
        "title": f"{wanted.title}:{user.name}({user.work_no})", "effects": wanted.effects, "form": form, "submit": wanted.submit,
        "cancel": back, "crumbs": [("账号", reverse("accounts:users")), (user.name, back), (wanted.title, None)],
    })


@require_POST
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Make somebody an administrator."""
    access.require(who(request), DUTIES_GRANT)
    get_object_or_404(User, pk=pk)
    form = forms.Appoint(request.POST)
    if tried(request, form, lambda told: duties.grant_duty(actor=who(request), user_id=pk, **told)):
        messages.success(request, "已指定。对方下次打开页面时生效;须设置第二重验证。")
    else:
        _say(request, form)
    return redirect("accounts:user", pk)


@require_http_methods(["GET", "POST"])
@once
def end_duty(request: HttpRequest, pk: int) -> HttpResponse:
    """End an administrator's duty, after a reason."""
    access.require(who(request), DUTIES_GRANT)
    duty = get_object_or_404(AdminDuty.objects.select_related("user"), pk=pk, until=None)
    form = forms.Reason(request.POST or None)
    if tried(request, form, lambda told: duties.end_duty(actor=who(request), pk=pk, reason=told["reason"])):
        messages.success(request, f"已结束:{duty.get_duty_display()}。")
        may_look = access.holder(who(request)).may(ACCOUNTS_VIEW)  # not after one's own last duty
        return redirect("accounts:user", duty.user_id) if may_look else redirect("accounts:me")
    wanted = Act(f"结束{duty.get_duty_display()}职责", DUTIES_GRANT, duties.end_duty, "结束", ("此人马上不能再办理这项职责的事",))
    return _confirm(request, duty.user, wanted, form)


def _say(request: HttpRequest, form: forms.Appoint) -> None:
    for errors in form.errors.values():
        for error in errors:
            messages.warning(request, str(error))
