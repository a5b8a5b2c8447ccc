"""The first administrator: made on the machine itself, by whoever may run commands there."""

from django.conf import settings
from django.db import transaction

from zaidao.accounts.actions import codes, duties, users
from zaidao.accounts.decisions.duties import AUDIT, SECURITY, SYSTEM
from zaidao.accounts.models import AdminDuty, User
from zaidao.core import audit, locks
from zaidao.core.errors import Refused


@transaction.atomic
def administrator(*, work_no: str, name: str, reason: str = "") -> str:
    """Make or restore an administrator and return their code. `reason`: why there shall be one more; without it only the first is made.

    System and security, and audit too unless duties are kept apart. Raises Refused.
    """
    locks.hold(duties.LOCK)
    user = User.objects.select_for_update().filter(work_no=work_no).first()
    if _there() and not reason:
        raise Refused("已有可以登录的系统管理员,请由其办理;确需另设的,请写明 --more 理由")
    if user is not None and user.name != name:
        raise Refused(f"工号 {work_no} 已有账号,姓名不是“{name}”")
    reason = reason or "首位管理员"
    user = user or users.make(work_no=work_no, name=name, actor=None)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        audit.record(None, users.ACCOUNTS_MANAGE, user, changes={"is_active": [False, True]}, reason=reason)
    for duty in _wanted() - duties.held(user):
        duties.give(user=user, duty=duty, actor=None, reason=reason)
    return codes.make(user=user, issuer=None, reason=reason)[1]


def _there() -> bool:
    """Whether somebody who can sign in keeps the system already."""
    return AdminDuty.objects.filter(duty=SYSTEM, until=None, user__is_active=True, user__activated_at__isnull=False).exists()


def _wanted() -> set[str]:
    return {SYSTEM, SECURITY} if settings.SEPARATE_DUTIES else {SYSTEM, SECURITY, AUDIT}
