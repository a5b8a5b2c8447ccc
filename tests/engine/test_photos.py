"""Reused photos: cases by hand, banners and blanks, and the twin on random pictures."""

import random
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.twins import text as twin
from zaidao.engine.catalogue import load
from zaidao.engine.photos import PhotoParams, Reused, find_reused

PARAMS = {name.split(".")[1]: v for name, v in load().params.items() if name.startswith("reused_photos.")}
FIELDS = PhotoParams.__dataclass_fields__
START = datetime(2026, 1, 5, 9)
SCHEMA = pa.schema([
    ("activity_id", pa.string()), ("org_id", pa.string()), ("place", pa.string()), ("held_at", pa.timestamp("us")),
    ("carrier_id", pa.string()), ("participants", pa.list_(pa.string())), ("photos", pa.list_(pa.uint64())),
])
PICTURE = 0x0F1E_2D3C_4B5A_6978


def event(name: str, *photos: int | None, org: str = "O1", day: float = 0, **more: Any) -> dict[str, Any]:
    held = START + timedelta(days=day)
    row = {"activity_id": name, "org_id": org, "place": None, "held_at": held, "carrier_id": None, "participants": None}
    return row | {"photos": list(photos)} | more


def find(rows: list[dict[str, Any]]) -> Reused:
    return find_reused(pa.Table.from_pylist(rows, SCHEMA), PhotoParams(**{name: PARAMS[name] for name in FIELDS}))


def pairs(*rows: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(r["later_id"], r["earlier_id"], r["distance"]) for r in find(list(rows)).pairs.to_pylist()]


def flipped(value: int, *bits: int) -> int:
    for bit in bits:
        value ^= 1 << bit
    return value


def test_the_same_picture_a_week_later_counts_for_the_later_event():
    assert pairs(event("A", PICTURE), event("B", PICTURE, day=7)) == [("B", "A", 0)]
    assert pairs(event("A", PICTURE), event("B", PICTURE, day=6.9)) == []


def test_six_bits_within_three_across():
    six, seven = flipped(PICTURE, 1, 9, 20, 33, 47, 60), flipped(PICTURE, 1, 9, 20, 33, 47, 60, 61)
    assert pairs(event("A", PICTURE), event("B", six, day=30)) == [("B", "A", 6)]
    assert pairs(event("A", PICTURE), event("B", seven, day=30)) == []
    three, four = flipped(PICTURE, 1, 20, 60), flipped(PICTURE, 1, 20, 40, 60)
    assert pairs(event("A", PICTURE), event("B", three, org="O2", day=30)) == [("B", "A", 3)]
    assert pairs(event("A", PICTURE), event("B", four, org="O2", day=30)) == []


def test_of_several_the_nearest_then_the_earliest_is_named():
    rows = [event("A", PICTURE), event("B", flipped(PICTURE, 3), day=10), event("C", PICTURE, day=20)]
    assert pairs(*rows) == [("B", "A", 1), ("C", "A", 0)]


def test_banners_and_blanks_are_silent():
    banners = [event(f"A{i}", PICTURE, org=f"O{i}", day=10 * i) for i in range(5)]
    assert pairs(*banners) == []
    assert len(pairs(*banners[:4])) == 3
    near = [event(f"A{i}", flipped(PICTURE, i), org=f"O{i}", day=10 * i) for i in range(5)]
    assert pairs(*near) == []
    assert pairs(event("A", 0b1111111), event("B", 0b1111111, day=30)) == []
    assert pairs(event("A", 2**57 - 1), event("B", 2**57 - 1, day=30)) == []
    assert pairs(event("A", 2**56 - 1), event("B", 2**56 - 1, day=30)) == [("B", "A", 0)]


def test_events_without_telling_pictures_are_not_looked_at():
    rows = [event("A", PICTURE), event("B"), event("C", None), event("D", 0), event("E", PICTURE, held_at=None), event("F", photos=None)]
    assert find(rows).looked["activity_id"].to_pylist() == ["A"]


def test_a_joint_meeting_is_silent_however_long_after_its_first_day():
    """Two organisations, the same hour, the same place: one event. A week apart it is none."""
    shared = {"place": "多功能厅"}
    assert pairs(event("A", PICTURE, **shared), event("B", PICTURE, org="O2", day=1 / 24, **shared)) == []
    assert pairs(event("A", PICTURE, **shared), event("B", PICTURE, org="O2", day=9, **shared)) == [("B", "A", 0)]


def test_more_than_three_bits_across_cannot_be_joined():
    wrong = PhotoParams(**({name: PARAMS[name] for name in FIELDS} | {"bits_across": 4}))
    with pytest.raises(ValueError, match="bits_across"):
        find_reused(pa.Table.from_pylist([event("A", PICTURE)], SCHEMA), wrong)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(2, 7))
def test_like_the_twin(seed: int, orgs: int):
    draw = random.Random(seed)
    pool = [draw.getrandbits(64) for _ in range(4)] + [0, 2**64 - 1]
    picture = lambda: flipped(draw.choice(pool), *draw.sample(range(64), draw.choice((0, 1, 2, 3, 6, 7))))  # noqa: E731
    rows = []
    for i in range(14):
        org, day, place = f"O{draw.randrange(orgs)}", draw.choice((0, 0.05, 3, 7, 30, 31)), draw.choice((None, "甲室"))
        rows.append(event(f"A{i:02d}", *(picture() for _ in range(draw.randint(0, 3))), org=org, day=day, place=place))
    found = find(rows)
    assert set(found.pairs["later_id"].to_pylist()) == twin.reused(rows, PARAMS)
    draw.shuffle(rows)
    assert find(rows).pairs.equals(found.pairs)
