"""Duties (应办事项): what clauses and rules ask of an organisation in a period, and what kept them.

A duty is laid out from its source and never edited by hand; it is kept by `actions.record_fulfilment` alone. `source` is the engine's
key: `clause:Z001|第三条` or `rule:frequency.theme_day`. Half-open: `period_start` counts, `period_end` does not. Records are told by
upper modules; which of them keeps what is judged anew whenever one is told or withdrawn (`Fulfilment`).
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from zaidao.core.scope import Scoped


class Duty(Scoped):
    """One organisation, subject and period. `due_on`: the last day with grace. `state` says what is recorded, never a judgement of today:
    a duty that is open after `due_on` is what pages call 逾期未见记录."""

    class State(models.TextChoices):
        OPEN = "open", "待办"
        KEPT = "kept", "已办"
        LATE = "kept_late", "宽限期内补办"
        MOVED = "moved", "已说明顺延"
        EXEMPT = "exempt", "不适用"

    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="duties")
    subject = models.CharField("事项", max_length=120)
    source = models.CharField(max_length=120)
    clause = models.ForeignKey("institutions.Clause", on_delete=models.PROTECT, null=True, related_name="duties")
    every = models.CharField("周期", max_length=10)
    period_start = models.DateField()
    period_end = models.DateField()
    due_on = models.DateField("办结期限")
    grace_days = models.PositiveIntegerField(default=0)
    times = models.PositiveIntegerField("次数", default=1)
    done = models.PositiveIntegerField("已办次数", default=0)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    why = models.CharField("不适用的原因", max_length=300, default="", blank=True)
    laid_at = models.DateTimeField(default=timezone.now)

    class Meta(Scoped.Meta):
        ordering = ["due_on", "organisation__path", "subject"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "subject", "period_start", "period_end"], name="one_duty_a_period"),
            models.CheckConstraint(condition=Q(period_end__gt=F("period_start")), name="period_has_a_length"),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="duty_by_due"),
                   models.Index(fields=["organisation", "period_start"], name="duty_by_organisation"),
                   models.Index(fields=["source", "period_start"], name="duty_by_source"),
                   models.Index(fields=["period_start", "period_end", "subject", "state", "due_on", "organisation"], name="duty_by_period")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.subject} {self.period_start}"


class Record(Scoped):
    """What an upper module has on file about a subject in an organisation, by kind and number. It keeps one duty at most, or none where
    others keep them all. Withdrawn, never deleted."""

    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="duty_records")
    subject = models.CharField("事项", max_length=120)
    kind = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    held_on = models.DateField("办理日期")
    filed_on = models.DateField("归档日期")
    planned_for = models.DateField("计划日期", null=True)
    stated = models.BooleanField("已说明顺延", default=False)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=300, default="", blank=True)
    recorded_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta(Scoped.Meta):
        ordering = ["organisation", "subject", "held_on", "number"]
        constraints = [models.UniqueConstraint(fields=["kind", "number", "organisation"], condition=Q(withdrawn_at=None),
                                               name="record_is_told_once")]
        indexes = [models.Index(fields=["organisation", "subject"], name="record_by_subject"),
                   models.Index(fields=["held_on"], name="record_by_day")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.subject} {self.kind} {self.number}"


class Fulfilment(Scoped):
    """One record that keeps a duty, by the kind and number that the upper module gave it; withdrawn, never deleted."""

    scope_path: ClassVar[str] = "duty__organisation__path"

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="fulfilments")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="fulfilments")
    kind = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    held_on = models.DateField("办理日期")
    filed_on = models.DateField("归档日期")
    how = models.CharField(max_length=10, choices=[("kept", "期内"), ("kept_late", "宽限期内"), ("moved", "顺延")])
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=300, default="", blank=True)
    recorded_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta(Scoped.Meta):
        ordering = ["duty", "held_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "number", "duty"], condition=Q(withdrawn_at=None),
                                               name="evidence_keeps_once")]

    def __str__(self) -> str:
        return f"{self.duty_id} {self.kind} {self.number}"


class Exemption(Scoped):
    """A duty that need not be kept, or is put off to a later day, with the reason and who decided."""

    scope_path: ClassVar[str] = "duty__organisation__path"

    class Kind(models.TextChoices):
        EXEMPT = "exempt", "免办"
        POSTPONE = "postpone", "延期"

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="exemptions")
    kind = models.CharField("方式", max_length=10, choices=Kind)
    until = models.DateField("延至", null=True, blank=True)
    reason = models.CharField("原因", max_length=300)
    document_no = models.CharField("文号", max_length=80, default="", blank=True)
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=300, default="", blank=True)

    class Meta(Scoped.Meta):
        ordering = ["duty", "pk"]
        constraints = [models.CheckConstraint(condition=(Q(kind="postpone") & ~Q(until=None)) | Q(kind="exempt", until=None),
                                              name="postponed_to_a_day")]

    def __str__(self) -> str:
        return f"{self.duty_id} {self.kind}"


class Waiting(Scoped):
    """An organisation that something happened to: its duties are laid out anew soon, once however much happened."""

    organisation = models.OneToOneField("organisations.Organisation", on_delete=models.CASCADE, related_name="+")

    class Meta(Scoped.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.organisation_id)
