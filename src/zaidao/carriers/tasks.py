"""What is swept away by itself: drafts that nobody went on with."""

from datetime import timedelta

from django.utils import timezone

from zaidao.carriers.actions import drafts
from zaidao.core import tasks


@tasks.schedule("carriers.forget_drafts", every=timedelta(hours=1))
def forget_drafts(_argument: int, _tell: tasks.Tell) -> None:
    """Bear being called twice."""
    drafts.forget_old(timezone.now())
