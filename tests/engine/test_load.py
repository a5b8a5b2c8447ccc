"""Load by post: what each post asks for a month, and what rests on one person alone. Judged on 1 November 2026."""

from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from tests.engine.build import branch, committee, make, post
from zaidao.engine import load
from zaidao.engine.context import Context

Row = dict[str, Any]
MEETINGS = ("支委会", "支委会", "党课")


def record(code: str, kind: str, recorder: str | None) -> Row:
    return {"activity_id": code, "org_id": "B1", "kind": kind, "held_at": datetime(2026, 3, 5, 14), "recorder_id": recorder}


def build(*posts: Row, activity: list[Row] | None = None, orgs: list[Row] | None = None) -> Context:
    more = {"activity": activity} if activity else {}
    return make(organisation=orgs or [committee(), branch("B1"), branch("B2")], appointment=list(posts), **more)


def rows(ctx: Context) -> list[Row]:
    return load.build(ctx).to_pylist()


def test_posts_stand_in_the_order_of_the_catalogue_not_of_burden() -> None:
    union = post("P1", "B1", "工会主席", domain="mass")
    ctx = build(union, post("P2", "B1", "宣传委员"), post("P3", "B1", "书记"), post("P1", "B2", "书记"))
    expected = [("B1", "书记", 14), ("B1", "宣传委员", 6), ("B1", "工会主席", 10), ("B2", "书记", 14)]
    assert [(r["org_id"], r["post"], r["hours"]) for r in rows(ctx)] == expected
    assert [r["ord"] for r in rows(ctx)] == [0, 1, 2, 3]


def test_hours_of_a_person_add_up_across_organisations_with_bounds() -> None:
    """14 + 10 = 24; 30 % of each, independently: 0.3 * root(14² + 10²) = 5.2."""
    ctx = build(post("P1", "B1", "书记"), post("P1", "B2", "工会主席", domain="mass"))
    for row in rows(ctx):
        assert (row["person_hours"], row["capacity"], row["posts_at_once"]) == (24, 24, 2)
        assert (row["person_low"], row["person_high"]) == (pytest.approx(18.839, abs=1e-3), pytest.approx(29.161, abs=1e-3))


def test_the_first_administrative_post_is_the_line_job_and_the_second_costs_twelve_hours() -> None:
    ctx = build(post("P1", "B1", "部门经理", domain="administrative"), post("P1", "B1", "安全总监", domain="administrative"))
    assert sorted(r["hours"] for r in rows(ctx)) == [0, 12]


def test_a_secretary_costs_by_kind_of_organisation_and_unlisted_posts_fall_to_others() -> None:
    orgs = [committee(), branch("B1"), branch("G1", kind="general_branch")]
    posts = [post("P1", "C1", "党委书记"), post("P2", "G1", "书记"), post("P3", "B1", "支部书记"), post("P4", "B1", "青年委员"),
             post("P5", "B1", "妇联小组长", domain="mass")]
    found = {r["person_id"]: r["hours"] for r in rows(build(*posts, orgs=orgs))}
    assert found == {"P1": 40, "P2": 24, "P3": 14, "P4": 4, "P5": 6}


def test_full_time_capacity_is_150_hours_and_acting_posts_cost_nothing() -> None:
    ctx = build(post("P1", "B1", "党务干事", full_time="yes"), post("P2", "B1", "书记", tenure="代理"))
    found = {r["person_id"]: r for r in rows(ctx)}
    assert found["P1"]["capacity"] == 150
    assert (found["P2"]["hours"], found["P2"]["acting"], found["P2"]["posts_at_once"]) == (0, True, 0)


def test_one_post_entered_twice_is_one_post_and_ended_ones_are_gone() -> None:
    twice = (post("P1", "B1", "书记"), post("P1", "B1", "书记", since=date(2024, 1, 1)))
    ended = post("P2", "B1", "组织委员", until=date(2026, 11, 1))
    assert [(r["person_id"], r["person_hours"]) for r in rows(build(*twice, ended))] == [("P1", 14)]


def test_what_would_stop_is_next_quarters_duties_of_kinds_that_one_person_alone_records() -> None:
    """Two of three duties due from November to January last year were 支委会, always recorded by P1; 党课 changes hands."""
    acts = [record(f"A{i}", "支委会", "P1") for i in range(3)] + [record("A7", "党课", "P1"), record("A8", "党课", "P2")]
    ctx = build(post("P1", "B1", "书记"), post("P2", "B1", "组织委员"), activity=acts)
    duty = [{"org_id": "B1", "subject": s, "m": m, "state": "kept"} for m, s in ((0, "支委会"), (1, "支委会"), (2, "党课"), (3, "支委会"))]
    duty.append({"org_id": "B1", "subject": "党课", "m": 0, "state": "exempt"})
    ctx.engine.put("duty", pa.Table.from_pylist(duty))
    found = {r["person_id"]: r for r in rows(ctx)}
    assert (found["P1"]["next_quarter"], found["P1"]["hanging"], found["P1"]["would_stop"]) == (3, 2, "支委会")
    assert found["P1"]["hanging_share"] == pytest.approx(2 / 3, abs=1e-6)
    assert (found["P2"]["hanging"], found["P2"]["would_stop"]) == (0, "")


def test_without_duties_nothing_is_known_about_what_would_stop() -> None:
    row = rows(build(post("P1", "B1", "书记")))[0]
    assert (row["next_quarter"], row["hanging"], row["hanging_share"], row["would_stop"]) == (None, None, None, None)


def test_without_appointments_the_table_is_empty() -> None:
    assert load.build(make(organisation=[committee(), branch("B1")])).num_rows == 0
