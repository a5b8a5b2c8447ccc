"""What the burden meter says beside what was filled in: how many duties fell due in the month."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Count

from zaidao.core import burden
from zaidao.institutions.models import Duty


@burden.asked("到期的应办事项")
def duties(nodes: Collection[int], start: date, end: date) -> Mapping[int, int]:
    """By organisation, those that had to be kept. One query. The caller has asked whether the organisations may be seen."""
    rows = Duty.everything.filter(organisation__in=nodes, due_on__gte=start, due_on__lt=end).exclude(state=Duty.State.EXEMPT)
    return dict(rows.order_by().values_list("organisation").annotate(Count("pk")))
