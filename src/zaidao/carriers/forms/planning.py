"""Forms of what is planned, changed, called off."""

from typing import Any

from django import forms

from zaidao.carriers.forms import fields
from zaidao.carriers.models import Activity
from zaidao.engine.schema import ACTIVITY_KINDS

KINDS = list(ACTIVITY_KINDS.items())
FEW = 30  # organisations that are ticked rather than named
SPLIT = "、,,;;\n"  # what stands between names in one field


class ActivityFilter(forms.Form):
    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), *KINDS])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *Activity.State.choices])
    month = forms.DateField(label="月份", required=False, input_formats=["%Y-%m"], widget=fields.Month())
    organisation = forms.CharField(label="组织", required=False, max_length=120, help_text="组织编号或全称,含下级。")


class PlanForm(forms.Form):
    kind = forms.ChoiceField(label="类别", choices=KINDS)
    planned_at = fields.moment("时间")
    place = fields.words("地点")
    title = fields.words("主题", help_text="不填则按月份和类别,如“3月主题党日”。")
    agenda = fields.long("议程", help_text="按事项的规定预填,可以修改。会议记录不预填。")
    host = fields.person("主持人")
    carrier = forms.TypedChoiceField(label="所属载体", required=False, coerce=int, empty_value=None, choices=[("", "无")])
    joint = forms.CharField(
        label="联合举办的组织", required=False, max_length=500,
        help_text="您管理范围内的组织编号或全称,用顿号隔开。各组织各计到会和事项,记录只有一份。")

    def __init__(self, *args: Any, people: Any = (), carriers: Any = (), others: Any = (), **kwargs: Any) -> None:
        """`others`: organisations that may meet along; more than FEW of them are named instead of ticked."""
        super().__init__(*args, **kwargs)
        if not others:
            del self.fields["joint"]
        elif len(others) <= FEW:
            self.fields["joint"] = forms.MultipleChoiceField(
                label="联合举办的组织", required=False, widget=forms.CheckboxSelectMultiple(), choices=[(o.code, o.name) for o in others],
                help_text="各组织各计到会和事项,记录只有一份。")
        fields.offer(self.fields["host"], people)
        if carriers:
            self.fields["carrier"].choices = [("", "无"), *((str(c.pk), c.name) for c in carriers)]  # type: ignore[attr-defined]
        else:
            del self.fields["carrier"]

    def names(self) -> list[str]:
        """The organisations named as taking part."""
        told = self.cleaned_data.get("joint", "")
        return split(told) if isinstance(told, str) else list(told)


def split(text: str) -> list[str]:
    """Names that stand in one field."""
    for sign in SPLIT:
        text = text.replace(sign, "\0")
    return [name for part in text.split("\0") if (name := part.strip())]


class ReplanForm(forms.Form):
    planned_at = fields.moment("改到")
    place = fields.words("地点")
    title = fields.words("主题", required=True)
    agenda = fields.long("议程")
    remark = fields.words("原因", longest=300, help_text="改时间的,写明原因;以后补办时按顺延说明。")


class ReasonForm(forms.Form):
    reason = fields.words("原因", required=True, longest=300)


class LeaveForm(forms.Form):
    why = fields.words("请假原因", required=True, longest=120, help_text="只有登记到会情况的同志能看到。")


class NoticeForm(forms.Form):
    text = fields.long("通知内容", required=True, longest=2000, rows=8)
