"""A form and the act behind it."""

from collections.abc import Callable
from typing import Any

from django import forms

from zaidao.core.errors import Refused


def attempt(form: forms.Form, do: Callable[[dict[str, Any]], Any]) -> bool:
    """Whether the act went through; what stood against it is on the form."""
    try:
        do(form.cleaned_data)
    except Refused as told:
        for reason in told.reasons:
            form.add_error(None, reason)
        return False
    return True
