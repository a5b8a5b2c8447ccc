"""Who writes the records: forty branches of nine members with a record a week, seven of ten by one person, and one written by one hand."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.engine.build import branch, committee, make, members
from tests.engine.twins.attendance import tail
from zaidao.engine.context import Context
from zaidao.engine.hands import hands_chances, hands_marks

Row = dict[str, Any]
ORGS = tuple(f"B{i:02}" for i in range(1, 41))


def world(lone: tuple[str, ...] = ("B07",), size: int = 9, count: int = 20, spread: int = 0, **more: Any) -> Context:
    """P1 writes seven of ten records (six to eight where `spread`), but all of them in the `lone` branches."""
    rows = []
    for j, org in enumerate(ORGS):
        share = 10 if org in lone else 7 + spread * (j % 3 - 1)
        for i in range(count):
            held = datetime(2025, 11, 3, 14) + timedelta(days=16 * i)
            hand = f"{org}P{1 if i % 10 < share else 2}"
            rows.append({"activity_id": f"{org}-{i:02}", "org_id": org, "kind": "支委会", "held_at": held, "recorder_id": hand} | more)
    return make(organisation=[committee(), *(branch(o) for o in ORGS)], person=[p for o in ORGS for p in members(o, size)], activity=rows)


def chances(ctx: Context) -> dict[str, float]:
    return {r["org_id"]: r["p"] for r in hands_chances(ctx).to_pylist()}


def test_one_hand_where_peers_share_the_writing() -> None:
    """Peers: 70 % by one hand; the mean with B07 is 0.7075, and peers differ so little that the strength is at its limit of 20."""
    p = chances(world())
    mean = Fraction(7075, 10000)
    assert p["B07"] == pytest.approx(tail(20, 20, mean * 20, (1 - mean) * 20), rel=1e-6)
    assert p["B07"] < 0.05 < min(v for o, v in p.items() if o != "B07")


def test_marks_lie_on_the_records_of_that_hand_only() -> None:
    marks = hands_marks(world()).to_pylist()
    assert [m["activity_id"] for m in marks] == [f"B07-{i:02}" for i in range(20)]
    assert {(m["family"], m["code"]) for m in marks} == {("hands", "one_hand")}
    assert all(0 < m["strength"] <= 1 for m in marks)


def test_under_seven_members_one_recorder_is_normal() -> None:
    assert chances(world(size=6)) == {}
    assert hands_marks(world(size=6)).num_rows == 0


def test_where_a_third_of_the_peers_have_one_recorder_it_says_nothing() -> None:
    p = chances(world(lone=ORGS[:14]))
    assert min(p.values()) > 0.05


def test_eleven_records_are_too_few() -> None:
    assert chances(world(count=11)) == {}
    assert len(chances(world(count=12))) == 40


def test_unknown_recorders_are_not_counted_and_without_the_column_nothing_is() -> None:
    assert chances(world(recorder_id=None)) == {}
    ctx = make(organisation=[committee(), branch("B1")], person=members("B1", 9),
               activity=[{"activity_id": "A1", "org_id": "B1", "held_at": datetime(2026, 3, 5, 14)}])
    assert hands_chances(ctx).num_rows == hands_marks(ctx).num_rows == 0
