"""One's own account."""

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zaidao.accounts import factors, forms, sessions
from zaidao.accounts.access import OWN
from zaidao.accounts.actions import delegations as delegating
from zaidao.accounts.actions import users
from zaidao.accounts.queries import me as queries
from zaidao.accounts.queries import suggestions
from zaidao.accounts.views import tried, who
from zaidao.core import access, history, masks
from zaidao.core.once import once

FEW = 5


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Who I am, what I may do and why, how I sign in, who stands in for whom."""
    access.require(who(request), OWN)
    user = who(request)
    return render(request, "accounts/me.html", {
        "facts": [
            ("姓名", user.name), ("工号", user.work_no), ("手机号", masks.shown(user, "phone") or "未登记"), ("最近登录", user.last_login),
        ],
        "grants": queries.grants(user), "delegations": queries.told(user, timezone.localdate())[:FEW],
        "has_factor": factors.has(user), "factor_needed": factors.needed(user),
        "entries": history.of(user, FEW * 2), "suggestions": suggestions.own(user)[:FEW],
    })


@require_http_methods(["GET", "POST"])
@once
def phone(request: HttpRequest) -> HttpResponse:
    """Another telephone number, after one has confirmed who one is. A number posted too late is not kept while that is asked."""
    if is_reauthentication_required(request, app=""):
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': reverse('accounts:phone')})}")
    form = forms.OwnPhone(request.POST or None)
    if tried(request, form, lambda told: users.change_own_phone(actor=who(request), phone=told["phone"])):
        messages.success(request, "手机号已更新。")
        return redirect("accounts:me")
    return render(request, "accounts/form.html", {
        "title": "修改手机号", "form": form, "cancel": reverse("accounts:me"), "crumbs": _crumbs("修改手机号"),
    })


@require_http_methods(["GET", "POST"])
@once
def delegate(request: HttpRequest) -> HttpResponse:
    """Hand over what one may do by one's posts, for a term; and what has been handed over so far."""
    form = forms.Delegate(request.POST or None, initial={"since": timezone.localdate()})
    made = tried(request, form, lambda told: delegating.delegate(actor=who(request), today=timezone.localdate(), **told))
    if made:
        messages.success(request, f"已委托{made.taker.name}代办。")
        return redirect("accounts:delegations")
    rows = queries.told(who(request), timezone.localdate())
    return render(request, "accounts/delegations.html", {"form": form, "rows": rows, "crumbs": _crumbs("委托代办")})


@require_http_methods(["GET", "POST"])
@once
def end_delegation(request: HttpRequest, pk: int) -> HttpResponse:
    """End a delegation that one gave or took."""
    mine = queries.delegations(who(request)).filter(pk=pk).first()
    if mine is None:
        raise Http404("没有这项委托")
    if mine.ended_at:
        return redirect("accounts:delegations")
    form = forms.Reason(request.POST or None)
    if tried(request, form, lambda told: delegating.end_delegation(actor=who(request), pk=pk, reason=told["reason"])):
        messages.success(request, "委托已结束。")
        return redirect("accounts:delegations")
    return render(request, "accounts/act.html", {
        "title": f"结束委托:{mine.giver.name} → {mine.taker.name}",
        "effects": (f"{mine.taker.name}马上不能再代{mine.giver.name}办理",), "form": form, "submit": "结束",
        "cancel": reverse("accounts:delegations"), "crumbs": _crumbs("结束委托"),
    })


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions elsewhere."""
    access.require(who(request), OWN)
    if not sessions.end_one(who(request), pk, request.session):
        raise Http404("没有这处登录")
    messages.success(request, "已退出那一处登录。")
    return redirect("usersessions_list")


def _crumbs(here: str) -> list[tuple[str, str | None]]:
    return [("我的账号", reverse("accounts:me")), (here, None)]
