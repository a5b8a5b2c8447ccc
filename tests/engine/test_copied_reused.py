"""The two findings from pairs of records: k, n, halves of the year, evidence, marks; by hand."""

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from tests.engine.build import branch, committee, make, members
from tests.engine.test_text_copies import BODY, OTHER
from zaidao.engine import sentences
from zaidao.engine.catalogue import load
from zaidao.engine.context import Context
from zaidao.engine.indicators.base import MARKS, Trials
from zaidao.engine.indicators.copied_minutes import copied_minutes
from zaidao.engine.indicators.reused_photos import reused_photos

PICTURE = 0x0F1E_2D3C_4B5A_6978


def act(name: str, day: date, text: str | None = BODY, org: str = "B1", *, lag: float = 2, photos: tuple[int, ...] = ()) -> dict[str, Any]:
    held = datetime(day.year, day.month, day.day, 14)
    return {
        "activity_id": name, "org_id": org, "kind": "支委会", "held_at": held, "recorded_at": held + timedelta(days=lag), "minutes": text,
        "place": None, "photos": list(photos),
    }


def world(*activities: dict[str, Any]) -> Context:
    orgs = [committee(), branch("B1"), branch("B2"), branch("B3", established_on=date(2026, 9, 15))]
    return make(organisation=orgs, person=members("B1", 3), activity=list(activities))


def rows(trials: Trials) -> dict[str, dict[str, Any]]:
    return {r["org_id"]: r for r in trials.table.to_pylist()}


def keys(trials: Trials) -> list[tuple[str, str]]:
    return list(zip(trials.evidence["org_id"].to_pylist(), trials.evidence["key"].to_pylist(), strict=True))


def test_copies_of_the_window_count_and_their_originals_may_be_older():
    """B1 repeats a text of 2024 in odd and even months of W; W is November 2025 to October 2026."""
    ctx = world(
        act("A0", date(2024, 12, 2)), act("A1", date(2025, 11, 3)), act("A2", date(2025, 12, 1)), act("A3", date(2026, 3, 2)),
        act("A4", date(2026, 5, 6), OTHER), act("A5", date(2026, 6, 1), None),
    )
    trials = copied_minutes(ctx)
    row = rows(trials)["B1"]
    assert (row["k"], row["n"], row["within"], row["across"], row["share"]) == (3, 4, 3, 0, 1.0)
    assert (row["k_odd"], row["n_odd"], row["k_even"], row["n_even"]) == (1, 1, 2, 3)
    assert row["enough"]
    assert [key for _, key in keys(trials)] == ["activity:A1~activity:A0", "activity:A2~activity:A0", "activity:A3~activity:A0"]


def test_a_copy_before_the_window_leaves_a_mark_and_no_count():
    ctx = world(act("A0", date(2024, 12, 2)), act("A1", date(2025, 2, 3)), act("A2", date(2026, 1, 5), OTHER))
    trials = copied_minutes(ctx)
    assert (rows(trials)["B1"]["k"], rows(trials)["B1"]["n"]) == (0, 1)
    assert trials.evidence.num_rows == 0
    assert ctx.marks[0].schema == MARKS
    assert ctx.marks[0].to_pylist() == [
        {"activity_id": "A1", "org_id": "B1", "family": "text", "code": "copied", "strength": 1.0, "other_id": "A0"},
    ]


def test_filed_within_a_day_both_organisations_have_evidence_with_their_own_record_first():
    ctx = world(act("A0", date(2026, 3, 2), lag=3), act("A1", date(2026, 3, 4), org="B2", lag=1))
    assert keys(copied_minutes(ctx)) == [("B1", "activity:A0~activity:A1"), ("B2", "activity:A1~activity:A0")]


@pytest.mark.parametrize(("copies", "others", "enough"), [(1, 1, False), (2, 3, True), (2, 6, False), (3, 6, True)])
def test_three_are_enough_and_two_of_at_most_six(copies: int, others: int, enough: bool):
    texts = [OTHER[:70] + f"{'甲乙丙丁戊己庚'[i] * 70}" for i in range(others)]
    own = [act(f"C{i}", date(2026, 1 + i, 5), texts[i]) for i in range(others)]
    trials = copied_minutes(world(act("A0", date(2024, 12, 2)), *(act(f"A{i + 1}", date(2026, 2 + i, 9)) for i in range(copies)), *own))
    assert (rows(trials)["B1"]["n"], rows(trials)["B1"]["enough"]) == (copies + others, enough)


def test_organisations_too_young_to_judge_have_no_row():
    ctx = world(act("A0", date(2026, 3, 2)), act("A1", date(2026, 10, 5), org="B3"))
    assert set(rows(copied_minutes(ctx))) == {"B1"}


def test_without_minutes_or_photos_nothing_is_judged_and_the_reason_is_said():
    ctx = world({k: v for k, v in act("A0", date(2026, 3, 2)).items() if k not in ("minutes", "photos")})
    text, picture = copied_minutes(ctx), reused_photos(ctx)
    assert text.table.num_rows == 0
    assert "记录正文" in str(text.unknown)
    assert picture.table.num_rows == 0
    assert "照片" in str(picture.unknown)
    assert ctx.marks == []


def test_reused_photos_count_events_with_pictures():
    ctx = world(
        act("A0", date(2025, 10, 6), photos=(PICTURE,)), act("A1", date(2025, 11, 3), photos=(PICTURE, 3**40)),
        act("A2", date(2025, 12, 1), photos=(3**39,)),
        act("A3", date(2026, 1, 5)), act("A4", date(2026, 2, 2), photos=(PICTURE ^ 0b111,)),
    )
    trials = reused_photos(ctx)
    row = rows(trials)["B1"]
    assert (row["k"], row["n"], row["within"], row["across"], row["enough"]) == (2, 3, 2, 0, False)
    assert [key for _, key in keys(trials)] == ["activity:A1~activity:A0", "activity:A4~activity:A0"]
    assert ctx.marks[0].select(["activity_id", "family", "code", "strength", "other_id"]).to_pylist() == [
        {"activity_id": "A1", "family": "picture", "code": "photo_reused", "strength": 1.0, "other_id": "A0"},
        {"activity_id": "A4", "family": "picture", "code": "photo_reused", "strength": 1.0, "other_id": "A0"},
    ]


@pytest.mark.parametrize("code", ["copied_minutes", "reused_photos"])
def test_the_card_fits_the_result(code: str):
    ctx = world(act("A0", date(2025, 11, 3), photos=(PICTURE,)), act("A1", date(2026, 2, 2), photos=(PICTURE,)))
    trials = {"copied_minutes": copied_minutes, "reused_photos": reused_photos}[code](ctx)
    card = load().card(code)
    sentences.check(card, trials.table.column_names)
    said = sentences.render(card, rows(trials)["B1"])
    assert "2" in said
    assert pa.types.is_floating(trials.table["k"].type)
