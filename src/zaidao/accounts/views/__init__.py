"""Pages of accounts."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.forms import Form
from django.http import HttpRequest

from zaidao.accounts.models import User
from zaidao.core.errors import Refused

T = TypeVar("T")


def who(request: HttpRequest) -> User:
    """Who asks: every page here is closed to strangers."""
    return cast("User", request.user)


def tried(request: HttpRequest, form: Form, act: Callable[[dict[str, Any]], T]) -> T | None:
    """What the act gave for a posted, valid form; None otherwise, and where it was refused, with the reasons on the form."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except Refused as refusal:
        for reason in refusal.reasons:
            form.add_error(None, reason if reason.endswith("。") else f"{reason}。")
        return None
