"""One's own account: what one may do and why, who stands in for whom."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from zaidao.accounts.models import Delegation, User
from zaidao.core import access
from zaidao.core.access import Grant


def grants(user: User) -> list[dict[str, Any]]:
    """Every grant in force with its role, its source and what it lets the person do (凭什么可以)."""
    return [
        {"title": g.title or access.ROLES[g.role], "role": access.ROLES[g.role], "verbs": _verbs(g), "delegated": bool(g.on_behalf_of)}
        for g in access.holder(user).grants
    ]


def _verbs(grant: Grant) -> list[str]:
    return [verb.label for verb in access.VERBS.values() if grant.role in verb.roles]


def delegations(user: User) -> "QuerySet[Delegation]":
    """What somebody has handed over or taken, the latest first."""
    return Delegation.objects.filter(Q(giver=user) | Q(taker=user)).select_related("giver", "taker")


def told(user: User, day: date) -> list[dict[str, Any]]:
    """The same with where each stands on a day, and whether it was given."""
    return [{"it": d, "state": standing(d, day), "given": d.giver_id == user.pk} for d in delegations(user)]


def standing(delegation: Delegation, day: date) -> tuple[str, str]:
    """What the state pill says of a delegation on a day, and its kind."""
    if delegation.ended_at:
        return "已提前结束", "off"
    if day < delegation.since:
        return "尚未开始", "wait"
    return ("进行中", "open") if day < delegation.until else ("已到期", "off")
