"""Who signs in: users, the codes they begin with, delegation, administrators' duties, and what people say about the system."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from zaidao.core import crypto
from zaidao.core.fields import EncryptedTextField

PHONE = "accounts.phone"  # purpose of the blind index


class UserManager(BaseUserManager["User"]):
    """Users by work number."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(work_no=username)

    def by_phone(self, phone: str) -> "User | None":
        """The one active user with this phone; None where there is none or several."""
        found = list(self.filter(phone_index=crypto.blind(phone, PHONE), is_active=True)[:2])
        return found[0] if len(found) == 1 else None


class User(AbstractBaseUser):
    """Somebody who may sign in. What they may do follows from posts, delegations and duties held, never from this row."""

    USERNAME_FIELD = "work_no"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    work_no = models.CharField("工号", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=60)
    phone: "models.Field[Any, Any]" = EncryptedTextField("手机号", default="", blank=True)
    phone_index = models.CharField(max_length=64, default="", blank=True, db_index=True)
    email = models.EmailField("邮箱", default="", blank=True)
    is_active = models.BooleanField("可以登录", default=True)
    activated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    class Meta:
        ordering = ["work_no"]

    def __str__(self) -> str:
        return self.name or self.work_no

    def set_phone(self, phone: str) -> None:
        self.phone, self.phone_index = phone, crypto.blind(phone, PHONE) if phone else ""


class Code(models.Model):
    """A code that an administrator hands over on paper: to begin, to set a new password or a new second factor. Only its digest is kept."""

    class Purpose(models.TextChoices):
        ACTIVATE = "activate", "启用账号"
        RESET = "reset", "重设密码"
        FACTORS = "factors", "重设第二重验证"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="codes")
    purpose = models.CharField(max_length=10, choices=Purpose)
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.user_id}"


class Delegation(models.Model):
    """代办: `taker` may do what `giver` may do, from one day to before another, on record. `role` and `path` narrow it; empty: all."""

    giver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="given")
    taker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="taken")
    since = models.DateField("起")
    until = models.DateField("止(不含)")
    reason = models.CharField("事由", max_length=200)
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="delegation_has_a_term"),
            models.CheckConstraint(condition=~models.Q(giver=models.F("taker")), name="delegation_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.giver_id} -> {self.taker_id} {self.since}"


class AdminDuty(models.Model):
    """One of the three duties of keeping the system (三员): held by different persons where the office wants it so."""

    class Duty(models.TextChoices):
        SYSTEM = "system", "系统管理员"
        SECURITY = "security", "安全管理员"
        AUDIT = "audit", "审计管理员"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="duties")
    duty = models.CharField(max_length=10, choices=Duty)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["duty", "since"]
        constraints = [
            models.UniqueConstraint(fields=["user", "duty"], condition=models.Q(until=None), name="one_duty_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_duty_display()} {self.user_id}"


class Suggestion(models.Model):
    """投诉建议: what somebody says about the system itself, with the day by which it is answered."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="suggestions")
    page = models.CharField("所在页面", max_length=200, default="", blank=True)
    text = models.TextField("内容", max_length=2000)
    created_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    answer = models.TextField("答复", default="", blank=True, max_length=2000)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d} {self.text[:20]}"


class SavedFilter(models.Model):
    """A filter of a list that somebody keeps for themselves."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="filters")
    page = models.CharField(max_length=60)
    name = models.CharField("名称", max_length=40)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="one_filter_a_name")]

    def __str__(self) -> str:
        return self.name
