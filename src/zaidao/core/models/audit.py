"""Who did what, on whose behalf, to what: rows that are only ever added, and the seals that chain them."""

from typing import Any

from django.db import models
from django.utils import timezone


class Entry(models.Model):
    """One act. Triggers in the database refuse to change or remove it.

    `changes`: field -> [before, after]; for a sensitive field only that it changed. `mac`: keyed digest of the row, so that a row
    written past the program is found out; `nonce`: random and part of it, so that a copy of a genuine row is found out too.
    `path`: where in the tree it happened, as of then.
    """

    at = models.DateTimeField(default=timezone.now)
    actor = models.BigIntegerField(null=True)
    on_behalf_of = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=80)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    path = models.CharField(max_length=200, default="")
    changes: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, default="")
    request_id = models.CharField(max_length=40, default="")
    nonce = models.CharField(max_length=16, default="")
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_by_object"),
            models.Index(fields=["path", "id"], name="audit_by_place"),
            models.Index(fields=["actor", "id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.object_type}:{self.object_id}"


class Seal(models.Model):
    """One batch of entries, chained to the batch before by its digest (see `core.seal`). No two follow the same one."""

    at = models.DateTimeField(default=timezone.now)
    count = models.PositiveIntegerField()
    previous = models.CharField(max_length=64, default="", unique=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.pk} {self.digest[:12]}"


class Sealed(models.Model):
    """Which seal holds an entry. By number, not by key: a removed entry must leave its place visibly empty."""

    entry = models.BigIntegerField(unique=True)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="members")

    def __str__(self) -> str:
        return f"{self.entry} in {self.seal_id}"


class Check(models.Model):
    """One verification of the chain: how far it went and what it found. `faults`: the first of them, in words; `found`: how many."""

    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    by = models.BigIntegerField(null=True)
    entries = models.PositiveBigIntegerField(default=0)
    unsealed = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, default="")
    found = models.PositiveIntegerField(default=0)
    faults: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    job = models.ForeignKey("core.Job", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.found}"
