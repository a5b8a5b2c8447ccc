"""Administrators' duties: given and ended on record, never the last one that keeps the system open."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from zaidao.accounts.access import DUTIES_GRANT
from zaidao.accounts.decisions import duties as decide
from zaidao.accounts.models import AdminDuty, User
from zaidao.core import access, audit, locks
from zaidao.core.access import Grant
from zaidao.core.errors import Refused

LOCK = "accounts.duties"


@transaction.atomic
def grant_duty(*, actor: User, user_id: int, duty: str, reason: str) -> AdminDuty:
    """Make somebody an administrator of one kind. Raises Denied, and Refused with reasons."""
    grant = access.require(actor, DUTIES_GRANT)
    locks.hold(LOCK)
    user = _locked(user_id)
    reasons = decide.grant(
        duty=duty, held=held(user), separate=settings.SEPARATE_DUTIES, oneself=user.pk == actor.pk, usable=user.is_active,
    )
    if reasons:
        raise Refused(*reasons)
    return give(user=user, duty=duty, actor=actor, reason=reason, grant=grant)


def give(*, user: User, duty: str, actor: User | None, reason: str, grant: Grant | None = None) -> AdminDuty:
    """Write a duty that has been decided."""
    made = AdminDuty.objects.create(user=user, duty=duty, granted_by=actor)
    audit.record(actor, DUTIES_GRANT, user, changes={"duty": [None, made.get_duty_display()]}, reason=reason, grant=grant)
    access.forget(user)
    return made


@transaction.atomic
def end_duty(*, actor: User, pk: int, reason: str) -> AdminDuty:
    """End a duty. Raises Denied, and Refused for the last administrator who can sign in."""
    grant = access.require(actor, DUTIES_GRANT)
    locks.hold(LOCK)
    duty = AdminDuty.objects.select_for_update(of=("self",)).select_related("user").filter(pk=pk, until=None).first()
    if duty is None:
        raise Refused("这项职责已经结束")
    _end(duty, actor, reason, grant)
    return duty


def end_all(*, user: User, actor: User, reason: str, grant: Grant | None) -> None:
    """End whatever duties somebody holds whose account is closed: by the caller's right, inside its transaction. Raises Refused."""
    locks.hold(LOCK)
    for duty in AdminDuty.objects.select_for_update(of=("self",)).select_related("user").filter(user=user, until=None):
        _end(duty, actor, reason, grant)


def _end(duty: AdminDuty, actor: User, reason: str, grant: Grant | None) -> None:
    reasons = decide.end(duty=duty.duty, others=_others(duty))
    if reasons:
        raise Refused(*reasons)
    duty.until = timezone.now()
    duty.save(update_fields=["until"])
    audit.record(actor, DUTIES_GRANT, duty.user, changes={"duty": [duty.get_duty_display(), None]}, reason=reason, grant=grant)
    access.forget(duty.user)
    access.forget(actor)


def _others(duty: AdminDuty) -> int:
    """How many others hold the duty who can sign in: not closed, and with a password or another way that they have used."""
    others = AdminDuty.objects.filter(duty=duty.duty, until=None, user__is_active=True, user__activated_at__isnull=False)
    return others.exclude(user_id=duty.user_id).count()


def held(user: User) -> set[str]:
    return set(AdminDuty.objects.filter(user=user, until=None).values_list("duty", flat=True))


def _locked(user_id: int) -> User:
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise Refused("没有找到这个账号")
    return user
