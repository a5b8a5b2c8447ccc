"""Minutes (记录) in versions that are locked once filed; decisions with their votes; follow-ups with a clock; drafts of one account.

Nothing here is ever filled from earlier minutes or from a model text.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from zaidao.core.fields import EncryptedTextField
from zaidao.core.scope import Scoped


class Minutes(Scoped):
    """One filed version. The last one holds; a correction is a new version with its reason, and the earlier ones stay readable."""

    scope_path: ClassVar[str] = "activity__organisation__path"
    scope_verb: ClassVar[str] = "carriers.read"

    activity = models.ForeignKey("carriers.Activity", on_delete=models.PROTECT, related_name="minutes")
    number = models.PositiveIntegerField("版次")
    text = models.TextField("记录正文", max_length=20_000)
    opinions = models.TextField("发言要点(含不同意见)", max_length=8000, default="", blank=True)
    late_reason = models.CharField("延迟归档的原因", max_length=300, default="", blank=True)
    correction = models.CharField("更正原因", max_length=300, default="", blank=True)
    told: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)  # head and attendance as filed
    token = models.CharField(max_length=64, default="", blank=True)  # of the form: sent twice, done once
    filed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    filed_at = models.DateTimeField(default=timezone.now)

    class Meta(Scoped.Meta):
        ordering = ["activity", "number"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "number"], name="minutes_by_number"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(correction=""), name="correction_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} 第{self.number}版"


class Decision(Scoped):
    """Something decided at a meeting, with the vote where there was one. Numbers of the vote are whole; the verdict is stored with its
    reason and the rule's key, as judged when filed."""

    scope_path: ClassVar[str] = "minutes__activity__organisation__path"
    scope_verb: ClassVar[str] = "carriers.read"

    class Kind(models.TextChoices):
        RESOLUTION = "vote_resolution", "决议"
        ADMISSION = "vote_admission", "接收(转正)表决"
        ELECTION = "election", "选举"
        AGREED = "agreed", "议定事项(未表决)"

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="decisions")
    position = models.PositiveIntegerField()
    kind = models.CharField("方式", max_length=20, choices=Kind, default=Kind.AGREED)
    text = models.CharField("决议内容", max_length=500)
    in_favour = models.PositiveIntegerField("赞成", null=True, blank=True)
    against = models.PositiveIntegerField("反对", null=True, blank=True)
    abstained = models.PositiveIntegerField("弃权", null=True, blank=True)
    written = models.PositiveIntegerField("会前书面意见(赞成)", null=True, blank=True)  # counted in `in_favour`; admission alone
    passed = models.BooleanField("通过", null=True)
    verdict = models.CharField(max_length=300, default="", blank=True)

    class Meta(Scoped.Meta):
        ordering = ["minutes", "position"]
        constraints = [models.UniqueConstraint(fields=["minutes", "position"], name="one_decision_a_position")]

    def __str__(self) -> str:
        return self.text


class FollowUp(Scoped):
    """Who does what by when; done when the person says so, closed when the organisation confirms it or says why it is given up."""

    class State(models.TextChoices):
        OPEN = "open", "办理中"
        DONE = "done", "待确认"
        CONFIRMED = "confirmed", "已办结"
        DROPPED = "dropped", "不再办理"

    scope_verb: ClassVar[str] = "carriers.view"

    activity = models.ForeignKey("carriers.Activity", on_delete=models.PROTECT, related_name="follow_ups")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="follow_ups")
    decision_text = models.CharField("对应决议", max_length=500, default="", blank=True)
    what = models.CharField("事项", max_length=300)
    who = models.ForeignKey("organisations.Person", on_delete=models.PROTECT, null=True, related_name="follow_ups", verbose_name="责任人")
    due_on = models.DateField("完成时限")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    note = models.CharField("办理情况", max_length=500, default="", blank=True)
    done_on = models.DateField("办结日期", null=True, blank=True)
    done_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    closed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(Scoped.Meta):
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["organisation", "state", "due_on"], name="follow_up_by_due"),
                   models.Index(fields=["who", "state"], name="follow_up_by_person")]

    def __str__(self) -> str:
        return self.what


class Draft(models.Model):
    """What somebody is writing down, theirs alone and encrypted: gone when filed, at sign-out, and a day after the last word."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    activity = models.ForeignKey("carriers.Activity", on_delete=models.CASCADE, related_name="+")
    body: "models.Field[str, str]" = EncryptedTextField(default="")
    saved_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "activity"], name="one_draft_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.activity_id}"
