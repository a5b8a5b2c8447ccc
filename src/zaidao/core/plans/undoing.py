"""A whole import taken back: the last row first, each as it was before; what was changed since stays, with the reason."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.utils import timezone

from zaidao.core import audit, crypto, locks
from zaidao.core.access import holder
from zaidao.core.errors import Refused
from zaidao.core.models import Plan, PlanRow
from zaidao.core.plans.committing import CHUNK, counted, store
from zaidao.core.plans.reading import Tell
from zaidao.core.plans.registry import Kind, Work, kind
from zaidao.core.scope import scope

Made = Mapping[str, Sequence[int]]  # model label -> the primary keys that a row made
ORDER = "made"


def undo(plan: Plan, tell: Tell) -> None:
    """Take the import back from the cursor down to the first row. May be killed anywhere and called again."""
    made = kind(plan.kind)
    work = Work(plan.owner, timezone.localdate())
    while _chunk(plan, made, work):
        plan.refresh_from_db(fields=["cursor"])
        tell(1 - plan.cursor / max(plan.total, 1), f"还有 {plan.cursor} 行")


@transaction.atomic
def _chunk(plan: Plan, made: Kind, work: Work) -> bool:
    held = Plan.objects.select_for_update().get(pk=plan.pk)
    if held.state != Plan.State.UNDOING:
        return False
    locks.hold(made.lock)
    with crypto.one_ring():
        return _part(held, made, work)


def _part(held: Plan, made: Kind, work: Work) -> bool:
    """The chunk of a plan that is held, with one ring of keys."""
    rows = list(held.rows.filter(n__lte=held.cursor, outcome=PlanRow.Outcome.APPLIED).order_by("-n")[:CHUNK])
    if not rows:
        _close(held, made)
        return False
    rows = list(takewhile(lambda r: r.table == rows[0].table, rows))
    work.actor, work.options = get_user_model()._default_manager.get(pk=held.owner_id), held.options
    importer = made.importer(rows[0].table)
    if importer is None:
        raise Refused("这张表现在不能撤销。")
    with scope(holder(work.actor)):
        store(rows, dict(zip((r.pk for r in rows), importer.undo(rows, work), strict=True)))
    held.cursor = rows[-1].n - 1
    held.save(update_fields=["cursor"])
    return True


def _close(plan: Plan, made: Kind) -> None:
    outcomes = counted(plan)
    plan.state, plan.undone_at, plan.counts = Plan.State.UNDONE, timezone.now(), plan.counts | {"outcomes": outcomes}
    plan.save(update_fields=["state", "undone_at", "counts"])
    audit.record(plan.owner, made.verb, plan, changes={"undone": [None, outcomes]}, reason=f"撤销导入:{plan.title}")


def used_elsewhere(objects: Sequence[models.Model], made: Made, *, but: Sequence[str] = ()) -> set[int]:
    """Which of these objects something refers to that was not made together with them, rows of `but` left aside. One query a relation."""
    if not objects:
        return set()
    numbers = [o.pk for o in objects]
    found: set[int] = set()
    for relation in objects[0]._meta.related_objects:
        model: Any = relation.related_model
        if relation.many_to_many or model._meta.label_lower in but:
            continue
        own = set(made.get(model._meta.label_lower, ()))
        name = relation.field.attname
        rows = model._base_manager.filter(**{f"{name}__in": numbers}).values_list("pk", name)
        found.update(target for pk, target in rows if pk not in own)
    return found


def remove(made: Made, order: Sequence[str]) -> None:
    """Delete what a row made, in the given order of models (what refers to others first)."""
    for label in order:
        if made.get(label):
            apps.get_model(label)._base_manager.filter(pk__in=list(made[label])).delete()
