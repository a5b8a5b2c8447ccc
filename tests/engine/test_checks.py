"""Checks across rows: what is refused, what is void, what is only said."""

from datetime import date, datetime

import pyarrow as pa
import pytest

from zaidao.engine.checks import LIMITS, find, last_activity, present_day
from zaidao.engine.schema import TABLES

ORGS = [
    {"org_id": "A", "kind": "committee", "parent_id": None},
    {"org_id": "B", "kind": "general_branch", "parent_id": "A"},
    {"org_id": "C", "kind": "branch", "parent_id": "B"},
]


def tables(**rows):
    """Tables of rows; only the columns that some row has."""
    made = {}
    for name, given in rows.items():
        fields = [f for f in TABLES[name].fields if any(f.name in r for r in given)]
        made[name] = pa.table({f.name: pa.array([r.get(f.name) for r in given], f.arrow.type) for f in fields})
    return made


def said(breaches):
    return [(b.table, b.row, b.field, b.code, b.severity, b.effect) for b in breaches]


def test_sound_tables_give_nothing():
    people = [{"person_id": "P", "org_id": "C", "joined_on": date(2010, 1, 1), "born_on": date(1980, 1, 1)}]
    acts = [{"activity_id": "1", "org_id": "C", "held_at": datetime(2026, 1, 2), "participants": ["P"], "present": 1, "eligible": 1}]
    assert find(tables(organisation=ORGS, person=people, activity=acts)) == []


@pytest.mark.parametrize("links", [{"B": "C"}, {"A": "C"}, {"C": "C"}, {"A": "B"}])
def test_a_circle_is_cut_at_one_link(links):
    orgs = [r | ({"parent_id": links[r["org_id"]]} if r["org_id"] in links else {}) for r in ORGS]
    breaches = find(tables(organisation=orgs))
    assert [(b.code, b.field, b.effect) for b in breaches] == [("circular_parent", "parent_id", "null")]
    assert orgs[breaches[0].row]["org_id"] == next(iter(links))
    assert next(iter(links)) in breaches[0].reason


def test_two_circles_are_two_errors():
    orgs = [{"org_id": "A", "parent_id": None}] + [
        {"org_id": o, "parent_id": p} for o, p in (("B", "C"), ("C", "B"), ("D", "E"), ("E", "D"), ("F", "D"))
    ]
    assert [b.code for b in find(tables(organisation=orgs))] == ["circular_parent"] * 2


def test_an_unknown_parent_is_void_but_the_top_of_a_part_may_name_one():
    orgs = [*ORGS, {"org_id": "D", "parent_id": "X"}]
    assert said(find(tables(organisation=orgs))) == [("organisation", 3, "parent_id", "unknown_org_code", "error", "null")]
    part = [{"org_id": "B", "parent_id": "X"}, {"org_id": "C", "parent_id": "B"}]
    assert said(find(tables(organisation=part))) == [("organisation", 0, "parent_id", "parent_outside", "warning", "null")]


def test_rows_of_unknown_organisations_are_refused_once():
    acts = [{"activity_id": "1", "org_id": "X", "present": 5, "eligible": 2, "held_at": datetime(2026, 1, 1)}]
    assert said(find(tables(organisation=ORGS, activity=acts))) == [("activity", 0, "org_id", "unknown_org_code", "error", "refuse")]


def test_organisations_refused_before_are_not_unknown():
    acts = [{"activity_id": "1", "org_id": "X"}]
    assert find(tables(organisation=ORGS, activity=acts), also_known={"organisation": {"X"}}) == []


def test_the_later_of_two_conflicting_rows_is_refused_at_the_first_difference():
    people = [
        {"person_id": "P", "org_id": "C", "name": n, "born_on": b}
        for n, b in (("甲", date(1980, 1, 1)), ("甲", date(1980, 1, 1)), ("乙", date(1981, 1, 1)))
    ]
    breaches = find(tables(organisation=ORGS, person=people))
    assert said(breaches) == [
        ("person", 1, "person_id", "duplicate_row", "note", "repeat"),
        ("person", 2, "name", "duplicate_code_conflict", "error", "refuse"),
    ]
    assert breaches[1].value == "乙"
    assert "甲" in breaches[1].reason


def test_a_post_held_again_later_is_no_duplicate():
    held = [
        {"person_id": "P", "org_id": "C", "post": "书记", "since": date(2020, 1, 1), "until": date(2022, 1, 1)},
        {"person_id": "P", "org_id": "C", "post": "书记", "since": date(2023, 1, 1), "until": None},
    ]
    assert find(tables(organisation=ORGS, appointment=held)) == []
    held[0]["until"] = None
    assert said(find(tables(organisation=ORGS, appointment=held))) == [
        ("appointment", 1, "since", "duplicate_appointment", "warning", "repeat")
    ]


@pytest.mark.parametrize(
    ("table", "start", "end"),
    [
        ("organisation", "established_on", "dissolved_on"),
        ("carrier", "started_on", "ended_on"),
        ("appointment", "since", "until"),
        ("idea", "pilot_from", "pilot_to"),
    ],
)
def test_ends_before_starts_are_void_and_equal_days_are_sound(table, start, end):
    row = {name: "C" if name in ("org_id",) else "x" for name in TABLES[table].key} | {"org_id": "C"}
    world = {"organisation": ORGS} if table != "organisation" else {}
    for last, expected in ((date(2025, 1, 1), []), (date(2024, 12, 31), [(table, 0, end, "end_before_start", "error", "null")])):
        assert said(find(tables(**world, **{table: [row | {start: date(2025, 1, 1), end: last}]}))) == expected


def test_present_above_eligible_is_void():
    acts = [
        {"activity_id": str(i), "org_id": "C", "present": p, "eligible": e}
        for i, (p, e) in enumerate([(5, 5), (6, 5), (6, None), (None, 5)])
    ]
    assert said(find(tables(organisation=ORGS, activity=acts))) == [("activity", 1, "present", "present_gt_eligible", "error", "null")]


def acts_of(*days):
    return [
        {"activity_id": str(i), "org_id": "C", "held_at": datetime(*d), "recorded_at": datetime(2026, 5, 1)} for i, d in enumerate(days)
    ]


def test_an_activity_in_a_far_year_is_refused_and_does_not_move_the_present():
    world = tables(organisation=ORGS, activity=acts_of((2026, 3, 1), (2026, 4, 1), (2035, 3, 4)))
    assert present_day(world) == date(2026, 5, 1)
    assert last_activity(world) == date(2026, 4, 1)
    assert said(find(world)) == [("activity", 2, "held_at", "date_out_of_range", "error", "refuse")]


def test_a_date_a_little_ahead_is_no_error():
    assert find(tables(organisation=ORGS, activity=acts_of((2026, 3, 1), (2026, 12, 1)))) == []


@pytest.mark.parametrize(
    ("table", "field", "ahead", "wrong"),
    [
        ("person", "joined_on", LIMITS.past, False),
        ("person", "joined_on", LIMITS.past + 1, True),
        ("carrier", "ended_on", LIMITS.plan, False),
        ("carrier", "ended_on", LIMITS.plan + 1, True),
    ],
)
def test_how_far_ahead_a_date_can_be_meant(table, field, ahead, wrong):
    day = date.fromordinal(date(2026, 5, 1).toordinal() + ahead)
    world = tables(organisation=ORGS, activity=acts_of((2026, 3, 1)), **{table: [{TABLES[table].key[0]: "x", "org_id": "C", field: day}]})
    assert [b.code for b in find(world)] == (["date_out_of_range"] if wrong else [])


def test_a_void_date_raises_no_second_error():
    people = [
        {"person_id": "P", "org_id": "C", "joined_on": date(2062, 7, 1), "full_since": date(1981, 3, 19), "born_on": date(1955, 1, 1)}
    ]
    breaches = find(tables(organisation=ORGS, person=people, activity=acts_of((2026, 3, 1))))
    assert said(breaches) == [("person", 0, "joined_on", "date_out_of_range", "error", "null")]


def test_joining_before_birth_and_dates_before_the_founding():
    people = [
        {"person_id": "P", "org_id": "C", "joined_on": date(1970, 7, 1), "born_on": date(1980, 1, 1)},
        {"person_id": "Q", "org_id": "C", "joined_on": date(1899, 1, 1)},
    ]
    assert sorted(b.row for b in find(tables(organisation=ORGS, person=people)) if b.code == "date_out_of_range") == [0, 1]


def test_unknown_people_are_warnings_only_where_there_is_a_roster():
    acts = [
        {"activity_id": "1", "org_id": "C", "recorder_id": "Q", "participants": ["P", "Q", "R"]},
        {"activity_id": "2", "org_id": "C", "participants": []},
    ]
    assert find(tables(organisation=ORGS, activity=acts)) == []
    breaches = find(tables(organisation=ORGS, activity=acts, person=[{"person_id": "P", "org_id": "C"}]))
    assert {(b.row, b.field, b.severity, b.effect) for b in breaches} == {
        (0, "recorder_id", "warning", "keep"),
        (0, "participants", "warning", "keep"),
    }
    assert next(b for b in breaches if b.field == "participants").value == "Q、R"


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("党支部", True),
        ("党支部、党总支、党委", True),
        ("党支部且设支委会", True),
        ("党支部且正式党员数≥7", True),
        ("党支部且不设支委会且正式党员数≥3", True),
        (None, True),
        ("党支部且人多", False),
        ("团支部", False),
        ("党支部且正式党员数≥多", False),
    ],
)
def test_conditions_outside_the_closed_list_are_refused_with_their_cell(text, known):
    world = tables(
        organisation=ORGS,
        institution=[{"institution_id": "Z", "org_id": "A"}],
        clause=[{"institution_id": "Z", "article": "1", "applies_to": text, "subject": "党课"}],
    )
    assert said(find(world)) == ([] if known else [("clause", 0, "applies_to", "unknown_condition", "error", "refuse")])


def test_clauses_of_unknown_rules_are_refused():
    world = tables(
        organisation=ORGS, institution=[{"institution_id": "Z", "org_id": "A"}], clause=[{"institution_id": "Y", "article": "1"}]
    )
    assert said(find(world)) == [("clause", 0, "institution_id", "unknown_institution_code", "error", "refuse")]


def test_enums_negative_counts_and_keys_of_other_input():
    acts = [
        {"activity_id": "1", "org_id": "C", "kind": "碰头会", "present": -1},
        {"activity_id": None, "org_id": "C", "kind": "党课", "present": 1},
    ]
    assert {(b.row, b.field, b.code) for b in find(tables(organisation=ORGS, activity=acts))} == {
        (0, "kind", "unknown_enum"),
        (0, "present", "negative_number"),
        (1, "activity_id", "missing_required"),
    }
