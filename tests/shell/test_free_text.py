"""Every field of free text, in every form of every module, refuses an ID number and a telephone number: what it takes lies readable."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django import forms
from django.core.exceptions import ValidationError

import zaidao
from zaidao.accounts.forms import NewPasskey, PasskeyName
from zaidao.diagnosis.forms import AnswerForm

NUMBERS = ("记录:110101199001011237。", "请打13912345678找他")
# Not kept as they are written: secrets, what is searched for, what is kept encrypted, what is chosen or signed.
OTHERWISE = {
    "code", "password", "password1", "password2", "oldpassword", "credential", "id_no", "phone", "number", "q", "who", "place",
    "organisation", "under", "page", "seal", "token",
    "assigned", "work_no", "login", "joint",
}


def every() -> Iterator[tuple[str, forms.Field]]:
    """Each text field of each form, by module, form and name."""
    for found in pkgutil.walk_packages(zaidao.__path__, "zaidao."):
        if "forms" not in found.name.split("."):
            continue
        for form in vars(importlib.import_module(found.name)).values():
            if isinstance(form, type) and issubclass(form, forms.BaseForm) and form.__module__ == found.name:
                yield from ((f"{found.name}.{form.__name__}.{name}", field) for name, field in fields_of(form).items())


def fields_of(form: Any) -> dict[str, forms.Field]:
    """The fields; of forms that add to them when they are made, as made."""
    if form is AnswerForm:
        return dict(form(keys=[]).fields)
    if form in (NewPasskey, PasskeyName):
        with mock.patch.object(form.__bases__[0], "__init__", lambda self, *_, **__: setattr(self, "fields", dict(form.base_fields))):
            return dict(form().fields)
    return dict(form.base_fields)


FREE = [(name, field) for name, field in every() if type(field) is forms.CharField and name.rpartition(".")[2] not in OTHERWISE]



def test_there_are_many() -> None:
    assert len(FREE) > 60


@pytest.mark.parametrize(("name", "field"), FREE, ids=[name for name, _ in FREE])
def test_it_refuses_numbers(name: str, field: forms.Field) -> None:
    for number in NUMBERS:
        with pytest.raises(ValidationError, match="身份号码或手机号"):
            field.run_validators(number)
