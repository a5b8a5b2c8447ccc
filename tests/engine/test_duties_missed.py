"""应办事项缺记录 by hand, and against its twin."""

from collections import defaultdict
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.build import branch, committee, make
from tests.engine.test_duties import MONTHLY, OLD, every_month, held
from zaidao.engine import duties
from zaidao.engine.indicators.duties_missed import duties_missed

AS_OF = date(2026, 11, 20)


def trials(activity: list[dict[str, Any]], **tables: Any) -> tuple[dict[str, Any], list[str], list[dict[str, Any]]]:
    """B1's counts, its evidence, and its duties."""
    world = {"organisation": [committee(), branch()], "institution": [OLD], "clause": [MONTHLY]} | tables
    ctx = make(AS_OF, activity=activity, **world)
    rows = [r for r in duties.build(ctx).to_pylist() if r["org_id"] == "B1"]
    found = duties_missed(ctx)
    row = {r["org_id"]: r for r in found.table.to_pylist()}.get("B1", {})
    keys = [k for o, k in zip(found.evidence["org_id"].to_pylist(), found.evidence["key"].to_pylist(), strict=True) if o == "B1"]
    return row, keys, rows


def test_three_missed_months_of_twelve() -> None:
    row, keys, _ = trials(every_month(skip=(1, 4, 7)))
    assert (row["k"], row["n"], row["enough"], row["months"]) == (3, 12, True, 3)
    assert keys == ["duty:B1|主题党日|2025-12", "duty:B1|主题党日|2026-03", "duty:B1|主题党日|2026-06"]


def test_odd_and_even_months_are_counted_apart() -> None:
    """Window months count from 0 in November 2025: December, March's neighbour February … are 1, 3, 5."""
    row, _, _ = trials(every_month(skip=(1, 3, 4)))
    assert (row["k_odd"], row["n_odd"], row["k_even"], row["n_even"]) == (2, 6, 1, 6)


def test_two_misses_are_not_enough_nor_three_in_one_month() -> None:
    assert not trials(every_month(skip=(1, 4)))[0]["enough"]
    kinds = ("主题党日", "走访", "培训")
    clause = [MONTHLY | {"subject": kind, "article": kind} for kind in kinds]
    activity = [a for i, kind in enumerate(kinds) for a in every_month(skip=(4,), kind=kind, start=100 * i)]
    row, _, _ = trials(activity, clause=clause)
    assert (row["k"], row["months"], row["enough"]) == (3, 1, False)


def test_moved_leaves_the_count_and_late_is_kept() -> None:
    moved = held(90, date(2026, 4, 20), planned_for=date(2026, 3, 9))
    late = held(91, date(2026, 7, 3), planned_for=None)
    row, keys, _ = trials([*every_month(skip=(4, 7)), moved, late])
    assert (row["k"], row["n"], row["moved"], row["late"], keys) == (0, 11, 1, 1, [])


def test_exempt_months_leave_the_count() -> None:
    row, _, _ = trials(every_month(skip=(0, 1, 2)), organisation=[committee(), branch(established_on=date(2026, 1, 20))])
    assert (row["k"], row["n"]) == (0, 9)


def test_a_shared_cell_leaves_the_count() -> None:
    orgs = ["B1", "B2", "B3", "B4", "B5"]
    activity = [a for i, o in enumerate(orgs) for a in every_month(skip=(4,), org=o, start=100 * i)]
    row, keys, _ = trials(activity, organisation=[committee(), *(branch(o) for o in orgs)])
    assert (row["k"], row["n"], row["shared"], keys) == (0, 11, 1, [])


def test_a_planned_record_that_was_not_held_is_the_evidence() -> None:
    planned = held(90, date(2026, 3, 20), held_at=None)
    _, keys, _ = trials([*every_month(skip=(1, 4)), planned])
    assert keys == ["duty:B1|主题党日|2025-12", "activity:A90"]


def test_misses_of_longer_periods_are_named_where_few_others_can_be() -> None:
    clause = [MONTHLY, MONTHLY | {"subject": "走访", "every": "quarter", "article": "第二条"}]
    visits = [held(200, date(2026, 2, 5), kind="走访")]
    assert "duty:B1|走访|2026-06" in trials([*every_month(skip=(1, 4)), *visits], clause=clause)[1]
    row, keys, _ = trials([*every_month(skip=(1, 4, 7)), *visits], clause=clause)
    assert row["k"] == 5
    assert not any("走访" in key for key in keys)


def test_without_activities_nothing_is_judged() -> None:
    ctx = make(AS_OF, organisation=[committee(), branch()])
    duties.build(ctx)
    found = duties_missed(ctx)
    assert found.table.num_rows == 0
    assert found.unknown


@given(st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
@settings(max_examples=8, deadline=None)
def test_the_counts_equal_the_twin(skipped: set[int], visits: set[int]) -> None:
    clause = [MONTHLY, MONTHLY | {"subject": "走访", "article": "第二条"}]
    activity = [
        *every_month(skip=tuple(skipped)),
        *every_month(skip=tuple(visits), kind="走访", start=100),
        held(300, date(2024, 12, 1), kind="其他"),
    ]
    row, _, rows = trials(activity, clause=clause)
    assert {name: row.get(name, 0) for name in ("k", "n", "k_odd", "n_odd", "k_even", "n_even")} == counted(rows)


def counted(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Twin: missed of due, by odd and even months of the window."""
    out: dict[str, int] = defaultdict(int, dict.fromkeys(("k", "n", "k_odd", "n_odd", "k_even", "n_even"), 0))
    for r in rows:
        if r["in_window"] and not r["shared"] and r["state"] in ("kept", "kept_late", "missed"):
            half = "odd" if r["m"] % 2 else "even"
            for name in ("n", f"n_{half}", *(("k", f"k_{half}") if r["state"] == "missed" else ())):
                out[name] += 1
    return dict(out)
