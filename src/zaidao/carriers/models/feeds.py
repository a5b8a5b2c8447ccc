"""A person's calendar feed: an address that only they know, as long as they leave it open."""

from django.db import models
from django.utils import timezone


class Feed(models.Model):
    """`token_hash` is of the address's secret, which is shown once. Revoked, the address answers like one that never was."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)
    read_at = models.DateField(null=True)  # the day, so that an unused one is seen; no times are kept

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], condition=models.Q(revoked_at=None), name="one_open_feed")]

    def __str__(self) -> str:
        return f"{self.user_id}"
