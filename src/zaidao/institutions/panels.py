"""What this module adds to every page: its menu entry, the words of its histories, the open duties on an organisation's page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from zaidao.core import history, menu, panels
from zaidao.institutions import access
from zaidao.institutions.models import Exemption
from zaidao.institutions.queries import execution

SHOWN = 6  # duties on an organisation's page; the rest has a page of its own

menu.item("制度", "institutions:register", verb=access.VIEW, order=40, key="institutions")
menu.item("单位取值", "institutions:values", verb=access.VIEW, order=21, section="diagnosis")  # beside the catalogue of rules
history.words("institutions.institution", "制度", edition="版次", since="施行日期", until="止于", clauses="条款", articles="条文",
              document_no="文号")
history.words("institutions.edition", "制度版次")
history.words("institutions.duty", "应办事项", kind="方式", document_no="文号")
history.values("institutions.duty", "kind", {str(kind): str(kind.label) for kind in Exemption.Kind})
history.words("institutions.record", "办理登记")
history.words("institutions.exemption", "免计和顺延")
history.words("institutions.officevalue", "单位取值")


@panels.panel("organisation", "institutions/panels/duties.html", order=25, verb=access.DUTIES)
def duties_panel(request: HttpRequest, organisation: Any) -> Mapping[str, Any] | None:  # noqa: ARG001
    """What is open now, the soonest due first. One query."""
    if organisation.dissolved_on:
        return None
    found = execution.waiting(organisation, timezone.localdate(), SHOWN + 1)
    return {"organisation": organisation, "lines": found[:SHOWN], "more": len(found) > SHOWN}
