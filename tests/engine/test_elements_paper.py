"""Paper of the elements that stand in the ledgers alone, by hand."""

from datetime import date

import pytest

from tests.engine.build import branch, committee, make, members, post
from zaidao.engine import functions
from zaidao.engine.elements import innovation, institutions, organisation, posts


def first(rows: object, org: str = "B1") -> dict[str, object]:
    return next(r for r in rows if r["org_id"] == org)  # type: ignore[attr-defined]


def test_a_branch_of_nine_with_everything_in_place() -> None:
    ctx = make(organisation=[committee(), branch()], person=members("B1", 9),
               appointment=[post(f"B1P{i}", "B1", p) for i, p in enumerate(["书记", "组织委员", "宣传委员"], 1)])
    row = first(organisation.paper(ctx))
    assert (row["good"], row["total"], row["unknown"]) == (4, 4, 0)  # secretary, term, committee, size
    assert (first(posts.paper(ctx))["good"], first(posts.paper(ctx))["total"]) == (3, 3)


def test_a_branch_of_nine_with_a_secretary_alone_and_its_term_over() -> None:
    orgs = [committee(), branch(term_started_on=date(2020, 1, 1))]
    ctx = make(organisation=orgs, person=members("B1", 9), appointment=[post("B1P1", "B1", "书记")])
    row = first(organisation.paper(ctx))
    assert (row["good"], row["total"]) == (2, 4)
    assert first(posts.paper(ctx))["good"] == 1


def test_a_small_branch_needs_no_committee() -> None:
    ctx = make(organisation=[committee(), branch()], person=members("B1", 4), appointment=[post("B1P1", "B1", "书记")])
    assert (first(organisation.paper(ctx))["good"], first(organisation.paper(ctx))["total"]) == (3, 3)
    assert first(posts.paper(ctx))["total"] == 1


def test_without_roster_and_appointments_items_are_unknown_not_missing() -> None:
    ctx = make(organisation=[committee(), branch()])
    row = first(organisation.paper(ctx))
    assert (row["good"], row["total"], row["unknown"]) == (1, 4, 3)
    assert list(posts.paper(ctx)) == []


def test_a_holder_who_moved_out_holds_no_post_on_paper() -> None:
    people = members("B1", 4) + members("B1", 1, person_id="GONE", moved_out_on=date(2026, 1, 1))
    ctx = make(organisation=[committee(), branch()], person=people, appointment=[post("GONE", "B1", "书记")])
    assert first(posts.paper(ctx))["good"] == 0


def test_functions_are_covered_by_rules_in_force_own_or_inherited() -> None:
    rules = [{"institution_id": "Z1", "title": "“三会一课”办法", "org_id": "C1", "origin": "superior", "adopted_on": date(2024, 1, 1)},
             {"institution_id": "Z2", "title": "谈心谈话制度", "org_id": "B1", "origin": "own", "adopted_on": date(2024, 1, 1),
              "repealed_on": date(2025, 1, 1)}]
    clauses = [{"institution_id": "Z1", "article": "一", "subject": "党员大会", "every": "quarter"}]
    ctx = make(organisation=[committee(), branch()], institution=rules, clause=clauses)
    row = first(institutions.paper(ctx))
    assert row["good"] == 1
    assert row["total"] == len(functions.required(ctx.catalogue.functions, "branch"))


@pytest.mark.parametrize(("idea", "expected"), [
    ({}, {}),
    ({"adopted_on": date(2026, 1, 1)}, {"adopted": True}),
    ({"adopted_on": date(2026, 1, 1), "verdict": "adopt"}, {"adopted": True, "piloted": False, "judged": True, "fixed": False}),
    ({"pilot_from": date(2026, 1, 1)}, {"adopted": False, "piloted": True}),
    ({"adopted_on": date(2026, 1, 1), "pilot_from": date(2026, 2, 1), "verdict": "stop"},
     {"adopted": True, "piloted": True, "judged": True}),
])
def test_stages_that_an_idea_claims(idea: dict[str, object], expected: dict[str, bool]) -> None:
    empty = dict.fromkeys(("adopted_on", "pilot_from", "verdict", "institution_id"))
    assert innovation.claimed(empty | idea) == expected
