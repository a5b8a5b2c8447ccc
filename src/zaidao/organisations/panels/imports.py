"""An import that waits for its owner to look at it stands on their home page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from zaidao.core import panels
from zaidao.core.plans import actions as plans
from zaidao.organisations import access
from zaidao.organisations.imports import KIND

MOST = 5


@panels.panel("home", "organisations/panels/home_imports.html", order=35, verb=access.IMPORT)
def waiting(request: HttpRequest, _user: Any) -> Mapping[str, Any] | None:
    """One query."""
    found = plans.waiting(request.user, KIND.name, MOST)
    return {"plans": found} if found else None
