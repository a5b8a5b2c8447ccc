"""Whom to ask: which posts could do what somebody may not."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from zaidao.core import access
from zaidao.core.access import ROLES, VERBS, Where
from zaidao.core.scope import parents, system_scope
from zaidao.organisations.decisions.roles import role_of
from zaidao.organisations.models import Appointment

DUTIES = ("system", "security", "audit")
MOST = 6  # posts named


def ask(verb: str) -> str:
    """Which roles may do it and where they stand, in one sentence."""
    roles = VERBS[verb].roles
    here = [ROLES[r] for r, how in roles.items() if r not in DUTIES and how is not Where.UNDER]
    above = [ROLES[r] for r, how in roles.items() if r not in DUTIES and how is not Where.HERE]
    places = {"本组织或上级组织": here} if here == above else {"本组织": here, "上级组织": above}
    named = [f"{place}的{'、'.join(names)}" for place, names in places.items() if names]
    named += [ROLES[r] for r in roles if r in DUTIES] or ([] if roles else ["系统自身"])  # verbs of record, done by commands and jobs
    return f"能做这一步的是{','.join(named)}。需要办理的,请联系他们;不清楚是谁的,请问本组织书记或上级党务办公室。"


def posts(user: Any, verb: str, path: str) -> list[str]:
    """Posts in office that could do it there, the nearest first; none where the person does not see the place."""
    if not path or not access.holder(user).reach("organisations.view").covers(path):
        return []
    today = timezone.localdate()
    with system_scope("posts that could do what somebody may not"):
        rows = Appointment.objects.filter(
            Q(since=None) | Q(since__lte=today), Q(until=None) | Q(until__gt=today),
            post__organisation__path__in=[path, *parents(path)], post__organisation__dissolved_on=None,
        ).select_related("post__organisation").order_by("-post__organisation__path", "post__title")
        found = [f"{r.post.organisation.name}{r.post.title}" for r in rows if _could(r, verb, path)]
    return list(dict.fromkeys(found))[:MOST]


def _could(held: Appointment, verb: str, path: str) -> bool:
    """Whether a post at the place or above it reaches there."""
    organisation = held.post.organisation
    how = VERBS[verb].roles.get(role_of(held.post.title, held.post.domain, organisation.kind, held.tenure) or "")
    return how is Where.BELOW or (how is not None and (organisation.path == path) == (how is Where.HERE))
