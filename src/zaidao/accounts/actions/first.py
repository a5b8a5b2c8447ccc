"""The first administrators: made on the machine itself, by whoever may run commands there."""

from django.conf import settings
from django.db import transaction

from zaidao.accounts.actions import codes, duties, users
from zaidao.accounts.decisions import duties as decide
from zaidao.accounts.models import AdminDuty, User
from zaidao.core import audit, locks
from zaidao.core.errors import Refused


@transaction.atomic
def administrator(*, work_no: str, name: str, reason: str = "", duty: str = "") -> str:
    """Make or restore an administrator and return their code. `reason`: why there shall be one more; without it only the first is made.

    `duty`: one of the three; without it all of them, which is refused where they are kept apart. Raises Refused.
    """
    locks.hold(duties.LOCK)
    wanted, reasons = decide.at_first(wanted=duty, separate=settings.SEPARATE_DUTIES)
    user = User.objects.select_for_update().filter(work_no=work_no).first()
    if not reasons and not reason and _there(wanted):
        reasons = ["已有可以登录的管理员,请由其办理;确需另设的,请写明 --more 理由"]
    if user is not None and user.name != name:
        reasons.append(f"工号 {work_no} 已有账号,姓名不是“{name}”")
    if settings.SEPARATE_DUTIES and user is not None and duties.held(user) - wanted:
        reasons.append("此人已担任另一项管理职责,三项职责应由不同的人担任")
    if reasons:
        raise Refused(*reasons)
    return _made(user or users.make(work_no=work_no, name=name, actor=None), wanted, reason or "首位管理员")


def _made(user: User, wanted: set[str], reason: str) -> str:
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        audit.record(None, users.ACCOUNTS_MANAGE, user, changes={"is_active": [False, True]}, reason=reason)
    for duty in sorted(wanted - duties.held(user)):
        duties.give(user=user, duty=duty, actor=None, reason=reason)
    return codes.make(user=user, issuer=None, reason=reason)[1]


def _there(wanted: set[str]) -> bool:
    """Whether somebody who can sign in keeps the system already by one of these duties; an auditor alone cannot help anybody in."""
    asked = wanted - {decide.AUDIT} or wanted
    return AdminDuty.objects.filter(duty__in=asked, until=None, user__is_active=True, user__activated_at__isnull=False).exists()
