"""The day's reminder (今日提要) of one person: counts alone, made in the morning, shown until they close it, sent where there is mail."""

from django.db import models


class Digest(models.Model):
    """One a person and day at most. `told`: what was counted -> how many; no names, no titles. `mailed_at`: when it was handed to the
    mail server, whatever became of it there: never sent twice."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    day = models.DateField(db_index=True)
    told: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_digest_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class Quiet(models.Model):
    """Who wants the day's reminder in the system alone, or not at all; without a row both ways."""

    class How(models.TextChoices):
        PAGE = "page", "只在首页显示,不发邮件"
        NONE = "none", "不提醒"

    user = models.OneToOneField("accounts.User", on_delete=models.CASCADE, related_name="+")
    how = models.CharField("今日提要", max_length=4, choices=How)

    def __str__(self) -> str:
        return f"{self.user_id} {self.how}"
