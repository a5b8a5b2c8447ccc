"""Which keys this database was written with: their names and a check, never the keys."""

from django.db import models
from django.utils import timezone


class KeyMark(models.Model):
    """A key that rows of this database need. `check_value` is the keyed digest of the name: a wrong key is found out at once."""

    name = models.CharField(max_length=40, unique=True)
    check_value = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
