"""Forms of structural changes: each gives the order that is previewed and then made. Whether it may be is decided there, not here."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from zaidao.core import scrub
from zaidao.core.inputs import day
from zaidao.engine.schema import ORG_FORMS, ORG_KINDS
from zaidao.organisations.decisions.placement import OF_FORM, UNDER
from zaidao.organisations.decisions.structure_facts import Order, Part
from zaidao.organisations.forms.posts import words
from zaidao.organisations.models import Organisation, Person, Post
from zaidao.organisations.queries import choosing

MOST_PARTS = 6
FORM_CHOICES = list(ORG_FORMS.items())


class OrganisationField(forms.CharField):
    """One standing organisation that the person manages, by code or by its name where only one has it. Gives the organisation."""

    def clean(self, value: Any) -> Organisation | None:
        text = str(super().clean(value) or "")
        if not text:
            return None
        found = choosing.by_code_or_name(text)
        if len(found) != 1:
            raise forms.ValidationError("有几个组织叫这个名称,请填组织编号。" if found else "没有找到这个组织,请从提示中选,或填编号。")
        return found[0]


def organisation(label: str, *, required: bool = True, help_text: str = "") -> OrganisationField:
    return OrganisationField(
        label=label, required=required, help_text=help_text or "填组织编号,或完整的组织名称。",
        widget=forms.TextInput(attrs={"list": "organisations", "autocomplete": "off"}),
    )


class ChangeForm(forms.Form):
    """What every change asks: by which document, from which day."""

    kind: ClassVar[str]
    title: ClassVar[str]
    first: ClassVar[tuple[str, ...]] = ()

    effective_on = day("生效日期", help_text="从这一天起生效;之前的日期不受影响。")
    document_no = words("文号", required=True, help_text="批复或通知的文号,如 某党组〔2026〕12号。")
    reason = words("说明", longest=300)

    def __init__(self, about: Organisation, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.about = about
        self.order_fields(self.first)

    @property
    def whole(self) -> bool:
        """Whether everything was asked already; a split asks twice."""
        return True

    def suggestions(self) -> Sequence[Organisation]:
        """What the field of another organisation offers."""
        return ()

    def order(self) -> Order:
        told = self.cleaned_data
        return Order(self.kind, told["effective_on"], told["document_no"], (self.about.pk,), **self.more(told))

    def more(self, told: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError


class RenameForm(ChangeForm):
    kind, title, first = "rename", "更名", ("name",)
    name = words("新名称", required=True, longest=120)

    def more(self, told: dict[str, Any]) -> dict[str, Any]:
        return {"name": told["name"]}


class RekindForm(ChangeForm):
    kind, title, first = "rekind", "改设", ("org_kind", "form", "name")
    org_kind = forms.ChoiceField(label="改设为", choices=list(ORG_KINDS.items()))
    form = forms.ChoiceField(label="形式", choices=FORM_CHOICES)
    name = words("新名称", longest=120, help_text="不填则名称不变。")

    def __init__(self, about: Organisation, data: Any = None, **kwargs: Any) -> None:
        super().__init__(about, data, **{"initial": {"org_kind": about.kind, "form": about.form}} | kwargs)

    def more(self, told: dict[str, Any]) -> dict[str, Any]:
        return {"org_kind": told["org_kind"], "form": told["form"], "name": told["name"]}


class MoveForm(ChangeForm):
    kind, title, first = "move", "调整隶属", ("target",)
    target = organisation("新上级")

    def suggestions(self) -> Sequence[Organisation]:
        return choosing.of_kinds([k for k in UNDER[self.about.kind] if k], but=self.about)

    def more(self, told: dict[str, Any]) -> dict[str, Any]:
        return {"target": told["target"].pk}


class MergeForm(ChangeForm):
    """This organisation and some beside it into one that stands or a new one."""

    kind, title, first = "merge", "合并", ("others", "target", "name", "form")
    others = forms.MultipleChoiceField(label="一同被合并的组织", required=False, widget=forms.CheckboxSelectMultiple)
    target = organisation("并入", required=False, help_text="现有组织的编号或完整名称;合并成新组织的,这里留空,另填新组织名称。")
    name = words("新组织名称", longest=120)
    form = forms.ChoiceField(label="新组织形式", choices=FORM_CHOICES, required=False)

    def __init__(self, about: Organisation, data: Any = None, **kwargs: Any) -> None:
        super().__init__(about, data, **kwargs)
        beside = choosing.beside(about)
        self.fields["others"].choices = [(str(o.pk), o.name) for o in beside]  # type: ignore[attr-defined]
        if not beside:
            del self.fields["others"]

    def suggestions(self) -> Sequence[Organisation]:
        return choosing.of_kinds([self.about.kind], but=self.about)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if "target" in told and bool(told["target"]) == bool(told.get("name")):
            raise forms.ValidationError("请在“并入”和“新组织名称”中填一项。")
        return told

    def order(self) -> Order:
        told = self.cleaned_data
        sources = tuple(sorted({self.about.pk, *map(int, told.get("others", ()))}))
        new = {} if told["target"] else {"name": told["name"], "form": told["form"] or "固定", "parent": choosing.superior(self.about)}
        target = told["target"].pk if told["target"] else None
        return Order(self.kind, told["effective_on"], told["document_no"], sources, target=target, **new)


class DissolveForm(ChangeForm):
    kind, title, first = "dissolve", "撤销", ("target",)
    target = organisation("承接组织", required=False, help_text="人员、下级组织和未办结的转接由它承接;都没有的可以不填。")

    def suggestions(self) -> Sequence[Organisation]:
        return choosing.of_kinds(list(ORG_KINDS), but=self.about)

    def more(self, told: dict[str, Any]) -> dict[str, Any]:
        return {"target": told["target"].pk if told["target"] else None}


class SplitForm(ChangeForm):
    """Asked twice: first the parts, then who and what goes where. Fields of the second time are named `person_7`, `post_7`, `child_7`."""

    kind, title, first = "split", "分设", ("names", "keep")
    names = forms.CharField(label="分设出的组织名称", widget=forms.Textarea(attrs={"rows": 3}), max_length=800, help_text="一行一个名称。",
                            validators=[scrub.refuse_numbers])
    keep = forms.BooleanField(label="原组织保留(没有划出的留在原组织)", required=False, initial=True)

    def __init__(self, about: Organisation, data: Any = None, **kwargs: Any) -> None:
        super().__init__(about, data, **kwargs)
        self.parts = [line.strip() for line in (data or {}).get("names", "").splitlines() if line.strip()][:MOST_PARTS]
        self.goes: dict[str, list[int]] = {"person": [], "post": [], "child": []}
        if self.parts:
            self._ask()

    def _ask(self) -> None:
        rest = [("", "留在原组织" if self.data.get("keep") else "请选择")]
        choices = rest + [(str(n), name) for n, name in enumerate(self.parts)]
        for group, label, rows in self._rows():
            for pk, text in rows:
                self.goes[group].append(pk)
                self.fields[f"{group}_{pk}"] = forms.ChoiceField(label=f"{label}:{text}", choices=choices, required=False)
        self.fields["assigned"] = forms.CharField(widget=forms.HiddenInput, initial="1", required=False)

    def _rows(self) -> list[tuple[str, str, Any]]:
        people = Person.objects.filter(organisation=self.about).order_by("category", "code").values_list("pk", "name")
        posts = Post.objects.filter(organisation=self.about, until=None).values_list("pk", "title")
        return [("person", "人员", people), ("post", "岗位", posts), ("child", "下级组织", choosing.children(self.about))]

    @property
    def whole(self) -> bool:
        return bool(self.data.get("assigned"))

    def clean_names(self) -> str:
        names = [line for line in self.cleaned_data["names"].splitlines() if line.strip()]
        if len(names) > MOST_PARTS:
            raise forms.ValidationError(f"一次最多分设 {MOST_PARTS} 个,请分几次办理。")
        return str(self.cleaned_data["names"])

    def more(self, told: dict[str, Any]) -> dict[str, Any]:
        def gone(group: str, part: int) -> tuple[int, ...]:
            return tuple(pk for pk in self.goes[group] if told.get(f"{group}_{pk}") == str(part))

        parts = tuple(Part(name, gone("person", n), gone("post", n), gone("child", n)) for n, name in enumerate(self.parts))
        return {"parts": parts, "keep": told["keep"]}


FORMS: dict[str, type[ChangeForm]] = {f.kind: f for f in (RenameForm, RekindForm, MoveForm, MergeForm, SplitForm, DissolveForm)}


class EstablishForm(forms.Form):
    """A new organisation under `above` (None: at the top)."""

    name = words("组织名称", required=True, longest=120)
    kind = forms.ChoiceField(label="组织类型")
    form = forms.ChoiceField(label="组织形式", choices=FORM_CHOICES)
    effective_on = day("成立日期")
    document_no = words("文号", required=True, help_text="批准成立的文号。")
    code = words("组织编号", longest=40, help_text="不填由系统编。")
    unit = words("所在单位", longest=120)
    headcount = forms.IntegerField(label="职工人数", min_value=0, max_value=10**6, required=False)
    reason = words("说明", longest=300)
    token = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, above: Organisation | None, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        under = above.kind if above else ""
        self.fields["kind"].choices = [(k, label) for k, label in ORG_KINDS.items() if under in UNDER[k]]  # type: ignore[attr-defined]


class EditForm(forms.Form):
    """What needs no document."""

    unit = words("所在单位", longest=120)
    headcount = forms.IntegerField(label="职工人数", min_value=0, max_value=10**6, required=False, help_text="不知道的留空。")
    form = forms.ChoiceField(label="组织形式")
    position = forms.IntegerField(label="同级次序", min_value=0, max_value=9999, help_text="在同一上级之下,小的在前。")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, about: Organisation, data: Any = None) -> None:
        names = ("unit", "headcount", "form", "position", "version")
        super().__init__(data, initial={name: getattr(about, name) for name in names})
        self.fields["form"].choices = [c for c in FORM_CHOICES if about.kind in OF_FORM[c[0]]]  # type: ignore[attr-defined]


class TreeDayForm(forms.Form):
    day = day("日期", required=False)


