"""Meetings as the engine reads them: the contract's columns, one row an organisation, nothing unknown told as none."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from tests import world
from tests.carriers.meeting import MINUTES, at, everybody, filed, planned, record
from zaidao.carriers import facts
from zaidao.carriers.actions import follow_ups, planning
from zaidao.carriers.actions.carriers import begin
from zaidao.carriers.actions.correcting import correct
from zaidao.carriers.actions.filing import file
from zaidao.carriers.decisions.record import Resolved, Task, Ticks
from zaidao.carriers.models import Activity, FollowUp
from zaidao.core.scope import system_scope
from zaidao.engine import context, duties
from zaidao.engine.backend import Engine
from zaidao.engine.facts import Facts
from zaidao.engine.schema import PRIVATE_KINDS, TABLES
from zaidao.institutions import facts as institutions
from zaidao.institutions.actions import lay_out
from zaidao.institutions.models import Duty
from zaidao.organisations import facts as organisations

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def told(folder: Path) -> dict[str, dict[str, Any]]:
    with system_scope("test"):
        facts.write(folder)
    return {row["activity_id"]: row for row in pq.read_table(folder / "activity.parquet").to_pylist()}


def test_a_filed_meeting_is_one_row_with_what_is_known(tmp_path: Path) -> None:
    made = world.build()
    carrier = begin(actor=made.users["secretary"], organisation=made.orgs["branch"], name="先锋岗", kind="先锋岗", origin="own",
                    started_on=date(2026, 1, 5))
    row = planned(made, carrier=carrier)
    member = made.people["member"].pk
    file(actor=made.users["secretary"], activity=row, record=record(
        made, host=made.people["secretary"].pk, recorder=member, decisions=[Resolved("甲"), Resolved("乙")],
        ticks={made.orgs["branch"].pk: Ticks({member: ("leave", "病假")}, guests=["讲师"], rest="present")},
    ))
    found = told(tmp_path)[row.code]
    assert found == {
        "activity_id": row.code, "org_id": "O-branch", "kind": "党员大会", "carrier_id": carrier.code, "title": "研究工作",
        "planned_for": None, "held_at": at(-1).replace(tzinfo=None), "hours": 1.5, "place": "会议室",
        "eligible": 3, "present": 2, "volunteers": None,
        "participants": ["C-secretary", "P-branch"], "minutes": MINUTES, "recorder_id": "C-member", "recorded_at": found["recorded_at"],
        "photos": None, "ratings": None, "rating": None, "host_id": "C-secretary", "remark": None, "decisions": 2, "followups_done": None,
    }
    assert found["recorded_at"].date() == TODAY
    carriers = pq.read_table(tmp_path / "carrier.parquet").to_pylist()
    assert carriers == [{
        "carrier_id": carrier.code, "name": "先锋岗", "org_id": "O-branch", "kind": "先锋岗", "origin": "own", "directive_no": None,
        "started_on": date(2026, 1, 5), "ended_on": None, "end_reason": None, "aim": None,
    }]


def test_the_tables_keep_the_contract_and_the_engine_reads_them(tmp_path: Path) -> None:
    made = world.build()
    filed(made)
    with system_scope("test"):
        assert facts.write(tmp_path) == {"carrier": 0, "activity": 1}
    for name in ("carrier", "activity"):
        assert pq.read_schema(tmp_path / f"{name}.parquet").equals(TABLES[name].arrow)
    read = Facts.from_parquet(tmp_path)
    assert (read.rows("activity"), read.has("activity", "minutes"), read.has("activity", "photos")) == (1, True, False)


def test_a_plan_that_was_not_held_and_one_called_off_have_no_time(tmp_path: Path) -> None:
    made = world.build()
    coming, off, unplanned = planned(made, days=2), planned(made, days=3), planned(made, days=-2)
    planning.cancel(actor=made.users["secretary"], activity=off, reason="台风")
    found = told(tmp_path)
    assert set(found) == {coming.code, off.code}
    assert unplanned.code not in found  # neither planned in time nor held
    assert (found[off.code]["held_at"], found[off.code]["remark"], found[off.code]["participants"]) == (None, "台风", None)
    assert found[coming.code]["planned_for"] == timezone.localdate(at(2))


def test_a_joint_meeting_is_a_row_for_each_with_its_own_people(tmp_path: Path) -> None:
    made = world.build()
    row = planned(made, actor="superior", joint=[made.orgs["sibling"]])
    both = everybody(made.orgs["branch"]) | everybody(made.orgs["sibling"])
    file(actor=made.users["superior"], activity=row, record=record(made, ticks=both))
    found = told(tmp_path)
    assert {code: r["org_id"] for code, r in found.items()} == {row.code: "O-branch", f"{row.code}@2": "O-sibling"}
    assert found[f"{row.code}@2"]["participants"] == ["C-sibling_secretary", "P-sibling"]
    assert found[row.code]["minutes"] == found[f"{row.code}@2"]["minutes"]


@pytest.mark.parametrize("kind", PRIVATE_KINDS)
def test_minutes_of_private_kinds_stay_here(tmp_path: Path, kind: str) -> None:
    made = world.build()
    ticks = {made.orgs["branch"].pk: Ticks({made.people["member"].pk: ("present", "")}, rest="" if kind == "谈心谈话" else "present")}
    row = filed(made, kind=kind, ticks=ticks)
    found = told(tmp_path)[row.code]
    assert found["minutes"] is None
    assert found["recorded_at"] is not None
    assert MINUTES not in str(found)


def test_late_filing_says_why_and_the_first_filing_stays(tmp_path: Path) -> None:
    made = world.build()
    row = planned(made, days=-40)
    file(actor=made.users["secretary"], activity=row, record=record(made, days=-40), late_reason="驻外检修")
    Activity.everything.filter(pk=row.pk).update(filed_at=at(-20))
    correct(actor=made.users["secretary"], activity=row, record=record(made, days=-41), correction="日期写错")
    found = told(tmp_path)[row.code]
    assert found["remark"] == "延迟归档:驻外检修"
    assert found["recorded_at"] == at(-20).replace(tzinfo=None)
    assert found["held_at"] == at(-41).replace(tzinfo=None)


def test_what_is_not_due_yet_is_unknown_and_what_is_done_counts(tmp_path: Path) -> None:
    made = world.build()
    tasks = [Task("甲", made.people["member"].pk, TODAY + timedelta(days=3)), Task("乙", None, TODAY + timedelta(days=3))]
    row = filed(made, days=-9, decisions=[Resolved("甲"), Resolved("乙")], follow_ups=tasks)
    assert told(tmp_path)[row.code]["followups_done"] is None
    FollowUp.everything.filter(what="乙").update(due_on=TODAY - timedelta(days=1))
    assert told(tmp_path)[row.code]["followups_done"] == 0
    first = FollowUp.everything.get(what="甲")
    follow_ups.done(actor=made.users["member"], follow_up=first, on=TODAY)
    assert told(tmp_path)[row.code]["followups_done"] == 1
    follow_ups.drop(actor=made.users["secretary"], follow_up=first, reason="取消")
    assert told(tmp_path)[row.code]["followups_done"] == 0


def test_many_meetings_take_the_queries_of_one(tmp_path: Path, django_assert_num_queries: Any) -> None:
    made = world.build()
    filed(made)
    with system_scope("test"), django_assert_num_queries(7):
        facts.write(tmp_path)
    for _ in range(5):
        filed(made, decisions=[Resolved("甲")])
    with system_scope("test"), django_assert_num_queries(7):
        assert facts.write(tmp_path)["activity"] == 6


def month(back: int) -> date:
    """The first day of the month so many months ago."""
    n = TODAY.year * 12 + TODAY.month - 1 - back
    return date(n // 12, n % 12 + 1, 1)


def held(made: world.World, back: int, day: int, *, planned_for: date | None = None, joint: bool = False, org: str = "branch") -> Activity:
    """A theme day of so many months ago, filed now."""
    when = (month(back).replace(day=day) - TODAY).days
    others = [made.orgs["sibling"]] if joint else []
    row = planned(made, org=org, actor="superior", days=when, kind="主题党日", joint=others)
    Activity.everything.filter(pk=row.pk).update(planned_for=planned_for)
    ticks = everybody(made.orgs[org]) | (everybody(made.orgs["sibling"]) if joint else {})
    return file(actor=made.users["superior"], activity=row, record=record(made, days=when, ticks=ticks), late_reason="驻外,回来补录")


def test_duties_by_the_engine_on_these_facts_are_the_duties_here(tmp_path: Path) -> None:
    """Meetings filed by the verbs, written as facts with their organisations: the engine finds what the rows say."""
    made = world.build()
    with system_scope("test"):
        lay_out(None, month(12), 12)
        held(made, 11, 3, org="sibling")  # the ledger begins
        held(made, 8, 10)
        held(made, 6, 20, joint=True)
        held(made, 4, 8, planned_for=month(5).replace(day=28))  # put off into a month that has its own
        late = held(made, 4, 20)
        correct(actor=made.users["superior"], activity=late, correction="日期写错",
                record=record(made, days=(month(4).replace(day=18) - TODAY).days, ticks={}))
        Activity.everything.filter(pk=planned(made, days=-1, kind="主题党日").pk).update(planned_for=month(3).replace(day=5))
        for write in (organisations.write, institutions.write, facts.write):
            write(tmp_path)
        tables = {name: pq.read_table(tmp_path / f"{name}.parquet") for name in TABLES if (tmp_path / f"{name}.parquet").exists()}
        known = Facts.from_tables({name: table for name, table in tables.items() if table.num_rows})
        rows = duties.build(context.build(known, engine=Engine.duckdb(threads=1), as_of=TODAY)).to_pylist()
        there = {(r["org_id"], r["period_start"]): r["state"] for r in rows if r["period_start"] >= month(11)}
        mine = Duty.everything.filter(subject="主题党日", period_start__gte=month(11), due_on__lte=TODAY).select_related("organisation")
        here = {(d.organisation.code, d.period_start): "missed" if d.state == "open" else d.state for d in mine}
    assert here == there
    assert {state for (org, _), state in here.items() if org == "O-branch"} == {"kept", "moved", "missed"}
    assert here["O-sibling", month(6)] == "kept"  # by the joint meeting that the branch filed
