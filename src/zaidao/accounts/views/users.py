"""Accounts as administrators see them."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from zaidao.accounts import factors, forms, lockout
from zaidao.accounts.access import ACCOUNTS_MANAGE, ACCOUNTS_VIEW, CODES_ISSUE, DUTIES_GRANT, FACTORS_RESET, LOCKS_LIFT
from zaidao.accounts.actions import users as actions
from zaidao.accounts.models import User
from zaidao.accounts.queries import users as queries
from zaidao.accounts.views import tried, who
from zaidao.core import access, masks, pages
from zaidao.core.once import once

SIZE = 50
HOME = ("账号", "accounts:users")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Accounts by work number or name, and by state."""
    access.require(who(request), ACCOUNTS_VIEW)
    form = forms.Find(request.GET)
    told = form.cleaned_data if form.is_valid() else {}
    rows = queries.found(q=told.get("q", "").strip(), state=told.get("state", ""))
    page, total = pages.page_of(request), rows.count()
    shown = rows[(page - 1) * SIZE:page * SIZE]
    return render(request, "accounts/users.html", {
        "form": form, "several": queries.holding_several() if settings.SEPARATE_DUTIES else (),
        "rows": [{"user": u, "state": queries.state_of(u)} for u in shown], **pages.paging(page, SIZE, total),
    })


@require_http_methods(["GET", "POST"])
@once
def new(request: HttpRequest) -> HttpResponse:
    access.require(who(request), ACCOUNTS_MANAGE)
    form = forms.Person(request.POST or None)
    user = tried(request, form, lambda told: actions.create_user(actor=who(request), **told))
    if user:
        messages.success(request, f"已为{user.name}开通账号。请发放启用码。")
        return redirect("accounts:user", user.pk)
    return _page(request, "开通账号", {"form": form, "cancel": reverse("accounts:users")})


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its state, duties, and what the reader may do with it."""
    access.require(who(request), ACCOUNTS_VIEW)
    user = get_object_or_404(User.objects.prefetch_related(queries.in_force()), pk=pk)
    held = access.holder(who(request))
    return render(request, "accounts/user.html", {
        "person": user, "state": queries.state_of(user), "facts": _facts(user), "locked": lockout.is_locked(user),
        "has_factor": factors.has(user), "oneself": user.pk == who(request).pk, "appoint": forms.Appoint(),
        "may_manage": held.may(ACCOUNTS_MANAGE), "may_issue": held.may(CODES_ISSUE), "may_appoint": held.may(DUTIES_GRANT),
        "may_reset": held.may(FACTORS_RESET), "may_lift": held.may(LOCKS_LIFT), "crumbs": _crumbs((user.name, None)),
    })


def _facts(user: User) -> list[tuple[str, Any]]:
    return [
        ("工号", user.work_no), ("姓名", user.name), ("手机号", masks.shown(user, "phone") or "未登记"), ("开通时间", user.created_at),
        ("启用时间", user.activated_at or "尚未启用"), ("最近登录", user.last_login or "没有登录过"),
    ]


@require_http_methods(["GET", "POST"])
@once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    access.require(who(request), ACCOUNTS_MANAGE)
    user = get_object_or_404(User, pk=pk)
    form = forms.Rename(request.POST or None, initial={"name": user.name})
    if tried(request, form, lambda told: actions.change_user(
        actor=who(request), user_id=pk, name=told["name"], phone="" if told["no_phone"] else told["phone"] or None,
    )):
        messages.success(request, "已保存。")
        return redirect("accounts:user", pk)
    return _page(request, f"修改{user.name}的账号", {"form": form, "cancel": reverse("accounts:user", args=[pk])}, user)


def _page(request: HttpRequest, title: str, told: dict[str, Any], user: User | None = None) -> HttpResponse:
    """A page that is one form."""
    above = [(user.name, reverse("accounts:user", args=[user.pk]))] if user else []
    return render(request, "accounts/form.html", {"title": title, "crumbs": _crumbs(*above, (title, None)), **told})


def _crumbs(*below: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    return [(HOME[0], reverse(HOME[1])), *below]
