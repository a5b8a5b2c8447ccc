"""Forms of the roster. What may be is decided by the actions; forms say what is asked, in which shape, and find organisations by code."""

from typing import Any

from django import forms
from django.db.models import Q

from zaidao.core import scrub
from zaidao.core.inputs import day
from zaidao.core.scope import ScopedQuerySet
from zaidao.engine.schema import CATEGORIES, GENDERS
from zaidao.organisations.actions.people import EDITABLE
from zaidao.organisations.actions.standing import LEAVING
from zaidao.organisations.decisions.people import DATES, steps_from
from zaidao.organisations.forms.posts import BLANK
from zaidao.organisations.models import Absence, Objection, Organisation, Person
from zaidao.organisations.queries.people import STATES

SENSITIVE = {"id_no": "公民身份号码", "phone": "联系电话"}
QUIET = {"autocomplete": "off", "spellcheck": "false"}
Choice = tuple[str, str]


def number(label: str, *, longest: int, help_text: str = "") -> forms.CharField:
    """A sensitive number: the browser is asked to keep nothing of it."""
    return forms.CharField(label=label, required=False, max_length=longest, help_text=help_text, widget=forms.TextInput(attrs=QUIET))


def words(label: str, *, required: bool = False, longest: int = 80, help_text: str = "") -> forms.CharField:
    """Free text, in which nobody's number may stand: it is kept as written and may go on record."""
    return forms.CharField(label=label, required=required, max_length=longest, help_text=help_text, validators=[scrub.refuse_numbers])


def long(label: str, *, required: bool = True, longest: int = 200) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, required=required, max_length=longest, widget=area, validators=[scrub.refuse_numbers])


class OrganisationField(forms.CharField):
    """An organisation by its code, or by its name where only one has it, among `rows`; cleaned it is the organisation or None."""

    def __init__(self, *, unknown: str, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"list": "organisations", "autocomplete": "off"}))
        super().__init__(max_length=120, **kwargs)
        self.unknown = unknown
        self.rows: ScopedQuerySet | None = None

    def clean(self, value: Any) -> Organisation | None:
        text = super().clean(value)
        if not text:
            return None
        rows = self.rows if self.rows is not None else Organisation.everything.all()
        found = list(rows.filter(Q(code=text) | Q(name=text), dissolved_on=None).order_by("pk")[:2])
        exact = [o for o in found if o.code == text] or found
        if len(exact) != 1:
            raise forms.ValidationError(self.unknown)
        return exact[0]


class RosterFilter(forms.Form):
    q = forms.CharField(label="姓名、拼音、编号", required=False, max_length=60, widget=forms.TextInput(attrs=QUIET))
    category = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), *CATEGORIES.items()])
    organisation = forms.CharField(label="组织(名称或编号)", required=False, max_length=120)
    state = forms.ChoiceField(label="状态", required=False, choices=list(STATES.items()))


class FindForm(forms.Form):
    number = number("公民身份号码或联系电话", longest=30, help_text="在您的管理范围内查找;号码不会出现在网址里。")


class Facts(forms.Form):
    """What is asked about a new person."""

    name = words("姓名", required=True, longest=60)
    category = forms.ChoiceField(label="人员类别", choices=list(CATEGORIES.items()))
    code = words("人员编号", longest=40, help_text="不填由系统编号。")
    id_no = number("公民身份号码", longest=18, help_text="18位;填写后可自动得出出生日期和性别。")
    gender = forms.ChoiceField(label="性别", required=False, choices=[BLANK, *GENDERS.items()])
    born_on = day("出生日期", required=False)
    ethnicity = words("民族", longest=20)
    phone = number("联系电话", longest=20)
    education = words("学历", longest=40)
    occupation = words("工作岗位", longest=80)
    activist_since = day("列为积极分子日期", required=False)
    joined_on = day("入党日期", required=False, help_text="支部大会通过为预备党员之日。")
    full_since = day("转正日期", required=False)

    def facts(self) -> dict[str, Any]:
        told = ("name", "category", "id_no", "gender", "born_on", "ethnicity", "phone", "education", "occupation", "activist_since",
                "joined_on", "full_since")
        return {name: self.cleaned_data[name] for name in told}


class PersonForm(Facts):
    organisation = OrganisationField(
        label="所在组织", unknown="在您可以登记人员的组织里没有找到,请填组织编号。", help_text="填组织编号,或唯一的名称。")
    since = day("转入日期", required=False, help_text="不知道可不填,按未登记处理。")
    field_order = ["name", "organisation", "category", "since", "code"]


class TakeInForm(Facts):
    organisation = OrganisationField(label="接收组织", unknown="在您可以办理转接的组织里没有找到,请填组织编号。")
    outside = words("转出的系统外组织", required=True, longest=120)
    letter_no = words("介绍信编号", longest=60)
    issued_on = day("介绍信开出日期")
    on = day("接收日期")
    reason = words("事由", longest=200, help_text="介绍信已过期的,请写明情况。")
    field_order = ["outside", "letter_no", "issued_on", "organisation", "on", "reason", "name", "category"]


class EditForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput())
    name = words("姓名", required=True, longest=60)
    gender = forms.ChoiceField(label="性别", required=False, choices=[BLANK, *GENDERS.items()])
    born_on = day("出生日期", required=False)
    ethnicity = words("民族", longest=20)
    education = words("学历", longest=40)
    occupation = words("工作岗位", longest=80)
    id_no = number("公民身份号码", longest=18, help_text="不填表示不变。")
    phone = number("联系电话", longest=20, help_text="不填表示不变。")
    clear = forms.MultipleChoiceField(
        label="清除", required=False, widget=forms.CheckboxSelectMultiple(),
        choices=[(name, f"清除{label}") for name, label in SENSITIVE.items()])
    reason = words("修改原因", longest=200)

    @staticmethod
    def of(person: Person) -> dict[str, Any]:
        return {n: getattr(person, n) for n in ("version", *EDITABLE) if n not in SENSITIVE}

    def changes(self) -> dict[str, Any]:
        """What is to be written: an empty number means unchanged unless it is to be cleared."""
        told = {n: self.cleaned_data[n] for n in EDITABLE if n not in SENSITIVE or self.cleaned_data[n]}
        return told | dict.fromkeys(self.cleaned_data["clear"], "")


class StepForm(forms.Form):
    to = forms.ChoiceField(label="变更为", widget=forms.RadioSelect())
    on = day("日期", help_text="作出决定或支部大会通过的日期。")
    basis = words("依据", help_text="会议名称、批复文号。")
    reason = words("事由", longest=200, help_text="往回变更时必填。")

    def __init__(self, *args: Any, category: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = list(steps_from(category).items())  # type: ignore[attr-defined]


class ExtendForm(forms.Form):
    until = day("预备期延长至")
    reason = words("事由和决议", required=True, longest=200)


class ReviewForm(forms.Form):
    on = day("考察日期")
    note = words("考察情况", longest=200)


class DatesForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput())
    since = day("转入本组织日期", required=False)
    activist_since = day(DATES["activist_since"], required=False)
    reviewed_on = day(DATES["reviewed_on"], required=False)
    joined_on = day(DATES["joined_on"], required=False)
    full_since = day(DATES["full_since"], required=False)
    extended_to = day(DATES["extended_to"], required=False)
    reason = words("更正的理由和依据", required=True, longest=200)

    def dates(self) -> dict[str, Any]:
        return {n: v for n, v in self.cleaned_data.items() if n not in ("version", "reason")}


class LeaveForm(forms.Form):
    why = forms.ChoiceField(label="离册原因", choices=list(LEAVING.items()))
    on = day("日期")
    reason = words("说明", longest=200)


class AbsenceForm(forms.Form):
    kind = forms.ChoiceField(label="情形", choices=Absence.Kind.choices)
    since = day("开始日期")
    until = day("结束日期(当天起恢复)", required=False)
    place_gone = words("去向", longest=120)
    contact_every_months = forms.IntegerField(
        label="联系周期(月)", required=False, min_value=1, max_value=24, help_text="不填按规则目录。")
    excused = words("不计入应到的依据", longest=120, help_text="经上级同意并经党员大会通过的,填文号或会议日期;没有则仍计入应到。")
    note = words("说明", longest=200, help_text="停止表决权、停止党籍的,写明作出决定的组织、日期和依据。")


class AbsenceEndForm(forms.Form):
    until = day("结束日期(当天起恢复)")
    reason = words("说明", longest=200)


class ContactForm(forms.Form):
    on = day("联系日期")
    note = words("联系方式和情况", longest=200)


class TransferForm(forms.Form):
    receiver = OrganisationField(
        label="系统内的接收组织", required=False, unknown="没有找到这个组织;请从提示中选择,或填组织编号。",
        help_text="输入名称或编号的两个字以上,从提示中选择。")
    outside = words("系统外的接收组织", longest=120, help_text="接收组织不在本系统时填写,与上一项二者填一。")
    letter_no = words("介绍信编号", longest=60)
    issued_on = day("开出日期")
    valid_until = day("有效期至")
    reason = words("事由", longest=200)


class MoveForm(forms.Form):
    receiver = OrganisationField(label="调整到", unknown="在您可以办理转接的组织里没有找到,请填组织编号。")
    on = day("日期")
    letter_no = words("文号", longest=60)
    reason = words("事由", required=True, longest=200)


class ReceiveForm(forms.Form):
    on = day("接收日期")
    note = words("说明", longest=200, help_text="介绍信已过期的,请写明情况。")


class ReceiptForm(forms.Form):
    on = day("回执日期")
    note = words("回执编号或确认方式", required=True, longest=200)


class ReasonForm(forms.Form):
    reason = words("理由", required=True, longest=200)


class WithdrawForm(forms.Form):
    reason = words("理由", longest=200)


class RevealForm(forms.Form):
    fields_wanted = forms.MultipleChoiceField(
        label="要查看的内容", choices=list(SENSITIVE.items()), widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": "请勾选要查看的内容。"})
    reason = words("理由", required=True, longest=200, help_text="写明用途。查看会记录在案,本人可以看到。")


class AccountForm(forms.Form):
    how = forms.ChoiceField(
        label="方式", widget=forms.RadioSelect(), choices=[("new", "新开账号,并打印启用码"), ("link", "关联同名的已有账号")], initial="new")
    work_no = words("工号", longest=40, help_text="新开时不填则用人员编号。")


KEPT = {
    "name": "姓名", "gender": "性别", "ethnicity": "民族", **SENSITIVE, "education": "学历", "occupation": "工作岗位",
    "category": "人员类别", **DATES, "organisation": "所在组织、转接", "absence": "外出、停止登记", "post": "任职", "other": "其他",
}


class ObjectionForm(forms.Form):
    field = forms.ChoiceField(label="事项", choices=list(KEPT.items()))
    text = long("哪里不对、应当是什么", longest=500)


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(label="处理结果", choices=Objection.Outcome.choices, widget=forms.RadioSelect())
    text = long("答复", longest=500)
