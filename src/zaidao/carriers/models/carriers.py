"""Carriers (载体): what an organisation keeps up over time, and under which activities happen."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from zaidao.core.scope import Scoped
from zaidao.engine import schema


class Carrier(Scoped):
    """One carrier from its start to its end. `aim` is what it is for, in the words of those who began it."""

    scope_verb: ClassVar[str] = "carriers.view"

    code = models.CharField("载体编号", max_length=40, unique=True)
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="carriers")
    name = models.CharField("载体名称", max_length=120)
    kind = models.CharField("类别", max_length=20, choices=list(schema.CARRIER_KINDS.items()))
    origin = models.CharField("发起方式", max_length=10, choices=list(schema.CARRIER_ORIGINS.items()))
    directive_no = models.CharField("部署文号", max_length=80, default="", blank=True)
    started_on = models.DateField("开始日期")
    ended_on = models.DateField("结束日期", null=True, blank=True)
    end_reason = models.CharField("结束原因", max_length=300, default="", blank=True)
    aim = models.CharField("目的", max_length=300, default="", blank=True)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    token = models.CharField(max_length=64, default="", blank=True)  # of the form: sent twice, done once
    version = models.PositiveIntegerField(default=1)

    class Meta(Scoped.Meta):
        ordering = ["organisation__path", "-started_on", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")), name="carrier_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.name
