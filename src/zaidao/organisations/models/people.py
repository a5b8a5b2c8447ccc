"""People on the roster, where they belonged when, and what bears on whether they are expected at a meeting."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from zaidao.core import crypto
from zaidao.core.fields import EncryptedTextField
from zaidao.core.scope import Scoped, ScopedQuerySet, active
from zaidao.engine import schema
from zaidao.organisations import names
from zaidao.organisations.models.tree import Organisation, choices

ID_NO, PHONE = "organisations.id_no", "organisations.phone"  # purposes of the blind indexes


class Person(Scoped):
    """Somebody on the roster. `organisation` is where they belong today (None: moved out), derived from the memberships."""

    scope_verb: ClassVar[str] = "people.view"

    code = models.CharField("人员编号", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=60)
    pinyin = models.CharField(max_length=names.FULL, default="", db_index=True)
    initials = models.CharField(max_length=names.FIRST, default="", db_index=True)
    pinyin_other = models.CharField(max_length=names.FULL, default="", db_index=True)  # the common reading, where it differs
    initials_other = models.CharField(max_length=names.FIRST, default="", db_index=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="people")
    category = models.CharField("人员类别", max_length=20, choices=choices(schema.CATEGORIES))
    gender = models.CharField("性别", max_length=2, choices=choices(schema.GENDERS), default="", blank=True)
    ethnicity = models.CharField("民族", max_length=20, default="", blank=True)
    born_on = models.DateField("出生日期", null=True, blank=True)
    id_no: "models.Field[Any, Any]" = EncryptedTextField("公民身份号码", default="", blank=True)
    id_no_index = models.CharField(max_length=64, default="", blank=True)
    phone: "models.Field[Any, Any]" = EncryptedTextField("联系电话", default="", blank=True)
    phone_index = models.CharField(max_length=64, default="", blank=True)
    education = models.CharField("学历", max_length=40, default="", blank=True)
    occupation = models.CharField("工作岗位", max_length=80, default="", blank=True)
    joined_on = models.DateField("入党日期", null=True, blank=True)
    full_since = models.DateField("转正日期", null=True, blank=True)
    activist_since = models.DateField("列为积极分子日期", null=True, blank=True)
    reviewed_on = models.DateField("最近考察日期", null=True, blank=True)
    extended_to = models.DateField("预备期延长至", null=True, blank=True)
    user = models.OneToOneField("accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="person")
    version = models.PositiveIntegerField(default=1)

    class Meta(Scoped.Meta):
        ordering = ["organisation__path", "category", "code"]
        constraints = [
            models.UniqueConstraint(fields=["id_no_index"], condition=~Q(id_no_index=""), name="one_person_an_id_no"),
        ]
        indexes = [
            # Asked for whole alone: `db_index` would add a second one for beginnings on PostgreSQL.
            models.Index(fields=["id_no_index"], name="person_by_id_no"),
            models.Index(fields=["phone_index"], name="person_by_phone"),
            models.Index(fields=["organisation", "category"], name="person_by_organisation"),
            # Whose probation ends; and all that says what somebody was on an earlier day, read instead of the whole rows.
            models.Index(fields=["category", "joined_on", "full_since", "activist_since", "id"], name="person_by_category"),
            models.Index(fields=["category", "reviewed_on"], name="person_by_review"),
            models.Index(fields=["extended_to"], condition=Q(extended_to__isnull=False), name="person_by_extension"),
            models.Index(fields=["organisation", "code", "id"], name="person_in_order"),  # the roster's order, page after page
            # Parts of names are found in no order: the index is read from end to end, instead of the whole rows.
            models.Index(fields=["name", "organisation", "code", "id"], name="person_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def set_name(self, name: str) -> None:
        """The name, and how it is typed."""
        self.name = name
        self.pinyin, self.initials = names.pinyin(name)
        self.pinyin_other, self.initials_other = names.other(name)

    def set_id_no(self, number: str) -> None:
        self.id_no, self.id_no_index = number, crypto.blind(number, ID_NO) if number else ""

    def set_phone(self, phone: str) -> None:
        self.phone, self.phone_index = phone, crypto.blind(phone, PHONE) if phone else ""


class Membership(Scoped):
    """`person` belonged to `organisation` from `since` (None: unknown) until before `until`."""

    scope_verb: ClassVar[str] = "people.view"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    since = models.DateField("转入日期", null=True)
    until = models.DateField("转出日期", null=True)
    why = models.CharField(max_length=80, default="")  # how they came
    end_reason = models.CharField(max_length=80, default="")

    class Meta(Scoped.Meta):
        ordering = ["person", F("since").asc(nulls_first=True)]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(since=None) | Q(until__gte=F("since")), name="membership_ends_after_start"),
            models.UniqueConstraint(fields=["person"], condition=Q(until=None), name="one_open_membership"),
        ]
        indexes = [
            models.Index(fields=["organisation", "since"], name="membership_by_place"),
            models.Index(F("until").desc(), "id", condition=Q(until__isnull=False), name="membership_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} @ {self.organisation_id} {self.since}"


class Absence(Scoped):
    """Away for long: mobile (流动), long ill, abroad, suspended from voting. Bears on 应到, with its reason."""

    scope_verb: ClassVar[str] = "people.view"
    scope_path: ClassVar[str] = "person__organisation__path"

    class Kind(models.TextChoices):
        MOBILE = "mobile", "流动"
        AWAY = "away", "长期外出"
        ILL = "ill", "长期病休"
        ABROAD = "abroad", "出国(境)"
        SUSPENDED = "suspended", "停止表决权"
        LAPSED = "lapsed", "停止党籍"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absences")
    kind = models.CharField("情形", max_length=12, choices=Kind)
    since = models.DateField("起")
    until = models.DateField("止(不含)", null=True, blank=True)
    place = models.CharField("去向", max_length=120, default="", blank=True)
    contact_every_months = models.PositiveSmallIntegerField("联系周期(月)", null=True, blank=True)
    last_contact_on = models.DateField("最近联系日期", null=True, blank=True)
    note = models.CharField("说明", max_length=200, default="", blank=True)
    excused = models.CharField("不计入应到的依据(上级同意、党员大会通过)", max_length=120, default="", blank=True)

    class Meta(Scoped.Meta):
        ordering = ["person", "-since"]
        constraints = [models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="absence_has_a_length")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.get_kind_display()} {self.since}"


class Step(Scoped):
    """A change of category: from when, by which decision. `dates`: the dates of the person that it took away."""

    scope_verb: ClassVar[str] = "people.view"
    scope_path: ClassVar[str] = "person__organisation__path"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="steps")
    before = models.CharField(max_length=20, choices=choices(schema.CATEGORIES))
    after = models.CharField(max_length=20, choices=choices(schema.CATEGORIES))
    on = models.DateField("日期")
    basis = models.CharField("依据", max_length=80, default="", blank=True)
    reason = models.CharField("事由", max_length=200, default="", blank=True)
    dates: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta(Scoped.Meta):
        ordering = ["person", "on", "pk"]

    def __str__(self) -> str:
        return f"{self.person_id} {self.before} -> {self.after} {self.on}"


class IncomingManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """Transfers that come to what the active scope may see: the receiver's side."""

    def get_queryset(self) -> Any:
        rows = ScopedQuerySet(self.model, using=self._db)
        return rows.filter(active().reach(self.model.scope_verb).q("receiver__path"))


class Transfer(Scoped):
    """组织关系转接. The old organisation stays responsible until the new one has received; outside organisations are named only."""

    scope_verb: ClassVar[str] = "people.view"
    scope_path: ClassVar[str] = "sender__path"

    class State(models.TextChoices):
        ASKED = "asked", "待接收"
        RECEIVED = "received", "已接收"
        RETURNED = "returned", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="transfers")
    sender = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="sent")
    receiver = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="incoming")
    outside = models.CharField("系统外组织", max_length=120, default="", blank=True)
    letter_no = models.CharField("介绍信编号", max_length=60, default="", blank=True)
    issued_on = models.DateField("开出日期")
    valid_until = models.DateField("有效期至")
    reason = models.CharField("事由", max_length=200, default="", blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    settled_on = models.DateField("办结日期", null=True, blank=True)
    settled_reason = models.CharField("办结说明", max_length=200, default="", blank=True)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    settled_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    incoming = IncomingManager()

    class Meta(Scoped.Meta):
        default_manager_name = "objects"
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(state="asked"), name="one_open_transfer"),
            models.CheckConstraint(condition=Q(receiver=None) | Q(sender=None) | ~Q(receiver=F("sender")), name="transfer_to_another"),
        ]
        indexes = [models.Index(fields=["-issued_on", "-id"], name="transfer_by_day")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.sender_id} -> {self.receiver_id} {self.state}"


class Objection(Scoped):
    """What somebody says about what is kept on them: a correction asked for or an objection, with the day by which it is answered."""

    scope_verb: ClassVar[str] = "people.edit"
    scope_path: ClassVar[str] = "person__organisation__path"

    class Outcome(models.TextChoices):
        CORRECTED = "corrected", "已更正"
        KEPT = "kept", "未更正"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="objections")
    field = models.CharField("事项", max_length=40)
    text = models.CharField("说明", max_length=500)
    created_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    outcome = models.CharField(max_length=10, choices=Outcome, default="", blank=True)
    answer = models.CharField("答复", max_length=500, default="", blank=True)
    answered_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.person_id} {self.field}"


class Reading(Scoped):
    """Somebody opened the page of somebody else on a day: so that a day's readings are recorded once."""

    scope_verb: ClassVar[str] = "people.view"
    scope_path: ClassVar[str] = "person__organisation__path"

    reader = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="readings")
    day = models.DateField()

    class Meta(Scoped.Meta):
        constraints = [models.UniqueConstraint(fields=["reader", "person", "day"], name="one_reading_a_day")]

    def __str__(self) -> str:
        return f"{self.reader_id} {self.person_id} {self.day}"
