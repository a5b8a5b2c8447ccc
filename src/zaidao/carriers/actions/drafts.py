"""Drafts: what somebody is writing down, theirs alone."""

from typing import Any

from django.db import transaction

from zaidao.carriers.models import Activity


@transaction.atomic
def save(*, actor: Any, activity: Activity, body: str) -> None:
    """Keep the text of a form for its writer, in place of what was kept before. Raises Denied (verb carriers.file)."""
    raise NotImplementedError


def get(*, actor: Any, activity: Activity) -> str:
    """One's own draft; empty where there is none or it is older than a day. One query."""
    raise NotImplementedError


def discard(*, actor: Any, activity: Activity) -> None:
    """Forget one's own draft."""
    raise NotImplementedError
