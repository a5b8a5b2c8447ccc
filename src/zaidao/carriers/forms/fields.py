"""Fields that several forms have in common."""

from collections.abc import Iterable
from typing import Any

from django import forms

from zaidao.core import scrub

Choice = tuple[str, str]
NOBODY: Choice = ("", "未登记")


class Moment(forms.DateTimeInput):
    """A day and a time, picked by the browser."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class Month(forms.DateInput):
    """A month, picked by the browser; its first day."""

    input_type = "month"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m")


def moment(label: str, *, required: bool = True, help_text: str = "") -> forms.DateTimeField:
    return forms.DateTimeField(label=label, required=required, help_text=help_text, widget=Moment())


def words(label: str, *, required: bool = False, longest: int = 120, help_text: str = "") -> forms.CharField:
    """Free text, in which nobody's number may stand."""
    return forms.CharField(label=label, required=required, max_length=longest, help_text=help_text, validators=[scrub.refuse_numbers])


def long(label: str, *, required: bool = False, longest: int = 4000, rows: int = 4, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=longest, help_text=help_text, validators=[scrub.refuse_numbers],
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def person(label: str, *, required: bool = False, help_text: str = "") -> forms.TypedChoiceField:
    """Somebody by number, out of those offered (`offer`)."""
    return forms.TypedChoiceField(label=label, required=required, help_text=help_text, coerce=int, empty_value=None, choices=[NOBODY])


def offer(field: forms.Field, people: Iterable[Any]) -> None:
    """Fill a field of `person` with people; of two with one name the codes are told too."""
    found = list({p.pk: p for p in people}.values())
    names = [p.name for p in found]
    told = [(str(p.pk), p.name if names.count(p.name) == 1 else f"{p.name}({p.code})") for p in found]
    field.choices = [NOBODY, *told]  # type: ignore[attr-defined]
