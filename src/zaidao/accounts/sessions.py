"""How long somebody stays signed in: a term from sign-in, and a shorter one without use."""

import time
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from zaidao.accounts.models import User

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


def end_all(user: User, *, but: SessionBase | None = None) -> int:
    """End every session of a person, one's own excepted; returns how many."""
    ended = UserSession.objects.filter(user=user).exclude(session_key=getattr(but, "session_key", None) or "")
    number = len(ended)
    for session in ended:
        session.end()
    return number
