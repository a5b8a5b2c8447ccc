"""Forms of posts, appointments, hand-overs and terms. What may be is decided by the actions; forms say what is asked and in which shape."""

from typing import Any

from django import forms

from zaidao.core import scrub
from zaidao.core.inputs import day
from zaidao.engine.schema import FULL_TIME, POST_DOMAINS, TENURES
from zaidao.organisations.decisions.posts import Doubt
from zaidao.organisations.models import Appointment, HandOver, Person, Post, Term

BLANK = ("", "未登记")


class DoubtForm(forms.Form):
    """A form that can show doubts of the action, each confirmed by its own tick."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.doubts: tuple[Doubt, ...] = ()

    @property
    def confirmed(self) -> list[str]:
        """The codes that were ticked; an unknown code confirms nothing."""
        return self.data.getlist("confirmed") if hasattr(self.data, "getlist") else []


def words(label: str, *, required: bool = False, longest: int = 80, help_text: str = "") -> forms.CharField:
    """Free text, in which nobody's number may stand: it is kept as written and goes on record."""
    return forms.CharField(label=label, required=required, max_length=longest, help_text=help_text, validators=[scrub.refuse_numbers])


class PostForm(DoubtForm):
    title = words("职务", required=True, longest=60, help_text="如 书记、副书记、组织委员、党务干事。")
    domain = forms.ChoiceField(label="职务类别", choices=list(POST_DOMAINS.items()))
    seats = forms.IntegerField(label="职数", min_value=1, max_value=99, initial=1)
    since = day("设立日期", required=False)


class SeatsForm(DoubtForm):
    title = words("职务", required=True, longest=60, help_text="已有任职记录的岗位不能改名。")
    domain = forms.ChoiceField(label="职务类别", choices=[BLANK, *POST_DOMAINS.items()], required=False)
    seats = forms.IntegerField(label="职数", min_value=1, max_value=99)
    on = day("自哪天起", help_text="之前的日期仍按原来的职数。")
    reason = words("依据或原因", longest=200)

    @staticmethod
    def of(post: Post) -> dict[str, Any]:
        return {"title": post.title, "domain": post.domain, "seats": post.seats}


class AbolishForm(DoubtForm):
    on = day("撤销日期", help_text="从这一天起不再设这个岗位。")
    reason = words("依据或原因", required=True, longest=200)
    end_holders = forms.BooleanField(label="同时办理在任者离任(当天)", required=False)


class AppointForm(DoubtForm):
    person = forms.CharField(
        label="人员", max_length=60, help_text="填人员编号;姓名没有重名时也可以填姓名。", validators=[scrub.refuse_numbers],
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}))
    since = day("任职日期", required=False, help_text="不知道可不填,按未登记处理。")
    full_time = forms.ChoiceField(label="专兼职", choices=[BLANK, *FULL_TIME.items()], required=False)
    tenure = forms.ChoiceField(label="任职性质", choices=[BLANK, *TENURES.items()], required=False)
    basis = words("任职依据", help_text="批复、备案文号或选举结果。")
    approval = words("批准文号(兼职等需要时)")


class EndForm(DoubtForm):
    until = day("离任日期", help_text="从这一天起不再任职。")
    reason = words("离任原因", required=True, longest=120)


class CorrectForm(DoubtForm):
    version = forms.IntegerField(widget=forms.HiddenInput())
    since = day("任职日期", required=False)
    until = day("离任日期", required=False, help_text="不填表示在任。")
    full_time = forms.ChoiceField(label="专兼职", choices=[BLANK, *FULL_TIME.items()], required=False)
    tenure = forms.ChoiceField(label="任职性质", choices=[BLANK, *TENURES.items()], required=False)
    basis = words("任职依据")
    approval = words("批准文号(兼职等需要时)")
    end_reason = words("离任原因", longest=120)
    reason = words("更正原因", required=True, longest=200)

    @staticmethod
    def of(held: Appointment) -> dict[str, Any]:
        names = ("version", "since", "until", "full_time", "tenure", "basis", "approval", "end_reason")
        return {name: getattr(held, name) for name in names}


class VoidForm(DoubtForm):
    version = forms.IntegerField(widget=forms.HiddenInput())
    reason = words("注销原因", required=True, longest=100)


class HandOverForm(DoubtForm):
    items = forms.CharField(
        label="交接事项(一行一项)", widget=forms.Textarea(attrs={"rows": 10}), max_length=10_000, validators=[scrub.refuse_numbers])
    receiver = forms.ChoiceField(label="接收人", required=False)

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiver"].choices = [("", "还没有确定"), *((str(p.pk), p.name) for p in people)]  # type: ignore[attr-defined]

    @staticmethod
    def of(found: HandOver) -> dict[str, Any]:
        return {"items": "\n".join(i["text"] for i in found.items), "receiver": str(found.receiver_id or "")}


class ConfirmForm(DoubtForm):
    side = forms.ChoiceField(choices=[("given", "交出"), ("received", "接收")], widget=forms.HiddenInput())
    note = words("代为确认的原因", longest=200)


class TermFields(DoubtForm):
    years = forms.FloatField(label="任期(年)", required=False, min_value=0.5, max_value=9.5, help_text="不填按规定的任期。")
    basis = words("依据(文号)")


class ElectForm(TermFields):
    on = day("换届日期", help_text="选举产生新一届的日期。")
    stay = forms.MultipleChoiceField(label="继续任职的(没有勾选的从换届日期起离任)", required=False, widget=forms.CheckboxSelectMultiple())
    field_order = ["on", "years", "basis", "stay"]

    def __init__(self, *args: Any, held: list[Appointment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stay"].choices = [(str(a.pk), f"{a.post.title} {a.person.name}") for a in held]  # type: ignore[attr-defined]
        if not held:
            del self.fields["stay"]


class ExtendForm(DoubtForm):
    to = day("延期至")
    document = words("批准文号", required=True, longest=60)
    reason = words("原因", longest=200)


class RequestForm(DoubtForm):
    on = day("请示日期")
    document = words("请示文号", required=True)


class TermForm(TermFields):
    started_on = day("本届开始日期")
    extended_to = day("已批准延期至", required=False)
    reason = words("更正原因", required=True, longest=200)
    field_order = ["started_on", "years", "extended_to", "basis", "reason"]

    @staticmethod
    def of(term: Term | None) -> dict[str, Any]:
        if term is None:
            return {"reason": "首次登记"}
        years = None if term.years is None else f"{term.years:g}"
        return {"started_on": term.started_on, "years": years, "extended_to": term.extended_to, "basis": term.basis}


class DayForm(forms.Form):
    on = day("日期")
