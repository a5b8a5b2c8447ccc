"""关于我的记录: everything kept on oneself, who read or changed it by which post, and what one has asked to be corrected."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from zaidao.accounts.models import AdminDuty
from zaidao.core import history
from zaidao.organisations.models import Absence, Appointment, Objection, Person, Transfer

READS = ("people.read", "people.reveal", "people.own")


@dataclass(frozen=True)
class Act:
    """One act on what is kept: by which post, when, what and why."""

    by: str
    told: history.Told
    read: bool


def entries(person: Person) -> QuerySet[Any]:
    """The audit's entries about one person: on the row itself, on absences, transfers and requests. The newest first."""
    about = Q(object_type=Person._meta.label_lower, object_id=str(person.pk))
    for model in (Absence, Transfer, Objection):
        numbers = [str(n) for n in model.everything.filter(person=person).values_list("pk", flat=True)]
        about |= Q(object_type=model._meta.label_lower, object_id__in=numbers)
    return history.search(history.Wanted()).filter(about)


def acts(found: Iterable[Any], own: int | None) -> list[Act]:
    """The entries with the post of whoever acted, as held on that day; the names of readers stay with the auditors. Four queries."""
    rows = list(found)
    held = _posts({r.actor for r in rows if r.actor and r.actor != own})
    return [
        Act(_by(row.actor, own, held, timezone.localdate(row.at)), told, row.verb in READS)
        for row, told in zip(rows, history.told(rows), strict=True)
    ]


Held = list[tuple[date | None, date | None, str]]


def _posts(actors: set[int]) -> dict[int, Held]:
    """actor -> (since, until, what they were) of posts and duties. Two queries."""
    held: dict[int, Held] = defaultdict(list)
    posts = Appointment.everything.filter(person__user__in=actors).select_related("person", "post__organisation").order_by("pk")
    for a in posts:
        held[a.person.user_id or 0].append((a.since, a.until, f"{a.post.organisation.name}{a.post.title}"))
    for duty in AdminDuty.objects.filter(user__in=actors):
        until = timezone.localdate(duty.until) if duty.until else None
        held[duty.user_id].append((timezone.localdate(duty.since), until, duty.get_duty_display()))
    return held


def _by(actor: int | None, own: int | None, held: dict[int, Held], day: date) -> str:
    if actor is None or actor == own:
        return "系统" if actor is None else "本人"
    titles = [title for since, until, title in held.get(actor, ()) if (since is None or since <= day) and (until is None or day < until)]
    return "、".join(dict.fromkeys(titles)) or "当日没有登记职务的人员"
