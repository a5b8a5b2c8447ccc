"""岗位负荷偏重: hours added up by hand from data/hours.csv (书记 14, 组织委员 7, 宣传委员 6, 纪检委员 5, 工会主席 10, 团支部书记 8,
the second administrative post 12, the first none; 24 hours fit beside a line job). Judged on 1 November 2026."""

import random
from datetime import date
from typing import Any

import pytest

from tests.engine.build import branch, committee, make, members, post
from tests.engine.twins import load as twin
from zaidao.engine import sentences
from zaidao.engine.context import Context
from zaidao.engine.indicators.overloaded_posts import overloaded_posts

TODAY = date(2026, 11, 1)
Row = dict[str, Any]


def world(*posts: Row, size: int = 9, **more: Any) -> Context:
    orgs = [committee(), branch("B1", **more), branch("B2"), branch("B3")]
    people = [p for o in ("B1", "B2", "B3") for p in members(o, size)]
    return make(as_of=TODAY, organisation=orgs, person=people, appointment=list(posts))


def found(*posts: Row, org: str = "B1", **more: Any) -> Row:
    return next(r for r in overloaded_posts(world(*posts, **more)).table.to_pylist() if r["org_id"] == org)


def side(person: str, org: str, name: str, domain: str, **more: Any) -> Row:
    return post(person, org, name, domain=domain, **more)


COLLEAGUES = (post("B1P2", "B1", "组织委员"), post("B1P3", "B1", "宣传委员"))
FIVE = (
    post("B1P1", "B1", "书记"), side("B1P1", "B1", "车间主任", "administrative"), side("B1P1", "B1", "工会主席", "mass"),
    side("B1P1", "B2", "团支部书记", "mass"),
)


def test_secretary_with_line_job_union_and_youth_league_has_32_hours_where_24_fit() -> None:
    """14 + 0 + 10 + 8 = 32; lower bound 32 - 0.3 * root(14² + 10² + 8²) = 26.3. 14 of 27 Party-post hours: 52 %."""
    row = found(*FIVE, *COLLEAGUES)
    assert (row["hours"], row["posts_at_once"], row["persons"], row["k"], row["n"]) == (32, 4, 1, 1, 3)
    assert row["hours_low"] == pytest.approx(26.308, abs=1e-3)
    assert row["score"] == pytest.approx(14 / 27)
    assert row["severity"] == 3


def test_three_posts_are_not_too_many_whatever_they_cost() -> None:
    """书记, 组织委员 and 宣传委员 of one branch are one; with 工会主席 and the line job three: 37 hours, yet nothing is said."""
    row = found(*FIVE[:3], post("B1P1", "B1", "组织委员"), post("B1P1", "B1", "宣传委员"))
    assert row["severity"] == 0


def test_one_committee_post_of_three_exceeds_the_floor_but_not_twice() -> None:
    """组织委员 7 of 27 hours is 26 %, but a third of the posts: 3. With four posts a quarter and 22 %: 2."""
    beside = (*(r | {"person_id": "B1P2"} for r in FIVE[1:]), side("B1P2", "B1", "安全总监", "administrative"))
    load = (post("B1P2", "B1", "组织委员"), *beside)
    rest = (post("B1P1", "B1", "书记"), post("B1P3", "B1", "宣传委员"))
    assert found(*load, *rest)["severity"] == 3
    four = found(*load, *rest, post("B1P4", "B1", "纪检委员"))
    assert (four["severity"], four["score"]) == (2, pytest.approx(7 / 32))


def test_hours_over_capacity_only_at_the_standard_are_a_hint() -> None:
    """组织委员 7, 工会主席 10, 纪检委员 elsewhere 5 and 女工委员 5: 27; lower bound 27 - 4.2 = 22.8, under 24."""
    load = (
        post("B1P2", "B1", "组织委员"), side("B1P2", "B1", "工会主席", "mass"),
        post("B1P2", "B2", "纪检委员"), side("B1P2", "B2", "女工委员", "mass"),
    )
    assert found(*load, post("B1P1", "B1", "书记"))["severity"] == 1


def test_posts_held_one_after_another_or_for_less_than_three_months_are_not_at_once() -> None:
    ended = (*FIVE[:3], FIVE[3] | {"until": date(2026, 6, 1)})
    assert found(*ended, *COLLEAGUES)["severity"] == 0
    assert found(*FIVE[:3], FIVE[3] | {"since": date(2026, 8, 1)}, *COLLEAGUES)["severity"] == 0  # 92 days
    assert found(*FIVE[:3], FIVE[3] | {"since": date(2026, 7, 31)}, *COLLEAGUES)["severity"] == 3


def test_re_election_last_month_does_not_hide_a_post_held_for_years() -> None:
    again = (FIVE[0] | {"since": date(2026, 10, 10)}, *FIVE[1:], *COLLEAGUES)
    assert found(*again, term_started_on=date(2026, 10, 10))["severity"] == 3
    predecessor = post("B1P9", "B1", "书记", since=date(2023, 10, 1), until=date(2026, 10, 10))
    assert found(*again, predecessor, term_started_on=date(2026, 10, 10))["severity"] == 0


def test_full_time_holders_and_organisations_with_a_full_time_officer_are_silent() -> None:
    full = tuple(r | {"full_time": "yes"} for r in FIVE[:1]) + FIVE[1:]
    assert found(*full, *COLLEAGUES)["severity"] == 0
    assert found(*FIVE, *COLLEAGUES, post("B1P5", "B1", "党务干事", full_time="yes"))["severity"] == 0


def test_acting_posts_and_pairs_that_the_rules_join_do_not_count() -> None:
    assert found(*FIVE[:3], FIVE[3] | {"basis": "经研究,由其临时负责"}, *COLLEAGUES)["severity"] == 0
    cross = (*FIVE[:3], side("B1P1", "B1", "执行董事", "administrative"))
    assert found(*cross, *COLLEAGUES)["severity"] == 0


def test_the_one_prescribed_secretary_of_a_small_branch_is_silent() -> None:
    assert found(*FIVE, size=5)["severity"] == 0
    assert found(*FIVE, size=7)["severity"] == 3
    assert found(*FIVE, *COLLEAGUES, size=5)["severity"] == 3


def test_evidence_is_the_person_and_every_post_wherever() -> None:
    ctx = world(*FIVE, *COLLEAGUES)
    result = overloaded_posts(ctx)
    keys = [r["key"] for r in result.evidence.to_pylist() if r["org_id"] == "B1"]
    assert keys == [
        "person:B1P1", "appointment:B1P1|B1|书记", "appointment:B1P1|B1|工会主席",
        "appointment:B1P1|B1|车间主任", "appointment:B1P1|B2|团支部书记",
    ]
    card, row = ctx.catalogue.card("overloaded_posts"), next(r for r in result.table.to_pylist() if r["org_id"] == "B1")
    sentences.check(card, result.table.column_names)
    assert sentences.render(card, row).startswith("3个党务岗位中有1个由1名身兼数职的同志承担(约占党务工时的52%)")


@pytest.mark.parametrize("column", ["since", "full_time"])
def test_without_starts_or_full_time_nothing_is_judged(column: str) -> None:
    bare = [{k: v for k, v in r.items() if k != column} for r in (*FIVE, *COLLEAGUES)]
    result = overloaded_posts(world(*bare))
    assert result.unknown
    assert result.table.num_rows == 0


@pytest.mark.parametrize("seed", range(8))
def test_random_posts_agree_with_the_twin(seed: int) -> None:
    rng = random.Random(seed)
    orgs = ["B1", "B2", "B3"]
    terms = {o: date(rng.choice((2024, 2026)), rng.randint(1, 10), 5) for o in orgs}
    rows = []
    names = {"party": ("书记", "副书记", "组织委员", "宣传委员", "青年委员", "党务干事"), "mass": ("工会主席", "团支部书记", "武装干事"),
             "administrative": ("经理", "总经理")}
    choices = [(name, domain) for domain, held in names.items() for name in held]
    for name, domain in rng.choices(choices, k=45):
        org = rng.choice(orgs)
        since = rng.choice((terms[org], date(2023, 5, 1), date(2026, 9, 20), date(2025, rng.randint(1, 12), 9)))
        until = rng.choice((None, None, None, date(2026, 10, 20)))
        full = "yes" if rng.random() < 0.02 else "no"
        rows.append(post(f"P{rng.randint(1, 6)}", org, name, domain=domain, since=since, until=until, full_time=full))
    ctx = make(as_of=TODAY, organisation=[committee(), *(branch(o, term_started_on=terms[o]) for o in orgs)], appointment=rows)
    expected = twin.shares(rows, dict.fromkeys(orgs, "branch"), terms, TODAY)
    mine = {r["org_id"]: (r["score"], r["low"], r["severity"]) for r in overloaded_posts(ctx).table.to_pylist()}
    assert mine == {o: pytest.approx(v) for o, v in expected.items()}
