"""Marks and chances of attendance, by hand: who was where, who was still or already on the roster, and who is ever absent."""

import random
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest

from tests.engine.build import branch, committee, make, members
from tests.engine.twins import attendance as twin
from zaidao.engine.appeal import appeal_chances, appeal_marks
from zaidao.engine.attendance import attendance_chances, attendance_marks
from zaidao.engine.chances import lower_tail, smallest, strength, upper_tail
from zaidao.engine.context import Context

Row = dict[str, Any]
ORGS = tuple(f"B{i:02}" for i in range(1, 41))


def meeting(code: str, org: str, who: list[str], hour: int = 14, minute: int = 0, **more: Any) -> Row:
    base = {
        "activity_id": code, "org_id": org, "kind": "党员大会", "held_at": datetime(2026, 3, 5, hour, minute), "hours": 2.0,
        "place": f"{org}会议室", "carrier_id": None, "participants": who, "eligible": 9, "present": len(who),
    }
    return base | more


def marks(*rows: Row, **more: Any) -> list[tuple[str, str]]:
    orgs, people = [committee(), branch("B1"), branch("B2")], [*members("B1", 9), *members("B2", 9)]
    ctx = make(organisation=orgs, person=people, activity=list(rows), **more)
    return [(m["activity_id"], m["code"]) for m in attendance_marks(ctx).to_pylist()]


FIRST = meeting("A1", "B1", ["B1P1", "B1P2", "B1P3"])


def test_one_person_in_two_places_at_once_marks_both_records() -> None:
    elsewhere = meeting("A2", "B2", ["B1P1", "B2P1", "B2P2"], hour=15)
    assert marks(FIRST, elsewhere) == [("A1", "two_places"), ("A2", "two_places")]


@pytest.mark.parametrize("more", [
    {"hour": 16}, {"hour": 15, "minute": 31}, {"place": "B1会议室"}, {"place": None}, {"hours": None, "hour": 15}, {"hour": 0},
])
def test_back_to_back_same_place_or_unknown_is_nothing(more: Row) -> None:
    """A1 runs from 14:00 to 16:00; an overlap under half an hour, the same or no place, no length or no time of day say nothing."""
    assert marks(FIRST, meeting("A2", "B2", ["B1P1", "B2P1", "B2P2"], **more)) == []


def test_a_joint_meeting_is_mostly_the_same_people_or_one_carrier() -> None:
    assert marks(FIRST, meeting("A2", "B2", ["B1P1", "B1P2", "B2P1", "B2P2"])) == []
    shared = {"carrier_id": "Z1"}
    assert marks(FIRST | shared, meeting("A2", "B2", ["B1P1", "B2P1"], **shared)) == []


def test_two_records_of_one_organisation_on_one_afternoon_are_its_own_affair() -> None:
    assert marks(FIRST, meeting("A2", "B1", ["B1P1"], hour=15, place="食堂")) == []


@pytest.mark.parametrize(("came", "left", "found"), [
    (date(2026, 4, 5), None, True), (date(2026, 4, 4), None, False),
    (date(2016, 1, 1), date(2026, 2, 2), True), (date(2016, 1, 1), date(2026, 2, 3), False),
])
def test_more_than_thirty_days_outside_the_roster(came: date, left: date | None, found: bool) -> None:
    """The meeting is on 5 March 2026: 31 days before 5 April, and 31 days after 2 February."""
    person = [*members("B1", 9), *members("B1", 1, person_id="X", moved_in_on=came, moved_out_on=left)]
    ctx = make(organisation=[committee(), branch("B1")], person=person, activity=[meeting("A1", "B1", ["B1P1", "X"])])
    assert [m["code"] for m in attendance_marks(ctx).to_pylist()] == (["off_roster"] if found else [])


def test_guests_are_judged_by_no_roster_of_ours() -> None:
    person = [*members("B1", 9), *members("B2", 1, moved_out_on=date(2025, 1, 1))]
    ctx = make(organisation=[committee(), branch("B1"), branch("B2")], person=person, activity=[meeting("A1", "B1", ["B1P1", "B2P1"])])
    assert attendance_marks(ctx).num_rows == 0


@pytest.mark.parametrize(("present", "found"), [(3, False), (5, False), (6, True), (1, False), (0, True)])
def test_a_list_of_three_against_the_number_present(present: int, found: bool) -> None:
    """Two more or fewer may be guests or a missed signature."""
    assert marks(FIRST | {"present": present}) == ([("A1", "count_mismatch")] if found else [])


def world(present: dict[str, int], eligible: int = 10, size: int = 10, count: int = 12, **more: Any) -> Context:
    """Forty branches with a meeting each month; of ten eligible nine come, but where `present` says otherwise."""
    rows = [
        {
            "activity_id": f"{o}-{i}", "org_id": o, "kind": "党员大会", "eligible": eligible,
            "held_at": datetime(2025 + (10 + i) // 12, (10 + i) % 12 + 1, 6, 14), "present": present.get(o, eligible - 1 + (i % 3 - 1)),
        } | more for o in ORGS for i in range(count)
    ]
    return make(organisation=[committee(), *(branch(o) for o in ORGS)], person=[p for o in ORGS for p in members(o, size)], activity=rows)


def chances(ctx: Context) -> dict[str, float]:
    return {r["org_id"]: r["p"] for r in attendance_chances(ctx).to_pylist()}


def test_nobody_ever_absent_of_120_where_peers_come_to_nine_tenths() -> None:
    """Beta-binomial with mean 0.9 and strength 20, all 120 present."""
    ctx = world({"B07": 10})
    p = chances(ctx)
    assert p["B07"] == pytest.approx(twin.tail(120, 120, Fraction(18), Fraction(2)), rel=1e-6)
    assert p["B07"] < 0.05
    assert min(v for o, v in p.items() if o != "B07") > 0.05
    full = [m for m in attendance_marks(ctx).to_pylist() if m["code"] == "all_present"]
    assert {m["org_id"] for m in full} == {"B07"}
    assert len(full) == 12
    assert all(0 < m["strength"] < 1 for m in full)


def test_three_of_three_for_a_whole_year_is_what_three_people_do() -> None:
    ctx = world(dict.fromkeys(ORGS[:5], 3), eligible=3, size=3, count=12)
    assert min(chances(ctx)[o] for o in ORGS[:5]) > 0.05
    assert attendance_marks(ctx).num_rows == 0


def test_turnout_that_never_varies_where_that_of_peers_does() -> None:
    ctx = world({"B07": 9})
    assert chances(ctx)["B07"] < 0.05
    assert {(m["org_id"], m["code"]) for m in attendance_marks(ctx).to_pylist()} == {("B07", "same_count")}


def test_without_attendance_on_file_there_is_neither_chance_nor_mark() -> None:
    bare = {"activity_id": "A1", "org_id": "B1", "held_at": datetime(2026, 3, 5, 14)}
    ctx = make(organisation=[committee(), branch("B1")], activity=[bare])
    assert attendance_chances(ctx).num_rows == attendance_marks(ctx).num_rows == appeal_chances(ctx).num_rows == 0


@pytest.mark.parametrize(("k", "n", "a", "b"), [(36, 36, "18.6", "1.4"), (120, 120, "18.6", "1.4"), (10, 12, "3", "7"), (0, 5, "1", "1")])
def test_tails_against_exact_fractions(k: int, n: int, a: str, b: str) -> None:
    first, second = Fraction(a), Fraction(b)
    m, c = float(first / (first + second)), float(first + second)
    assert upper_tail([k], [n], m, c)[0] == pytest.approx(twin.tail(k, n, first, second), rel=1e-9)
    assert lower_tail([n - k], [n], 1 - m, c)[0] == pytest.approx(twin.tail(k, n, first, second), rel=1e-9)


def test_the_chances_that_the_definition_names() -> None:
    """Peers at 0.93, c = 20: all present has chance 0.22 at 36 person-occasions, 0.06 at 120, 0.02 at 300."""
    assert upper_tail([36, 120, 300], [36, 120, 300], 0.93, 20.0) == pytest.approx([0.22, 0.06, 0.02], abs=0.01)


def test_several_looks_at_one_family_cost_their_number_and_strength_grows_by_powers_of_ten() -> None:
    nan = float("nan")
    assert smallest([0.01, nan, 0.6], [0.5, nan, nan]).tolist() == pytest.approx([0.02, nan, 0.6], nan_ok=True)
    assert strength([0.001, 0.1, 1.0], 0.8, 3.0).tolist() == pytest.approx([0.8, 0.266667, 0.0])


def test_decisions_hardly_ever_followed_up_are_a_family_of_their_own() -> None:
    """Peers close two of three decisions; B07 closes none of 36."""
    base = {"kind": "党员大会", "decisions": 3}
    rows = [
        base | {"activity_id": f"{o}-{i}", "org_id": o, "held_at": datetime(2026, 1 + i % 10, 6), "followups_done": 0 if o == "B07" else 2}
        for o in ORGS for i in range(12)
    ]
    people = [p for o in ORGS for p in members(o, 9)]
    ctx = make(organisation=[committee(), *(branch(o) for o in ORGS)], person=people, activity=rows)
    p = {r["org_id"]: r["p"] for r in appeal_chances(ctx).to_pylist() if r["family"] == "follow_up"}
    assert p["B07"] < 0.01 < min(v for o, v in p.items() if o != "B07")
    assert {(m["org_id"], m["code"]) for m in appeal_marks(ctx).to_pylist()} == {("B07", "no_followup")}


@pytest.mark.parametrize("seed", range(4))
def test_random_meetings_agree_with_the_twin(seed: int) -> None:
    rng = random.Random(seed)
    people = []
    for person in (*members("B1", 9), *members("B2", 9)):
        came, left = date(2026, rng.randint(1, 9), 8), date(2026, 6, rng.randint(1, 28))
        people.append(person | {"moved_in_on": rng.choice((date(2016, 1, 1), came)), "moved_out_on": rng.choice((None, None, left))})
    codes = [p["person_id"] for p in people]
    rows = []
    for i in range(40):
        who = rng.sample(codes, rng.randint(1, 5))
        held = datetime(2026, rng.choice((3, 7)), rng.randint(1, 2), rng.randint(8, 17), rng.choice((0, 30)))
        rows.append(meeting(
            f"A{i:02}", rng.choice(("B1", "B2")), who, held_at=held,
            place=rng.choice(("甲楼", "乙楼", None)), carrier_id=rng.choice((None, "Z1")), hours=rng.choice((1.0, 2.5)),
        ))
    ctx = make(organisation=[committee(), branch("B1"), branch("B2")], person=people, activity=rows)
    found = attendance_marks(ctx).to_pylist()
    by_person = {p["person_id"]: p for p in people}
    assert {m["activity_id"] for m in found if m["code"] == "two_places"} == twin.two_places(rows)
    assert {m["activity_id"] for m in found if m["code"] == "off_roster"} == twin.off_roster(rows, by_person)
    assert twin.two_places(rows)
    assert twin.off_roster(rows, by_person)
