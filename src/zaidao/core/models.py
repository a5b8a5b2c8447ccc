"""A job: work that outlives a request, with its progress, kept in the database so that any page can show it."""

from django.db import models
from django.utils import timezone


class Job(models.Model):
    """One piece of background work. `share` runs from 0 to 1; `error` is Chinese and only set where `state` is failed."""

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    task = models.CharField(max_length=60)
    argument = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    step = models.CharField(max_length=200, default="等待开始")
    share = models.FloatField(default=0.0)
    error = models.TextField(default="")
    pid = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(share__gte=0, share__lte=1), name="job_share_between_0_and_1"),
        ]

    def __str__(self) -> str:
        return f"{self.task}({self.argument}) {self.state}"

    @property
    def active(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def percent(self) -> int:
        return round(self.share * 100)
