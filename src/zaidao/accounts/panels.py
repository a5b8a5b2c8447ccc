"""What accounts adds to pages."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from zaidao.core import history, panels

SHOWN = 20


@panels.panel("account", "accounts/panels/acts.html", order=90)
def acts(request: HttpRequest, user: Any) -> Mapping[str, Any] | None:
    """What somebody has done themself, or others in their place: on one's own page only. Two queries."""
    return {"entries": history.by(user, SHOWN)} if user.pk == request.user.pk else None
