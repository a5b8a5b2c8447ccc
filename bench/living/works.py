"""What changes much at once: a move of a division, an import of people while pages are read, the diagnosis of everything."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook

from bench.living.cast import Cast
from bench.living.invented import Inventor
from bench.living.pages import client_of, pages, percentile
from bench.living.processes import Watch, at_rest
from zaidao.accounts.models import User
from zaidao.core.models import Job, Plan
from zaidao.core.plans import actions as plans
from zaidao.diagnosis import living
from zaidao.organisations.actions.move import move
from zaidao.organisations.columns import SHEETS
from zaidao.organisations.models import Link, Organisation, Person

READ = ("home", "division", "level under division", "roster", "search pinyin", "search name, common", "person", "structure list, open")
KIND = "organisations"
PEOPLE = 10_000


def moves(cast: Cast, times: int = 4) -> list[tuple[int, float]]:
    """(organisations, seconds) of each move of a division below the first one and back, to the commit."""
    root = cast.root
    divisions = list(Organisation.everything.filter(links__parent=root, links__until=None).order_by("path"))
    last, first = divisions[-1], divisions[0]
    size = Organisation.everything.filter(path__startswith=last.path, dissolved_on=None).count()
    found, day = [], timezone.localdate() - timedelta(days=times)
    latest = last.changes.order_by("-effective_on").values_list("effective_on", flat=True).first() or day  # of an earlier run
    for n in range(times):
        under = Link.everything.get(child=last, until=None).parent_id
        actor, began = User.objects.get(pk=cast.users["head"].pk), time.perf_counter()
        move(actor=actor, organisation=last.pk, parent=first.pk if under == root.pk else root.pk, document_no=f"基准{n}号",
             effective_on=max(latest, day + timedelta(days=n + 1)))
        found.append((size, time.perf_counter() - began))
    return found


def sheet(cast: Cast, count: int = PEOPLE) -> bytes:
    """A workbook of people whom nobody knows yet, spread over the branches of two divisions."""
    book = Workbook(write_only=True)
    spec = next(s for s in SHEETS if s.name == "person")
    page = book.create_sheet(spec.title)
    page.append([c.header for c in spec.columns])
    start = 400_000 + Person.everything.count()
    inventor, day = Inventor(start, timezone.localdate()), timezone.localdate()
    places = list(Organisation.everything.filter(kind="branch", dissolved_on=None).order_by("path").values_list("code", flat=True)[:2000])
    for n in range(start, start + count):
        page.append(_row(inventor, n, places[n % len(places)], day, [c.name for c in spec.columns]))
    with tempfile.TemporaryDirectory() as place:
        book.save(Path(place) / "people.xlsx")
        return (Path(place) / "people.xlsx").read_bytes()


def _row(inventor: Inventor, n: int, place: str, day: date, columns: list[str]) -> list[Any]:
    made = inventor.person(n)
    told = {
        "person_id": f"N{n:07d}", "name": made.name, "org_id": place, "category": "正式党员", "gender": made.gender, "ethnicity": "汉族",
        "born_on": made.born_on, "id_no": made.id_no, "phone": made.phone, "education": "大学本科", "occupation": "专责",
        "joined_on": date(2015, 6, 1), "full_since": date(2016, 6, 1), "moved_in_on": day - timedelta(days=3),
    }
    return [told.get(name) for name in columns]


def importing(cast: Cast, content: bytes, watch: Watch) -> Iterator[str]:
    """Plan and commit by the worker, pages read here meanwhile; then the same without anybody reading."""
    for busy in (True, False):
        watch.forget()
        actor = User.objects.get(pk=cast.users["office"].pk)
        plan = plans.begin(actor=actor, name=KIND, uploads=[SimpleUploadedFile("people.xlsx", content)])
        planned, first = _wait(cast, plan.job, busy)
        plan.refresh_from_db()
        plans.confirm(actor=actor, plan=plan, seal=plan.seal, options={})
        plan.refresh_from_db()
        committed, second = _wait(cast, plan.job, busy)
        plan.refresh_from_db()
        yield (f"import of {plan.total} people{', pages read meanwhile' if busy else ''}: plan {planned:.1f} s + commit {committed:.1f} s "
               f"= {planned + committed:.1f} s; {plan.counts}; worker {watch.own:.0f} MB, its child {watch.child:.0f} MB")
        if busy:
            yield f"pages meanwhile: {_summary(first + second)}"
        _take_back(actor, plan)


def _take_back(actor: Any, plan: Plan) -> None:
    """So that the next round finds what the first one found."""
    plans.take_back(actor=actor, plan=plan)
    plan.refresh_from_db()
    _until(plan.job, lambda: time.sleep(0.2))
    at_rest()


def _wait(cast: Cast, job: Any, busy: bool) -> tuple[float, list[float]]:
    """Seconds from the asking to the end of a job, the worker's way to it included, and milliseconds of the pages read meanwhile."""
    found: list[float] = []
    who_reads = ("head", "superior") if busy else ()
    readers = [(client_of(cast.users[who]), page) for who in who_reads for page in pages(cast, who) if page.name in READ]
    began = time.perf_counter()

    def turn() -> None:
        for client, page in readers:
            start = time.perf_counter()
            client.get(page.url, headers={"HX-Request": "true"} if page.fragment else {})
            found.append(1000 * (time.perf_counter() - start))
        time.sleep(0.05)

    ended = _until(job, turn)
    return (ended - job.created_at).total_seconds() if ended else time.perf_counter() - began, found


def _until(job: Any, turn: Callable[[], None]) -> Any:
    while True:
        held = Job.objects.get(pk=job.pk)
        if held.state not in Job.ACTIVE:
            if held.state != Job.State.DONE:
                raise RuntimeError(f"{held.task}: {held.error}")
            return held.ended_at
        turn()


def _summary(found: list[float]) -> str:
    return f"{len(found)} requests, median {statistics.median(found):.0f} ms, p95 {percentile(found, 95):.0f} ms, worst {max(found):.0f} ms"


def diagnosis(watch: Watch) -> str:
    """The whole living system, by the worker."""
    watch.forget()
    run = living.begin_nightly(timezone.localdate())
    assert run.job is not None
    began, steps = time.perf_counter(), {}

    def turn() -> None:
        steps.setdefault(Job.objects.get(pk=run.job_id).step, round(time.perf_counter() - began))
        time.sleep(1)

    ended = _until(run.job, turn)
    seconds = (ended - run.job.created_at).total_seconds()
    return f"diagnosis of the living system: {seconds:.0f} s, child at most {watch.child:.0f} MB, worker {watch.own:.0f} MB; steps {steps}"
