"""The demo world: its dates, the ledger as of a day, and that it is brought in once, completely, and nowhere but in a demonstration."""

import io
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from tests import world as small
from zaidao.accounts import demo as offers
from zaidao.accounts.models import Delegation, User
from zaidao.carriers.models import Activity, FollowUp
from zaidao.core.errors import Refused
from zaidao.core.models import Job, Plan
from zaidao.core.scope import system_scope
from zaidao.diagnosis import living
from zaidao.diagnosis.models import Answer, FindingClock, Run, Upload
from zaidao.institutions.models import Duty, Institution
from zaidao.organisations.models import Absence, HandOver, Objection, Organisation, Person, Transfer
from zaidao.shell.demo import answers, events, moving, persons, records, workbook, world

LAST = date(2026, 10, 31)


@pytest.mark.parametrize(
    ("today", "by"),
    [
        (date(2026, 9, 1), 0), (date(2026, 10, 31), 0), (date(2026, 11, 1), 3), (date(2027, 1, 31), 3), (date(2027, 2, 1), 6),
        (date(2028, 10, 5), 24),
    ],
)
def test_moves_by_whole_quarters_up_to_this_month(today: date, by: int) -> None:
    assert moving.months(LAST, today) == by


@pytest.mark.parametrize(
    ("day", "by", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2028, 2, 29), 12, date(2029, 2, 28)), (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 10, 15), 3, date(2027, 1, 15)), (date(2026, 12, 1), 0, date(2026, 12, 1)),
        (datetime(2026, 8, 31, 9, 30), 6, datetime(2027, 2, 28, 9, 30)),
    ],
)
def test_the_last_of_a_month_stays_in_its_month(day: date, by: int, then: date) -> None:
    assert moving.moved(day, by) == then


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("2025-07-04", "2025-10-04"), ("2025.7.4", "2025.10.4"), ("20251103", "20260203"), ("2025年11月3日 09:30", "2026年2月3日 09:30"),
        ("2025年11月30日开会,11月30日前办完,11月份小结", "2026年2月28日开会,2月28日前办完,2月份小结"),
        ("海湾党〔2025〕34号", "海湾党〔2025〕34号"), ("应到12人,第3项", "应到12人,第3项"), ("13月40日", "13月40日"),
    ],
)
def test_texts_keep_their_way_of_writing(text: str, then: str) -> None:
    assert moving.told(text, 3) == then


def test_documents_get_another_year_with_the_years() -> None:
    assert moving.told("海湾党〔2025〕34号", 24) == "海湾党〔2027〕34号"


def test_numbers_are_no_dates() -> None:
    assert moving.read("999999197704120012") is None
    assert moving.read("2025年11月3日,在会议室开会") is None
    assert moving.read("20251303") is None


@pytest.fixture(scope="module")
def ledger() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook.made(date(2026, 11, 26))))


def _rows(book: openpyxl.Workbook, sheet: str) -> list[dict[str, object]]:
    page = next(s for s in book.worksheets if s.title.strip().startswith(sheet))
    rows = list(page.iter_rows(values_only=True))
    at = next(i for i, row in enumerate(rows) if row[0] == "序号")
    names = [str(n or "").strip() for n in rows[at]]
    return [dict(zip(names, row, strict=True)) for row in rows[at + 1:] if isinstance(row[0], int)]


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, datetime) else moving.read(str(value)) if value else None


def test_nothing_of_the_ledger_lies_ahead_and_this_month_lives(ledger: openpyxl.Workbook) -> None:
    held = [_day(row["实际召开时间"]) for row in _rows(ledger, "活动记录")]
    days = [day for day in held if day]
    assert max(days) <= date(2026, 11, 26)
    assert sum(day >= date(2026, 11, 1) for day in days) > 50
    assert all(_day(row["开始日期"]) <= date(2026, 11, 26) for row in _rows(ledger, "载体"))  # type: ignore[operator]
    assert all(not row["结束原因"] or row["结束日期"] for row in _rows(ledger, "载体"))
    assert "截至2026年11月26日" in str(ledger.worksheets[0]["A1"].value)


def test_births_and_identity_numbers_stay_together(ledger: openpyxl.Workbook) -> None:
    people = _rows(ledger, "人员")
    assert len(people) == 448
    for row in people:
        assert str(row["身份证号"]).startswith("999999")
        assert _day(row["出生年月日"]).strftime("%Y%m%d") == str(row["身份证号"])[6:14]  # type: ignore[union-attr]


@pytest.fixture
def demonstration(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A demonstration with jobs that only wait; what a worker would be asked for."""
    settings.DEMO, settings.TASKS, settings.VAR = True, "worker", tmp_path
    monkeypatch.setattr(workbook, "made", lambda _today: SMALL)
    before = offers._offers.copy()
    persons.offer()
    yield []
    offers._offers.clear()
    offers._offers.update(before)
    shutil.rmtree(tmp_path / "imports", ignore_errors=True)


def _small() -> bytes:
    """The ledger without most of its meetings: what this module tests does not need three thousand."""
    book = openpyxl.load_workbook(io.BytesIO(workbook.packaged()))
    page = next(s for s in book.worksheets if s.title.strip() == "活动记录")
    page.delete_rows(40, page.max_row)
    out = io.BytesIO()
    book.save(out)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook, "packaged", out.getvalue)
        return workbook.made.__wrapped__(date.today())


SMALL = b""


@pytest.fixture(scope="module", autouse=True)
def _made_once() -> None:
    global SMALL  # noqa: PLW0603  some seconds, once
    SMALL = _small()


def _silent(_share: float, _step: str) -> None:
    return None


@pytest.mark.django_db(transaction=True)
def test_brought_in_through_the_acts_also_where_it_was_cut_short(demonstration: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    cuts = iter(("导入", "编排", "已处理", "生活", "账号", "办理", "制度", "待确认"))

    def die(cut: str) -> object:
        def tell(_share: float, step: str) -> None:
            if cut in step:
                raise Killed
        return tell

    for cut in cuts:  # each try goes further than the one before
        with pytest.raises(Killed):
            world.bring_in(die(cut))  # type: ignore[arg-type]
    world.bring_in(_silent)
    assert world.complete()
    with system_scope("test"):
        assert Organisation.objects.count() == 48
        assert Person.objects.count() == 448
        assert Transfer.objects.filter(state="asked").count() == 2
        assert Absence.objects.filter(kind="mobile").count() == 1
        assert HandOver.objects.filter(received_at=None).count() == 1
        assert Objection.objects.filter(outcome="").count() == 1
        assert Counter(Activity.objects.values_list("state", flat=True)) == {"filed": 3, "planned": 2, "cancelled": 1}
        assert Counter(FollowUp.objects.values_list("state", flat=True)) == {"open": 1, "done": 1}
        assert Institution.objects.filter(editions__since__isnull=False).count() >= 4
        assert Duty.objects.filter(organisation__code="HW00010", state="kept").exists()
    assert Delegation.objects.count() == 1
    assert [p.state for p in Plan.objects.order_by("pk")] == [Plan.State.DONE, Plan.State.READY]
    assert Upload.objects.exclude(kept_at=None).count() == 1
    assert Run.objects.filter(upload=None).count() == 1
    assert User.objects.filter(work_no__in=[r.work_no for r in persons.ROLES]).count() == 6
    assert not User.objects.exclude(password__startswith="!").exists()  # nobody has a password
    asked = {"diagnosis.living", "diagnosis.diagnose", "shell.demo_answers", "carriers.mail_notice"}
    assert {j.task for j in Job.objects.filter(state__in=Job.ACTIVE)} == asked
    world.bring_in(_silent)
    assert Plan.objects.count() == 2
    assert Transfer.everything.count() == 2
    assert world.ask() is None


def _diagnosed(place: Path) -> Run:
    """A run that found something in three organisations, most of it in the first; published with its clocks."""
    run = Run.objects.create(title="全组织诊断", manifest={"as_of": "2026-11-27"})
    run.path.mkdir(parents=True)
    orgs = ["HW00015", answers.STORE, answers.WORKSHOP, "HW00040"]
    pq.write_table(pa.table({
        "org_id": orgs, "finding": ["copied_minutes", "relabelled", "low_appeal", "dead_ideas"], "severity": [3, 3, 2, 2],
        "evidence": [["activity:A1"], ["carrier:Z1"], ["activity:A2"], ["idea:I1"]],
    }), run.path / "findings.parquet")
    living.start_clocks(run, timezone.localdate())
    return run


@pytest.mark.django_db
def test_some_findings_are_open_one_is_answered_and_others_wait(demonstration: list[str], tmp_path: Path) -> None:
    made = small.build()
    with system_scope("test"):
        Organisation.everything.filter(pk=made.orgs["sibling"].pk).update(code=answers.STORE)
        User.objects.filter(pk=made.users["sibling_secretary"].pk).update(work_no=persons.SIBLING.work_no)
    run, today = _diagnosed(tmp_path), timezone.localdate()
    for _ in range(2):
        answers.give(run.pk)
    clocks = {c.org_id: c for c in FindingClock.objects.all()}
    assert {o for o, c in clocks.items() if c.opens_on <= today} == {"HW00015", answers.STORE}
    assert [(a.org_id, a.kind, a.keys) for a in Answer.objects.all()] == [(answers.STORE, "mended", ["carrier:Z1"])]
    assert clocks[answers.STORE].answered_on == today
    assert clocks[answers.WORKSHOP].answered_on is None


@pytest.mark.django_db
def test_answers_wait_for_the_diagnosis_and_not_for_ever(demonstration: list[str]) -> None:
    run = Run.objects.create(title="全组织诊断", job=Job.objects.create(task="diagnosis.living", argument=1))
    answers.ask(run)
    answers.ask(run)
    assert Job.objects.filter(task=answers.TASK).count() == 1
    answers.give(run.pk)
    assert Job.objects.filter(task=answers.TASK, run_after__gt=timezone.now()).count() == 1
    Job.objects.filter(task="diagnosis.living").update(state=Job.State.FAILED)
    answers.give(run.pk)
    assert Job.objects.filter(task=answers.TASK).count() == 2
    assert not Answer.objects.exists()


@pytest.mark.parametrize(("day", "said"), [
    (date(2027, 1, 8), ("四季度", "一季度")), (date(2027, 3, 31), ("四季度", "一季度")), (date(2027, 4, 1), ("一季度", "二季度")),
    (date(2026, 12, 31), ("三季度", "四季度")),
])
def test_meetings_tell_of_the_quarter_before_them(day: date, said: tuple[str, str]) -> None:
    assert records._quarters(day) == said


@pytest.mark.django_db
def test_a_database_that_began_otherwise_is_left_alone(demonstration: list[str]) -> None:
    User.objects.create(work_no="Z001", name="真人")
    assert world.ask() is None
    with pytest.raises(Refused):
        world.bring_in(_silent)
    assert User.objects.count() == 1
    assert not Organisation.everything.exists()


@pytest.mark.django_db
def test_without_demo_nothing_is_brought_in_and_no_page_tells(settings: LazySettings) -> None:
    settings.DEMO = False
    assert world.ask() is None
    assert Client(HTTP_HOST="127.0.0.1").get("/demo/progress/").status_code == 404
    assert "示例集团" not in Client(HTTP_HOST="127.0.0.1").get("/sign-in/").content.decode()


@pytest.mark.django_db
def test_the_sign_in_page_shows_how_far_it_is_and_only_persons_who_are_there(demonstration: list[str]) -> None:
    assert world.ask() == world.ask()
    web = Client(HTTP_HOST="127.0.0.1")
    page = web.get("/sign-in/").content.decode()
    assert "示例集团正在装入" in page
    assert persons.SECRETARY.label not in page
    assert "排队中" in web.get("/demo/progress/").content.decode()
    Job.objects.update(state=Job.State.DONE)
    assert web.get("/demo/progress/").headers["HX-Refresh"] == "true"
    User.objects.create(work_no=persons.ADMINISTRATOR[0], name=persons.ADMINISTRATOR[1])
    User.objects.create(work_no=persons.SECRETARY.work_no, name="雷书磊")
    page = web.get("/sign-in/").content.decode()
    assert "正在装入" not in page
    assert persons.SECRETARY.label in page
    assert persons.SIBLING.label not in page


def test_invented_people_bear_nobodys_name(ledger: openpyxl.Workbook) -> None:
    known = {str(row["姓名"]).strip() for row in _rows(ledger, "人员")}
    page = openpyxl.load_workbook(io.BytesIO(events.sheet().read())).active
    assert page is not None
    new = {row[1] for row in page.iter_rows(min_row=2, values_only=True) if row[0] not in {r["人员编号"] for r in _rows(ledger, "人员")}}
    assert len(new) == 3
    assert not known & {persons.STRANGER_NAME, persons.ADMINISTRATOR[1], *new}
