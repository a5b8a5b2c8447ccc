"""What the burden meter says beside what was filled in: what superiors convened, and what they had begun."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F
from django.utils import timezone

from zaidao.carriers.models import Activity, Carrier, Participation
from zaidao.core import burden


@burden.asked("其他组织召集的会议和活动")
def convened(nodes: Collection[int], start: date, end: date) -> Mapping[int, int]:
    """By organisation that took part. One query. The caller has asked whether the organisations may be seen."""
    rows = Participation.everything.filter(
        organisation__in=nodes, activity__planned_at__gte=_moment(start), activity__planned_at__lt=_moment(end),
    ).exclude(activity__organisation=F("organisation")).exclude(activity__state=Activity.State.CANCELLED)
    return dict(rows.order_by().values_list("organisation").annotate(Count("pk")))


@burden.asked("上级部署开始的载体")
def begun(nodes: Collection[int], start: date, end: date) -> Mapping[int, int]:
    """By organisation, carriers that began by a directive. One query."""
    rows: Any = Carrier.everything.filter(organisation__in=nodes, started_on__gte=start, started_on__lt=end, origin="mandated")
    return dict(rows.order_by().values_list("organisation").annotate(Count("pk")))


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))
