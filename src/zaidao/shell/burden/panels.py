"""The latest months of one organisation, on its page and in the menu."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from zaidao.core import burden, menu, panels
from zaidao.shell.access import BURDEN

LATEST = 3

menu.item("填报负担", "shell:burden", verb=BURDEN, section="diagnosis", order=85)


@panels.panel("organisation", "burden/panel.html", order=90, verb=BURDEN, later="填报负担")
def of_organisation(request: HttpRequest, obj: Any) -> dict[str, Any] | None:
    """What was filled in and taken out in the latest months that may be shown. One query."""
    counts = burden.shown([obj.pk], timezone.localdate(), months=LATEST)
    return {"counts": counts} if counts else None
