"""Rows of one kind in a form: as many as were sent, and some empty ones to write in. Rows are added without JavaScript too."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms

MOST = 40


class Rows:
    """`form` once for each row, its fields named `prefix-N-name`; `prefix-n` says how many there are. Empty rows are left out."""

    def __init__(
        self, form: type[forms.Form], prefix: str, *, data: Any = None, first: Sequence[Mapping[str, Any]] = (), least: int = 1,
        **more: Any,
    ) -> None:
        self.prefix, self.bound = prefix, data is not None
        n = count(data, prefix) if data is not None else max(len(first) + (1 if first else 0), least)
        given = {"use_required_attribute": False, **more}
        self.forms = [
            form(data, prefix=f"{prefix}-{i}", empty_permitted=True, **given) if self.bound
            else form(prefix=f"{prefix}-{i}", initial=dict(first[i]) if i < len(first) else None, **given)
            for i in range(min(n, MOST))
        ]

    def __iter__(self) -> Iterator[forms.Form]:
        return iter(self.forms)

    @property
    def n(self) -> int:
        return len(self.forms)

    def is_valid(self) -> bool:
        return not [form for form in self.forms if not form.is_valid()]

    @property
    def told(self) -> list[dict[str, Any]]:
        """What stands in the rows that somebody wrote in, after `is_valid`."""
        return [form.cleaned_data for form in self.forms if form.has_changed()]


def count(data: Any, prefix: str) -> int:
    """How many rows were sent."""
    text = data.get(f"{prefix}-n", "") or "0"
    return min(int(text), MOST) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def written(data: Any, prefix: str, form: type[forms.Form]) -> list[dict[str, Any]]:
    """The rows as they were typed, unchecked, for showing them again: those that say something."""
    blank = {name: field.initial or "" for name, field in form.base_fields.items()}
    rows = [{name: data.get(f"{prefix}-{i}-{name}", "") for name in form.base_fields} for i in range(count(data, prefix))]
    return [row for row in rows if {n: str(v) for n, v in row.items()} != {n: str(v) for n, v in blank.items()}]
