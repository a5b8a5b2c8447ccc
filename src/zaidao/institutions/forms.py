"""Forms of institutions and duties: what is asked and in which shape. Whether it may be is decided by the actions."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms

from zaidao.core import scrub
from zaidao.core.inputs import day
from zaidao.core.pages import number
from zaidao.engine.catalogue.labels import SHARE, Label
from zaidao.engine.duties.clauses import MONTHS
from zaidao.engine.schema import PERIODS, RULE_ORIGINS
from zaidao.institutions import access
from zaidao.institutions.decisions.splitting import split
from zaidao.institutions.queries.register import STATES, readable
from zaidao.organisations.queries import reach

ALL = ("", "全部")
MOST_ROWS = 80  # articles of one draft; the fields of all rows stay below what a form may have


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


class RegisterFilter(forms.Form):
    q = forms.CharField(label="制度名称、编号", required=False, max_length=60)
    organisation = forms.CharField(label="组织(含下级)", required=False, max_length=120)
    origin = forms.ChoiceField(label="来源", required=False, choices=[ALL, *RULE_ORIGINS.items()])
    state = forms.ChoiceField(label="状态", required=False, choices=list(STATES.items()))

    @property
    def told(self) -> dict[str, Any]:
        """What was asked for; everything where that cannot be read."""
        return self.cleaned_data if self.is_valid() else {}


class OrganisationField(forms.CharField):
    """An organisation where the person may do `verb`, by its code, or by its name where only one has it."""

    def __init__(self, verb: str, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"list": "organisations", "autocomplete": "off"}))
        super().__init__(max_length=120, **kwargs)
        self.verb = verb

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        found = reach.called(self.verb, text) if text else []
        if text and len(found) != 1:
            raise forms.ValidationError("有几个组织叫这个名称,请填组织编号。" if found else "没有找到这个组织,请从提示中选,或填编号。")
        return found[0] if found else None


class RegisterForm(forms.Form):
    organisation = OrganisationField(access.DRAFT, label="制定组织", help_text="填组织编号,或完整的组织名称。")
    title = words("制度名称", required=True, longest=120)
    origin = forms.ChoiceField(label="来源", choices=list(RULE_ORIGINS.items()), initial="own")
    code = words("制度编号", longest=40, help_text="不填由系统编。")
    document_no = words("文号", help_text="已有文号的先填上,施行时还可以改。")
    reason = words("制定的原因", longest=300)


class AmendForm(forms.Form):
    reason = words("修订的原因", required=True, longest=300)


class AdoptForm(forms.Form):
    since = day("施行日期", help_text="从这一天起产生应办事项;之前的不受影响。")
    document_no = words("文号", required=True, help_text="如 某党支〔2026〕3号。")


class RepealForm(forms.Form):
    on = day("废止日期", help_text="从这一天起不再施行;已经办理的记录都保留。")
    document_no = words("废止文号", required=True)
    reason = words("废止的原因", required=True, longest=300)
    successor = words("由哪项制度接替", longest=40, help_text="填接替的制度编号;没有的不填。")

    def clean_successor(self) -> Any:
        code = self.cleaned_data["successor"]
        found = readable().filter(code=code).first() if code else None
        if code and found is None:
            raise forms.ValidationError("没有找到这个编号的制度。")
        return found


NOT_ASKED = ("", "不提要求")
CLAUSE = ("subject", "applies_to", "every", "at_least", "evidence", "grace_days", "who", "hours")


class ArticleForm(forms.Form):
    """One article and, where it asks for something, its clause. A row without label and text is left out."""

    label = words("条", longest=20, placeholder="第一条")
    text = long("条文", required=False, longest=4000)
    every = forms.ChoiceField(label="要求的周期", required=False, choices=[NOT_ASKED, *(PERIODS | {"none": "没有明确周期"}).items()])
    at_least = forms.IntegerField(label="次数", required=False, min_value=1, max_value=366)
    subject = words("事项", longest=120, help_text="如 支委会、主题党日;也可以写别的事项。", list="subjects")
    applies_to = words("适用对象", longest=120, help_text="如 党支部、党支部且设支委会;不填表示制定组织本身。", list="whom")
    evidence = words("佐证", longest=60)
    grace_days = forms.IntegerField(label="宽限天数", required=False, min_value=0, max_value=366)
    who = words("责任岗位", longest=40)
    hours = forms.DecimalField(label="每次约需小时", required=False, min_value=0, max_value=999, max_digits=5, decimal_places=1)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not told.get("label") and any(told.get(name) for name in ("text", *CLAUSE)):
            self.add_error("label", "请写明是第几条。")
        if not told.get("every") and any(told.get(name) not in (None, "") for name in CLAUSE):
            self.add_error("every", "已填写要求的内容,请选周期;没有明确周期的也请选上。")
        return told

    @property
    def asks(self) -> bool:
        return bool(self.data.get(self.add_prefix("every"))) or bool(self.errors)


class Sheet:
    """The rows of a draft as they are typed: what each step of the editor does to them, and whether they may be saved."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        names = tuple(ArticleForm.base_fields)
        self.rows = [{name: "" if row.get(name) is None else str(row[name]) for name in names} for row in rows[:MOST_ROWS]]

    @classmethod
    def posted(cls, data: Mapping[str, str]) -> "Sheet":
        count = min(number(data.get("rows"), 0), MOST_ROWS)
        return cls([{name: data.get(f"{n}-{name}", "") for name in ArticleForm.base_fields} for n in range(count)])

    @cached_property
    def forms(self) -> list[ArticleForm]:
        """The rows as forms, in their order."""
        return [ArticleForm({f"{n}-{k}": v for k, v in row.items()}, prefix=str(n)) for n, row in enumerate(self.rows)]

    def more(self, count: int = 3) -> "Sheet":
        return Sheet([*self.rows, *({} for _ in range(count))])

    def insert(self, behind: int) -> "Sheet":
        """An empty row behind one."""
        return Sheet([*self.rows[:behind + 1], {}, *self.rows[behind + 1:]])

    def replaced(self, text: str) -> "Sheet":
        """The articles of a whole text; what was asked under a label stays with it."""
        asked = {row["label"]: {name: row[name] for name in CLAUSE} for row in self.rows}
        return Sheet([{"label": label, "text": words} | asked.get(label, {}) for label, words in split(text)])

    @property
    def told(self) -> list[dict[str, Any]]:
        """What valid rows say, empty ones left out."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("label")]

    def is_valid(self) -> bool:
        found = [form.is_valid() for form in self.forms]  # each of them: all errors are shown at once
        return all(found)

    def articles(self) -> list[dict[str, Any]]:
        return [{"label": row["label"], "text": row["text"]} for row in self.told]

    def clauses(self) -> list[dict[str, Any]]:
        return [{"article": row["label"]} | {name: row[name] for name in CLAUSE} for row in self.told if row["every"]]


class SpanFilter(forms.Form):
    """A year or a month of it, and where in the tree."""

    year = forms.IntegerField(label="年", required=False, min_value=2000, max_value=2100)
    month = forms.TypedChoiceField(
        label="月", required=False, coerce=int, empty_value=None, choices=[("", "全年"), *((str(n), f"{n}月") for n in range(1, 13))],
    )
    under = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    source = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput, validators=[scrub.refuse_numbers])


class YearFilter(forms.Form):
    year = forms.IntegerField(label="年", required=False, min_value=2000, max_value=2100)


class ExemptForm(forms.Form):
    reason = words("免办的原因", required=True, longest=300)
    document_no = words("文号")


class PostponeForm(forms.Form):
    until = day("延至", help_text="这一天(含)以前办理的,计为已说明顺延。")
    reason = words("延期的原因", required=True, longest=300)
    document_no = words("文号")


class ByHandForm(forms.Form):
    held_on = day("办理日期")


class WithdrawForm(forms.Form):
    why = words("撤回的原因", required=True, longest=300)


class UnderFilter(forms.Form):
    organisation = forms.CharField(label="组织(含下级)", required=False, max_length=120)


PARTS = {
    "value": "取值", "v": "取值", "per": "周期", "n": "次数", "op": "关系", "num": "比例的分子", "den": "比例的分母",
    "of": "以什么人数为准", "alt_of": "另一口径", "local": "地方口径", "requires": "条件", "central_training": "集中培训次数",
}
RHYTHMS = [(code, label) for code, label in PERIODS.items() if code in MONTHS]


class ValueForm(forms.Form):
    """The office's own value of one setting: a field for each part that may be set, empty where what came with the system stays."""

    field_order = (*PARTS, "since", "reason", "source")
    since = day("起用日期", help_text="从这一天起按新的取值判断;以往的结果不变。")
    reason = words("理由", required=True, longest=300)
    source = words("依据(文号)", longest=120)

    def __init__(self, parts: Mapping[str, Any], *args: Any, called: Label | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts
        for name, packaged in parts.items():
            self.fields[name] = _part(name, packaged) if called is None else _param(called, packaged)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors and not self.chosen(told):
            raise forms.ValidationError("请至少填写一项取值。")
        return told

    def chosen(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """The parts that were filled in, as the catalogue writes them."""
        return {name: told[name] for name in self.parts if told.get(name) not in (None, "", [])}

    @property
    def value(self) -> Any:
        found = self.chosen(self.cleaned_data)
        return found["value"] if "value" in self.parts else found


def _param(called: Label, packaged: Any) -> forms.Field:
    """The field of a parameter: codes are chosen by their words, a share says that it is a part of 1, other numbers their unit."""
    if called.words and isinstance(packaged, list | tuple):
        boxes = forms.CheckboxSelectMultiple()
        return forms.MultipleChoiceField(label="取值", choices=list(called.words.items()), required=False, widget=boxes)
    if called.words:
        return forms.ChoiceField(label="取值", choices=[("", "不变"), *called.words.items()], required=False)
    made = _part("value", packaged)
    if called.unit == SHARE:
        made.help_text = f"{made.help_text} 写成小数,例如 0.15 就是 15%。".strip()
    elif called.unit:
        made.label = f"{made.label}({called.unit})"
    return made


def _part(name: str, packaged: Any) -> forms.Field:
    """A field for a value of the packaged one's kind."""
    label = PARTS.get(name, name)
    if name == "per":
        return forms.ChoiceField(label=label, choices=[("", "不变"), *RHYTHMS], required=False)
    if name == "op":
        return forms.ChoiceField(label=label, choices=[("", "不变"), (">=", "不少于"), (">", "超过")], required=False)
    if isinstance(packaged, bool):
        return forms.TypedChoiceField(label=label, choices=[("", "不变"), ("yes", "是"), ("no", "否")], required=False,
                                      coerce=lambda text: text == "yes", empty_value=None)
    if isinstance(packaged, int):
        return forms.IntegerField(label=label, required=False, min_value=0, max_value=10**6)
    if isinstance(packaged, float):
        return forms.FloatField(label=label, required=False, min_value=0, max_value=10**6)
    if isinstance(packaged, list | tuple):
        return ListField(type(packaged[0]), label=label, required=False, max_length=600, help_text="几项之间用顿号(、)隔开。")
    return words(label, longest=120)


class ListField(forms.CharField):
    """Several values in a line."""

    def __init__(self, kind: type, **kwargs: Any) -> None:
        super().__init__(validators=[scrub.refuse_numbers], **kwargs)
        self.kind = kind

    def clean(self, value: Any) -> list[Any]:
        parts = [part for part in re.split(r"[、\s]+", super().clean(value)) if part]
        try:
            return [self.kind(part) for part in parts]
        except ValueError:
            raise forms.ValidationError("请按原有格式逐项填写数字。") from None
