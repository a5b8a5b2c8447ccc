"""制度覆盖待补 by hand, and against its twin."""

import random
from datetime import date
from typing import Any

import pytest

from tests.engine.build import branch, committee, make, members
from tests.engine.twins import institution_gap as twin
from zaidao.engine import duties
from zaidao.engine.indicators.institution_gap import institution_gap

AS_OF = date(2026, 11, 1)
PEERS = [f"B{i}" for i in range(2, 8)]


def rule(number: int, org: str = "B1", **more: Any) -> dict[str, Any]:
    base = {
        "institution_id": f"Z{number}",
        "title": "走访办法",
        "org_id": org,
        "origin": "own",
        "adopted_on": date(2024, 1, 1),
        "repealed_on": None,
    }
    return base | more


def clause(number: int, **more: Any) -> dict[str, Any]:
    base = {"article": "第一条", "subject": "走访", "applies_to": "党支部", "every": "half", "at_least": 1, "grace_days": 10}
    return {"institution_id": f"Z{number}"} | base | more


def verdict(
    institution: list[dict[str, Any]], clauses: list[dict[str, Any]], *, peers_with: int = 6, **more: Any
) -> tuple[dict[str, Any], list[str]]:
    """The row of B1 among six peers, `peers_with` of which have a working own rule."""
    theirs = [rule(100 + i, org) for i, org in enumerate(PEERS[:peers_with])]
    ctx = make(
        AS_OF,
        organisation=[committee(), branch("B1", **more), *(branch(o) for o in PEERS)],
        institution=[*institution, *theirs],
        clause=[*clauses, *(clause(100 + i) for i in range(peers_with)), clause(999)],
        person=members("B1", 9),
    )
    duties.build(ctx)
    found = institution_gap(ctx)
    row = {r["org_id"]: r for r in found.table.to_pylist()}.get("B1", {})
    return row, [k for o, k in zip(found.evidence["org_id"].to_pylist(), found.evidence["key"].to_pylist(), strict=True) if o == "B1"]


def test_no_own_rule_where_all_peers_have_one() -> None:
    row, evidence = verdict([], [])
    assert (row["severity"], row["score"], row["peers"], row["peers_with"]) == (3, 1.0, 6, 6)
    assert evidence == ["organisation:B1"]


def test_an_own_rule_with_a_dated_clause_is_enough() -> None:
    row, evidence = verdict([rule(1)], [clause(1)])
    assert (row["severity"], row["score"], evidence) == (0, 0.0, [])


def test_rules_without_a_period_are_decorative() -> None:
    row, evidence = verdict([rule(1), rule(2)], [clause(1, subject="弘扬优良作风", every="none", at_least=None), clause(2, every="none")])
    assert (row["severity"], row["own_rules"], row["decorative"]) == (2, 2, 2)
    assert evidence == ["organisation:B1", "institution:Z1", "institution:Z2"]


def test_a_condition_never_met_is_decorative_too() -> None:
    assert verdict([rule(1)], [clause(1, applies_to="党支部且正式党员数≥60")])[0]["severity"] == 2


def test_a_superiors_rule_is_not_own_and_a_solidified_one_is() -> None:
    assert verdict([rule(1, origin="superior")], [clause(1)])[0]["severity"] == 3
    assert verdict([rule(1, origin="solidified")], [clause(1)])[0]["severity"] == 0


@pytest.mark.parametrize(("repealed", "severity"), [(date(2026, 8, 3), 0), (date(2026, 8, 2), 1), (date(2024, 10, 1), 3)])
def test_a_repealed_rule_without_successor(repealed: date, severity: int) -> None:
    """2 August is 91 days before 1 November; after two years the branch counts as one without a rule."""
    assert verdict([rule(1, repealed_on=repealed)], [clause(1)])[0]["severity"] == severity


def test_a_successor_ends_it() -> None:
    assert (
        verdict([rule(1, repealed_on=date(2026, 1, 1)), rule(2, adopted_on=date(2026, 2, 1))], [clause(1), clause(2)])[0]["severity"] == 0
    )


@pytest.mark.parametrize(("peers_with", "severity"), [(3, 3), (2, 0)])
def test_silent_where_fewer_than_half_of_the_peers_have_one(peers_with: int, severity: int) -> None:
    assert verdict([], [], peers_with=peers_with)[0]["severity"] == severity


def test_new_and_temporary_branches_are_silent() -> None:
    assert verdict([], [], established_on=date(2026, 6, 1))[0]["severity"] == 0
    assert verdict([], [], form="临时")[0]["severity"] == 0


def test_without_the_sheet_of_clauses_nothing_is_called_decorative() -> None:
    orgs = [committee(), branch("B1"), branch("B2")]
    ctx = make(AS_OF, organisation=orgs, institution=[rule(1), rule(2, "B2")])
    duties.build(ctx)
    assert {r["severity"] for r in institution_gap(ctx).table.to_pylist()} == {0}


def test_without_the_sheet_of_institutions_nothing_is_judged() -> None:
    ctx = make(AS_OF, organisation=[committee(), branch("B1")])
    duties.build(ctx)
    found = institution_gap(ctx)
    assert found.table.num_rows == 0
    assert found.unknown is not None
    assert "制度" in found.unknown


def test_the_twin_agrees_on_random_branches() -> None:
    rng = random.Random(3)
    orgs, rules, clauses = [committee()], [], []
    for i in range(150):
        orgs.append(branch(f"B{i}", established_on=rng.choice([date(2015, 1, 1), date(2015, 1, 1), date(2026, 6, 20)])))
        for j in range(rng.choice([0, 1, 2, 2, 3])):
            number = 10 * i + j
            rules.append(
                rule(
                    number,
                    f"B{i}",
                    origin=rng.choice(["own"] * 5 + ["solidified", "superior", None]),
                    adopted_on=rng.choice([None, date(2024, 1, 1), date(2026, 5, 10)]),
                    repealed_on=rng.choice([*[None] * 7, date(2026, 8, 3), date(2026, 1, 1), date(2024, 2, 1)]),
                )
            )
            clauses += [
                clause(number, article=f"第{k}条", every=rng.choice(["half"] * 3 + ["none"])) for k in range(rng.choice([1, 1, 2]))
            ]
    ctx = make(AS_OF, organisation=orgs, institution=rules, clause=clauses, person=members("B1", 3))
    duties.build(ctx)
    expected = twin.verdicts(orgs, rules, clauses, AS_OF)
    assert {r["org_id"]: (r["severity"], r["own_rules"], r["decorative"]) for r in institution_gap(ctx).table.to_pylist()} == expected
    assert {v[0] for v in expected.values()} == {0, 1, 2, 3}
