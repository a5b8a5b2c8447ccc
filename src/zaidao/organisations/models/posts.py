"""Posts with their seats, who holds them, and what is handed over when they change hands."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from zaidao.core.scope import Scoped
from zaidao.engine import schema
from zaidao.organisations.models.people import Person
from zaidao.organisations.models.tree import Organisation, choices


class Post(Scoped):
    """A post of an organisation. `seats`: how many may hold it at once."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    title = models.CharField("职务", max_length=60)
    domain = models.CharField("职务类别", max_length=16, choices=choices(schema.POST_DOMAINS), default="", blank=True)
    seats = models.PositiveSmallIntegerField("职数", default=1)
    since = models.DateField("设立日期", null=True, blank=True)
    until = models.DateField("撤销日期", null=True, blank=True)

    class Meta(Scoped.Meta):
        ordering = ["organisation__path", "domain", "title"]
        constraints = [models.UniqueConstraint(fields=["organisation", "title"], name="one_post_a_title")]
        indexes = [models.Index(fields=["title", "domain", "organisation", "id"], name="post_by_title")]

    def __str__(self) -> str:
        return self.title


class Resize(Scoped):
    """Another number of seats of a post from a day on; until then there were `before`."""

    scope_path: ClassVar[str] = "post__organisation__path"

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="resizes")
    on = models.DateField("自哪天起")
    before = models.PositiveSmallIntegerField("原职数")

    class Meta(Scoped.Meta):
        ordering = ["post", "on"]
        constraints = [models.UniqueConstraint(fields=["post", "on"], name="one_resize_a_day")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.before} {self.on}"


class Appointment(Scoped):
    """`person` holds `post` from `since` (None: unknown) until before `until` (None: in office). Ended, never deleted."""

    scope_path: ClassVar[str] = "post__organisation__path"

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="appointments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    since = models.DateField("任职日期", null=True, blank=True)
    until = models.DateField("离任日期", null=True, blank=True)
    full_time = models.CharField("专兼职", max_length=4, choices=choices(schema.FULL_TIME), default="", blank=True)
    tenure = models.CharField("任职性质", max_length=8, choices=choices(schema.TENURES), default="", blank=True)
    basis = models.CharField("任职依据", max_length=80, default="", blank=True)
    approval = models.CharField("兼任等批准文号", max_length=80, default="", blank=True)
    end_reason = models.CharField("离任原因", max_length=120, default="", blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(Scoped.Meta):
        ordering = ["post", F("since").asc(nulls_first=True)]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(since=None) | Q(until__gte=F("since")), name="appointment_ends_after_start"),
            models.UniqueConstraint(fields=["post", "person"], condition=Q(until=None), name="one_open_appointment"),
        ]
        indexes = [
            models.Index(fields=["person", "until"], name="appointment_by_person"),
            # What a vacancy asks of everybody's appointments, each read from its index alone.
            models.Index(fields=["post"], condition=Q(tenure="主持工作"), name="appointment_acting"),
            models.Index(fields=["post", "since"], condition=Q(until=None), name="appointment_open"),
            models.Index(fields=["until"], condition=Q(until__isnull=False), name="appointment_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.post_id} {self.since}"


class HandOver(Scoped):
    """交接清单 of one appointment that ends: what is handed to whom, and whether both sides have said so.

    `items`: [{"text": …}]. `given_by`, `received_by`: who said so; `note`: why somebody said so for another.
    """

    scope_path: ClassVar[str] = "appointment__post__organisation__path"

    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="hand_over")
    receiver = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    items: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list)
    given_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    given_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    received_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField("代为确认的说明", max_length=300, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(Scoped.Meta):
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.appointment_id}"

    @property
    def is_open(self) -> bool:
        return self.given_at is None or self.received_at is None
