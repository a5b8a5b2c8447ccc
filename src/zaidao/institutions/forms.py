"""Forms of institutions and duties: what is asked and in which shape. Whether it may be is decided by the actions."""

from typing import Any

from django import forms

from zaidao.core import scrub
from zaidao.engine.schema import RULE_ORIGINS
from zaidao.institutions.queries.register import STATES

ALL = ("", "全部")


def words(label: str, *, required: bool = False, longest: int = 80, help_text: str = "", **attrs: str) -> forms.CharField:
    """Free text, in which nobody's number may stand: it is kept as written and may go on record."""
    return forms.CharField(
        label=label, required=required, max_length=longest, help_text=help_text, validators=[scrub.refuse_numbers],
        widget=forms.TextInput(attrs=attrs),
    )


def long(label: str, *, required: bool = True, longest: int = 300, rows: int = 3, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=longest, help_text=help_text, validators=[scrub.refuse_numbers],
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def day(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, help_text=help_text, widget=forms.DateInput())


class RegisterFilter(forms.Form):
    q = forms.CharField(label="制度名称、编号", required=False, max_length=60)
    organisation = forms.CharField(label="组织(含下级)", required=False, max_length=120)
    origin = forms.ChoiceField(label="来源", required=False, choices=[ALL, *RULE_ORIGINS.items()])
    state = forms.ChoiceField(label="状态", required=False, choices=list(STATES.items()))

    @property
    def told(self) -> dict[str, Any]:
        """What was asked for; everything where that cannot be read."""
        return self.cleaned_data if self.is_valid() else {}
