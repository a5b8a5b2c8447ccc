"""What people fill in. Forms check shape; whether it may be done is the actions' business."""

from datetime import date
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm, SetPasswordForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as FactorReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import validate_password

from zaidao.accounts import logins
from zaidao.accounts.models import AdminDuty
from zaidao.core import access, scrub

RULES = "至少 10 个字符,不能全是数字,不能是常见密码,不能包含自己的工号、手机号。"
REASON = "会写进操作记录。"


def _words(form: forms.Form, **labels: str) -> None:
    """Our words in place of the library's."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


class Login(forms.CharField):
    """A work number or telephone number as people type it."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"})
        super().__init__(max_length=80, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        return logins.plain(super().to_python(value))


class SignIn(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = Login(label="工号或手机号")
        _words(self, password="密码")  # noqa: S106
        self.fields["password"].help_text = ""
        self.order_fields(["login", "password"])


class ChangePassword(ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(self, oldpassword="现在的密码", password1="新密码", password2="再输一次新密码")
        self.fields["oldpassword"].help_text, self.fields["password1"].help_text = "", RULES


class SetPassword(SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(self, password1="新密码", password2="再输一次新密码")
        self.fields["password1"].help_text = RULES


class Confirm(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(self, password="密码")  # noqa: S106


class _Code:
    """Codes may be typed with full-width digits and spaces."""

    HELP = "手机验证器里的 6 位数字;手机不在身边时,可以用一个备用码。"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(self, code="验证码")  # type: ignore[arg-type]
        field = self.fields["code"]  # type: ignore[attr-defined]
        field.help_text, field.clean = self.HELP, lambda value: forms.CharField.clean(field, logins.plain(value))
        field.widget.attrs["inputmode"] = "numeric"


class FactorCode(_Code, AuthenticateForm):
    pass


class FactorCodeAgain(_Code, FactorReauthenticateForm):
    pass


class FirstFactorCode(_Code, ActivateTOTPForm):
    HELP = "扫码后,手机验证器里显示的 6 位数字。"


class NewPasskey(AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(self, name="名称")
        self.fields["name"].validators.append(scrub.refuse_numbers)
        self.fields["name"].help_text = "便于自己辨认,如“办公电脑”“我的手机”。"
        if "passwordless" in self.fields:
            self.fields["passwordless"].label = "也可以只用它登录,不输密码"
            self.fields["passwordless"].help_text = "设备须能验证本人:指纹、人脸或开机密码。"


class PasskeyName(EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(self, name="名称")
        self.fields["name"].validators.append(scrub.refuse_numbers)


class _NewPassword(forms.Form):
    """A password, twice; whose it is decides the action."""

    password1 = forms.CharField(
        label="新密码", strip=False, max_length=200, help_text=RULES, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label="再输一次新密码", strip=False, max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password)
        return password

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("password1") and told.get("password2") and told["password1"] != told["password2"]:
            self.add_error("password2", "两次输入的密码不一样。")
        return told


class Activate(_NewPassword):
    """The code on paper, and the password to be."""

    work_no = Login(label="工号")
    code = forms.CharField(
        label="启用码或重设码", max_length=40, help_text="管理员发给您的纸上的码,大小写、空格、短横都不影响。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    field_order = ("work_no", "code", "password1", "password2")


class FactorReset(forms.Form):
    code = forms.CharField(label="验证重设码", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))


class Person(forms.Form):
    """A new account, or what of it may change."""

    work_no = Login(label="工号")
    name = forms.CharField(label="姓名", max_length=60, validators=[scrub.refuse_numbers])
    phone = forms.CharField(
        label="手机号", required=False, max_length=30, help_text="可以用来登录。留空表示不用手机号登录。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])


def clean_phone(typed: str) -> str:
    number = logins.phone(typed)
    if typed.strip() and not number:
        raise forms.ValidationError("手机号应是 5 至 20 位数字。")
    return number


class Rename(forms.Form):
    """Name and telephone number of an account that is there. An empty number leaves the old one; `no_phone` takes it away."""

    name = forms.CharField(label="姓名", max_length=60, validators=[scrub.refuse_numbers])
    phone = forms.CharField(
        label="新的手机号", required=False, max_length=30, help_text="不改就留空。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    no_phone = forms.BooleanField(label="不再用手机号登录", required=False)

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])


class OwnPhone(forms.Form):
    phone = forms.CharField(
        label="新的手机号", required=False, max_length=30, help_text="留空表示不再用手机号登录。",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])


class Reason(forms.Form):
    """Why: for acts that need no more."""

    reason = forms.CharField(label="理由", max_length=200, min_length=2, help_text=REASON, validators=[scrub.refuse_numbers])


class Appoint(Reason):
    duty = forms.ChoiceField(label="职责", choices=AdminDuty.Duty.choices)
    field_order = ("duty", "reason")


class Delegate(forms.Form):
    work_no = Login(label="受托人工号")
    name = forms.CharField(
        label="受托人姓名", max_length=60, help_text="工号和姓名都对,才能委托,以免托错人。", validators=[scrub.refuse_numbers])
    since = forms.DateField(label="从哪天起", widget=forms.DateInput)
    until = forms.DateField(label="到哪天止", widget=forms.DateInput, help_text="这一天当天不再有效。")
    reason = forms.CharField(label="事由", max_length=200, min_length=2, help_text=REASON, validators=[scrub.refuse_numbers])

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        since, until = told.get("since"), told.get("until")
        if isinstance(since, date) and isinstance(until, date) and until <= since:
            self.add_error("until", "结束日应晚于开始日。")
        return told


def free(label: str) -> forms.CharField:
    """A long text that is kept as it is written."""
    area = forms.Textarea(attrs={"rows": 6})
    return forms.CharField(label=label, max_length=2000, min_length=2, widget=area, validators=[scrub.refuse_numbers])


class Suggest(forms.Form):
    page = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    text = free("您想说什么")


class Answer(forms.Form):
    answer = free("答复")


class Find(forms.Form):
    """The filter of the list of accounts."""

    STATES = (("", "全部"), ("in", "已启用"), ("new", "尚未启用"), ("out", "已停用"), ("keeper", "管理员"))
    q = forms.CharField(label="工号或姓名", required=False, max_length=60)
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)


class FindActs(forms.Form):
    """The filter of the audit."""

    who = forms.CharField(label="人员(工号或姓名)", required=False, max_length=60)
    place = forms.CharField(label="组织(名称或编号)", required=False, max_length=60, help_text="含下级。")
    verb = forms.ChoiceField(label="事项", required=False, choices=lambda: [("", "全部"), *verbs()])
    since = forms.DateField(label="自", required=False, widget=forms.DateInput)
    until = forms.DateField(label="至(含当日)", required=False, widget=forms.DateInput)


def verbs() -> list[tuple[str, str]]:
    """Everything that can be on record, by its name in words."""
    return sorted(((verb.name, verb.label) for verb in access.VERBS.values()), key=lambda each: each[1])
