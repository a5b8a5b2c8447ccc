"""Killed at any write, an import leaves nothing half-written and nothing acknowledged lost; gone on with, it ends as if never killed."""

import hashlib
import json
import os
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import override_settings

from tests import crash, world
from tests.organisations.books import Rows, go_on, plan_of
from tests.organisations.roster import id_no
from tests.organisations.test_import import man, org, post
from zaidao.accounts.models import User
from zaidao.core import locks
from zaidao.core.models import Entry, Job, Message
from zaidao.core.plans import Plan, PlanRow, actions, committing, undoing
from zaidao.organisations import models as m

POINTS = 50
TABLES = (m.Organisation, m.Link, m.Naming, m.Term, m.Person, m.Membership, m.Step, m.Transfer, m.Post, m.Appointment, m.HandOver)
FLEETING = {"id", "created_at", "made_at", "given_at", "received_at", "id_no_index", "phone_index", "path"}


def book() -> dict[str, Rows]:
    """Two new organisations, nine people, changes of two known ones, four appointments."""
    return {
        "organisation": [org("N-1", "O-company", kind="党支部", headcount=20, term_started_on="2025-01-01"), org("N-2", "O-company"),
                         {"org_id": "O-sibling", "headcount": 44}],
        "person": [man(f"N{i}", f"N-{i % 2 + 1}", id_no=id_no(serial=f"{i:03d}"), phone=f"1380000000{i}", full_since="2020-01-01")
                   for i in range(9)] + [man("P-branch", "O-sibling", moved_in_on="2026-01-01", occupation="改")],
        "appointment": [post("N0", "N-1", "书记", domain="党务", since="2025-01-01", basis="批"), post("N1", "N-2", "委员"),
                        post("N2", "N-1", "委员"), post("N4", "N-1", "委员")],
    }


def facts() -> dict[str, Any]:
    """Everything the import touches, told by codes and names instead of numbers and moments; what it says and puts on record, counted."""
    codes = {p.pk: p.code for p in m.Person.everything.all()} | {("o", o.pk): o.code for o in m.Organisation.everything.all()}
    posts = {p.pk: f"{codes['o', p.organisation_id]} {p.title}" for p in m.Post.everything.all()}
    said = {"person_id": codes, "post_id": posts, "organisation_id": {k[1]: v for k, v in codes.items() if isinstance(k, tuple)}}
    said |= {"child_id": said["organisation_id"], "parent_id": said["organisation_id"], "sender_id": said["organisation_id"],
             "receiver_id": said["organisation_id"]}
    found: dict[str, Any] = {
        t.__name__: sorted(json.dumps({
            f.attname: said[f.attname].get(f.value_from_object(o)) if f.attname in said else f.value_from_object(o)
            for f in t._meta.concrete_fields if f.attname not in FLEETING
        }, default=str, sort_keys=True) for o in t.everything.all()) for t in TABLES
    }
    found["news"] = sorted(Message.objects.values_list("topic", flat=True))
    found["acts"] = sorted(Entry.objects.exclude(object_type="core.plan").values_list("verb", "object_type"))
    return found


@pytest.fixture
def confirmed(db: None, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A confirmed plan that no worker has touched, in chunks of four rows."""
    monkeypatch.setattr(committing, "CHUNK", 4)
    monkeypatch.setattr(undoing, "CHUNK", 4)
    plan = plan_of(world.build().users["head"], **book())
    assert set(plan.rows.values_list("state", flat=True)) <= {"new", "changed", "warning"}
    with override_settings(TASKS="process"):
        actions.confirm(actor=plan.owner, plan=plan, seal=plan.seal, options={})
    return plan


def agrees(plan: Plan) -> None:
    """The cursor, the rows and the world say the same at any moment."""
    cursor = Plan.objects.get(pk=plan.pk).cursor
    assert set(PlanRow.objects.filter(plan=plan, n__gt=cursor).values_list("outcome", flat=True)) <= {""}
    done = PlanRow.objects.filter(plan=plan, n__lte=cursor)
    assert set(done.values_list("outcome", flat=True)) <= {"applied"}
    codes = {r.key for r in done if r.table == "person" and r.key.startswith("N")}
    assert set(m.Person.everything.filter(code__in=[f"N{i}" for i in range(9)]).values_list("code", flat=True)) == codes
    assert m.Membership.everything.filter(person__code__in=codes).count() == len(codes)


def uninterrupted(plan: Plan) -> tuple[int, dict[str, Any]]:
    """How many writes the whole takes, and what it ends in; then back to before."""
    with transaction.atomic():
        with crash.killed_after(10**9) as seen:
            go_on(plan)
        end = facts()
        transaction.set_rollback(True)
    return len(seen), end


def killed(plan: Plan, after: int) -> bool:
    """Whether going on was killed after so many writes, or came to its end before."""
    try:
        with crash.killed_after(after):
            go_on(plan)
    except crash.Killed:
        return True
    return False


def test_killed_at_fifty_points(confirmed: Plan) -> None:
    """Again and again: killed, gone on with, killed later on, to the end; and from the beginning until there were fifty."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    writes, end = uninterrupted(confirmed)
    assert writes > POINTS
    chance, kills = random.Random(seed), 0
    while kills < POINTS:
        with transaction.atomic():
            while killed(confirmed, chance.randrange(writes // 2)):
                kills += 1
                agrees(confirmed)
            assert facts() == end, f"seed {seed}, {kills} kills"
            assert Plan.objects.get(pk=confirmed.pk).state == Plan.State.DONE
            transaction.set_rollback(True)


def test_killed_while_it_is_taken_back(confirmed: Plan) -> None:
    before = facts()
    go_on(confirmed)
    with override_settings(TASKS="process"):
        actions.take_back(actor=confirmed.owner, plan=confirmed)
    for point in (0, 3, 9, 20, 33):
        with transaction.atomic():
            with pytest.raises(crash.Killed), crash.killed_after(point):
                undoing.undo(Plan.objects.get(pk=confirmed.pk), lambda _s, _t: None)
            undoing.undo(Plan.objects.get(pk=confirmed.pk), lambda _s, _t: None)
            ended = facts()
            for name in (t.__name__ for t in TABLES):
                assert timeless(ended[name]) == timeless(before[name]), name
            transaction.set_rollback(True)


def timeless(lines: list[str]) -> list[dict[str, Any]]:
    """Without versions, which only ever rise."""
    return sorted(({k: v for k, v in json.loads(line).items() if k != "version"} for line in lines), key=repr)


def test_a_stopped_import_is_gone_on_with_by_its_owner(confirmed: Plan) -> None:
    with pytest.raises(crash.Killed), crash.killed_after(40):
        go_on(confirmed)
    held = Plan.objects.get(pk=confirmed.pk)
    assert 0 < held.cursor < held.total
    Job.objects.filter(pk=held.job_id).update(state="failed")
    actions.go_on(actor=confirmed.owner, plan=held)
    held.refresh_from_db()
    assert held.state == Plan.State.DONE
    assert held.counts["outcomes"] == {"applied": held.total}


DYING = """
import os, sys, django
django.setup()
from django.core.management import call_command
from django.db import connection
from zaidao.core import crypto
from tests import crash
from tests.organisations import test_import_killed as t
step, point = sys.argv[1], int(sys.argv[2])
if step == "prepare":
    crypto.create()
    call_command("migrate", verbosity=0)
    t.committing.CHUNK = 4
    plan = t.plan_of(t.world.build().users["head"], **t.book())
    with t.override_settings(TASKS="process"):
        t.actions.confirm(actor=plan.owner, plan=plan, seal=plan.seal, options={})
else:
    t.committing.CHUNK = 4
    plan = t.Plan.objects.get()
    if step == "die":
        seen = []
        def count(execute, sql, params, many, context):
            if crash.WRITE.match(sql):
                seen.append(1)
                if len(seen) > point:
                    os._exit(9)
            return execute(sql, params, many, context)
        with connection.execute_wrapper(count):
            t.go_on(plan)
    else:
        t.agrees(plan)
        t.go_on(plan)
        print(t.digest())
"""


def digest() -> str:
    return hashlib.sha256(json.dumps(facts(), default=str, sort_keys=True).encode()).hexdigest()


def run(place: Path, step: str, point: int = 0) -> subprocess.CompletedProcess[str]:
    """One process on a database of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ZAIDAO_")}
    environment = kept | {
        "ZAIDAO_VAR": str(place), "ZAIDAO_SECRET_KEY": "tests" * 8, "ZAIDAO_TASKS": "inline", "ZAIDAO_KEYS": str(place / "keys"),
        "DJANGO_SETTINGS_MODULE": "zaidao.config.settings",
    }
    command = [sys.executable, "-c", DYING, step, str(point)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=Path(__file__).parents[2], check=False)


@pytest.mark.slow
def test_a_process_that_dies_in_the_middle(tmp_path: Path) -> None:
    """Without any handler running: the process is gone, the file is what it was."""
    ends = set()
    for point in (None, 5, 37, 61):
        place = tmp_path / str(point)
        place.mkdir()
        assert run(place, "prepare").returncode == 0
        if point is not None:
            assert run(place, "die", point).returncode == 9
        done = run(place, "finish")
        assert done.returncode == 0, done.stderr
        ends.add(done.stdout.strip().splitlines()[-1])
    assert len(ends) == 1


# --- two at once --------------------------------------------------------------------------------------------------------------------

def both(plan: Plan) -> None:
    """Two workers commit one plan at the same time."""
    errors: list[BaseException] = []

    def work() -> None:
        try:
            go_on(plan)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_plan_do_each_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "CHUNK", 4)
    plan = plan_of(world.build().users["head"], **book())
    with override_settings(TASKS="process"):
        actions.confirm(actor=User.objects.get(pk=plan.owner_id), plan=plan, seal=plan.seal, options={})
    both(plan)
    plan.refresh_from_db()
    assert (plan.state, plan.counts["outcomes"]) == (Plan.State.DONE, {"applied": plan.total})
    assert m.Membership.everything.filter(person__code__startswith="N").count() == 9


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_code_leave_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    plans = [plan_of(made.users[who], person=[man("N1", "O-branch"), man(f"N-{who}", "O-branch")]) for who in ("head", "superior")]
    with override_settings(TASKS="process"):
        for plan in plans:
            actions.confirm(actor=User.objects.get(pk=plan.owner_id), plan=plan, seal=plan.seal, options={})
    threads = [threading.Thread(target=lambda p=plan: (go_on(p), connections.close_all())) for plan in plans]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcomes = sorted((r.key, r.outcome) for p in plans for r in p.rows.all())
    assert outcomes == [("N-head", "applied"), ("N-superior", "applied"), ("N1", "applied"), ("N1", "refused")]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_a_row_would_be_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the plan's own lock is for: with it taken away, both workers would act on the same rows. Shown on PostgreSQL alone."""
    if connection.vendor != "postgresql":
        pytest.skip("the lock is PostgreSQL's; SQLite takes writers one by one")
    gate = threading.Barrier(2, timeout=5)
    plan = plan_of(world.build().users["head"], organisation=book()["organisation"])
    with override_settings(TASKS="process"):
        actions.confirm(actor=User.objects.get(pk=plan.owner_id), plan=plan, seal=plan.seal, options={})
    first = plan.rows.order_by("n").first()
    applied = []

    def unlocked(rows: Any, made: Any, work: Any) -> None:
        applied.append(rows[0].pk)
        gate.wait()

    monkeypatch.setattr(locks, "hold", lambda name: None)
    monkeypatch.setattr(committing.Plan.objects, "select_for_update", committing.Plan.objects.all, raising=False)
    monkeypatch.setattr(committing, "_apply", unlocked)
    both(plan)
    assert applied.count(first.pk) == 2
