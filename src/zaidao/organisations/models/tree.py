"""Organisations in a tree whose links are dated: the truth about who stood under whom on any day.

`Link` is that truth. `Organisation.path` (the tree of today) and `Place` (where it stood when) derive from it and are rebuilt by
`organisations.tree.rebuild` in the transaction that changes a link. Half-open everywhere: `since` counts, `until` does not.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from zaidao.core.scope import Scoped, numbers
from zaidao.engine import schema


def choices(enum: dict[str, str]) -> list[tuple[str, str]]:
    """Choices of a field from the contract of the facts."""
    return list(enum.items())


class Organisation(Scoped):
    """One organisation, from its establishment to its dissolution. `code` is stable and what ledgers call it by."""

    scope_path: ClassVar[str] = "path"
    scope_verb: ClassVar[str] = "organisations.view"

    code = models.CharField("组织编号", max_length=40, unique=True)
    name = models.CharField("组织名称", max_length=120)
    kind = models.CharField("组织类型", max_length=20, choices=choices(schema.ORG_KINDS))
    form = models.CharField("组织形式", max_length=10, choices=choices(schema.ORG_FORMS), default="固定")
    unit = models.CharField("所在单位", max_length=120, default="", blank=True)
    established_on = models.DateField("成立日期", null=True, blank=True)
    dissolved_on = models.DateField("撤销日期", null=True, blank=True)
    headcount = models.PositiveIntegerField("职工人数", null=True, blank=True)
    path = models.CharField(max_length=200, default="", db_index=True)
    position = models.PositiveIntegerField("同级次序", default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta(Scoped.Meta):
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(condition=Q(dissolved_on=None) | Q(established_on=None) | Q(dissolved_on__gte=F("established_on")),
                                   name="dissolved_after_established"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        return len(numbers(self.path)) - 1

    @property
    def standing(self) -> bool:
        return self.dissolved_on is None


class Link(Scoped):
    """`child` stood under `parent` (None: a root) from `since` until before `until`."""

    scope_path: ClassVar[str] = "child__path"

    child = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="links")
    parent = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="child_links")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta(Scoped.Meta):
        ordering = ["child", "since"]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="link_has_a_length"),
            models.UniqueConstraint(fields=["child"], condition=Q(until=None), name="one_open_link"),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("child")), name="link_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} < {self.parent_id} {self.since}"


class Place(Scoped):
    """Where an organisation stood from `since` until before `until`: derived from the links, for numbers as of a day."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="places")
    path = models.CharField(max_length=200)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta(Scoped.Meta):
        indexes = [models.Index(fields=["path", "since"], name="place_by_path"),
                   models.Index(fields=["organisation", "since"], name="place_by_organisation")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.path} {self.since}"


class Naming(Scoped):
    """What an organisation was called, and of which kind it was, from `since` until before `until`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="namings")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=choices(schema.ORG_KINDS))
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta(Scoped.Meta):
        ordering = ["organisation", "since"]
        constraints = [models.UniqueConstraint(fields=["organisation"], condition=Q(until=None), name="one_open_naming")]

    def __str__(self) -> str:
        return f"{self.name} {self.since}"


class Change(Scoped):
    """A structural change by its document: what, when, and what became of people, posts, duties and findings."""

    class Kind(models.TextChoices):
        ESTABLISH = "establish", "成立"
        RENAME = "rename", "更名"
        REKIND = "rekind", "改设"
        MOVE = "move", "调整隶属"
        MERGE = "merge", "合并"
        SPLIT = "split", "分设"
        DISSOLVE = "dissolve", "撤销"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField("事项", max_length=12, choices=Kind)
    effective_on = models.DateField("生效日期")
    document_no = models.CharField("文号", max_length=80)
    reason = models.CharField("说明", max_length=300, default="", blank=True)
    detail: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    token = models.CharField(max_length=64, default="", blank=True)  # of the preview that was confirmed: sent twice, it is done once

    class Meta(Scoped.Meta):
        ordering = ["-effective_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["token"], condition=~Q(token=""), name="one_change_a_token")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.document_no}"


class Term(Scoped):
    """One term of the committee (or of the secretary): from its election, for some years, longer where an extension was approved."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="terms")
    started_on = models.DateField("本届开始日期")
    years = models.DecimalField("任期(年)", max_digits=3, decimal_places=1, null=True, blank=True)
    extended_to = models.DateField("延期至", null=True, blank=True)
    basis = models.CharField("依据", max_length=80, default="", blank=True)
    ended_on = models.DateField("换届日期", null=True, blank=True)
    requested_on = models.DateField("换届请示日期", null=True, blank=True)
    request_no = models.CharField("请示文号", max_length=80, default="", blank=True)

    class Meta(Scoped.Meta):
        ordering = ["organisation", "-started_on"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "started_on"], name="one_term_a_start"),
            models.UniqueConstraint(fields=["organisation"], condition=Q(ended_on=None), name="one_open_term"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.started_on}"
