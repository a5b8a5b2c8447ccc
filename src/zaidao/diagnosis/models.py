"""What the office does with the diagnosis: uploads of ledgers, runs on them, answers to findings.

Numbers live in the published Parquet of a run, not here; a run's folder is never rewritten.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from zaidao.core.models import Job
from zaidao.core.parquet import Folder


def evidence_hash(keys: Iterable[str]) -> str:
    """16 hex digits that name a set of evidence keys, whatever their order."""
    return hashlib.sha256("\n".join(sorted(set(keys))).encode()).hexdigest()[:16]


class Upload(models.Model):
    """Files of one office, read together. `demo`: the packaged sample group, kept apart from the office's own.

    `kept_at`: since when its ledgers of meetings, rules, carriers and ideas stand beside the living system for its diagnosis.
    `plan`: the import that brought it, whose files are not kept here.
    """

    title = models.CharField("名称", max_length=120)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    demo = models.BooleanField(default=False)
    kept_at = models.DateTimeField(null=True)
    plan = models.ForeignKey("core.Plan", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    replaces = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="replaced_by")
    problems: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    counts: "models.JSONField[list[Any], list[Any]]" = models.JSONField(default=list)
    refused = models.TextField(default="")
    as_of_hint = models.DateField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def folder(self) -> Path:
        return Path(settings.VAR) / "uploads" / str(self.pk)

    @property
    def files(self) -> Path:
        """Where the files lie as they came until they are read; the only place outside of memory that may hold sensitive columns."""
        return self.folder / "files"

    @property
    def facts(self) -> Path:
        return self.folder / "facts"

    @property
    def read(self) -> bool:
        """Reading ended and gave facts to diagnose."""
        return bool(self.job and self.job.state == Job.State.DONE and not self.refused)


class Run(models.Model):
    """One diagnosis: of an upload's facts, or (`upload` None) of the living system with the ledgers kept beside it.

    `asked_*`: what the user set; what was used stands in the manifest. Pages read through `folder`, which is what the person who asks
    may see of it (`access.get_run`).
    """

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, null=True, related_name="runs")
    ledger = models.ForeignKey(Upload, on_delete=models.SET_NULL, null=True, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    asked_as_of = models.DateField(null=True)
    title = models.CharField(max_length=120, default="")
    manifest: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title or f"诊断 {self.pk}"

    @property
    def path(self) -> Path:
        return Path(settings.VAR) / "runs" / str(self.pk)

    @property
    def folder(self) -> Folder:
        """The results as the person who asks may see them. Raises RuntimeError where nobody has asked."""
        if self._folder is None:
            raise RuntimeError("a run is read through access.get_run")
        return self._folder

    _folder: Folder | None = None

    def look_through(self, folder: Folder) -> None:
        self._folder = folder

    @property
    def done(self) -> bool:
        return bool(self.manifest)

    @property
    def living(self) -> bool:
        """On the living system, not on an upload."""
        return self.upload_id is None

    @property
    def demo(self) -> bool:
        return self.upload is not None and self.upload.demo

    @property
    def answers_of(self) -> dict[str, Any]:
        """Which answers stand beside this run: the sample's, those of whoever uploaded, or those of the organisations themselves."""
        own = self.upload.owner_id if self.upload is not None and not self.upload.demo else None
        return {"demo": self.demo, "owner": own}


class Answer(models.Model):
    """What an organisation says to a finding about it, kept by organisation, code and evidence across snapshots.

    `keys`: the pieces of evidence it speaks of; `evidence`: their hash. Answers to the sample group stay with it (`demo`). What somebody
    says beside their own upload stays theirs (`owner`): a workbook may name any organisation; None is the organisation's own word.
    """

    class Kind(models.TextChoices):
        EXPLAINED = "explained", "说明"
        DATA_WRONG = "data_wrong", "数据有误"
        MENDED = "mended", "已整改"
        DISAGREED = "disagreed", "不认同"

    # These answers take their evidence out of the next run's counts.
    LEAVES = (Kind.EXPLAINED, Kind.DATA_WRONG)

    org_id = models.CharField(max_length=80)
    finding = models.CharField(max_length=40)
    keys: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    evidence = models.CharField(max_length=16)
    kind = models.CharField("回应", max_length=12, choices=Kind)
    text = models.TextField("内容", max_length=2000)
    role = models.CharField("回应人职务", max_length=60)
    given_on = models.DateField("日期")
    demo = models.BooleanField(default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["org_id", "finding"], name="answer_by_finding")]
        constraints = [
            models.UniqueConstraint(
                fields=["demo", "org_id", "finding", "evidence", "kind", "given_on"], condition=models.Q(owner=None),
                name="one_answer_a_day_and_kind",
            ),
            models.UniqueConstraint(
                fields=["owner", "org_id", "finding", "evidence", "kind", "given_on"], condition=models.Q(owner__isnull=False),
                name="one_own_answer_a_day_and_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.org_id} {self.finding} {self.get_kind_display()}"

    @property
    def leaves(self) -> bool:
        return self.kind in self.LEAVES


class FindingClock(models.Model):
    """Since when an organisation has a finding to look at, and from which day its superiors see more than sums of it."""

    org_id = models.CharField(max_length=80)
    finding = models.CharField(max_length=40)
    first_seen_on = models.DateField()
    opens_on = models.DateField()
    answered_on = models.DateField(null=True)
    gone_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["org_id", "finding"], name="one_clock_a_finding")]
        indexes = [models.Index(fields=["opens_on", "answered_on"], name="clock_waiting")]

    def __str__(self) -> str:
        return f"{self.org_id} {self.finding} {self.opens_on}"
