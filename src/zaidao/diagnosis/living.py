"""The diagnosis of the living system: a snapshot of its facts, a run on it, and the clocks of what it finds.

Organisations, people, posts, rules, carriers and meetings come from the database; beside them stand the rows of the ledgers that the
office last kept (`actions.keep_as_ledgers`), for ideas and for the time before (`snapshot`). What neither holds is unknown.
"""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone

from zaidao.core import access as grants
from zaidao.core import audit, rulebook, tasks
from zaidao.core.parquet import Folder
from zaidao.core.scope import system_scope
from zaidao.core.tasks import Tell
from zaidao.diagnosis import access, actions, snapshot
from zaidao.diagnosis.models import FindingClock, Run, Upload
from zaidao.institutions.queries import settings

TASK = "diagnosis.living"
TITLE = "全组织诊断"
SHOWN_FROM = 2  # severity from which a finding is somebody's to answer (SIGNALS 2)


@transaction.atomic
def begin(*, actor: Any) -> Run:
    """Start a diagnosis of the living system on demand; one that is under way is returned instead of a second one."""
    if not access.at_root(actor, access.RUN):
        raise grants.Denied("请由最上级组织的书记或党务干部发起全组织诊断。")
    run = _begin(f"{TASK}:{timezone.now():%Y%m%d%H%M}")
    audit.record(actor, access.RUN, run)
    return run


@transaction.atomic
def begin_nightly(day: date) -> Run:
    """The night's diagnosis, once a day."""
    return _begin(f"{TASK}:{day:%Y%m%d}")


def _begin(key: str) -> Run:
    under_way = Run.objects.filter(upload=None, job__state__in=tasks.Job.ACTIVE).first()
    if under_way:
        return under_way
    run = Run.objects.create(title=TITLE, asked_as_of=timezone.localdate(), ledger=latest_ledger())
    run.job = tasks.enqueue(TASK, run.pk, key=key)
    run.save(update_fields=["job"])
    run.refresh_from_db()
    return run


def latest_ledger() -> Upload | None:
    """The upload whose ledgers stand beside the living system."""
    return Upload.objects.exclude(kept_at=None).order_by("-kept_at").first()


def latest() -> Run | None:
    """The latest published run on the living system."""
    return Run.objects.filter(upload=None).exclude(manifest={}).first()


def latest_number() -> Subquery:
    """The number of the latest published run on the living system, as part of another query."""
    return Subquery(Run.objects.filter(upload=None).exclude(manifest={}).values("pk")[:1])


def diagnose(run: Run, tell: Tell) -> None:
    """Take the snapshot, diagnose it, publish, and start the clocks of what is new."""
    facts = Path(str(run.path) + ".facts")
    shutil.rmtree(facts, ignore_errors=True)
    facts.mkdir(parents=True)
    try:
        with system_scope("snapshot for the diagnosis"):
            tell(0.0, "正在取数")
            snapshot.take(facts, run.ledger.facts if run.ledger else None)
            own = settings.in_force(run.asked_as_of or timezone.localdate())
            actions.publish(run, facts, lambda share, step: tell(0.1 + 0.9 * share, step), problems=[], counts=[], own=own)
    finally:
        shutil.rmtree(facts, ignore_errors=True)
    start_clocks(run, timezone.localdate())


@transaction.atomic
def start_clocks(run: Run, day: date) -> None:
    """A clock for each finding that is new, none for what stands already; one that is gone begins anew when it comes back."""
    found = {(r["org_id"], r["finding"]) for r in Folder(run.path).rows(
        "select org_id, finding from {findings} where severity >= $from", {"from": SHOWN_FROM},
    )}
    from zaidao.core import calendar

    opens = calendar.add_working_days(day, int(rulebook.on(day).param("living.answer_first_days")))
    held = {(c.org_id, c.finding): c for c in FindingClock.objects.all()}
    fresh = {"first_seen_on": day, "opens_on": opens, "answered_on": None, "gone_on": None}
    FindingClock.objects.bulk_create([FindingClock(org_id=o, finding=f, **fresh) for o, f in sorted(found - set(held))], batch_size=500)
    for key, clock in held.items():
        if key in found and clock.gone_on:
            FindingClock.objects.filter(pk=clock.pk).update(**fresh)
        elif key not in found and not clock.gone_on:
            FindingClock.objects.filter(pk=clock.pk).update(gone_on=day)


def prune(day: date) -> int:
    """Remove runs of the living system that are older than the days kept, but the first of each month; returns how many."""
    keep = int(rulebook.on(day).param("living.runs_kept_days"))
    old = [r for r in Run.objects.filter(upload=None).order_by("created_at") if (day - timezone.localdate(r.created_at)).days > keep]
    months: set[tuple[int, int]] = set()
    gone = 0
    for run in old:
        made = timezone.localdate(run.created_at)
        if run.done and (made.year, made.month) not in months:
            months.add((made.year, made.month))
            continue
        shutil.rmtree(run.path, ignore_errors=True)
        run.delete()
        gone += 1
    return gone
