"""How much was filled in and taken out, by place and month: counters, never who or when."""

from django.db import models


class BurdenCount(models.Model):
    """One place (its number in the tree) and calendar month. `reached`: how many different people are known to have worked there, counted
    no further than the least number that is shown. `marks`: what tells those few apart while the month runs, sorted, gone once the number
    is reached or the month is over (docs/decisions/017)."""

    node = models.BigIntegerField()
    month = models.DateField()
    filled = models.PositiveIntegerField(default=0)
    exports = models.PositiveIntegerField(default=0)
    reached = models.PositiveSmallIntegerField(default=0)
    marks: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "month"], name="one_count_a_month")]

    def __str__(self) -> str:
        return f"{self.node} {self.month:%Y-%m}"
