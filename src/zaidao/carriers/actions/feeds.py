"""Opening and closing one's own calendar feed. The secret stands in the address, is shown once and kept only as a digest."""

import hashlib
import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.carriers import access as verbs
from zaidao.carriers.models import Feed
from zaidao.core import access, audit, locks

SECRET = 32  # random bytes: nobody guesses it, so a plain digest is enough


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def begin(*, actor: Any) -> str:
    """A new address; the one before is closed. Gives its secret, which is never shown again."""
    grant = access.require(actor, verbs.FEED)
    locks.hold(f"feed-{actor.pk}")
    Feed.objects.filter(user=actor.pk, revoked_at=None).update(revoked_at=timezone.now())
    token = secrets.token_urlsafe(SECRET)
    feed = Feed.objects.create(user_id=actor.pk, token_hash=digest(token))
    audit.record(actor, verbs.FEED, feed, changes={"open": [False, True]}, grant=grant)
    return token


@transaction.atomic
def close(*, actor: Any) -> bool:
    """Close the open one; whether there was one."""
    grant = access.require(actor, verbs.FEED)
    feed = Feed.objects.select_for_update().filter(user=actor.pk, revoked_at=None).first()
    if feed is None:
        return False
    feed.revoked_at = timezone.now()
    feed.save(update_fields=["revoked_at"])
    audit.record(actor, verbs.FEED, feed, changes={"open": [True, False]}, grant=grant)
    return True
