"""What can be found by words: one row a thing, with its tokens and nothing else."""

from django.db import models


class SearchEntry(models.Model):
    """The tokens of one thing. `kind` and `number` say which (`core.search`); no title and no place is kept, so that neither can be an
    old one: what is found is read from the thing's own row, inside the scope of whoever asks."""

    kind = models.CharField(max_length=20)
    number = models.BigIntegerField()
    tokens = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="one_entry_a_thing")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
