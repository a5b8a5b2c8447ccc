"""自愿参与偏少: forty branches where a quarter of those asked come of their own accord and give 4.2; one where it is otherwise."""

import random
from datetime import datetime
from typing import Any

import pytest

from tests.engine.build import branch, committee, make, members
from tests.engine.twins import appeal as twin
from zaidao.engine import sentences
from zaidao.engine.indicators.base import Ruled
from zaidao.engine.indicators.low_appeal import low_appeal

Row = dict[str, Any]
PEERS = tuple(f"B{i:02}" for i in range(1, 41))


def service(org: str, i: int, volunteers: int | None, rating: float | None, **more: Any) -> Row:
    """The i-th voluntary service of a branch: 8 asked, 6 raters if there is a mark."""
    held = datetime(2025 + (10 + i) // 12, (10 + i) % 12 + 1, 9, 14)
    base = {
        "activity_id": f"{org}-{i}", "org_id": org, "kind": "志愿服务", "held_at": held,
        "eligible": 8, "present": 5, "volunteers": volunteers, "ratings": 6 if rating is not None else None, "rating": rating,
    }
    return base | more


def year(org: str, volunteers: int | None, rating: float | None, count: int = 10, **more: Any) -> list[Row]:
    return [service(org, i, volunteers, rating, **more) for i in range(count)]


def world(rows: list[Row], orgs: tuple[str, ...] = (*PEERS, "X"), sites: dict[str, str] | None = None) -> Ruled:
    sites = sites or {}
    superiors = sorted({"C1", *sites.values()})
    tables = {
        "organisation": [committee(c) for c in superiors] + [branch(o, sites.get(o, "C1")) for o in orgs],
        "person": [p for o in orgs for p in members(o, 8)], "activity": rows,
    }
    return low_appeal(make(**tables))


def normal() -> list[Row]:
    return [row for org in PEERS for row in year(org, 2, 4.2)]


def result(ruled: Ruled, org: str = "X") -> Row:
    return next(r for r in ruled.table.to_pylist() if r["org_id"] == org)


def test_nobody_volunteers_and_marks_are_low() -> None:
    """10 services, 80 asked, 20 expected, none came; marks 2.8 from 60 raters: (168 + 5 x 4.2) / 65 = 2.91, 1.29 under 4.2."""
    ruled = world([*normal(), *year("X", 0, 2.8)])
    row = result(ruled)
    assert (row["k"], row["n"], row["eligible"], row["usual"], row["severity"]) == (0, 10, 80, 20, 2)
    assert row["mark"] == pytest.approx(189 / 65)
    assert row["mark_below"] == pytest.approx(4.2 - 189 / 65)
    assert all(r["severity"] == 0 for r in ruled.table.to_pylist() if r["org_id"] != "X")
    assert [r["key"] for r in ruled.evidence.to_pylist()] == [f"activity:X-{i}" for i in range(10)]


def test_with_two_hundred_asked_it_is_plain() -> None:
    """None of 200 where 50 are usual: surely less than half, in odd and in even months, and marks more than a point lower."""
    row = result(world([*normal(), *year("X", 0, 2.8, eligible=20)]))
    assert row["low"] >= 0.5
    assert row["severity"] == 3
    spring = [service("X", i, 0 if i % 2 else 5, 2.8, eligible=20) for i in range(10)]
    assert result(world([*normal(), *spring]))["severity"] == 0  # 25 of 50 is half
    assert result(world([*normal(), *spring, service("X", 11, 0, 2.8, eligible=20)]))["severity"] == 2  # even months are as usual


@pytest.mark.parametrize(("volunteers", "rating"), [(0, 4.2), (2, 2.8), (1, 2.8), (0, 3.69)])
def test_one_of_the_two_alone_is_not_enough(volunteers: int, rating: float) -> None:
    """Exactly half (10 of 20) is not under half; a mark of 3.69 shrinks to 3.73, less than half a point under."""
    assert result(world([*normal(), *year("X", volunteers, rating)]))["severity"] == 0


def test_compulsory_turnout_is_no_appeal() -> None:
    rows = [*normal(), *year("X", 0, 2.8, kind="党员大会")]
    assert "X" not in {r["org_id"] for r in world(rows).table.to_pylist()}


def test_five_activities_are_too_few_to_decide() -> None:
    assert result(world([*normal(), *year("X", 0, 2.8, count=5)]))["severity"] == 1
    assert result(world([*normal(), *year("X", 0, 2.8, count=6)]))["severity"] >= 2


def test_a_mean_of_fewer_than_five_raters_is_neither_used_nor_shown() -> None:
    rows = [*normal(), *year("X", 0, None, count=9), service("X", 9, 0, 1.0, ratings=4)]
    row = result(world(rows))
    assert (row["severity"], row["mark"], row["mark_below"]) == (1, None, None)


def test_shifts_explain_few_volunteers_unless_marks_are_a_whole_point_lower() -> None:
    """Six branches of one site work in shifts: hardly anyone volunteers there, but whoever comes gives 4.2."""
    shift = tuple(f"S{i}" for i in range(6))
    sites = dict.fromkeys((*shift, "X"), "C2")
    rows = [*normal(), *(row for o in shift for row in [*year(o, 0, 4.2, count=9), service(o, 9, 1, 4.2)])]
    orgs = (*PEERS, *shift, "X")
    assert result(world([*rows, *year("X", 0, 3.4)], orgs, sites))["severity"] == 0
    assert result(world([*rows, *year("X", 0, 3.4)], orgs))["severity"] == 2
    assert result(world([*rows, *year("X", 0, 2.8)], orgs, sites))["severity"] == 2


def test_where_a_quarter_of_the_peers_have_no_volunteers_packaged_values_stand_in() -> None:
    """Thirty of forty branches have none and mark 2.8: they are no measure of what is possible. 20 % of 80 asked are 16."""
    rows = [row for i, org in enumerate(PEERS) for row in (year(org, 2, 4.2) if i < 10 else year(org, 0, 2.8))]
    found = {r["org_id"]: r for r in world(rows, PEERS).table.to_pylist()}
    assert all(r["packaged"] for r in found.values())
    assert found["B40"]["usual"] == pytest.approx(16)
    assert found["B40"]["mark"] == pytest.approx(2.8)
    assert [o for o in PEERS if found[o]["severity"] >= 2] == list(PEERS[10:])


def test_few_asked_are_not_judged() -> None:
    rows = [*normal(), *year("X", 0, 2.8, eligible=2)]
    row = result(world(rows))
    assert (row["usual"], row["severity"]) == (5, 3 if row["low"] >= 0.5 else 2)
    assert result(world([*normal(), *year("X", 0, 2.8, count=9, eligible=2)]))["severity"] == 1


def test_without_volunteers_on_file_nothing_is_judged() -> None:
    bare = [{k: v for k, v in r.items() if k != "volunteers"} for r in normal()]
    ruled = world(bare)
    assert ruled.unknown
    assert ruled.table.num_rows == 0


def test_every_field_of_the_sentence_exists() -> None:
    ctx = make(organisation=[committee(), branch("B1")], activity=year("B1", 0, 2.0), person=members("B1", 8))
    ruled = low_appeal(ctx)
    card = ctx.catalogue.card("low_appeal")
    sentences.check(card, ruled.table.column_names)
    assert "自愿报名0人次" in sentences.render(card, ruled.table.to_pylist()[0])


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5])
def test_random_groups_agree_with_the_twin(seed: int) -> None:
    rng = random.Random(seed)
    rows = []
    for org in PEERS:
        thin = rng.random() < (0.6 if seed % 2 else 0.15)
        for i in range(rng.randint(3, 14)):
            eligible = rng.randint(3, 12)
            came = 0 if thin and rng.random() < 0.9 else rng.randint(0, eligible // 2)
            rating = None if rng.random() < 0.4 else round((2.8 if thin else 4.2) + rng.uniform(-0.4, 0.4), 1)
            rows.append(service(
                org, i % 12, came, rating, activity_id=f"{org}-{i}", eligible=eligible, kind=rng.choice((*twin.VOLUNTARY, "党课")),
                ratings=None if rating is None else rng.randint(1, 9),
            ))
    sites = {o: f"D{i}" for i, o in enumerate(PEERS)}
    mine = {r["org_id"]: r["severity"] for r in world(rows, PEERS, sites).table.to_pylist()}
    expected = twin.severities(rows, list(PEERS))
    assert {o: s >= 2 for o, s in mine.items()} == {o: s >= 2 for o, s in expected.items()}
    assert any(expected.values())
