"""The grid of paper sheets: one row a sheet, names as they stand on paper."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.crypto import get_random_string

from zaidao.carriers.decisions.record import Record, Resolved, Ticks
from zaidao.carriers.forms import fields
from zaidao.carriers.forms.planning import KINDS, split

OPENING, CLOSING = "((", "))"
LEAST, MOST = 3, 10


class SheetForm(forms.Form):
    """Everybody expected who is named neither on leave nor absent was there: paper sheets say who was missing."""

    SELDOM = ("opinions", "decisions", "title", "late_reason")

    token = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput())
    organisation = forms.CharField(
        label="组织", max_length=120, widget=forms.TextInput(attrs={"list": "organisations", "autocomplete": "off"}))
    kind = forms.ChoiceField(label="类别", choices=KINDS, initial="主题党日")
    held_at = fields.moment("时间")
    hours = forms.DecimalField(label="时长(小时)", required=False, min_value=0, max_value=24, max_digits=4, decimal_places=1)
    place = fields.words("地点")
    host = fields.words("主持人", longest=60)
    recorder = fields.words("记录人", longest=60)
    leave = fields.words("请假", longest=500, help_text="姓名(原因),用顿号隔开;没有写到的应到同志按到会计。")
    absent = fields.words("缺席", longest=500)
    guests = fields.words("列席", longest=300)
    text = fields.long("记录正文", required=True, longest=20_000, rows=4)
    opinions = fields.long("发言要点(含不同意见)", longest=8000, rows=2)
    decisions = fields.long("议定事项", longest=4000, rows=2, help_text="一行一项。有票数的表决请单独录入。")
    title = fields.words("主题", help_text="不填则按月份和类别。")
    late_reason = fields.words("延迟归档的原因", longest=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", "")
        self.fresh = self.data.get(self.add_prefix("token")) or get_random_string(20) if self.is_bound else get_random_string(20)

    def has_changed(self) -> bool:
        """Whether somebody wrote a sheet here: an organisation alone, as the grid begins, is none."""
        return bool(set(self.changed_data) - {"token", "organisation", "kind"})

    @property
    def main(self) -> list[Any]:
        """What every sheet has."""
        return [field for field in self.visible_fields() if field.name not in self.SELDOM]

    @property
    def seldom(self) -> list[Any]:
        return [self[name] for name in self.SELDOM]

    @property
    def opened(self) -> bool:
        """Whether something stands in what is seldom used, or is wrong there; a late sheet is asked for its reason."""
        return any(field.value() or field.errors for field in self.seldom) or bool(self.is_bound and self.non_field_errors())

    def names(self) -> list[str]:
        """Every name of a person on the sheet."""
        told = self.cleaned_data
        named = [told["host"], told["recorder"], *(name for field in ("leave", "absent") for name, _ in reasons(told[field]))]
        return [name for name in named if name]

    def record(self, people: dict[str, int]) -> Record:
        """What the sheet tells; `people`: name -> number of those who were found."""
        told = self.cleaned_data
        states = {people[n]: (state, why) for state in ("leave", "absent") for n, why in reasons(told[state])}
        return Record(
            held_at=told["held_at"], text=told["text"], hours=float(told["hours"]) if told["hours"] else None, place=told["place"],
            host=people.get(told["host"]), recorder=people.get(told["recorder"]), opinions=told["opinions"],
            decisions=[Resolved(line.strip()) for line in told["decisions"].splitlines() if line.strip()],
            ticks={0: Ticks(states, split(told["guests"]), "present")},
        )


def reasons(text: str) -> list[tuple[str, str]]:
    """Names with what stands in brackets behind them: 张三(病假)、李四."""
    for sign in OPENING:
        text = text.replace(sign, "(")
    for sign in CLOSING:
        text = text.replace(sign, "")
    parts = (part.partition("(") for part in split(text))
    return [(name.strip(), why.strip()) for name, _, why in parts if name.strip()]


def unknown(names: Iterable[str], people: Sequence[Any]) -> tuple[dict[str, int], list[str]]:
    """Name (or code) -> number of those on the roster, and what is wrong with the others."""
    found: dict[str, int] = {}
    wrong = []
    for name in dict.fromkeys(names):
        same = [p for p in people if name in (p.name, p.code)]
        if len(same) == 1:
            found[name] = same[0].pk
        else:
            wrong.append(f"名册上没有“{name}”。" if not same else f"有{len(same)}位“{name}”,请填人员编号。")
    return found, wrong
