"""Days on which work rests or, against the week, goes on: data that the office imports each year."""

from django.db import models


class Holiday(models.Model):
    """A day that differs from its weekday. Saturdays and Sundays are days of rest without a row."""

    class Kind(models.TextChoices):
        REST = "rest", "休"
        WORK = "work", "班"

    day = models.DateField(unique=True)
    kind = models.CharField(max_length=4, choices=Kind)
    name = models.CharField(max_length=40)
    source = models.CharField(max_length=120, default="")

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
