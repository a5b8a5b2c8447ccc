"""Duties by hand: what a Party worker would write in the margin of the ledger."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.engine.build import branch, committee, make, members, post
from zaidao.engine import duties
from zaidao.engine.duties import clauses

OLD = {
    "institution_id": "Z1",
    "title": "实施办法",
    "org_id": "C1",
    "origin": "superior",
    "adopted_on": date(2020, 1, 1),
    "repealed_on": None,
}
MONTHLY = {
    "institution_id": "Z1",
    "article": "第一条",
    "subject": "主题党日",
    "applies_to": "党支部",
    "every": "month",
    "at_least": 1,
    "grace_days": 7,
}


def held(number: int, day: date, kind: str = "主题党日", org: str = "B1", **more: Any) -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, 15)
    return {
        "activity_id": f"A{number}",
        "org_id": org,
        "kind": kind,
        "planned_for": day,
        "held_at": at,
        "title": "例会",
        "recorded_at": None,
    } | more


def every_month(skip: tuple[int, ...] = (), kind: str = "主题党日", org: str = "B1", start: int = 0) -> list[dict[str, Any]]:
    """One meeting on the 5th of each month from 2025-11 (month 0) to 2026-10 (month 11), less the skipped months."""
    months = [(2025 + (10 + m) // 12, (10 + m) % 12 + 1) for m in range(12)]
    return [held(start + m, date(y, n, 5), kind, org) for m, (y, n) in enumerate(months) if m not in skip]


def judged(
    activity: list[dict[str, Any]], subject: str = "主题党日", org: str = "B1", *, as_of: date = date(2026, 11, 20), **tables: Any
) -> dict[str, Any]:
    """Month of the period -> row of one subject."""
    world = {"organisation": [committee(), branch()], "institution": [OLD], "clause": [MONTHLY]} | tables
    rows = duties.build(make(as_of, activity=activity, **world)).to_pylist()
    return {r["period_start"].strftime("%Y-%m"): r for r in rows if r["subject"] == subject and r["org_id"] == org}


def states(activity: list[dict[str, Any]], **more: Any) -> dict[str, str]:
    return {month: row["state"] for month, row in judged(activity, **more).items()}


def test_a_meeting_in_each_month_keeps_each_month() -> None:
    found = judged(every_month())
    assert {r["state"] for r in found.values()} == {"kept"}
    assert len(found) == 12
    assert found["2026-03"]["activity_id"] == "A4"
    assert found["2026-03"]["due_on"] == date(2026, 4, 7)
    assert found["2026-03"]["source_key"] == "clause:Z1|第一条"
    assert found["2026-03"]["key"] == "duty:B1|主题党日|2026-03"


def test_without_a_record_the_month_is_missed() -> None:
    row = judged(every_month(skip=(4,)))["2026-03"]
    assert (row["state"], row["activity_id"], row["reason"]) == ("missed", None, "期内未见记录")


@pytest.mark.parametrize(("day", "state"), [(date(2026, 4, 7), "kept_late"), (date(2026, 4, 8), "missed")])
def test_the_last_day_of_grace_is_late_and_the_next_is_too_late(day: date, state: str) -> None:
    """April has its own meeting on the 5th; the second one may still serve March until 7 April."""
    assert states([*every_month(skip=(4,)), held(90, day, planned_for=None)])["2026-03"] == state


@pytest.mark.parametrize(("day", "state"), [(date(2026, 5, 15), "moved"), (date(2026, 5, 16), "missed")])
def test_planned_in_march_and_held_within_45_days_is_moved(day: date, state: str) -> None:
    row = judged([*every_month(skip=(4,)), held(90, day, planned_for=date(2026, 3, 20))])["2026-03"]
    assert (row["state"], row["activity_id"]) == (state, "A90" if state == "moved" else None)


def test_a_stated_postponement_is_moved_without_a_planned_day() -> None:
    extra = held(90, date(2026, 4, 20), planned_for=None, title="(补)学习")
    assert states([*every_month(skip=(4,)), extra])["2026-03"] == "moved"


def test_one_meeting_does_not_keep_two_months() -> None:
    """Planned for March, held on 2 April: with no other meeting in April it keeps April, and March is missed."""
    only = held(90, date(2026, 4, 2), planned_for=date(2026, 3, 30))
    found = states([*every_month(skip=(4, 5)), only])
    assert (found["2026-03"], found["2026-04"]) == ("missed", "kept")


def test_a_planned_meeting_that_was_not_held_shows_the_miss() -> None:
    planned = held(90, date(2026, 3, 20), held_at=None)
    row = judged([*every_month(skip=(4,)), planned])["2026-03"]
    assert (row["state"], row["activity_id"], row["reason"]) == ("missed", "A90", "期内有计划,未见召开记录")


def test_twice_a_month_needs_two() -> None:
    twice = MONTHLY | {"at_least": 2}
    found = states([*every_month(), held(90, date(2026, 3, 19))], clause=[twice])
    assert (found["2026-03"], found["2026-02"]) == ("kept", "missed")


def test_a_period_within_grace_is_not_due_yet() -> None:
    assert "2026-10" in states(every_month(), as_of=date(2026, 11, 7))
    assert "2026-10" not in states(every_month(), as_of=date(2026, 11, 6))


def test_records_filed_quarterly_leave_the_last_quarter_open() -> None:
    late = [a | {"recorded_at": a["held_at"] + timedelta(days=60)} for a in every_month()]
    assert max(states(late)) == "2026-08"


def test_founded_and_dissolved_months_are_exempt_and_nothing_is_due_before() -> None:
    found = judged(every_month(), organisation=[committee(), branch(established_on=date(2026, 2, 10), dissolved_on=date(2026, 6, 15))])
    assert {m: r["state"] for m, r in found.items()} == {
        "2026-02": "exempt",
        "2026-03": "kept",
        "2026-04": "kept",
        "2026-05": "kept",
        "2026-06": "exempt",
    }
    assert (found["2026-02"]["reason"], found["2026-06"]["reason"]) == ("期内成立", "期内撤销")


def test_a_rule_counts_only_in_periods_it_is_in_force_through() -> None:
    found = states(
        every_month(kind="走访"),
        subject="走访",
        clause=[MONTHLY | {"subject": "走访"}],
        institution=[OLD | {"adopted_on": date(2026, 1, 10), "repealed_on": date(2026, 4, 1)}],
    )
    assert found == {"2026-02": "kept", "2026-03": "kept"}


def test_committee_meetings_are_due_where_three_sit_in_the_committee() -> None:
    three = [post(f"B1P{i}", "B1", name, since=date(2026, 3, 10)) for i, name in enumerate(("书记", "组织委员", "宣传委员"), 1)]
    tables = {"person": members("B1", 9), "subject": "支委会", "clause": [MONTHLY | {"subject": "支委会"}]}
    found = judged(every_month(kind="支委会", skip=(6,)), appointment=three, **tables)
    assert (found["2026-03"]["state"], found["2026-04"]["state"], found["2026-05"]["state"]) == ("exempt", "kept", "missed")
    assert found["2026-03"]["reason"] == "适用条件未满足"
    assert {r["state"] for r in judged(every_month(kind="支委会"), appointment=three[:2], **tables).values()} == {"exempt"}


def test_without_appointments_nobody_knows_whether_there_is_a_committee() -> None:
    found = judged(every_month(kind="支委会"), subject="支委会")
    assert {r["reason"] for r in found.values()} == {"适用条件不明,缺任职或人员资料"}


def test_four_members_who_never_filed_a_committee_meeting_have_none_to_file() -> None:
    three = [post(f"B1P{i}", "B1", name) for i, name in enumerate(("书记", "组织委员", "宣传委员"), 1)]
    other = every_month(kind="支委会", org="B2", start=50)
    small = {"person": members("B1", 4), "appointment": three, "organisation": [committee(), branch(), branch("B2")]}
    assert set(states([*every_month(), *other], subject="支委会", **small).values()) == {"exempt"}
    plan = held(90, date(2026, 3, 5), "支委会", held_at=None)
    assert set(states([*every_month(), *other, plan], subject="支委会", **small).values()) == {"exempt"}  # a plan is not filed
    assert "missed" in states([*every_month(), *other, held(91, date(2026, 3, 5), "支委会")], subject="支委会", **small).values()


def test_a_group_whose_branch_files_its_meetings_is_exempt() -> None:
    group = branch("P1", "B1", kind="group")
    found = judged(every_month(kind="党小组会"), subject="党小组会", org="P1", organisation=[committee(), branch(), group])
    assert {r["reason"] for r in found.values()} == {"由所在支部统一登记"}


def test_the_nearest_clause_holds_and_a_stricter_one_adds() -> None:
    own = OLD | {"institution_id": "Z2", "org_id": "B1"}
    clause = [MONTHLY | {"subject": "走访", "every": "quarter"}, MONTHLY | {"institution_id": "Z2", "subject": "走访"}]
    found = judged(every_month(kind="走访", skip=(4,)), subject="走访", institution=[OLD, own], clause=clause)
    assert found["2026-03"]["source_key"] == "clause:Z2|第一条"
    assert found["2026-03"]["state"] == "missed"
    assert {r["every"] for r in found.values()} == {"month"}


def test_a_clause_below_a_rule_seen_in_text_is_a_conflict_and_the_rule_holds() -> None:
    loose = MONTHLY | {"every": "quarter"}
    ctx = make(date(2026, 11, 20), organisation=[committee(), branch()], institution=[OLD], clause=[loose], activity=every_month(skip=(4,)))
    rows = [r for r in duties.build(ctx).to_pylist() if r["subject"] == "主题党日"]
    assert {r["source_key"] for r in rows} == {"rule:frequency.theme_day"}
    assert {r["rule_level"] for r in rows} == {"catalogue"}
    (conflict,) = ctx.run(ctx.t("duty_conflict")).to_pylist()
    assert (conflict["clause_asks"], conflict["rule_asks"], conflict["article"]) == ("每季度 1 次", "每月 1 次", "第一条")


def test_where_a_rule_is_only_from_memory_the_local_clause_replaces_it() -> None:
    rule = clauses.Source("rule:x", "catalogue", None, "党课", frozenset(["branch"]), (), "month", 1, 0)
    local = clauses.Source("clause:Z1|一", "local", "B1", "党课", frozenset(["branch"]), (), "quarter", 1, 0)
    assert [s.source for s in clauses.resolve(((0, rule), (0, local)))] == [local]
    firm = clauses.Source("rule:y", "catalogue", None, "党课", frozenset(["branch"]), (), "month", 1, 0, firm=True)
    assert [s.source for s in clauses.resolve(((0, firm), (0, local)))] == [firm]


def test_a_clause_on_a_size_not_reached_leaves_the_superiors_in_place() -> None:
    own = OLD | {"institution_id": "Z2", "org_id": "B1"}
    clause = [
        MONTHLY | {"subject": "走访", "every": "half"},
        MONTHLY | {"institution_id": "Z2", "subject": "走访", "applies_to": "党支部且正式党员数≥20"},
    ]
    ctx = make(
        date(2026, 11, 20),
        organisation=[committee(), branch()],
        institution=[OLD, own],
        clause=clause,
        activity=every_month(kind="走访"),
        person=members("B1", 9),
    )
    rows = {r["period_start"].strftime("%Y-%m"): r for r in duties.build(ctx).to_pylist() if r["subject"] == "走访"}
    assert (rows["2026-01"]["source_key"], rows["2026-01"]["state"]) == ("clause:Z1|第一条", "kept")
    assert set(rows) == {"2025-11", "2025-12", "2026-01"}  # the ledger begins in November: the half-year before is not whole
    assert {rows["2025-11"]["state"], rows["2025-12"]["state"]} == {"exempt"}
    yields = {r["institution_id"]: r["yields"] for r in ctx.run(ctx.t("duty_clause")).to_pylist()}
    assert yields == {"Z1": True, "Z2": False}  # a condition never met asks for nothing


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("走访", "走访"),
        ("开展走访活动", "走访"),
        ("召开支部委员会会议", "支委会"),
        ("民主评议党员工作", "民主评议"),
        ("弘扬优良作风", None),
        ("其他", None),
        (None, None),
    ],
)
def test_free_text_subjects(subject: str | None, kind: str | None) -> None:
    assert clauses.activity_kind(subject) == kind


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("党支部且设支委会", ({"branch"}, (("committee", 0),))),
        ("党委、党总支", ({"committee", "general_branch"}, ())),
        ("党支部且正式党员数≥12", ({"branch"}, (("full", 12),))),
        (None, (set(), ())),
        ("党支部且天气晴", None),
        ("车间", None),
    ],
)
def test_applies_to(text: str | None, bound: Any) -> None:
    assert clauses.applies(text) == (None if bound is None else (frozenset(bound[0]), bound[1]))


def test_a_month_that_most_others_of_the_site_missed_is_shared() -> None:
    """Six branches of one site; five miss March, so March is a closure for all six. One misses May alone."""
    orgs = [f"B{i}" for i in range(1, 7)]
    acts = [a for i, o in enumerate(orgs) for a in every_month(skip=(4,) if i < 5 else (), org=o, start=100 * i)]
    acts = [a for a in acts if not (a["org_id"] == "B1" and a["held_at"].month == 5)]
    ctx = make(
        date(2026, 11, 20), organisation=[committee(), *(branch(o) for o in orgs)], institution=[OLD], clause=[MONTHLY], activity=acts
    )
    rows = {(r["org_id"], r["period_start"].month): r for r in duties.build(ctx).to_pylist() if r["subject"] == "主题党日"}
    assert {o: rows[o, 3]["shared"] for o in orgs} == dict.fromkeys(orgs, True)
    assert (rows["B1", 5]["state"], rows["B1", 5]["shared"]) == ("missed", False)
    (cell,) = ctx.run(ctx.t("duty_cell")).to_pylist()
    assert (cell["site_id"], cell["subject"], cell["bound"], cell["off"]) == ("C1", "主题党日", 6, 5)


def test_three_others_are_too_few_for_a_shared_cause() -> None:
    orgs = ["B1", "B2", "B3", "B4"]
    acts = [a for i, o in enumerate(orgs) for a in every_month(skip=(4,), org=o, start=100 * i)]
    found = judged(acts, organisation=[committee(), *(branch(o) for o in orgs)])
    assert not found["2026-03"]["shared"]


def test_without_clauses_the_catalogue_alone_holds_and_without_activities_nothing_is_judged() -> None:
    ctx = make(date(2026, 11, 20), organisation=[committee(), branch()], activity=every_month())
    assert {r["source_key"] for r in duties.build(ctx).to_pylist()} == {"rule:frequency.theme_day"}
    bare = make(date(2026, 11, 20), organisation=[committee(), branch()], institution=[OLD], clause=[MONTHLY])
    assert duties.build(bare).num_rows == 0


def test_a_kind_that_nobody_files_is_not_judged_and_said() -> None:
    ctx = make(date(2026, 11, 20), organisation=[committee(), branch()], activity=every_month())
    assert {r["subject"] for r in duties.build(ctx).to_pylist()} == {"主题党日"}
    assert "活动记录中没有任何“谈心谈话”,该事项不作判断" in ctx.warnings


def test_where_no_planned_days_are_kept_the_minutes_may_state_the_postponement() -> None:
    acts = [{k: v for k, v in a.items() if k not in ("planned_for", "recorded_at")} | {"minutes": "学习。"} for a in every_month(skip=(4,))]
    acts.append(
        {k: v for k, v in held(90, date(2026, 4, 20)).items() if k not in ("planned_for", "recorded_at")}
        | {"minutes": "因赶工期顺延至今日。"}
    )
    assert states(acts)["2026-03"] == "moved"


def test_the_result_does_not_depend_on_the_order_of_rows() -> None:
    acts = [*every_month(skip=(4,)), held(90, date(2026, 4, 20), planned_for=date(2026, 3, 9))]
    assert judged(acts) == judged(acts[::-1])
