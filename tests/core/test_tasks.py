"""Jobs: asked for once, taken by one, ended whatever happens; and the times at which the scheduled ones are due."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from time import sleep
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.utils import timezone

from zaidao.core import tasks
from zaidao.core.models import Job, Schedule

pytestmark = pytest.mark.django_db
PAST = timedelta(seconds=-1)


@pytest.fixture(autouse=True)
def register(monkeypatch: pytest.MonkeyPatch) -> dict[str, tasks.Task]:
    """Registers of the test's own, with two tasks that do nothing."""
    tasks.discover()  # so that none registers with the copy
    monkeypatch.setattr(tasks, "REGISTRY", dict(tasks.REGISTRY))
    monkeypatch.setattr(tasks, "HOW", dict(tasks.HOW))
    monkeypatch.setattr(tasks, "SCHEDULES", {})
    tasks.task("quick")(lambda argument, tell: None)
    tasks.task("long", isolated=True)(lambda argument, tell: None)
    return tasks.REGISTRY


@pytest.fixture
def waits(settings: LazySettings) -> None:
    """Jobs wait for a worker, as they do in earnest."""
    settings.TASKS = "worker"


def _end(task: tasks.Task) -> Job:
    tasks.task("one")(task)
    job = tasks.enqueue("one", 7)
    job.refresh_from_db()
    return job


def _taken(name: str = "quick", **values: Any) -> Job:
    """A job in somebody's hands."""
    job = tasks.enqueue(name, 1)
    found = tasks.claim(isolated=name == "long")
    assert found == job
    Job.objects.filter(pk=job.pk).update(**values)
    return found


def test_a_job_ends_as_done_and_its_progress_was_written() -> None:
    seen: list[tuple[float, str]] = []

    def work(argument: int, tell: tasks.Tell) -> None:
        tell(1.7, f"第 {argument} 步")
        job = Job.objects.get()
        seen.append((job.share, job.step))

    job = _end(work)
    assert seen == [(1.0, "第 7 步")]
    assert (job.state, job.percent, job.active, job.lease_until) == (Job.State.DONE, 100, False, None)


def test_a_refusal_is_told_as_it_is_and_a_defect_is_not() -> None:
    def refuse(argument: int, tell: tasks.Tell) -> None:
        raise tasks.Refused("没有日期")

    def break_down(argument: int, tell: tasks.Tell) -> None:
        raise ZeroDivisionError("secret detail")

    assert _end(refuse).error == "没有日期"
    broken = _end(break_down)
    assert broken.state == Job.State.FAILED
    assert "ZeroDivisionError" in broken.error
    assert "secret" not in broken.error


def test_a_job_nobody_knows_how_to_do_fails_at_once(waits: None) -> None:
    tasks.enqueue("never.heard.of", 1)
    job = tasks.claim(isolated=False)
    assert job
    tasks.perform(job)
    assert "KeyError" in tasks.settled(job).error


def test_the_same_key_is_one_job(waits: None) -> None:
    first, second = tasks.enqueue("quick", 1, key="a"), tasks.enqueue("quick", 1, key="a")
    assert first == second
    assert tasks.enqueue("quick", 1, key="b") != first
    assert tasks.enqueue("quick", 1) != tasks.enqueue("quick", 1)
    assert Job.objects.count() == 4


def test_an_act_that_is_rolled_back_leaves_no_job(waits: None) -> None:
    @transaction.atomic
    def act() -> None:
        tasks.enqueue("quick", 1, key="a")
        raise tasks.Refused("不行")

    with pytest.raises(tasks.Refused):
        act()
    assert not Job.objects.exists()


def test_a_worker_gets_its_kind_of_job_the_longest_waiting_first_and_none_before_its_time(waits: None) -> None:
    second = tasks.enqueue("quick", 1)
    first = tasks.enqueue("quick", 2, run_after=timezone.now() - timedelta(minutes=1))
    tasks.enqueue("quick", 3, run_after=timezone.now() + timedelta(minutes=1))
    apart = tasks.enqueue("long", 4)
    assert [tasks.claim(isolated=False) for _ in range(3)] == [first, second, None]
    assert [tasks.claim(isolated=True) for _ in range(2)] == [apart, None]


def test_what_somebody_waits_for_goes_first(waits: None) -> None:
    tasks.task("awaited", isolated=True, awaited=True)(lambda argument, tell: None)
    long = tasks.enqueue("long", 1, run_after=timezone.now() - timedelta(minutes=1))
    awaited = tasks.enqueue("awaited", 2)
    assert [tasks.claim(isolated=True) for _ in range(3)] == [awaited, long, None]
    assert all(tasks.HOW[name].awaited for name in ("plans.make", "plans.commit", "plans.undo"))


def test_the_same_work_is_asked_for_once_until_it_is_begun(waits: None) -> None:
    first = tasks.enqueue_once("long", 1)
    assert tasks.enqueue_once("long", 1) == first
    assert tasks.enqueue_once("long", 2) != first
    assert tasks.claim(isolated=True) == first
    assert tasks.enqueue_once("long", 1) != first  # what was begun may have read already
    assert Job.objects.count() == 3


def test_a_dropped_job_is_tried_again_and_in_the_end_fails(waits: None) -> None:
    job = _taken(lease_until=timezone.now() + PAST)
    assert tasks.settled(job).state == Job.State.WAITING
    assert tasks.claim(isolated=False) is None  # not at once
    Job.objects.update(run_after=timezone.now() + PAST)
    assert tasks.claim(isolated=False) == job
    Job.objects.update(lease_until=timezone.now() + PAST)
    assert tasks.reap() == 1
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == (Job.State.FAILED, tasks.DIED, 2)
    assert job.ended_at


def test_a_job_whose_lease_lasts_is_left_alone_wherever_it_runs(waits: None) -> None:
    job = _taken(pid=1_999_999)
    assert tasks.settled(job).state == Job.State.RUNNING
    assert tasks.extend(job)


def test_a_job_of_an_earlier_version_without_a_lease_does_not_hang(waits: None) -> None:
    job = Job.objects.create(task="quick", argument=1, state=Job.State.RUNNING, attempts=2)
    assert tasks.settled(job).state == Job.State.FAILED


def test_our_own_jobs_are_not_reaped(waits: None) -> None:
    job = _taken(lease_until=timezone.now() + PAST)
    assert tasks.reap(but=(job.pk,)) == 0
    assert tasks.reap(but=(job.pk + 1,)) == 1


def test_whoever_lost_a_job_writes_nothing_more(waits: None) -> None:
    """A worker that was suspended past its lease wakes up while another has the job."""
    late = _taken(lease_until=timezone.now() + PAST)
    tasks.reap()
    Job.objects.update(run_after=timezone.now() + PAST)
    other = tasks.claim(isolated=False)
    assert other
    said: list[str] = []

    def work(argument: int, tell: tasks.Tell) -> None:
        tell(0.5, "迟到的话")
        said.append("went on")

    tasks.task("quick")(work)
    tasks.perform(late)
    assert not tasks.extend(late)
    other.refresh_from_db()
    assert (said, other.state, other.step) == ([], Job.State.RUNNING, "已开始")
    assert other.lease_until
    tasks.release(late)
    assert Job.objects.get().state == Job.State.RUNNING


def test_a_released_job_waits_as_if_never_begun(waits: None) -> None:
    job = _taken()
    tasks.release(job)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_until) == (Job.State.WAITING, 0, None)
    assert tasks.claim(isolated=False) == job


def test_cancelling(waits: None) -> None:
    waiting = tasks.enqueue("quick", 1)
    tasks.cancel(waiting)
    assert (tasks.settled(waiting).state, waiting.error) == (Job.State.FAILED, tasks.CANCELLED)
    assert tasks.claim(isolated=False) is None

    running = _taken("long")
    tasks.cancel(running)
    tasks.perform(running)  # its process has not noticed yet
    running.refresh_from_db()
    assert running.lease_until  # nor is it gone
    tasks.let_go(running)
    running.refresh_from_db()
    assert (running.state, running.error, running.lease_until) == (Job.State.FAILED, tasks.CANCELLED, None)

    done = tasks.enqueue("quick", 1)
    tasks.perform(done)
    tasks.cancel(done)
    assert tasks.settled(done).state == Job.State.DONE


def _at_once(act: Callable[[], Any], threads: int = 4) -> list[Any]:
    """What each of several threads got that began together."""
    gate, got = threading.Barrier(threads), []

    def run() -> None:
        try:
            connection.ensure_connection()
            gate.wait(10)
            got.append(act())
        finally:
            connection.close()

    started = [threading.Thread(target=run) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join(60)
    return got


@pytest.mark.django_db(transaction=True)
def test_who_asks_at_the_same_moment_gets_the_same_job(waits: None) -> None:
    got = _at_once(lambda: tasks.enqueue("quick", 1, key="a").pk)
    assert len(got) == 4
    assert len(set(got)) == 1


@pytest.mark.django_db(transaction=True)
def test_one_job_is_taken_by_one(waits: None) -> None:
    for n in range(12):
        tasks.enqueue("quick", n)

    def take() -> list[int]:
        return [job.pk for job in iter(lambda: tasks.claim(isolated=False), None)]

    taken = [pk for mine in _at_once(take) for pk in mine]
    assert len(taken) == len(set(taken)) == 12


@pytest.mark.django_db(transaction=True)
def test_a_due_time_is_asked_for_once_however_many_workers_look(waits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.schedule("often", every=timedelta(minutes=1))(lambda argument, tell: None)
    slowly = tasks.Rhythm.coming
    monkeypatch.setattr(tasks.Rhythm, "coming", lambda rhythm, now: (sleep(0.2), slowly(rhythm, now))[1])  # between reading and writing
    tasks.lay_out_schedules()
    assert sum(_at_once(tasks.enqueue_due)) == 1
    assert Job.objects.count() == 1


def _moment(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=timezone.get_current_timezone())


def test_the_times_of_a_rhythm() -> None:
    nightly = tasks.Rhythm(at=time(2, 0))
    assert nightly.slot(_moment(5, 1, 59)) == _moment(4, 2)
    assert nightly.slot(_moment(5, 2)) == _moment(5, 2)
    assert nightly.coming(_moment(5, 2)) == _moment(6, 2)
    often = tasks.Rhythm(every=timedelta(minutes=15))
    assert often.slot(datetime(2026, 3, 5, 1, 44, tzinfo=UTC)) == datetime(2026, 3, 5, 1, 30, tzinfo=UTC)
    assert often.coming(datetime(2026, 3, 5, 1, 30, tzinfo=UTC)) == datetime(2026, 3, 5, 1, 45, tzinfo=UTC)


def test_a_schedule_has_one_rhythm() -> None:
    with pytest.raises(ValueError, match="either"):
        tasks.schedule("none")
    with pytest.raises(ValueError, match="either"):
        tasks.schedule("both", every=timedelta(hours=1), at=time(2, 0))


def _clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_nights_missed_are_made_good_once(waits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.schedule("nightly", at=time(2, 0), isolated=True)(lambda argument, tell: None)
    _clock(monkeypatch, _moment(5, 12))
    tasks.lay_out_schedules()
    assert tasks.enqueue_due() == 0  # the night before began without it
    _clock(monkeypatch, _moment(9, 12))  # four days without a worker
    assert [tasks.enqueue_due() for _ in range(3)] == [1, 0, 0]
    job = Job.objects.get()
    assert (job.task, job.argument, job.key) == ("nightly", 0, "nightly:2026-03-09T02:00:00+08:00")
    assert tasks.HOW["nightly"].isolated
    assert Schedule.objects.get().next_at == _moment(10, 2)


def test_a_scheduled_job_that_still_works_is_not_asked_for_twice(waits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.schedule("often", every=timedelta(minutes=1))(lambda argument, tell: None)
    _clock(monkeypatch, _moment(5, 12))
    tasks.lay_out_schedules()
    assert tasks.enqueue_due() == 1
    _clock(monkeypatch, _moment(5, 12, 3))
    assert tasks.enqueue_due() == 0
    job = tasks.claim(isolated=False)
    assert job
    tasks.perform(job)
    assert tasks.enqueue_due() == 1


def test_rows_follow_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    _clock(monkeypatch, _moment(5, 12))
    tasks.schedule("kept", at=time(2, 0))(lambda argument, tell: None)
    Schedule.objects.create(name="removed", next_at=_moment(5, 11))
    Schedule.objects.create(name="kept", next_at=_moment(20, 12))  # it ran each month until now
    tasks.lay_out_schedules()
    assert list(Schedule.objects.values_list("name", "next_at")) == [("kept", _moment(6, 2))]


def test_a_job_asked_for_later_is_not_done_at_once_even_in_tests() -> None:
    tasks.enqueue("quick", 1, run_after=timezone.now() + timedelta(hours=1))
    assert Job.objects.get().state == Job.State.WAITING
