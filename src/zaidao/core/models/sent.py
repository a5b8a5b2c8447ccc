"""Forms that were sent and done, so that the same one sent again is not done again."""

from django.db import models
from django.utils import timezone


class Sent(models.Model):
    """`mark`: a keyed digest of the form's own token, who sent it, where to and what: nothing can be read from it. `answer`: where it
    led, an address of ours."""

    mark = models.CharField(max_length=64, unique=True)
    answer = models.CharField(max_length=400)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.answer
