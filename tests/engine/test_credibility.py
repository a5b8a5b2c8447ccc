"""Credibility q of a record by hand: the weight of each family, the floor under one weak mark, credits, and bounds.

Weights (elements.toml): text 0.5, time 0.35, picture 0.3, attendance 0.2, hands 0.15, follow-up 0.1, appeal 0.1; a credit is 0.1.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from tests.engine.build import branch, committee, facts, make
from tests.engine.twins import elements as twin
from zaidao.engine import context, credibility
from zaidao.engine.backend import Engine
from zaidao.engine.catalogue import load
from zaidao.engine.context import Context
from zaidao.engine.indicators.base import MARKS
from zaidao.engine.schema import FAMILIES

Marks = dict[str, float] | list[tuple[str, float]]
ALL = dict.fromkeys(FAMILIES, 1.0)
THREE = {"followups_done": 2, "volunteers": 5, "ratings": 8}

# name: marks (family, strength), positive traces, q
CASES: dict[str, tuple[Marks, dict[str, int], float]] = {
    "nothing marked": ({}, {}, 1.0),
    "text": ({"text": 1.0}, {}, 0.5),
    "time": ({"time": 1.0}, {}, 0.65),
    "picture": ({"picture": 1.0}, {}, 0.7),
    "attendance": ({"attendance": 1.0}, {}, 0.8),
    "hands": ({"hands": 1.0}, {}, 0.85),
    "follow-up": ({"follow_up": 1.0}, {}, 0.9),
    "appeal": ({"appeal": 1.0}, {}, 0.9),
    "text and time": ({"text": 1.0, "time": 1.0}, {}, 0.15),
    "text of 0.8 and hands of 0.4": ({"text": 0.8, "hands": 0.4}, {}, 0.54),  # 1 - 0.4 - 0.06
    "two weak marks of two families": ({"text": 0.6, "time": 0.6}, {}, 0.49),  # 1 - 0.3 - 0.21: no floor for two
    "of one family the strongest alone": ([("text", 0.6), ("text", 1.0), ("text", 0.2)], {}, 0.5),
    "every family: never below nothing": (ALL, {}, 0.0),
    "every family and three credits": (ALL, THREE, 0.3),
    "one credit against text": ({"text": 1.0}, {"volunteers": 1}, 0.6),
    "three credits against text": ({"text": 1.0}, THREE, 0.8),
    "credits never lift above one": ({"appeal": 0.5}, THREE, 1.0),
    "zero is no positive trace": ({"text": 1.0}, {"followups_done": 0, "volunteers": 0, "ratings": 0}, 0.5),
    "an unknown family weighs nothing": ({"weather": 1.0}, {}, 1.0),
}


def act(code: str, **more: Any) -> dict[str, Any]:
    empty = {"followups_done": None, "volunteers": None, "ratings": None, "planned_for": None}
    return {"activity_id": code, "org_id": "B1", "kind": "支委会", "held_at": datetime(2026, 3, 4, 15)} | empty | more


def mark(code: str, family: str, strength: float) -> dict[str, Any]:
    return {"activity_id": code, "org_id": "B1", "family": family, "code": "x", "strength": strength, "other_id": None}


def marks_of(code: str, marks: Marks) -> list[dict[str, Any]]:
    return [mark(code, family, strength) for family, strength in (marks.items() if isinstance(marks, dict) else marks)]


def judged(ctx: Context, marks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    ctx.marks.append(pa.Table.from_pylist(marks, MARKS))
    credibility.put_marks(ctx)
    return {r["activity_id"]: r for r in ctx.run(credibility.records(ctx)).to_pylist()}


@pytest.fixture(scope="module")
def records() -> dict[str, dict[str, Any]]:
    acts = [act(name, **traces) for name, (_, traces, _) in CASES.items()]
    acts.append(act("planned only", held_at=None, planned_for=date(2026, 4, 1)))
    marks = [m for name, (found, _, _) in CASES.items() for m in marks_of(name, found)]
    return judged(make(organisation=[committee(), branch()], activity=acts), marks)


@pytest.mark.parametrize("name", CASES)
def test_q_by_hand(records: dict[str, dict[str, Any]], name: str) -> None:
    assert records[name]["q"] == pytest.approx(CASES[name][2])


@pytest.mark.parametrize("name", CASES)
def test_the_twin_says_the_same(records: dict[str, dict[str, Any]], name: str) -> None:
    marks, traces, _ = CASES[name]
    pairs = [(m["family"], m["strength"]) for m in marks_of(name, marks)]
    assert records[name]["q_micro"] == round(twin.credibility(pairs, traces, load().params) * credibility.MICRO)


def test_what_was_planned_and_not_held_is_no_record(records: dict[str, dict[str, Any]]) -> None:
    assert set(records) == set(CASES)


@pytest.mark.parametrize(("strength", "expected"), [(0.6, 0.7), (0.61, 0.451)])
def test_one_weak_mark_never_takes_q_below_the_floor_whatever_its_weight(strength: float, expected: float) -> None:
    """With text weighing 0.9, a mark of 0.6 alone would leave 0.46; one of 0.61 is not weak and leaves 1 - 0.549."""
    packaged = load()
    catalogue = replace(packaged, params={**packaged.params, "elements.weight_text": 0.9})
    given = facts(organisation=[committee(), branch()], activity=[act("A1")])
    ctx = context.build(given, engine=Engine.duckdb(threads=1), as_of=date(2026, 11, 1), catalogue=catalogue)
    assert judged(ctx, [mark("A1", "text", strength)])["A1"]["q"] == pytest.approx(expected)


def test_families_that_can_be_looked_at_are_those_whose_column_is_on_file() -> None:
    acts = [act("A1", volunteers=3, recorded_at=datetime(2026, 3, 5), photos=[1], minutes=None)]
    ctx = make(organisation=[committee(), branch()], activity=acts)
    assert credibility.known_families(ctx) == ("time", "picture", "appeal")
