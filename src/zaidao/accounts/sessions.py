"""How long somebody stays signed in: a term from sign-in, and a shorter one without use."""

import time
from collections.abc import Iterable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from zaidao.accounts.access import END_SESSION
from zaidao.accounts.models import User
from zaidao.core import audit

BEGAN, SEEN = "accounts_began", "accounts_seen"
EVERY = 60  # seconds between two notes of when somebody was seen: not every page writes


def begin(request: HttpRequest, **_: Any) -> None:
    """Somebody has signed in."""
    request.session[BEGAN] = request.session[SEEN] = time.time()


def over(request: HttpRequest, now: float) -> bool:
    """Whether the session has ended by its term or for want of use; notes that it is in use."""
    session = request.session
    began, seen = session.get(BEGAN, 0), session.get(SEEN, 0)
    if now - began >= settings.SESSION_COOKIE_AGE or now - seen >= settings.IDLE_MINUTES * 60:
        return True
    if now - seen >= EVERY:
        session[SEEN] = now
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
    return False


def end_all(user: User) -> int:
    """End every session of a person; returns how many."""
    return _end(UserSession.objects.filter(user=user))


def end_others(user: User, own: SessionBase) -> None:
    """End every session but one's own. That is about to get a new key and a new row, so its old row goes too."""
    mine = UserSession.objects.filter(user=user, session_key=own.session_key or "")
    _end(UserSession.objects.filter(user=user).exclude(session_key=own.session_key or ""))
    mine.delete()


@transaction.atomic
def end_one(user: User, pk: int, own: SessionBase) -> bool:
    """End one of one's own sessions, on record; False where there is none of that number, or where it is the one in use."""
    here = own.session_key or ""
    found = UserSession.objects.select_for_update().filter(user=user, pk=pk).exclude(session_key=here).first()
    if found is None:
        return False
    found.end()
    audit.record(user, END_SESSION, user)
    return True


def _end(sessions: Iterable[UserSession]) -> int:
    ended = list(sessions)
    for session in ended:
        session.end()
    return len(ended)
