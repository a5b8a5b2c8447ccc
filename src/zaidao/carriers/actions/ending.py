"""An organisation that has ended holds no more meetings: what was planned is called off, what it kept up ends. The system does it."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from zaidao.carriers import access
from zaidao.carriers.actions import carriers, planning
from zaidao.carriers.models import Activity, Carrier
from zaidao.core import audit, outbox, written


def coming(organisations: Collection[int], day: date) -> Any:
    """What these convene on the day or later, or on a day that nobody knows."""
    later = Q(planned_at=None) | Q(planned_at__date__gte=day)
    return Activity.everything.filter(later, organisation__in=organisations, state=Activity.State.PLANNED)


def unfiled(organisations: Collection[int], day: date) -> Any:
    """What these planned for earlier days and have not filed yet."""
    return Activity.everything.filter(organisation__in=organisations, state=Activity.State.PLANNED, planned_at__date__lt=day)


def running(organisations: Collection[int]) -> Any:
    return Carrier.everything.filter(organisation__in=organisations, ended_on=None)


@transaction.atomic
def end(organisation: int, day: date) -> None:
    """Called again it finds nothing left to do. Call it under `system_scope`."""
    why = f"组织已于{written.day(day)}撤销"
    for row in coming([organisation], day).select_for_update(of=("self",)).select_related("organisation", "host").order_by("pk"):
        _call_off(row, why)
    for row in running([organisation]).select_for_update(of=("self",)).select_related("organisation").order_by("pk"):
        _end(row, day, why)


def _call_off(row: Activity, why: str) -> None:
    before = planning.facts(row)
    row.state, row.remark, row.version = Activity.State.CANCELLED, planning.joined(row.remark, why), row.version + 1
    row.save(update_fields=["state", "remark", "version"])
    audit.record(None, access.PLAN, row, path=row.organisation.path, changes=audit.changed(before, planning.facts(row)), reason=why)
    outbox.announce("carriers.cancelled", row.pk)


def _end(row: Carrier, day: date, why: str) -> None:
    before = carriers.facts(row)
    row.ended_on, row.end_reason, row.version = max(day, row.started_on), why, row.version + 1
    row.save(update_fields=["ended_on", "end_reason", "version"])
    audit.record(None, access.CARRY, row, path=row.organisation.path, changes=audit.changed(before, carriers.facts(row)), reason=why)
    outbox.announce("carriers.ended", row.pk)
