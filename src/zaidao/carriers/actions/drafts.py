"""Drafts: what somebody is writing down, theirs alone, encrypted; gone when filed, at sign-out, and a day after the last word."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.models import Activity, Draft
from zaidao.core import access as core_access
from zaidao.core import rulebook
from zaidao.core.errors import Refused

MOST = 100_000  # characters of one draft: all fields of the longest record


@transaction.atomic
def save(*, actor: Any, activity: Activity, body: str) -> None:
    """Keep the text of a form for its writer, in place of what was kept before. Raises Denied (verb carriers.file), Refused."""
    core_access.require(actor, access.FILE, activity.organisation.path)
    if len(body) > MOST:
        raise Refused("草稿太长,没有保存。")
    Draft.objects.update_or_create(user=actor, activity=activity, defaults={"body": body, "saved_at": timezone.now()})


def get(*, actor: Any, activity: Activity) -> str:
    """One's own draft; empty where there is none or it is older than a day. One query."""
    row = Draft.objects.filter(user=actor, activity=activity, saved_at__gt=timezone.now() - kept()).first()
    return row.body if row else ""


def discard(*, actor: Any, activity: Activity) -> None:
    """Forget one's own draft."""
    Draft.objects.filter(user=actor, activity=activity).delete()


def kept() -> timedelta:
    return timedelta(hours=int(rulebook.today().param("living.draft_hours")))


def forget_all(user: Any) -> int:
    """Forget everything that somebody was writing: they sign out. Returns how many drafts there were."""
    return Draft.objects.filter(user=user).delete()[0]


def forget_old(now: datetime) -> int:
    """Forget the drafts that nobody touched for a day. Returns how many."""
    return Draft.objects.filter(saved_at__lte=now - kept()).delete()[0]
