"""Institutions (制度) in editions: what an organisation has laid down, article by article, and the clauses that ask for something.

Nothing is overwritten: an amendment is a new edition from its day on, a repeal is a day. Half-open: `since` counts, `until` does not.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from zaidao.core.scope import Scoped
from zaidao.engine import schema


class Institution(Scoped):
    """One rule of an organisation under its stable number, whatever its edition."""

    code = models.CharField("制度编号", max_length=40, unique=True)
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="institutions",
                                     verbose_name="制定组织")
    title = models.CharField("制度名称", max_length=120)
    origin = models.CharField("来源", max_length=12, choices=list(schema.RULE_ORIGINS.items()))
    idea_code = models.CharField("来源点子编号", max_length=40, default="", blank=True)
    repealed_on = models.DateField("废止日期", null=True, blank=True)
    repeal_reason = models.CharField("废止原因", max_length=300, default="", blank=True)
    repeal_document = models.CharField("废止文号", max_length=80, default="", blank=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors",
                                  verbose_name="由哪项制度接替")
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta(Scoped.Meta):
        ordering = ["organisation__path", "code"]

    def __str__(self) -> str:
        return self.title


class Edition(Scoped):
    """The text from a day on. A draft has no `since` and binds nobody; `until` is where the next edition, or the repeal, begins."""

    scope_path: ClassVar[str] = "institution__organisation__path"

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField("版次")
    document_no = models.CharField("文号", max_length=80, default="", blank=True)
    since = models.DateField("施行日期", null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    reason = models.CharField("制定或修订的原因", max_length=300, default="", blank=True)
    drafted_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    adopted_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    adopted_at = models.DateTimeField(null=True)
    token = models.CharField(max_length=64, default="", blank=True)  # of the preview that was confirmed

    class Meta(Scoped.Meta):
        ordering = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="edition_by_number"),
            models.UniqueConstraint(fields=["institution"], condition=Q(since=None), name="one_draft_an_institution"),
            models.UniqueConstraint(fields=["institution"], condition=Q(until=None) & ~Q(since=None), name="one_open_edition"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="edition_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} 第{self.number}版"


class Article(Scoped):
    """One article's text (第三条 …), in the order of the document."""

    scope_path: ClassVar[str] = "edition__institution__organisation__path"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="articles")
    position = models.PositiveIntegerField()
    label = models.CharField("条", max_length=20)
    text = models.TextField("条文", max_length=4000)

    class Meta(Scoped.Meta):
        ordering = ["edition", "position"]
        constraints = [models.UniqueConstraint(fields=["edition", "label"], name="one_article_a_label")]

    def __str__(self) -> str:
        return self.label


class Clause(Scoped):
    """What an article asks: who, what, how often, by which evidence, with how much grace. One without a rhythm is decorative."""

    scope_path: ClassVar[str] = "edition__institution__organisation__path"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="clauses")
    article = models.CharField("条款", max_length=20)
    subject = models.CharField("事项", max_length=120, default="", blank=True)
    applies_to = models.CharField("适用对象", max_length=120, default="", blank=True)  # read by engine.applies
    every = models.CharField("周期", max_length=10, choices=list(schema.PERIODS.items()), default="none")
    at_least = models.PositiveIntegerField("次数", null=True, blank=True)
    evidence = models.CharField("佐证", max_length=60, default="", blank=True)
    grace_days = models.PositiveIntegerField("宽限天数", null=True, blank=True)
    who = models.CharField("责任岗位", max_length=40, default="", blank=True)
    hours = models.DecimalField("每次约需小时", max_digits=5, decimal_places=1, null=True, blank=True)

    class Meta(Scoped.Meta):
        ordering = ["edition", "article"]
        constraints = [models.UniqueConstraint(fields=["edition", "article"], name="one_clause_an_article")]

    def __str__(self) -> str:
        return f"{self.article} {self.subject}"


class OfficeValue(models.Model):
    """The office's own value for a catalogue rule or parameter that may be changed, from a day on, with its reason. Only added."""

    key = models.CharField("参数", max_length=80)
    value: "models.JSONField[Any, Any]" = models.JSONField("取值")
    since = models.DateField("起用日期")
    reason = models.CharField("理由", max_length=300)
    source = models.CharField("依据", max_length=120, default="", blank=True)
    set_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["key", "-since", "-pk"]

    def __str__(self) -> str:
        return f"{self.key} {self.since}"
