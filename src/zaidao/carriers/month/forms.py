"""The filter of the page that says which organisations have not yet."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from zaidao.carriers.models import Quiet
from zaidao.carriers.month import decisions
from zaidao.engine.schema import ACTIVITY_KINDS


class BelowFilter(forms.Form):
    """A month, a subject and a part of the tree; what is not offered reads as the usual: this month, every subject, the whole part."""

    month = forms.ChoiceField(label="月份", required=False)
    subject = forms.ChoiceField(label="事项", required=False, choices=[("", "全部事项"), *((k, k) for k in ACTIVITY_KINDS if k != "其他")])
    under = forms.ChoiceField(label="范围", required=False)

    def __init__(self, told: QueryDict, *, today: date, offered: Sequence[Any]) -> None:
        self.today, asked = today, told.copy()
        if not asked.get("month"):
            asked["month"] = f"{today:%Y-%m}"
        super().__init__(asked)
        self._choose("month", [(f"{m:%Y-%m}", f"{m.year}年{m.month}月") for m in decisions.months(today)])
        self._choose("under", [("", "全部所辖组织"), *((str(o.pk), o.name) for o in offered)])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  said above
        field.choices = choices

    def told(self, name: str) -> str:
        """What was chosen; "" for what was not, or is not offered."""
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")

    @property
    def first(self) -> date:
        """The first day of the month asked for."""
        return decisions.month_of(self.told("month"), self.today)


class DigestForm(forms.Form):
    """How one wants the day's reminder."""

    how = forms.ChoiceField(label="每个工作日早上的提醒", required=False, choices=[("", "首页显示,有邮箱的也发邮件"), *Quiet.How.choices])
