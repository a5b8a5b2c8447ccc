"""An account for somebody on the roster, opened by whoever keeps it; what follows (new codes, closing) is the administrators'."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zaidao.accounts.actions import codes, users
from zaidao.accounts.models import User
from zaidao.core import access, audit
from zaidao.core.errors import Refused
from zaidao.organisations import access as verbs
from zaidao.organisations.actions.people import hold, place
from zaidao.organisations.models import Appointment, Person


@transaction.atomic
def open_account(*, actor: Any, person: Person, work_no: str = "") -> tuple[User, str]:
    """The person's account and the text of a code that activates it, which is never seen again.

    An account that was never activated gets a new code. Raises Denied or Refused: the account is in use, the work number is taken, or
    the person may do what lies beyond the actor (by posts, an administrator's duty, a delegation), who could otherwise act by it.
    """
    row = hold(person.pk)
    grant = access.require(actor, verbs.ACCOUNT, place(row))
    _unless_beyond(actor, row)
    user = row.user
    if user is not None and user.activated_at:
        raise Refused("该同志的账号已启用;忘记密码请由系统管理员发放重设码。")
    if user is not None and _holds_more(user):
        raise Refused("该账号另有管理职责或受托代办,请由系统管理员发放启用码。")
    if user is None:
        user = users.make(work_no=work_no.strip() or row.code, name=row.name, phone=row.phone, actor=actor, grant=grant)
        row.user = user
        row.save(update_fields=["user"])
        audit.record(actor, verbs.ACCOUNT, row, path=place(row), changes={"user": [None, user.work_no]}, grant=grant)
    _, text = codes.make(user=user, issuer=actor, grant=grant)
    return user, text


@transaction.atomic
def link(*, actor: Any, person: Person, work_no: str) -> User:
    """Link an account that exists already, under the same name and nobody else's; no code is given."""
    row = hold(person.pk)
    grant = access.require(actor, verbs.ACCOUNT, place(row))
    _unless_beyond(actor, row)
    if row.user is not None:
        raise Refused("该同志已有账号。")
    user = User.objects.select_for_update().filter(work_no=work_no.strip(), is_active=True).first()
    if user is None or user.name != row.name or Person.everything.filter(user=user).exists():
        raise Refused("没有找到工号和姓名都相符、且未被使用的账号,请核对。")
    row.user = user
    row.save(update_fields=["user"])
    audit.record(actor, verbs.ACCOUNT, row, path=place(row), changes={"user": [None, user.work_no]}, grant=grant)
    return user


def _holds_more(user: User) -> bool:
    """Whether the account gives rights that no post of the person gives, now or on a day to come."""
    handed = user.taken.filter(until__gt=timezone.localdate(), ended_at=None)
    return user.duties.filter(until=None).exists() or handed.exists()


def _unless_beyond(actor: Any, person: Person) -> None:
    """Raises Refused for somebody in office, or soon, where the actor could not have opened the account."""
    in_office = Q(until=None) | Q(until__gt=timezone.localdate())
    held = Appointment.everything.filter(in_office, person=person).select_related("post__organisation")
    if not all(access.holder(actor).may(verbs.ACCOUNT, a.post.organisation.path) for a in held):
        raise Refused("该同志还在其他组织任职,请由那里的上级党务部门或系统管理员开通账号。")
