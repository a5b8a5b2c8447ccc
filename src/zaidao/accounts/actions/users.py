"""Accounts: opened, renamed, closed and opened again by administrators."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from zaidao.accounts import lockout, sessions
from zaidao.accounts.access import ACCOUNTS_MANAGE, LOCKS_LIFT
from zaidao.accounts.actions import delegations, duties
from zaidao.accounts.models import PHONE, Code, User
from zaidao.core import access, audit, crypto, locks
from zaidao.core.access import Grant
from zaidao.core.errors import Refused

LOCK = "accounts.names"  # work numbers and telephone numbers are taken one at a time


@transaction.atomic
def create_user(*, actor: User, work_no: str, name: str, phone: str = "") -> User:
    """A new account that nobody can sign in to before its code is used. Raises Denied, Refused where number or phone is taken."""
    grant = access.require(actor, ACCOUNTS_MANAGE)
    return make(work_no=work_no, name=name, phone=phone, actor=actor, grant=grant)


def make(*, work_no: str, name: str, phone: str = "", actor: User | None, grant: Grant | None = None) -> User:
    """The same for a caller that has been authorised by a verb of its own, inside its transaction. Raises Refused."""
    locks.hold(LOCK)
    if User.objects.filter(work_no=work_no).exists():
        raise Refused(f"工号 {work_no} 已有账号")
    user = User(work_no=work_no, name=name)
    user.set_unusable_password()
    _set_phone(user, phone)
    user.save()
    told = {"work_no": work_no, "name": name, "phone": phone}
    audit.record(actor, ACCOUNTS_MANAGE, user, changes=audit.changed({"phone": ""}, told, hidden=("phone",)), grant=grant)
    return user


@transaction.atomic
def change_user(*, actor: User, user_id: int, name: str, phone: str | None = None) -> User:
    """Another name or telephone number ("" takes it away, None leaves it). Raises Denied or Refused."""
    grant = access.require(actor, ACCOUNTS_MANAGE)
    locks.hold(LOCK)
    user = _locked(user_id)
    _change(user, actor, ACCOUNTS_MANAGE, grant, name=name, phone=user.phone if phone is None else phone)
    return user


@transaction.atomic
def change_own_phone(*, actor: User, phone: str) -> User:
    """One's own telephone number. The caller has made sure that it is really they. Raises Refused."""
    locks.hold(LOCK)
    user = _locked(actor.pk)
    _change(user, actor, "accounts.own", None, name=user.name, phone=phone)
    return user


def _change(user: User, actor: User, verb: str, grant: Grant | None, *, name: str, phone: str) -> None:
    before: dict[str, Any] = {"name": user.name, "phone": user.phone}
    user.name = name
    _set_phone(user, phone)
    user.save(update_fields=["name", "phone", "phone_index"])
    changes = audit.changed(before, {"name": name, "phone": phone}, hidden=("phone",))
    if changes:
        audit.record(actor, verb, user, changes=changes, grant=grant)


def _set_phone(user: User, phone: str) -> None:
    """Raises Refused where somebody else signs in with it: then neither could any more."""
    if phone and User.objects.filter(phone_index=crypto.blind(phone, PHONE)).exclude(pk=user.pk).exists():
        raise Refused("这个手机号不能使用,请核对,或请系统管理员处理")
    user.set_phone(phone)


@transaction.atomic
def deactivate(*, actor: User, user_id: int, reason: str) -> User:
    """Close an account: sessions, codes, delegations and duties end. Raises Denied; Refused for the last administrator, for oneself,
    and where duties are kept apart for whoever holds one: ending it is the security administrator's."""
    grant = access.require(actor, ACCOUNTS_MANAGE)
    if user_id == actor.pk:
        raise Refused("不能停用自己的账号,请由另一位系统管理员办理")
    locks.hold(duties.LOCK)
    user = _locked(user_id)
    if not user.is_active:
        raise Refused("账号已经停用")
    if settings.SEPARATE_DUTIES and duties.held(user):
        raise Refused("此人担任管理职责;三项职责分开的,请先由安全管理员结束其职责,再停用账号")
    duties.end_all(user=user, actor=actor, reason=reason, grant=grant)
    delegations.end_all(user=user, actor=actor, reason=reason, grant=grant)
    Code.objects.filter(user=user, used_at=None, revoked_at=None).update(revoked_at=timezone.now())
    user.is_active = False
    user.save(update_fields=["is_active"])
    sessions.end_all(user)
    audit.record(actor, ACCOUNTS_MANAGE, user, changes={"is_active": [True, False]}, reason=reason, grant=grant)
    return user


@transaction.atomic
def reactivate(*, actor: User, user_id: int, reason: str) -> User:
    """Open a closed account again, without the duties and delegations it once had. Raises Denied or Refused."""
    grant = access.require(actor, ACCOUNTS_MANAGE)
    user = _locked(user_id)
    if user.is_active:
        raise Refused("账号没有停用")
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record(actor, ACCOUNTS_MANAGE, user, changes={"is_active": [False, True]}, reason=reason, grant=grant)
    return user


@transaction.atomic
def lift_lock(*, actor: User, user_id: int, reason: str) -> int:
    """Forget the failed attempts on somebody's names; returns how many rows. Raises Denied."""
    grant = access.require(actor, LOCKS_LIFT)
    user = _locked(user_id)
    number, _ = lockout.attempts(user).delete()
    audit.record(actor, LOCKS_LIFT, user, reason=reason, grant=grant)
    return number


def _locked(user_id: int) -> User:
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise Refused("没有找到这个账号")
    return user
