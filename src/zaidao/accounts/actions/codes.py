"""Codes on paper: an administrator hands one over, its owner sets the password or the second factor with it."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from zaidao.accounts import factors, logins, sessions
from zaidao.accounts.access import CODES_ISSUE, FACTORS_RESET
from zaidao.accounts.models import Code, User
from zaidao.core import access, audit, crypto
from zaidao.core.access import Grant
from zaidao.core.errors import Refused

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O 1 I L
GROUPS, SIZE = 3, 4
PURPOSE = "accounts.code"
HOURS = {Code.Purpose.ACTIVATE: 7 * 24, Code.Purpose.RESET: 24, Code.Purpose.FACTORS: 24}
WRONG = "工号或码不对,或者码已过期、已用过、已换发。请核对后再试,或请管理员重新发放。"


class WeakPassword(Refused):
    """The code is right; the password is not good enough for this person."""


@transaction.atomic
def issue_code(*, actor: User, user_id: int, reason: str = "") -> tuple[Code, str]:
    """A code to activate the account, or to reset its password where it is active already; the text is never seen again.

    Earlier codes of the kind are revoked. Raises Denied, and Refused where the account is closed.
    """
    grant = access.require(actor, CODES_ISSUE)
    return make(user=_open(user_id), issuer=actor, grant=grant, reason=reason)


@transaction.atomic
def issue_factor_code(*, actor: User, user_id: int, reason: str) -> tuple[Code, str]:
    """A code that lets somebody who knows their password set up a second factor anew. Raises Denied or Refused."""
    grant = access.require(actor, FACTORS_RESET)
    user = _open(user_id)
    if user.pk == actor.pk:
        raise Refused("不能给自己发放,请由另一位安全管理员办理")
    if not factors.has(user):
        raise Refused("此人没有设置第二重验证,不需要重设")
    return _make(user, Code.Purpose.FACTORS, FACTORS_RESET, actor, grant, reason)


def make(*, user: User, issuer: User | None, grant: Grant | None = None, reason: str = "") -> tuple[Code, str]:
    """A code for somebody, by a caller that has been authorised by a verb of its own (opening accounts for people of a branch)."""
    purpose = Code.Purpose.RESET if user.activated_at else Code.Purpose.ACTIVATE
    return _make(user, purpose, CODES_ISSUE, issuer, grant, reason)


def _make(user: User, purpose: Code.Purpose, verb: str, issuer: User | None, grant: Grant | None, reason: str) -> tuple[Code, str]:
    now, text = timezone.now(), "-".join("".join(secrets.choice(SIGNS) for _ in range(SIZE)) for _ in range(GROUPS))
    Code.objects.filter(user=user, purpose=purpose, used_at=None, revoked_at=None).update(revoked_at=now)
    expires = now + timedelta(hours=HOURS[purpose])
    code = Code.objects.create(user=user, purpose=purpose, digest=digest(text), issued_by=issuer, issued_at=now, expires_at=expires)
    audit.record(issuer, verb, user, changes={"code": [None, code.get_purpose_display()]}, reason=reason, grant=grant)
    return code, text


def _open(user_id: int) -> User:
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None or not user.is_active:
        raise Refused("账号不存在或已停用")
    return user


def digest(text: str) -> str:
    """What is kept of a code, however it was typed."""
    return crypto.blind(logins.plain(text).upper().replace("-", ""), PURPOSE)


@transaction.atomic
def redeem(*, work_no: str, text: str, password: str, now: datetime) -> User:
    """Set a password by a code; the code is spent, every session of the person ends.

    Raises Refused with the same words whatever is wrong with number or code, WeakPassword where the code holds and the password
    does not (the code is not spent).
    """
    code = _usable(text, now, work_no=work_no, purposes=(Code.Purpose.ACTIVATE, Code.Purpose.RESET))
    user = code.user
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise WeakPassword(*weak.messages) from None
    user.set_password(password)
    user.activated_at = user.activated_at or now
    user.save(update_fields=["password", "activated_at"])
    _spend(code, now)
    sessions.end_all(user)
    audit.record(user, f"accounts.{code.purpose}", user, changes={"password": audit.HIDDEN})
    return user


@transaction.atomic
def redeem_factor_code(*, user: User, text: str, now: datetime) -> int:
    """Take away the second factors of somebody who has just given their password; returns how many. Raises Refused."""
    code = _usable(text, now, work_no=user.work_no, purposes=(Code.Purpose.FACTORS,))
    _spend(code, now)
    number = factors.remove_all(user)
    audit.record(user, "accounts.factors", user, changes={"factors": audit.HIDDEN})
    return number


def _usable(text: str, now: datetime, *, work_no: str, purposes: tuple[Any, ...]) -> Code:
    """The one code that is good for this person now, locked. Raises Refused."""
    good = Code.objects.filter(purpose__in=purposes, used_at=None, revoked_at=None, expires_at__gt=now)
    mine = good.filter(digest=digest(text), user__work_no=work_no, user__is_active=True)
    found = mine.select_for_update(of=("self",)).select_related("user").first()
    if found is None:
        raise Refused(WRONG)
    return found


def _spend(code: Code, now: datetime) -> None:
    code.used_at = now
    code.save(update_fields=["used_at"])
