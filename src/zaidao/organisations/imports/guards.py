"""What an import may not do by the way: take away the last one who manages, or one's own last post without having said so."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from zaidao.accounts.access import MANAGERS
from zaidao.core.errors import Refused
from zaidao.core.plans import Work
from zaidao.core.scope import WIDTH
from zaidao.organisations import decisions
from zaidao.organisations.models import Appointment

OWN_POST = "这一行会结束您自己最后一个有权限的岗位。"
OWN_POST_REMEDY = "确属本人离任的,请在确认导入时勾选“包括我自己的离任”。"
LAST = "这是最上级组织最后一位能登录系统的管理人员,不能用导入结束其任职。请先由系统管理员为接任的同志开通账号并任命。"


def in_office(work: Work) -> "QuerySet[Any]":
    day = work.day
    return Appointment.everything.filter(Q(since=None) | Q(since__lte=day), Q(until=None) | Q(until__gt=day)).select_related(
        "post__organisation", "person__user")


def role(held: Appointment) -> str | None:
    return decisions.role_of(held.post.title, held.post.domain, held.post.organisation.kind, held.tenure)


def is_last_manager(work: Work, held: Appointment) -> bool:
    """Whether nobody else who can sign in would manage the tree's top."""
    top = held.post.organisation.path[:WIDTH]
    if held.post.organisation.path != top or not _manages(held):
        return False
    others = in_office(work).filter(post__organisation__path=top, person__user__is_active=True).exclude(pk=held.pk)
    return not any(_manages(o) for o in others)


def _manages(held: Appointment) -> bool:
    return held.person.user is not None and held.person.user.is_active and role(held) in MANAGERS


def gives_up(held: Appointment, said: Mapping[str, Any], day: date) -> str:
    """The column by which a row takes away what an appointment gives: ended, put off, or made an office that gives less; "" where it
    does not. `said`: the columns that change, typed."""
    if said.get("until") and held.until is None:
        return "until"
    span = {n: said.get(n, getattr(held, n)) for n in ("since", "until")}
    if not _covers(held.since, held.until, day):
        return ""
    if not _covers(span["since"], span["until"], day):
        return "since" if "since" in said else "until"
    domain, tenure = said.get("domain", held.post.domain), said.get("tenure", held.tenure)
    given = decisions.role_of(held.post.title, domain or "", held.post.organisation.kind, tenure or "")
    return "" if given == role(held) else "domain" if "domain" in said else "tenure"


def _covers(since: date | None, until: date | None, day: date) -> bool:
    return (since is None or since <= day) and (until is None or until > day)


def is_own_last(work: Work, held: Appointment, ended: set[int]) -> bool:
    """Whether it is the actor's own, and no other post would give them a role. `ended`: those that earlier rows end."""
    person = getattr(work.actor, "person", None)
    if person is None or held.person_id != person.pk or role(held) is None:
        return False
    return not any(role(o) for o in in_office(work).filter(person=person).exclude(pk__in={held.pk, *ended}))


def leaves_last_manager(work: Work, rows: "QuerySet[Any]") -> None:
    """Raises Refused where ending these appointments would leave nobody who manages, or the actor without a post unsaid."""
    for held in rows.filter(pk__in=in_office(work).values("pk")).select_related("post__organisation", "person__user"):
        if is_last_manager(work, held):
            raise Refused(LAST)
        if is_own_last(work, held, set()) and not work.options.get("own_post"):
            raise Refused(OWN_POST + OWN_POST_REMEDY)
