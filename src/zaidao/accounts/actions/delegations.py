"""代办: handed over for a term, taken back early, never passed on."""

from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zaidao.accounts.access import DELEGATE, handed_over
from zaidao.accounts.decisions import delegations as decide
from zaidao.accounts.models import Delegation, User
from zaidao.core import access, audit
from zaidao.core.access import Grant
from zaidao.core.errors import Refused
from zaidao.core.scope import system_scope

NOBODY = "没有找到工号、姓名都相符的可用账号"


@transaction.atomic
def delegate(*, actor: User, work_no: str, name: str, since: date, until: date, reason: str, today: date) -> Delegation:
    """Let somebody else do what one may do by one's posts. Raises Refused with reasons."""
    grant = access.require(actor, DELEGATE)
    taker = User.objects.filter(work_no=work_no, name=name, is_active=True).first()
    with system_scope("what the giver may do by posts"):
        has_posts = bool(handed_over(actor))
    reasons = decide.give(
        since=since, until=until, today=today, most_days=settings.DELEGATION_DAYS, has_posts=has_posts,
        oneself=taker is not None and taker.pk == actor.pk,
    )
    if taker is None and not reasons:  # who has an account is told only to somebody who could hand something over
        reasons.append(NOBODY)
    if reasons or taker is None:
        raise Refused(*reasons)
    made = Delegation.objects.create(giver=actor, taker=taker, since=since, until=until, reason=reason)
    told = {"taker": f"{taker.name}({taker.work_no})", "since": since, "until": until}
    audit.record(actor, DELEGATE, made, changes=audit.changed({}, told), reason=reason, grant=grant)
    return made


@transaction.atomic
def end_delegation(*, actor: User, pk: int, reason: str = "") -> Delegation:
    """Take a delegation back, or hand it back. Raises Refused where it is none of theirs or has ended."""
    grant = access.require(actor, DELEGATE)
    running = Delegation.objects.select_for_update().filter(Q(giver=actor) | Q(taker=actor), pk=pk, ended_at=None).first()
    if running is None:
        raise Refused("这项委托不存在,或已经结束")
    _end(running, actor, reason, grant)
    return running


def end_all(*, user: User, actor: User, reason: str, grant: Grant | None) -> None:
    """End what somebody has handed over and taken: by the caller's right, inside its transaction."""
    for running in Delegation.objects.select_for_update().filter(Q(giver=user) | Q(taker=user), ended_at=None):
        _end(running, actor, reason, grant)


def _end(running: Delegation, actor: User, reason: str, grant: Grant | None) -> None:
    running.ended_at = timezone.now()
    running.save(update_fields=["ended_at"])
    audit.record(actor, DELEGATE, running, changes={"ended": [False, True]}, reason=reason, grant=grant)
