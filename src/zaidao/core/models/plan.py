"""An import: what a file would change, row by row, before anything is changed, and what became of each row."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from zaidao.core.fields import EncryptedJSONField, EncryptedTextField
from zaidao.core.models.job import Job


class Plan(models.Model):
    """One import. `cursor`: the number of the last row that was committed (undoing: undone); a stopped job goes on from there.

    `options`: what the owner said when confirming. `counts`: rows by table and state, and by outcome. `notes`: what was found that
    concerns a file or a sheet as a whole (encrypted: it repeats what files say). `seal`: which state of the plan a confirmation means.
    """

    class State(models.TextChoices):
        READING = "reading", "正在读取"
        READY = "ready", "待确认"
        COMMITTING = "committing", "正在导入"
        DONE = "done", "已导入"
        UNDOING = "undoing", "正在撤销"
        UNDONE = "undone", "已撤销"
        REFUSED = "refused", "不能导入"

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=State, default=State.READING)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    committed_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    cursor = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    reason = models.TextField(default="")
    options: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    counts: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    notes: "models.Field[Any, Any]" = EncryptedJSONField(null=True)
    seal = models.CharField(max_length=64, default="")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title


class PlanRow(models.Model):
    """One row of the file. `fields`: name -> {state, before, after, cell, reason, remedy}, encrypted because it may hold anything.

    `reason`: why the row as a whole cannot be, or was not, imported (encrypted too: it may name people). `outcome` is empty until
    committed; `undo` holds what brings the world back (encrypted); `stamp` is a keyed digest of what the
    row was compared with, so that a change between plan and commit is noticed.
    """

    class State(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "有变动"
        UNCHANGED = "unchanged", "无变动"
        WARNING = "warning", "提醒"
        ERROR = "error", "错误"

    class Outcome(models.TextChoices):
        APPLIED = "applied", "已导入"
        SKIPPED = "skipped", "未变"
        REFUSED = "refused", "未导入"
        UNDONE = "undone", "已撤销"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="rows")
    n = models.PositiveIntegerField()
    table = models.CharField(max_length=40)
    sheet = models.CharField(max_length=80)
    row = models.PositiveIntegerField()
    key = models.CharField(max_length=200, default="")
    state = models.CharField(max_length=10, choices=State)
    fields: "models.Field[Any, Any]" = EncryptedJSONField(default=dict)
    reason: "models.Field[Any, Any]" = EncryptedTextField(default="", blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default="", blank=True)
    object_id = models.BigIntegerField(null=True)
    stamp = models.CharField(max_length=64, default="")
    undo: "models.Field[Any, Any]" = EncryptedJSONField(default=dict)

    class Meta:
        ordering = ["n"]
        constraints = [models.UniqueConstraint(fields=["plan", "n"], name="one_row_a_number")]
        indexes = [
            models.Index(fields=["plan", "state", "n"], name="plan_rows_by_state"),
            models.Index(fields=["plan", "outcome", "n"], name="plan_rows_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.row} {self.state}"
