"""组织设置待补 by hand, and against its twin."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from tests.engine.build import branch, committee, make, members, post
from tests.engine.twins import structure_gap as twin
from zaidao.engine.indicators.structure_gap import structure_gap
from zaidao.engine.structure import role

AS_OF = date(2026, 11, 1)
FULL = ("书记", "组织委员", "宣传委员")


def held(*names: str, org: str = "B1", **more: Any) -> list[dict[str, Any]]:
    return [post(f"{org}P{i}", org, name, **more) for i, name in enumerate(names, 1)]


def verdict(org: str = "B1", **tables: Any) -> dict[str, Any]:
    found = structure_gap(make(AS_OF, **({"organisation": [committee(), branch()]} | tables)))
    return {r["org_id"]: r for r in found.table.to_pylist()}.get(org, {})


def test_nine_members_with_committee_in_their_term_are_complete() -> None:
    row = verdict(person=members("B1", 9), appointment=held(*FULL))
    assert (row["severity"], row["score"], row["required"], row["open"]) == (0, 0.0, 6, 0)


@pytest.mark.parametrize(("left", "severity"), [(date(2026, 4, 1), 3), (date(2026, 6, 1), 2), (date(2026, 10, 1), 1)])
def test_a_vacant_secretary_weighs_by_how_long(left: date, severity: int) -> None:
    row = verdict(person=members("B1", 5), appointment=held("书记", until=left))
    assert row["severity"] == severity
    assert row["problems"].startswith("书记空缺约")


def test_a_vacancy_without_a_former_holder_counts_from_the_terms_start() -> None:
    organisation = [committee(), branch(term_started_on=date(2026, 9, 1))]
    assert verdict(organisation=organisation, person=members("B1", 5), appointment=held("组织委员"))["severity"] == 1
    assert verdict(person=members("B1", 5), appointment=held("组织委员"))["severity"] == 3


@pytest.mark.parametrize(("count", "severity"), [(6, 0), (7, 3)])
def test_from_seven_full_members_a_committee_is_required(count: int, severity: int) -> None:
    people = [*members("B1", count), *[m | {"person_id": "Y" + m["person_id"], "category": "probationary"} for m in members("B1", 5)]]
    assert verdict(person=people, appointment=held("书记"))["severity"] == severity


def test_a_branch_that_grew_past_seven_lately_is_left_alone() -> None:
    people = [*members("B1", 6), *[m | {"person_id": "N1", "full_since": date(2026, 7, 1)} for m in members("B1", 1)]]
    assert verdict(person=people, appointment=held("书记"))["severity"] == 0


def test_members_of_groups_count_for_the_branch() -> None:
    organisation = [committee(), branch(), branch("P1", "B1", kind="group")]
    assert verdict(organisation=organisation, person=members("P1", 8), appointment=held("书记"))["severity"] == 3


def test_one_required_post_vacant_for_more_than_three_months() -> None:
    row = verdict(person=members("B1", 9), appointment=held("书记", "组织委员", "纪检委员"))
    assert (row["severity"], row["open"]) == (2, 1)
    assert "宣传委员空缺" in row["problems"]


def test_committee_members_without_portfolio_leave_the_portfolios_open() -> None:
    assert verdict(person=members("B1", 9), appointment=held("书记", "委员", "委员"))["severity"] == 0


@pytest.mark.parametrize(("start", "severity"), [(date(2023, 11, 1), 0), (date(2023, 8, 3), 1), (date(2023, 8, 2), 2)])
def test_over_term_by_more_than_ninety_days(start: date, severity: int) -> None:
    """3 August 2026 is 90 days before 1 November 2026, 2 August is 91."""
    assert (
        verdict(organisation=[committee(), branch(term_started_on=start)], person=members("B1", 5), appointment=held("书记"))["severity"]
        == severity
    )


def test_an_extension_on_file_and_an_unknown_term_are_silent() -> None:
    for more in ({"term_started_on": date(2023, 1, 1), "extended_to": date(2026, 12, 31)}, {"term_started_on": None}):
        assert verdict(organisation=[committee(), branch(**more)], person=members("B1", 5), appointment=held("书记"))["severity"] == 0


@pytest.mark.parametrize(("count", "severity"), [(50, 0), (51, 1), (57, 1), (58, 2)])
def test_more_than_fifty_full_members_by_over_fifteen_percent(count: int, severity: int) -> None:
    assert verdict(person=members("B1", count), appointment=held(*FULL))["severity"] == severity


@pytest.mark.parametrize("more", [{"established_on": date(2026, 6, 1)}, {"form": "联合"}, {"form": "临时"}, {"name": "抢险临时党支部"}])
def test_new_joint_and_temporary_branches_are_silent(more: dict[str, Any]) -> None:
    assert verdict(organisation=[committee(), branch(**more)], person=members("B1", 9), appointment=held("书记")) == {}


def test_a_committee_answers_for_its_own_secretary_and_term_alone() -> None:
    row = verdict("C1", person=members("C1", 60), appointment=held("书记", org="C1"))
    assert (row["severity"], row["required"]) == (0, 2)
    assert verdict("C1", person=members("C1", 60), appointment=held("副书记", org="C1"))["severity"] == 3


def test_an_acting_deputy_fills_the_secretarys_post() -> None:
    assert verdict(person=members("B1", 5), appointment=held("副书记", tenure="主持工作"))["severity"] == 0


def test_what_is_not_on_file_is_unknown_and_widens_the_bounds() -> None:
    row = verdict(organisation=[committee(), branch(term_started_on=date(2020, 1, 1))])
    assert (row["severity"], row["unknown_items"], row["low"], row["high"]) == (2, 2, pytest.approx(1 / 3), 1.0)


@pytest.mark.parametrize(
    ("title", "fills"),
    [
        ("书记", "书记"),
        ("党支部书记", "书记"),
        ("副书记", None),
        ("团支部书记", None),
        ("纪委书记", None),
        ("组织委员", "组织委员"),
        ("组织宣传委员", "组织宣传委员"),
        ("支部委员", "委员"),
        ("工会委员", None),
        ("部门经理", None),
        ("纪检委员", "其他委员"),
    ],
)
def test_titles(title: str, fills: str | None) -> None:
    assert role(title) == fills


def test_the_twin_agrees_on_random_branches() -> None:
    rng = random.Random(7)
    orgs, people, posts = [committee()], [], []
    for i in range(120):
        org = f"B{i}"
        orgs.append(
            branch(
                org,
                established_on=rng.choice([date(2015, 1, 1), None, date(2026, 6, 20)]),
                form=rng.choice([None, None, "联合"]),
                term_started_on=rng.choice([None, date(2020, 3, 31), date(2023, 8, 3), date(2025, 1, 1)]),
                term_years=rng.choice([None, 3.0]),
                extended_to=rng.choice([None, None, date(2027, 1, 1)]),
            )
        )
        joined = [date(2016, 1, 1), date(2026, 8, 1)]
        people += [m | {"full_since": rng.choice(joined)} for m in members(org, rng.choice([0, 2, 6, 7, 8, 52, 60]))]
        for j, name in enumerate(rng.sample(["书记", "组织委员", "宣传委员", "纪检委员", "委员"], rng.randint(0, 4))):
            posts.append(post(f"{org}P{j}", org, name, until=rng.choice([None, None, AS_OF - timedelta(days=rng.choice([20, 100, 300]))])))
    found = structure_gap(make(AS_OF, organisation=orgs, person=people, appointment=posts))
    expected = twin.verdicts(orgs, people, posts, AS_OF)
    assert {r["org_id"]: (r["severity"], r["required"], r["open"]) for r in found.table.to_pylist()} == expected
    assert len({v[0] for v in expected.values()}) == 4  # every severity occurs
