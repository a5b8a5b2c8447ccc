"""The diagnosis of the living system: a snapshot of its facts, a run on it, and the clocks of what it finds.

Organisations, people, posts, rules, carriers and meetings come from the database; beside them stand the rows of the ledgers that the
office last kept (`actions.keep_as_ledgers`), for ideas and for the time before (`snapshot`). What neither holds is unknown.
"""

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Subquery
from django.utils import timezone

from zaidao.core import access as grants
from zaidao.core import audit, calendar, locks, rulebook, tasks
from zaidao.core.moment import moment
from zaidao.core.parquet import Folder
from zaidao.core.scope import system_scope
from zaidao.core.tasks import Tell
from zaidao.diagnosis import access, actions, snapshot
from zaidao.diagnosis.models import Answer, FindingClock, Run, Upload
from zaidao.institutions.queries import settings

TASK = "diagnosis.living"
TITLE = "全组织诊断"
SHOWN_FROM = 2  # severity from which a finding is somebody's to answer (SIGNALS 2)


@transaction.atomic
def begin(*, actor: Any) -> Run:
    """Start a diagnosis of the living system on demand; one that is under way is returned instead of a second one."""
    if not access.at_root(actor, access.RUN):
        raise grants.Denied("请由最上级组织的书记或党务干部发起全组织诊断。")
    run = _begin()
    audit.record(actor, access.RUN, run)
    return run


@transaction.atomic
def begin_nightly(day: date) -> Run:
    """The night's diagnosis, once a day."""
    return _begin(f"{TASK}:{day:%Y%m%d}")


def _begin(key: str | None = None) -> Run:
    """The run that is under way, or was made for the key; else a new one. Two who ask at once get the same."""
    locks.hold(TASK)
    runs = Run.objects.filter(upload=None)
    there = runs.filter(job__state__in=tasks.Job.ACTIVE).first() or (runs.filter(job__key=key).first() if key else None)
    if there:
        return there
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
    """Take the snapshot, diagnose it, publish, and in the same moment start the clocks of what is new: nobody reads a finding that has
    none. A run that is published stays as it is, however often its job is begun."""
    if run.done:
        return
    facts = Path(str(run.path) + ".facts")
    shutil.rmtree(facts, ignore_errors=True)
    facts.mkdir(parents=True)
    try:
        with system_scope("snapshot for the diagnosis"):
            tell(0.0, "正在取数")
            with moment():
                snapshot.take(facts, run.ledger.facts if run.ledger else None)
                own = settings.in_force(run.asked_as_of or timezone.localdate())
            actions.publish(
                run, facts, lambda share, step: tell(0.1 + 0.9 * share, step), problems=[], counts=[], own=own,
                along=lambda: start_clocks(run, timezone.localdate()),
            )
    finally:
        shutil.rmtree(facts, ignore_errors=True)


Key = tuple[str, str]  # organisation, code of a finding


@transaction.atomic
def start_clocks(run: Run, day: date) -> None:
    """A clock for each finding that is new, and anew for one that was gone; one that stands keeps its own. Where a finding that was
    answered now rests on more than was answered, its organisation is asked again, while its superiors go on seeing it."""
    found = {(r["org_id"], r["finding"]): set(r["evidence"] or ()) for r in Folder(run.path).rows(
        "select org_id, finding, evidence from {findings} where severity >= $from", {"from": SHOWN_FROM},
    )}
    held = {(c.org_id, c.finding): c for c in FindingClock.objects.all()}
    opens = calendar.add_working_days(day, int(rulebook.on(day).param("living.answer_first_days")))
    fresh = {"first_seen_on": day, "opens_on": opens, "answered_on": None, "gone_on": None}
    new = [FindingClock(org_id=o, finding=f, **fresh) for o, f in sorted(set(found) - set(held))]
    FindingClock.objects.bulk_create(new, batch_size=500)
    _set(held, [k for k in held if k in found and held[k].gone_on], fresh)
    _set(held, [k for k in held if k not in found and not held[k].gone_on], {"gone_on": day})
    again = _more_than_answered({k: keys for k, keys in found.items() if k in held and held[k].answered_on and not held[k].gone_on})
    _set(held, [k for k in again if held[k].opens_on > day], {"opens_on": day})
    _set(held, again, {"answered_on": None})


def _set(held: Mapping[Key, FindingClock], keys: Sequence[Key], values: Mapping[str, Any]) -> None:
    numbers = [held[k].pk for k in keys]
    for at in range(0, len(numbers), 500):
        FindingClock.objects.filter(pk__in=numbers[at:at + 500]).update(**values)


def _more_than_answered(found: Mapping[Key, set[str]]) -> list[Key]:
    """Those of the findings that rest on evidence of which no answer speaks."""
    spoken: dict[Key, set[str]] = defaultdict(set)
    for answer in Answer.objects.filter(demo=False, owner=None):
        spoken[answer.org_id, answer.finding].update(_row(key) for key in answer.keys)
    return [k for k, keys in found.items() if {_row(key) for key in keys} - spoken[k]]


def _row(key: str) -> str:
    """The row that a piece of evidence stands on, whatever it is paired with."""
    return key.partition("~")[0]


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
