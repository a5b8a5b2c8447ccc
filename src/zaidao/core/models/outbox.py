"""News that travels upwards: written in the transaction that made it, handed over by the worker."""

from typing import Any

from django.db import models
from django.utils import timezone


class Message(models.Model):
    """Something that happened (`topic` in the past tense) to one object. `data`: keys and dates only, nothing sensitive."""

    topic = models.CharField(max_length=80)
    subject = models.BigIntegerField()
    data: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    routed = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["routed", "id"], name="outbox_unrouted")]

    def __str__(self) -> str:
        return f"{self.topic}({self.subject})"


class Delivery(models.Model):
    """A message for one handler: done once, tried again after a failure."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=120)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    gave_up = models.BooleanField(default=False)
    error = models.CharField(max_length=120, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "handler"], name="one_delivery_a_handler")]
        indexes = [models.Index(fields=["done_at", "next_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.handler}"
