"""Meetings and activities: one record from the plan to what is filed, in one organisation or jointly in several.

`Participation` is the activity in one organisation: its own people, its own numbers, the duty it keeps there. An activity of one
organisation has one, a joint meeting several; the scope of a row is the organisation of the participation it stands under.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from zaidao.core.scope import Scoped
from zaidao.engine import schema


class Activity(Scoped):
    """What was planned and what became of it. `organisation` convenes; it alone plans, files and corrects."""

    scope_verb: ClassVar[str] = "carriers.view"

    class State(models.TextChoices):
        PLANNED = "planned", "已计划"
        CANCELLED = "cancelled", "已取消"
        FILED = "filed", "已归档"

    code = models.CharField("活动编号", max_length=40, unique=True)
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="activities")
    kind = models.CharField("活动类别", max_length=20, choices=list(schema.ACTIVITY_KINDS.items()))
    carrier = models.ForeignKey("carriers.Carrier", on_delete=models.PROTECT, null=True, blank=True, related_name="activities")
    title = models.CharField("主题", max_length=120)
    agenda = models.TextField("议程", max_length=4000, default="", blank=True)
    planned_at = models.DateTimeField("计划时间", null=True, blank=True)
    planned_for = models.DateField("最初的计划日期", null=True, blank=True)  # stays where the plan is moved: a postponement is told from it
    held_at = models.DateTimeField("实际时间", null=True, blank=True)
    hours = models.DecimalField("时长(小时)", max_digits=4, decimal_places=1, null=True, blank=True)
    place = models.CharField("地点", max_length=120, default="", blank=True)
    host = models.ForeignKey("organisations.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
                             verbose_name="主持人")
    recorder = models.ForeignKey("organisations.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
                                 verbose_name="记录人")
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    remark = models.CharField("情况说明", max_length=300, default="", blank=True)  # why moved, late or cancelled
    filed_at = models.DateTimeField("归档时间", null=True)  # of the first filing
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    token = models.CharField(max_length=64, default="", blank=True)  # of the form: sent twice, done once
    version = models.PositiveIntegerField(default=1)

    class Meta(Scoped.Meta):
        ordering = ["-planned_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(state="filed") | (Q(held_at__isnull=False) & Q(filed_at__isnull=False)),
                                   name="filed_activity_was_held"),
            models.CheckConstraint(condition=Q(filed_at=None) | Q(held_at__lte=F("filed_at")), name="filed_after_it_was_held"),
        ]
        indexes = [models.Index(fields=["organisation", "state", "planned_at"], name="activity_by_plan"),
                   models.Index(fields=["organisation", "held_at"], name="activity_by_day"),
                   models.Index(Coalesce("held_at", "planned_at").desc(), F("id").desc(), name="activity_latest"),  # the list's order
                   models.Index(fields=["token"], condition=~Q(token=""), name="activity_by_token")]

    def __str__(self) -> str:
        return self.title


class Participation(Scoped):
    """The activity in one organisation. Numbers are null until filed, then frozen as of the day: 应到, 有表决权, 实到.

    `duty`: which duty of the organisation the activity was planned for; what keeps a duty is told to `institutions` when filed.
    `joined`: another organisation convenes; there are few such rows, and lists ask for them apart.
    """

    scope_verb: ClassVar[str] = "carriers.view"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="participations")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="participations")
    duty = models.ForeignKey("institutions.Duty", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    eligible = models.PositiveIntegerField("应到人数", null=True)
    voting = models.PositiveIntegerField("应到有表决权人数", null=True)
    present = models.PositiveIntegerField("实到人数", null=True)
    voting_present = models.PositiveIntegerField("实到有表决权人数", null=True)
    volunteers = models.PositiveIntegerField("自愿报名人数", null=True)
    joined = models.BooleanField(default=False)

    class Meta(Scoped.Meta):
        ordering = ["activity", "organisation__path"]
        constraints = [models.UniqueConstraint(fields=["activity", "organisation"], name="one_participation_an_organisation")]
        indexes = [models.Index(fields=["organisation"], condition=Q(joined=True), name="participation_joined")]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.organisation_id}"


class Attendance(Scoped):
    """One person at one activity, as told by the tick list or a paper sheet. `counted`, `votes`, `reason`: 应到 as frozen when filed."""

    scope_path: ClassVar[str] = "participation__organisation__path"
    scope_verb: ClassVar[str] = "carriers.view"

    class State(models.TextChoices):
        PRESENT = "present", "到会"
        LEAVE = "leave", "请假"
        ABSENT = "absent", "缺席"
        OBSERVER = "observer", "列席"

    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="attendances")
    person = models.ForeignKey("organisations.Person", on_delete=models.PROTECT, null=True, related_name="attendances")
    guest = models.CharField("列席人员", max_length=60, default="", blank=True)  # an observer who is on no roster
    state = models.CharField(max_length=10, choices=State)
    why = models.CharField("原因", max_length=120, default="", blank=True)
    counted = models.BooleanField("计入应到", null=True)
    votes = models.BooleanField("有表决权", null=True)
    reason = models.CharField(max_length=200, default="", blank=True)
    told_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(default=timezone.now)

    class Meta(Scoped.Meta):
        ordering = ["participation", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["participation", "person"], condition=~Q(person=None), name="one_attendance_a_person"),
            models.CheckConstraint(condition=Q(person__isnull=False) | (Q(state="observer") & ~Q(guest="")), name="guest_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.participation_id} {self.person_id} {self.state}"


class Notice(Scoped):
    """What was announced: the text as it went out, to read in the system, to send, to paste. A cancellation is a notice of its own."""

    scope_path: ClassVar[str] = "activity__organisation__path"
    scope_verb: ClassVar[str] = "carriers.view"

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="notices")
    cancels = models.BooleanField(default=False)
    text = models.TextField(max_length=2000)
    given_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(null=True)  # set before it is handed to the mail server: never sent twice

    class Meta(Scoped.Meta):
        ordering = ["activity", "pk"]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.given_at:%Y-%m-%d}"
