"""What is swept away at night: sessions that are over, attempts that no longer count."""

from datetime import time, timedelta

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from zaidao.core import tasks

KEPT = timedelta(days=1)  # attempts are counted for a quarter of an hour; a day leaves time to look


@tasks.schedule("accounts.tidy", at=time(3, 10))
def tidy(_argument: int, _tell: tasks.Tell) -> None:
    """Bear being called twice."""
    SessionStore.clear_expired()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - max(KEPT, settings.AXES_COOLOFF_TIME)).delete()
