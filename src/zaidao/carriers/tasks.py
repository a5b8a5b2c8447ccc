"""What is done by itself: drafts that nobody went on with are forgotten, notices go out by mail."""

from datetime import timedelta

from django.utils import timezone

from zaidao.carriers.actions import drafts, mailing
from zaidao.core import tasks


@tasks.schedule("carriers.forget_drafts", every=timedelta(hours=1))
def forget_drafts(_argument: int, _tell: tasks.Tell) -> None:
    """Bear being called twice."""
    drafts.forget_old(timezone.now())


@tasks.task(mailing.TASK, attempts=1)
def mail_notice(argument: int, _tell: tasks.Tell) -> None:
    """One notice, to everybody expected who has an address."""
    mailing.mail(argument)
