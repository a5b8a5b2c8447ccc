"""Background work: a job with its lease and progress, when the scheduled ones are due, and the workers that were seen."""

from django.db import models
from django.utils import timezone


class Job(models.Model):
    """One piece of background work. `share` runs from 0 to 1; `error` is Chinese and only set where `state` is failed.

    `key` names the work so that asking twice gives one job; `lease_until` is moved on by the worker that holds it: once it has
    passed, the work counts as dropped and is taken up again or marked failed. `attempts` counts how often it was taken: whoever
    took it writes only while the number is still theirs. `argument` is a primary key, never content.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    ACTIVE = (State.WAITING, State.RUNNING)

    task = models.CharField(max_length=60)
    argument = models.BigIntegerField()
    key = models.CharField(max_length=120, null=True, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    step = models.CharField(max_length=200, default="等待开始")
    share = models.FloatField(default=0.0)
    error = models.TextField(default="")
    pid = models.PositiveIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(share__gte=0, share__lte=1), name="job_share_between_0_and_1"),
        ]
        indexes = [models.Index(fields=["state", "run_after"], name="job_waiting")]

    def __str__(self) -> str:
        return f"{self.task}({self.argument}) {self.state}"

    @property
    def active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def percent(self) -> int:
        return round(self.share * 100)


class Schedule(models.Model):
    """When a scheduled task is due next. What is scheduled, and how often, stands in code (`core.tasks.schedule`)."""

    name = models.CharField(max_length=60, unique=True)
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} {self.next_at:%Y-%m-%d %H:%M}"


class WorkerBeat(models.Model):
    """A worker at work, or one that was killed: a worker that ends cleanly takes its row away."""

    name = models.CharField(max_length=120, unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.name} {self.seen_at:%Y-%m-%d %H:%M:%S}"
