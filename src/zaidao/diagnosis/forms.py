"""What people fill in: files, the day of judgement, an answer."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from zaidao.core import rulebook, scrub
from zaidao.core.uploads import FilesField, FilesInput
from zaidao.diagnosis.models import Answer
from zaidao.diagnosis.queries.carried import Carried
from zaidao.diagnosis.queries.load import Picture

ACCEPTED = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt", ".tsv", ".et", ".parquet")


class UploadForm(forms.Form):
    ledgers = FilesField(
        label="台账文件", widget=FilesInput(attrs={"class": "form-control", "accept": ",".join(ACCEPTED)}),
        error_messages={"required": "请先选择文件。", "empty": "有一个文件是空的,请检查后再选。"},
    )

    def clean_ledgers(self) -> list[UploadedFile]:
        chosen: list[UploadedFile] = self.cleaned_data["ledgers"]
        if sum(f.size or 0 for f in chosen) > settings.UPLOAD_LIMIT:
            most = f"{settings.UPLOAD_LIMIT // 1024 ** 2} MB"
            raise forms.ValidationError(f"这些文件合计超过 {most}。请分几次上传,或改用命令行 zaidao diagnose。")
        odd = [f.name for f in chosen if not str(f.name).lower().endswith(ACCEPTED)]
        if odd:
            raise forms.ValidationError(f"读不了这种文件:{'、'.join(map(str, odd[:5]))}。请另存为 .xlsx 后再上传。")
        return chosen


class DiagnoseForm(forms.Form):
    as_of = forms.DateField(
        label="截止日", required=False, widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}),
        help_text="不填则取最后一次活动的次日;统计截止日之前的十二个整月。",
        error_messages={"invalid": "请写成 2026-10-31 这样的日期。"},
    )


class AnswerForm(forms.ModelForm):  # type: ignore[type-arg]
    """An answer to one finding; `keys` are the pieces of evidence it speaks of."""

    keys = forms.MultipleChoiceField(
        label="涉及的依据",
        error_messages={"required": "请至少勾选一条依据。", "invalid_choice": "所选依据不在本条提示之内,请刷新页面后再试。"},
    )

    class Meta:
        model = Answer
        fields = ("kind", "text", "role", "given_on")
        widgets = {
            "kind": forms.Select(attrs={"class": "form-select"}),
            "text": forms.Textarea(attrs={"rows": 3, "class": "form-control", "maxlength": 2000}),
            "role": forms.TextInput(attrs={"class": "form-control", "placeholder": "如:党支部书记"}),
            "given_on": forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
        }
        labels = {"kind": "回应", "text": "内容", "role": "回应人职务", "given_on": "日期"}
        help_texts = {"kind": "“说明”“数据有误”的依据下次诊断不再计入;“已整改”“不认同”只显示在旁边。"}
        error_messages = {
            "text": {"required": "请写明情况。"},
            "role": {"required": "请填写回应人职务。"},
            "given_on": {"required": "请填写日期。", "invalid": "请写成 2026-10-31 这样的日期。"}, "kind": {"required": "请选择回应种类。"},
        }

    def __init__(self, *args: Any, keys: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keys"].choices = [(k, k) for k in keys]  # type: ignore[attr-defined]
        for name in ("text", "role"):
            self.fields[name].validators.append(scrub.refuse_numbers)
        self.fields["given_on"].initial = timezone.localdate


DUTY = "duty:"
OFTEN = {"每月": 1, "每季度": 3, "每半年": 6, "每年": 12}  # months
ALMOST_ONE = 0.999  # thirds and twelfths are not exact


def a_month(times: float) -> str:
    """每月 2 次, 每季度 1 次: by the shortest period that has at least one."""
    word, months = next((w, m) for w, m in OFTEN.items() if times * m > ALMOST_ONE or m == max(OFTEN.values()))
    return f"{word} {round(times * months, 1):g} 次"


class WhatIfForm(forms.Form):
    """Which post, which part of it or which duty would go to whom. `post` is cleaned to its index in the picture, `part` to a share of 1
    or to one of the duties."""

    post = forms.TypedChoiceField(label="哪个岗位", coerce=int)
    part = forms.ChoiceField(label="移交什么", required=False)
    taker = forms.ChoiceField(label="交给谁", required=False)

    def __init__(self, *args: Any, picture: Picture, duties: Sequence[Carried], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.picture = picture
        holders = {p.person_id: picture.names[p.person_id] for p in (picture.posts[i] for i in picture.own)}
        posts = [(picture.keys[i], picture.posts[i]) for i in picture.own]
        self.fields["post"].choices = [(key, f"{post.post}({picture.names[post.person_id]})") for key, post in posts]  # type: ignore[attr-defined]
        self.duties = {f"{DUTY}{each.duty.subject}": each for each in duties}
        named = [(key, f"{each.duty.subject}({a_month(each.duty.a_month)})") for key, each in self.duties.items()]
        shares = [(str(part), f"约 {part:.0%} 的事务") for part in rulebook.today().param("living.what_if_shares")]
        groups = [("1", "整个岗位"), *([("一类应办事项", named)] if named else []), ("岗位的一部分事务", shares)]
        self.fields["part"].choices = groups  # type: ignore[attr-defined]
        self.fields["taker"].choices = [("", "先看看谁可以接"), *holders.items()]  # type: ignore[attr-defined]

    def clean_post(self) -> int:
        index = self.picture.index(self.cleaned_data["post"])
        if index is None:
            raise forms.ValidationError("请从列表中选择岗位。")
        return index

    def clean_part(self) -> "float | Carried":
        given = self.cleaned_data["part"]
        return self.duties[given] if given in self.duties else float(given or 1)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "post" in given and given.get("taker") == self.picture.posts[given["post"]].person_id:
            self.add_error("taker", "这个岗位现在就由这个人担任,请选别人。")
        return given
