"""The machinery of imports, shown with a table of its own: holidays by day. It knows nothing of what it imports."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import Http404
from django.test import override_settings

from tests import crash
from tests.organisations.books import sheets
from zaidao.accounts.access import OFFICE
from zaidao.accounts.models import User
from zaidao.core import access, crypto, plans
from zaidao.core.access import Denied, Grant
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Holiday, Job
from zaidao.core.plans import Applied, Given, Plan, Planned, PlanRow, Work, actions, committing, compare, files, handback, registry, shown
from zaidao.sheets.spec import Column, Sheet

pytestmark = pytest.mark.django_db
SHEET = Sheet("holiday", "节假日", ("day",), (
    Column("day", "日期", "date", required=True), Column("name", "名称"),
    Column("kind", "休或班", "enum", labels={"休": "rest", "班": "work"}, choices=("休", "班")),
    Column("source", "来源号码", sensitive=True),
))
OTHER = Sheet("weather", "天气", ("on",), (Column("on", "哪天", required=True), Column("sky", "天空")))
VERB = access.verb("tests.import_holidays", "导入节假日(测试)", below=[OFFICE])
MAY: set[str] = set()


@access.source()
def office(user: User) -> Iterator[Grant]:
    if user.work_no in MAY:
        yield Grant(OFFICE, "", "tests")


class Holidays(plans.Importer):
    """One row a day."""

    sheet = SHEET

    def plan(self, rows: Sequence[Given], work: Work) -> list[Planned]:
        held = {h.day: h for h in Holiday.objects.all()}
        found = []
        for given in rows:
            day = held.get(given.get("day"))
            if given.get("name") == "不吉":
                given.error("name", "不能用这个名称。", "请换一个。")
            before = self.facts(day) if day else None
            found.append(compare.planned(given, self.sheet, before, key=str(given.get("day")), object_id=day.pk if day else None))
        return found

    def facts(self, day: Holiday) -> dict[str, Any]:
        return {"day": day.day, "name": day.name, "kind": day.kind, "source": day.source}

    def apply(self, rows: Sequence[PlanRow], work: Work) -> list[Applied]:
        return [self.one(row) for row in rows]

    def one(self, row: PlanRow) -> Applied:
        changes = compare.changes(row, self.sheet)
        held = Holiday.objects.filter(pk=row.object_id).first() or Holiday()
        if row.object_id and compare.stamp(self.facts(held)) != row.stamp:
            return Applied(PlanRow.Outcome.REFUSED, "变了")
        old = self.facts(held) if row.object_id else None
        for name, value in changes.items():
            setattr(held, name, value or "")
        held.save()
        return Applied(PlanRow.Outcome.APPLIED, "", held.pk, {"before": {k: str(v) for k, v in old.items()} if old else None})

    def undo(self, rows: Sequence[PlanRow], work: Work) -> list[Applied]:
        for row in rows:
            before = row.undo.get("before")
            held = Holiday.objects.filter(pk=row.object_id)
            held.update(**before) if before else held.delete()
        return [Applied(PlanRow.Outcome.UNDONE) for _ in rows]


@pytest.fixture(autouse=True)
def kind() -> Iterator[plans.Kind]:
    made = plans.register(plans.Kind("holidays", "节假日", VERB, "tests.holidays", (Holidays(),)))
    MAY.update({"me", "other"})
    yield made
    del registry.KINDS["holidays"]
    MAY.clear()


@pytest.fixture
def me() -> User:
    return User.objects.create(work_no="me", name="我")


def table(*rows: Sequence[Any], head: Sequence[str] = ("日期", "名称", "休或班", "来源号码")) -> bytes:
    return "\n".join(",".join(map(str, r)) for r in (head, *rows)).encode()


def begin(user: User, data: bytes, name: str = "节假日.csv") -> Plan:
    plan = actions.begin(actor=user, name="holidays", uploads=[SimpleUploadedFile(name, data)])
    plan.refresh_from_db()
    return plan


def confirm(plan: Plan) -> Plan:
    actions.confirm(actor=plan.owner, plan=plan, seal=plan.seal, options={})
    plan.refresh_from_db()
    return plan


def days(count: int) -> list[tuple[str, str, str]]:
    return [(f"{2000 + i // 300}-{i % 12 + 1:02d}-{i % 25 + 1:02d}", f"节{i}", "休") for i in range(count)]


def test_first_looked_at_then_done_then_undone(me: User) -> None:
    Holiday.objects.create(day=date(2026, 1, 1), name="元旦", kind="rest")
    Holiday.objects.create(day=date(2026, 1, 2), name="旧名", kind="rest")
    rows = ("2026-01-01", "元旦", "休"), ("2026-01-02", "新名", "班"), ("2026-05-01", "劳动节", "休"), ("2026-05-02", "不吉", "休")
    plan = begin(me, table(*rows))
    assert [r.state for r in plan.rows.all()] == ["unchanged", "changed", "new", "error"]
    assert plan.counts == {"holiday": {"unchanged": 1, "changed": 1, "new": 1, "error": 1}}
    assert Holiday.objects.count() == 2  # looking changes nothing
    changed = plan.rows.get(n=2)
    assert changed.fields["name"] | {"differs": True} == {
        "state": "changed", "before": "旧名", "after": "新名", "cell": "B3", "differs": True,
    }
    assert shown.lines(plan, [changed])[0].cells[1].after == "班"
    confirm(plan)
    assert [r.outcome for r in plan.rows.all()] == ["skipped", "applied", "applied", "refused"]
    assert set(Holiday.objects.values_list("name", flat=True)) == {"元旦", "新名", "劳动节"}
    actions.take_back(actor=me, plan=plan)
    plan.refresh_from_db()
    assert (plan.state, plan.counts["outcomes"]) == (Plan.State.UNDONE, {"skipped": 1, "undone": 2, "refused": 1})
    assert set(Holiday.objects.values_list("name", flat=True)) == {"元旦", "旧名"}
    assert next(e.changes for e in Entry.objects.filter(verb=VERB)) == {"state": [None, "reading"]}
    assert Entry.objects.filter(verb=VERB).count() == 5  # begun, confirmed, done, taken back, undone


def test_a_thousand_rows_go_in_chunks_and_each_chunk_is_whole(me: User) -> None:
    plan = begin(me, table(*days(1201)))
    with override_settings(TASKS="process"):
        confirm(plan)
    assert plan.job.state == Job.State.WAITING
    made = registry.kind("holidays")
    cursors = []
    while committing._chunk(plan, made, Work(me, date(2026, 1, 1))):
        plan.refresh_from_db()
        cursors.append(plan.cursor)
        assert plan.rows.exclude(outcome="").count() == plan.cursor
    assert cursors == [500, 1000, 1201]


def test_what_was_committed_is_not_done_again(me: User) -> None:
    plan = begin(me, table(*days(600)))
    with override_settings(TASKS="process"):
        confirm(plan)
    with pytest.raises(crash.Killed), crash.killed_after(550):
        committing.commit(plan, lambda _share, _step: None)
    assert Holiday.objects.count() == 500
    committing.commit(plan, lambda _share, _step: None)
    plan.refresh_from_db()
    assert (Holiday.objects.count(), plan.counts["outcomes"]) == (600, {"applied": 600})
    committing.commit(plan, lambda _share, _step: None)
    assert Holiday.objects.count() == 600


def test_a_confirmation_means_what_was_seen(me: User) -> None:
    plan = begin(me, table(*days(2)))
    for seal in ("", "0" * 64, plan.seal[:-1] + ("0" if plan.seal[-1] != "0" else "1")):
        with pytest.raises(Refused, match="已经变了"):
            actions.confirm(actor=me, plan=plan, seal=seal, options={})
    confirm(plan)
    with pytest.raises(Refused):
        confirm(plan)
    assert Holiday.objects.count() == 2


def test_it_is_ones_own_and_takes_the_right(me: User) -> None:
    plan = begin(me, table(*days(2)))
    other, third = User.objects.create(work_no="other", name="别人"), User.objects.create(work_no="third", name="无权")
    for act in (lambda u: actions.of(u, "holidays", plan.pk), lambda u: actions.confirm(actor=u, plan=plan, seal=plan.seal, options={}),
                lambda u: actions.discard(actor=u, plan=plan), lambda u: actions.go_on(actor=u, plan=plan),
                lambda u: actions.take_back(actor=u, plan=plan)):
        with pytest.raises(Http404):
            act(other)
    with pytest.raises(Denied):
        begin(third, table(*days(1)))
    with pytest.raises(Http404):
        actions.of(me, "organisations", plan.pk)  # another kind's page does not show it
    assert actions.own(other, "holidays") == []
    MAY.discard("me")
    access.forget(me)
    with pytest.raises(Denied):
        confirm(Plan.objects.get(pk=plan.pk))


def test_masked_means_leave_and_the_word_takes_away(me: User) -> None:
    Holiday.objects.create(day=date(2026, 1, 1), name="元旦", kind="rest", source="13800138000")
    plan = confirm(begin(me, table(("2026-01-01", "清空", "", "138******00"))))
    held = Holiday.objects.get()
    assert (held.name, held.kind, held.source) == ("", "rest", "13800138000")
    assert "source" not in plan.rows.get().fields


def test_what_is_sensitive_is_shown_masked_also_to_its_owner(me: User) -> None:
    Holiday.objects.create(day=date(2026, 1, 1), name="元旦", kind="rest", source="13800138000")
    plan = begin(me, table(("2026-01-01", "元旦", "休", "13900139000")))
    cell = shown.lines(plan, plan.rows.all())[0].cells[0]
    assert (cell.before, cell.after) == ("138******00", "139******00")


def test_a_table_nobody_imports_is_kept_and_handed_over(me: User) -> None:
    given: list[Any] = []
    plans.keep("holidays", [SHEET, OTHER], lambda plan, sources: given.append((plan.pk, [s.read_bytes() for s in sources])))
    data = table(("2026-01-01", "晴"), head=("哪天", "天空"))
    plan = begin(me, data, "天气.csv")
    assert (plan.state, plan.total) == (Plan.State.READY, 0)
    assert "导入时不改动系统中" in plan.notes[0]["reason"]
    confirm(plan)
    assert given == [(plan.pk, [data])]
    assert registry.importer("weather") is None
    assert registry.importer("holiday") is not None


def test_files_lie_encrypted_and_belong_to_one_plan(me: User) -> None:
    plan = begin(me, table(("2026-01-01", "元旦", "休", "13800138000")), "C:\\表\\电话13800138000.csv")
    assert plan.title == "电话….csv"
    [source] = files.sources(plan)
    assert b"13800138000" not in source.place.read_bytes()
    assert b"13800138000" in source.read_bytes()
    other = begin(me, table(*days(1)))
    files.sources(other)[0].place.write_bytes(source.place.read_bytes())
    with pytest.raises(crypto.KeyMissing):
        files.sources(other)[0].read_bytes()
    assert oct(Path(files.folder(plan)).stat().st_mode)[-3:] == "700"


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "a/b\\c.csv", ".csv", "表:*?.csv"])
def test_names_of_files_lead_nowhere(me: User, name: str) -> None:
    plan = begin(me, table(*days(1)), name)
    assert plan.rows.count() == (0 if plan.state == Plan.State.REFUSED else 1)
    assert files.folder(plan).parent == files.top()
    assert not set(plan.title) & set("/\\:*?")


def test_the_rows_to_be_corrected_keep_what_stood_there(me: User) -> None:
    plan = confirm(begin(me, table(("2026-13-01", "甲", "休"), ("2026-01-02", "=1+1", "歇"), ("", "乙", "休"), ("2026-01-03", "丙", "休"))))
    head, *rows = sheets(handback.workbook(plan))["节假日"]
    assert head == ["日期", "名称", "休或班", "来源号码", handback.EXTRA]
    assert [r[:3] for r in rows] == [["2026-13-01", "甲", "休"], ["2026-01-02", "'=1+1", "歇"], [None, "乙", "休"]]
    assert all(r[4] for r in rows)
    assert "日期(A2)" in rows[0][4]


def test_too_many_rows_are_refused_before_anything_is_compared(me: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from zaidao.core.plans import planning

    monkeypatch.setattr(planning, "MOST_ROWS", 3)
    plan = begin(me, table(*days(4)))
    assert (plan.state, plan.rows.count()) == (Plan.State.REFUSED, 0)
    assert "请拆分" in plan.reason


def test_reading_that_was_cut_short_begins_anew(me: User) -> None:
    with override_settings(TASKS="process"):
        plan = begin(me, table(*days(3)))
    with pytest.raises(crash.Killed), transaction.atomic(), crash.killed_after(1):
        actions.work("make", plan.pk, lambda _share, _step: None)
    Job.objects.filter(pk=plan.job_id).update(state=Job.State.FAILED)
    actions.go_on(actor=me, plan=plan)
    plan.refresh_from_db()
    assert (plan.state, plan.rows.count()) == (Plan.State.READY, 3)


def test_what_an_upload_left_behind_is_swept(me: User, django_capture_on_commit_callbacks: Any) -> None:
    import os

    kept = begin(me, table(*days(1)))
    orphan = files.top() / "orphan"
    orphan.mkdir()
    os.utime(orphan, (0, 0))
    with django_capture_on_commit_callbacks(execute=True):
        actions.sweep()
    assert not orphan.exists()
    assert files.folder(kept).exists()
