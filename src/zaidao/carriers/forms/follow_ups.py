"""Forms of follow-ups and of carriers."""

from django import forms

from zaidao.carriers.forms import fields
from zaidao.core import inputs
from zaidao.engine.schema import CARRIER_KINDS, CARRIER_ORIGINS


class DoneForm(forms.Form):
    on = inputs.day("办结日期")
    note = fields.words("办理情况", longest=500)


class ConfirmForm(forms.Form):
    on = inputs.day("办结日期")
    note = fields.words("说明", longest=500)


class WhyForm(forms.Form):
    reason = fields.words("原因", required=True, longest=300)


class CarrierForm(forms.Form):
    name = fields.words("载体名称", required=True)
    kind = forms.ChoiceField(label="类别", choices=list(CARRIER_KINDS.items()))
    origin = forms.ChoiceField(label="发起方式", choices=list(CARRIER_ORIGINS.items()), initial="own")
    directive_no = fields.words("部署文号", longest=80, help_text="上级部署的,填文号。")
    started_on = inputs.day("开始日期")
    aim = fields.words("目的", longest=300, help_text="解决什么问题,一两句话。")


class EndForm(forms.Form):
    on = inputs.day("结束日期")
    reason = fields.words("结束原因", required=True, longest=300)


class CarrierFilter(forms.Form):
    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), *CARRIER_KINDS.items()])
    ended = forms.BooleanField(label="已结束的", required=False)
    organisation = forms.CharField(label="组织", required=False, max_length=120, help_text="组织编号或全称,含下级。")
