"""At night what is over is swept away, and nothing else."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.accounts.conftest import sign_in
from zaidao.accounts import tasks
from zaidao.accounts.models import User

pytestmark = pytest.mark.django_db


def test_what_is_over_goes_and_what_is_in_use_stays(web: Client, worker: User, stranger: User) -> None:
    gone = Client(HTTP_HOST="127.0.0.1")
    sign_in(gone, "Z002")
    sign_in(web, "Z001")
    Session.objects.filter(session_key=gone.session.session_key).update(expire_date=timezone.now() - timedelta(hours=1))
    sign_in(web, "NOBODY", "猜一个密码-0000")
    sign_in(Client(HTTP_HOST="127.0.0.1"), "Z009", "猜一个密码-0000")
    old = AccessAttempt.objects.first()
    AccessAttempt.objects.filter(pk=old.pk).update(attempt_time=timezone.now() - timedelta(days=2))
    for _ in range(2):
        tasks.tidy(0, lambda *_: None)
    assert [s.user_id for s in UserSession.objects.all()] == [worker.pk]
    assert web.get("/me/").status_code == 200
    assert not AccessAttempt.objects.filter(pk=old.pk).exists()


def test_it_is_asked_for_every_night() -> None:
    from zaidao.core import tasks as core

    assert core.SCHEDULES["accounts.tidy"].at.hour == 3
