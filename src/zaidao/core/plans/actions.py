"""Verbs of imports: begin, confirm, go on, undo, discard; and what is thrown away once it is no longer needed.

A plan belongs to whoever uploaded the file: nobody else sees it, its rows or its files.
"""

import shutil
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from zaidao.core import audit, tasks
from zaidao.core.access import VERBS, Denied, Grant, holder
from zaidao.core.errors import Refused
from zaidao.core.models import Job, Plan, PlanRow
from zaidao.core.plans import files
from zaidao.core.plans.committing import commit
from zaidao.core.plans.files import Incoming
from zaidao.core.plans.planning import make
from zaidao.core.plans.registry import kind
from zaidao.core.plans.undoing import undo

UNDO_DAYS = 7  # how long an import can be taken back, and what that needs is kept
TOO_LATE = f"导入已超过 {UNDO_DAYS} 天,不能整批撤销。请在各自页面上逐项更正。"
CHANGED = "这份导入计划已经变了,请刷新页面,核对后再确认。"
BUSY = "这份导入正在处理,请稍候。"
State = Plan.State
RUNNING = (State.READING, State.COMMITTING, State.UNDOING)


def of(user: Any, name: str, pk: Any) -> Plan:
    """The user's own plan of a kind. Raises Http404 for anything else, whether it exists or not."""
    plan = Plan.objects.select_related("job", "owner").filter(pk=pk, kind=name, owner=user).first()
    if plan is None:
        raise Http404("没有找到")
    return plan


def own(user: Any, name: str, most: int = 50) -> list[Plan]:
    """The user's latest plans of a kind."""
    return list(Plan.objects.select_related("job").filter(kind=name, owner=user)[:most])


def waiting(user: Any, name: str, most: int) -> list[Plan]:
    """The person's own plans that wait to be confirmed, the newest first. One query."""
    return list(Plan.objects.filter(kind=name, owner=user.pk, state=Plan.State.READY)[:most])


def _require(actor: Any, name: str) -> Grant | None:
    """A grant that allows importing somewhere; one's own before one that is held for somebody else."""
    roles = VERBS[kind(name).verb].roles
    grants = sorted((g for g in holder(actor).grants if g.role in roles), key=lambda g: g.on_behalf_of is not None)
    if not grants:
        raise Denied(f"您现在的岗位不能“{VERBS[kind(name).verb].label}”。")
    return grants[0]


@transaction.atomic
def begin(*, actor: Any, name: str, uploads: Sequence[Incoming]) -> Plan:
    """Keep the files, encrypted, and ask for the plan."""
    grant = _require(actor, name)
    plan = Plan.objects.create(kind=name, title="", owner=actor)
    files.store(plan, uploads)
    names = plan.options["files"]
    plan.title = (names[0] if len(names) == 1 else f"{names[0]} 等{len(names)}个文件")[:120]
    audit.record(actor, kind(name).verb, plan, changes={"state": [None, plan.state]}, reason=plan.title, grant=grant)
    _ask(plan, "plans.make")
    return plan


def _ask(plan: Plan, task: str) -> None:
    """Ask the worker; a plan is worked on once at a time."""
    plan.save()
    job = tasks.enqueue(task, plan.pk)
    Plan.objects.filter(pk=plan.pk).update(job=job)
    plan.refresh_from_db()


def _locked(actor: Any, plan: Plan, *states: str) -> Plan:
    """The plan, locked, still the actor's and in one of the states. Raises Refused."""
    held = Plan.objects.select_for_update().filter(pk=plan.pk, owner=actor).first()
    if held is None:
        raise Http404("没有找到")
    if held.state not in states:
        raise Refused(BUSY if held.state in RUNNING else CHANGED)
    return held


@transaction.atomic
def confirm(*, actor: Any, plan: Plan, seal: str, options: Mapping[str, Any]) -> Plan:
    """Commit what was seen. `seal` is the plan's as the page showed it; `options` is what was said beside it (nothing sensitive)."""
    grant = _require(actor, plan.kind)
    held = _locked(actor, plan, State.READY)
    if not seal or not constant_time_compare(seal, held.seal):
        raise Refused(CHANGED)
    held.options = held.options | dict(options)
    held.state, held.cursor = State.COMMITTING, 0
    seen = {"state": [State.READY, held.state], "rows": [None, held.counts]}
    audit.record(actor, kind(held.kind).verb, held, changes=seen, reason=held.title, grant=grant)
    _ask(held, "plans.commit")
    return held


@transaction.atomic
def go_on(*, actor: Any, plan: Plan) -> Plan:
    """Take up work that was cut short, from its cursor."""
    _require(actor, plan.kind)
    held = _locked(actor, plan, *RUNNING)
    if held.job and tasks.settled(held.job).active:
        raise Refused(BUSY)
    _ask(held, {State.READING: "plans.make", State.COMMITTING: "plans.commit", State.UNDOING: "plans.undo"}[State(held.state)])
    return held


@transaction.atomic
def take_back(*, actor: Any, plan: Plan) -> Plan:
    """Undo the whole import. Raises Refused once what that needs is no longer kept."""
    grant = _require(actor, plan.kind)
    held = _locked(actor, plan, State.DONE)
    if not undoable(held):
        raise Refused(TOO_LATE)
    held.state, held.cursor = State.UNDOING, held.total
    told = {"state": [State.DONE, held.state]}
    audit.record(actor, kind(held.kind).verb, held, changes=told, reason=f"撤销导入:{held.title}", grant=grant)
    _ask(held, "plans.undo")
    return held


def undoable(plan: Plan) -> bool:
    """Whether the import can still be taken back as a whole."""
    since = plan.committed_at
    return plan.state == State.DONE and plan.cleared_at is None and since is not None and timezone.now() - since < timedelta(days=UNDO_DAYS)


@transaction.atomic
def discard(*, actor: Any, plan: Plan) -> None:
    """Throw away a plan that was not committed, with its files."""
    held = _locked(actor, plan, State.READING, State.READY, State.REFUSED)
    if held.job and tasks.settled(held.job).active:
        tasks.cancel(held.job)
    audit.record(actor, kind(held.kind).verb, held, changes={"state": [held.state, None]}, reason=f"取消导入:{held.title}")
    transaction.on_commit(lambda: files.remove(held))
    held.delete()


def sweep() -> int:
    """Throw away what is no longer needed: files, what rows held and what undoes them, after the days in which that could be asked for."""
    before = timezone.now() - timedelta(days=UNDO_DAYS)
    gone = 0
    for plan in Plan.objects.filter(created_at__lt=before, cleared_at=None).exclude(state__in=RUNNING):
        if (plan.committed_at or plan.created_at) < before:
            _clear(plan)
            gone += 1
    for left in files.orphans((timezone.now() - timedelta(days=1)).timestamp()):
        shutil.rmtree(left, ignore_errors=True)
    return gone


@transaction.atomic
def _clear(plan: Plan) -> None:
    PlanRow.objects.filter(plan=plan).update(fields={}, undo={})
    Plan.objects.filter(pk=plan.pk).update(cleared_at=timezone.now(), notes=None)
    transaction.on_commit(lambda: files.remove(plan))


def work(task: str, pk: int, tell: tasks.Tell) -> None:
    """One of the three tasks on a plan."""
    plan = Plan.objects.select_related("owner").get(pk=pk)
    {"make": make, "commit": commit, "undo": undo}[task](plan, tell)


def active(plan: Plan) -> bool:
    """Whether a worker has it, or will; a job that died is found out here."""
    return plan.job is not None and tasks.settled(plan.job).state in Job.ACTIVE
