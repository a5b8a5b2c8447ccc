"""A confirmed plan becomes acts: chunk by chunk, each with its cursor in one transaction, so that a stopped commit goes on after it."""

from collections.abc import Sequence
from itertools import takewhile

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from zaidao.core import audit, bulk, crypto, locks
from zaidao.core.access import holder
from zaidao.core.errors import Refused
from zaidao.core.models import Plan, PlanRow
from zaidao.core.plans import compare, files
from zaidao.core.plans.reading import Tell
from zaidao.core.plans.registry import Applied, Kind, Work, kind
from zaidao.core.scope import scope

CHUNK = 500  # rows of one transaction, at most
FAULTY = "这一行有错误,没有导入。"
Outcome = PlanRow.Outcome


def commit(plan: Plan, tell: Tell) -> None:
    """Commit from the cursor to the end. May be killed anywhere and called again: what a chunk did and where it ended are one fact."""
    made = kind(plan.kind)
    work = Work(plan.owner, timezone.localdate())
    while _chunk(plan, made, work):
        plan.refresh_from_db(fields=["cursor"])
        tell(plan.cursor / max(plan.total, 1), f"已处理 {plan.cursor}/{plan.total} 行")


@transaction.atomic
def _chunk(plan: Plan, made: Kind, work: Work) -> bool:
    """One chunk of one table; False once there is nothing left, and the plan is closed."""
    held = Plan.objects.select_for_update().get(pk=plan.pk)
    if held.state != Plan.State.COMMITTING:
        return False
    locks.hold(made.lock)
    with crypto.one_ring():
        return _part(held, made, work)


def _part(held: Plan, made: Kind, work: Work) -> bool:
    """The chunk of a plan that is held, with one ring of keys."""
    rows = list(held.rows.filter(n__gt=held.cursor).order_by("n")[:CHUNK])
    if not rows:
        _close(held, made)
        return False
    rows = list(takewhile(lambda r: r.table == rows[0].table, rows))
    work.actor, work.options = get_user_model()._default_manager.get(pk=held.owner_id), held.options  # rights as of now, not as of the plan
    with scope(holder(work.actor)):
        _apply(rows, made, work)
    held.cursor = rows[-1].n
    held.save(update_fields=["cursor"])
    return True


def _apply(rows: Sequence[PlanRow], made: Kind, work: Work) -> None:
    """Acts for the rows that change something; the others are only marked."""
    importer = made.importer(rows[0].table)
    acting = [r for r in rows if compare.effective(r)]
    if importer is None:
        raise Refused("这张表现在不能导入。")
    done = dict(zip((r.pk for r in acting), importer.apply(acting, work) if acting else (), strict=True))
    for row in rows:
        if row.pk not in done:
            faulty = row.state == PlanRow.State.ERROR
            done[row.pk] = Applied(Outcome.REFUSED if faulty else Outcome.SKIPPED, FAULTY if faulty and not row.reason else row.reason)
    store(rows, done)


def store(rows: Sequence[PlanRow], done: dict[int, Applied]) -> None:
    """Write what became of the rows: those of one outcome at once, the others by one upsert."""
    simple: dict[str, list[int]] = {}
    rest = []
    for row in rows:
        applied = done[row.pk]
        if applied.undo or applied.reason != row.reason or (applied.object_id or row.object_id) != row.object_id:
            row.outcome, row.reason, row.undo = applied.outcome, applied.reason, applied.undo or row.undo
            row.object_id = applied.object_id or row.object_id
            rest.append(row)
        else:
            simple.setdefault(applied.outcome, []).append(row.pk)
    for outcome, numbers in simple.items():
        PlanRow.objects.filter(pk__in=numbers).update(outcome=outcome)
    bulk.change(rest, ["outcome", "reason", "undo", "object_id"])


def _close(plan: Plan, made: Kind) -> None:
    """The plan is done: totals of outcomes, one audit row for the whole, the files handed on."""
    outcomes = counted(plan)
    plan.state, plan.committed_at, plan.counts = Plan.State.DONE, timezone.now(), plan.counts | {"outcomes": outcomes}
    plan.save(update_fields=["state", "committed_at", "counts"])
    audit.record(plan.owner, made.verb, plan, changes={"outcomes": [None, outcomes]}, reason=plan.title)
    if made.hand_over and any(note.get("kept") for note in plan.notes or ()):
        made.hand_over(plan, files.sources(plan))


def counted(plan: Plan) -> dict[str, int]:
    """Rows by outcome."""
    from django.db.models import Count

    return {r["outcome"]: r["n"] for r in plan.rows.order_by().values("outcome").annotate(n=Count("pk")) if r["outcome"]}
