"""What is asked for an import and an export."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from zaidao.core import scrub
from zaidao.core.uploads import FilesField, FilesInput
from zaidao.organisations.export import NAMES
from zaidao.organisations.forms.people import RosterFilter
from zaidao.sheets.files import TEXTS, WORKBOOKS

ACCEPTED = tuple(sorted(WORKBOOKS | TEXTS | {".et"}))  # .et is taken in to be refused with the remedy
LIMIT = 60 * 1024 * 1024  # bytes of one import, all files together
FORMATS = {"xlsx": "一个工作簿(.xlsx)", **{f"csv-{table}": f"只要“{title}”表(.csv)" for table, title in NAMES.items()}}


class UploadForm(forms.Form):
    ledgers = FilesField(
        label="台账文件", widget=FilesInput(attrs={"accept": ",".join(ACCEPTED)}),
        help_text="可以一次选多个:一个工作簿,或每张表、每个支部一个。能读 .xlsx、.xls、.ods、.csv;WPS 的 .et 请先另存为 .xlsx。",
        error_messages={"required": "请先选择文件。", "empty": "有一个文件是空的,请检查后再选。"},
    )

    def clean_ledgers(self) -> list[UploadedFile]:
        chosen: list[UploadedFile] = self.cleaned_data["ledgers"]
        if sum(f.size or 0 for f in chosen) > LIMIT:
            raise forms.ValidationError(f"这些文件合计超过 {LIMIT // 1024 ** 2} MB,请分几次导入。")
        if any(not str(f.name).lower().endswith(ACCEPTED) for f in chosen):
            raise forms.ValidationError("有的文件不是表格。请另存为 .xlsx 后再上传。")
        return chosen


class ConfirmForm(forms.Form):
    """What is said when a plan is confirmed; `seal` stands for what the page showed."""

    seal = forms.CharField(widget=forms.HiddenInput, max_length=64)
    document_no = forms.CharField(
        label="依据文号", required=False, max_length=80, help_text="有更名、改设、调整隶属的行时必填,记入这些变动。",
        validators=[scrub.refuse_numbers])
    effective_on = forms.DateField(
        label="变动生效日期", required=False, widget=forms.DateInput, help_text="用于更名、改设、调整隶属;不填为今天。",
        error_messages={"invalid": "请写成 2026-10-31 这样的日期。"})
    own_post = forms.BooleanField(label="包括我自己的离任", required=False)

    def __init__(self, *args: Any, restructures: bool = True, own: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document_no"].required = restructures
        if not restructures:
            del self.fields["document_no"], self.fields["effective_on"]
        if not own:
            del self.fields["own_post"]

    def options(self) -> dict[str, Any]:
        """As a plan keeps it."""
        day = self.cleaned_data.get("effective_on")
        return {
            "document_no": self.cleaned_data.get("document_no", ""), "effective_on": day.isoformat() if day else "",
            "own_post": bool(self.cleaned_data.get("own_post")),
        }


class ExportForm(RosterFilter):
    """The roster's filters, and which tables in which shape."""

    tables = forms.MultipleChoiceField(
        label="导出哪些表", choices=list(NAMES.items()), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一张表。"})
    shape = forms.ChoiceField(label="格式", choices=list(FORMATS.items()), initial="xlsx")
    whole = forms.BooleanField(label="身份号码、电话不遮盖", required=False, help_text="须通过第二重验证并写明理由,导出记入审计。")
    reason = forms.CharField(label="理由", required=False, max_length=200, validators=[scrub.refuse_numbers])
    field_order = ["tables", "shape", "organisation", "category", "state", "q", "whole", "reason"]

    def __init__(self, *args: Any, reveals: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tables"].initial = list(NAMES)
        self.fields["state"].choices = [c for c in self.fields["state"].choices if c[0] != "left"]  # type: ignore[attr-defined]
        if not reveals:
            del self.fields["whole"], self.fields["reason"]
