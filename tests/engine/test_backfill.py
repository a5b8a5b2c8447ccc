"""集中补录: small sites whose filing a Party worker can follow on paper, and random ones against the twin. Judged on 1 November 2026."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.engine.build import branch, committee, make
from tests.engine.twins import backfill as twin
from zaidao.engine import findings, sentences
from zaidao.engine.indicators.backfill import backfill, time_marks

START, END = datetime(2025, 11, 1), datetime(2026, 11, 1)
Row = dict[str, Any]


def act(org: str, held: str, recorded: str | None, **more: Any) -> Row:
    """A record held at 14:00; its code tells organisation and day."""
    filed = datetime.fromisoformat(recorded) if recorded else None
    when = datetime.fromisoformat(f"{held} 14:00")
    return {"activity_id": f"{org}-{held}", "org_id": org, "kind": "党课", "held_at": when, "recorded_at": filed} | more


def days_later(org: str, days: int, **more: Any) -> list[Row]:
    """Twelve records, on the 5th of each month of the window, each filed that many days later."""
    rows = []
    for m in range(12):
        held = datetime(2025 + (10 + m) // 12, (10 + m) % 12 + 1, 5, 14)
        filed = held + timedelta(days=days)
        rows.append({"activity_id": f"{org}-{m}", "org_id": org, "kind": "支委会", "held_at": held, "recorded_at": filed} | more)
    return rows


def judged(rows: list[Row], orgs: tuple[str, ...] = ("B1", "B2", "B3"), **more: Any) -> dict[str, Row]:
    ctx = make(organisation=[committee(), *(branch(o) for o in orgs)], activity=rows, **more)
    return {r["org_id"]: r for r in backfill(ctx).table.to_pylist()}


def test_four_months_in_one_sitting_while_others_filed_all_along() -> None:
    """B1 held a class in each of January to April and filed all four on 30 April; B2 and B3 filed theirs the day after each meeting."""
    burst = [act("B1", f"2026-0{m}-05", f"2026-04-30 09:0{m}") for m in (1, 2, 3, 4)]
    found = judged([*burst, *days_later("B2", 1), *days_later("B3", 1)])
    assert (found["B1"]["k"], found["B1"]["n"], found["B1"]["months"]) == (3, 4, 3)  # the April class is only 25 days old
    assert not found["B1"]["enough"]  # three late records are fewer than four
    assert found["B2"]["k"] == 0
    assert found["B1"]["longest"] == pytest.approx(114.8, abs=0.1)


def test_a_remote_site_that_uploads_everything_every_friday_of_the_eighth_week_is_not_late() -> None:
    """All three file only when the boat comes, on the same days, and each time everything that is open."""
    boats = [datetime(2025, 12, 26, 10) + timedelta(days=56 * i) for i in range(8)]
    rows = []
    for i, org in enumerate(("B1", "B2", "B3")):
        for row in days_later(org, 0):
            boat = next(b for b in boats if b > row["held_at"])
            rows.append(row | {"recorded_at": boat + timedelta(minutes=10 * i)})
    found = judged(rows)
    assert [found[o]["k"] for o in ("B1", "B2", "B3")] == [0, 0, 0]
    assert max(twin.lag(r) for r in rows) > 45


def test_clearing_everything_on_the_third_of_the_next_month_is_not_late_although_others_file_daily() -> None:
    rows = [act("B1", f"2026-0{m}-01", f"2026-0{m + 1}-03 10:00") for m in range(1, 9)]
    assert max(twin.lag(r) for r in rows) > 32
    assert judged([*rows, *days_later("B2", 1), *days_later("B3", 1)])["B1"]["k"] == 0


def test_an_own_chance_passed_counts_from_thirty_days() -> None:
    """The record of 5 January lies 33 days although its author filed another on 20 January."""
    rows = [act("B1", "2026-01-05", "2026-02-07 15:00"), act("B1", "2026-01-18", "2026-01-20 09:00")]
    assert judged(rows)["B1"]["k"] == 1
    thirty = [act("B1", "2026-01-05", "2026-02-04 14:00"), act("B1", "2026-01-18", "2026-01-20 09:00")]
    assert judged(thirty)["B1"]["k"] == 0


def test_what_was_filed_within_three_days_of_the_event_or_on_the_day_before_is_no_chance() -> None:
    late = act("B1", "2026-01-05", "2026-02-20 15:00")
    early, same_batch = act("B1", "2026-01-04", "2026-01-08 13:00"), act("B1", "2026-01-20", "2026-02-19 16:00")
    assert judged([late, early, same_batch])["B1"]["k"] == 0
    assert judged([late, early, act("B1", "2026-01-20", "2026-02-19 14:00")])["B1"]["k"] == 1


def test_a_stated_reason_in_remark_or_text_silences() -> None:
    pair = [act("B1", "2026-01-05", "2026-03-07 15:00"), act("B1", "2026-01-18", "2026-01-20 09:00")]
    assert judged(pair)["B1"]["k"] == 1
    assert judged([pair[0] | {"remark": "海缆中断,网络不通"}, pair[1] | {"remark": None}])["B1"]["k"] == 0
    assert judged([pair[0] | {"minutes": "会议照常。因船期延误,本记录三月补录。"}, pair[1] | {"minutes": "无"}])["B1"]["k"] == 0
    assert judged([pair[0] | {"remark": "已补录"}, pair[1] | {"remark": None}])["B1"]["k"] == 1


def test_unknown_filing_times_are_not_counted_and_a_missing_column_is_said() -> None:
    rows = [*days_later("B1", 1), act("B1", "2026-01-18", None)]
    assert judged(rows)["B1"]["n"] == 12
    bare = [{k: v for k, v in r.items() if k != "recorded_at"} for r in rows]
    ctx = make(organisation=[committee(), branch("B1")], activity=bare)
    found = backfill(ctx)
    assert found.unknown
    assert found.table.num_rows == 0
    assert time_marks(ctx).num_rows == 0


def test_a_month_that_most_others_filed_late_is_a_shared_cause() -> None:
    """In June five of six branches filed their class on 10 September, when the line was back; other kinds went on all the time."""
    orgs = tuple(f"B{i}" for i in range(1, 7))
    rows = [row for o in orgs for row in days_later(o, 1)]
    late = [act(o, "2026-06-10", "2026-09-10 10:00") for o in orgs[:5]]
    found = judged([*rows, *late], orgs)
    assert [found[o]["k"] for o in orgs] == [0] * 6
    assert found["B1"]["n"] == 12  # the June class left the count
    alone = judged([*rows, *late[:2]], orgs)
    assert [alone[o]["k"] for o in orgs] == [1, 1, 0, 0, 0, 0]


def test_siblings_that_backfill_before_the_same_inspection_do_not_excuse_each_other() -> None:
    """Five of seven branches file each quarter on its last day; two file at once. The five stay late in every quarter."""
    orgs = tuple(f"B{i}" for i in range(1, 8))
    rows = [row for o in orgs[5:] for row in days_later(o, 2)]
    for i, o in enumerate(orgs[:5]):
        for row in days_later(o, 0):
            year, month = row["held_at"].year, row["held_at"].month
            last_day = datetime(year, (month - 1) // 3 * 3 + 3, 28, 9) + timedelta(minutes=5 * i + month)
            rows.append(row | {"recorded_at": last_day})
    found = judged(rows, orgs)
    # Two of three months of a quarter are over 45 days old on its last day; W begins with November and ends with October.
    assert [found[o]["k"] for o in orgs] == [7, 7, 7, 7, 7, 0, 0]
    assert all(found[o]["enough"] for o in orgs[:5])


def test_a_migration_day_is_silent_once_even_past_midnight() -> None:
    """All three file their paper records of half a year in the night of 10 May; one of them takes until after midnight."""
    rows = []
    for o in ("B1", "B2", "B3"):
        for i, row in enumerate(days_later(o, 0)[:6]):
            filed = datetime(2026, 5, 10, 23, 30) + timedelta(minutes=10 * i)
            rows.append(row | {"recorded_at": filed})
        rows += days_later(o, 1)[6:]
        rows.append(act(o, "2025-10-20", "2026-05-10 23:20"))
    found = judged(rows)
    assert [found[o]["k"] for o in ("B1", "B2", "B3")] == [0, 0, 0]
    assert found["B1"]["n"] == 6


def test_filed_before_the_event_is_a_mark_of_its_own() -> None:
    rows = [act("B1", "2026-03-10", "2026-03-08 09:00"), act("B1", "2026-04-10", "2026-04-10 09:00"), *days_later("B1", 1)]
    ctx = make(organisation=[committee(), branch("B1")], activity=rows)
    marks = time_marks(ctx).to_pylist()
    assert [(m["activity_id"], m["code"], m["family"]) for m in marks] == [("B1-2026-03-10", "filed_before", "time")]
    assert {r["org_id"]: r["k"] for r in backfill(ctx).table.to_pylist()} == {"B1": 0}


def test_evidence_names_the_late_records_and_the_sentence_has_every_field() -> None:
    burst = [act("B1", f"2026-0{m}-05", f"2026-06-30 09:0{m}") for m in (1, 2, 3, 4, 5)]
    orgs = [committee(), *(branch(o) for o in ("B1", "B2", "B3"))]
    ctx = make(organisation=orgs, activity=[*burst, *days_later("B2", 1), *days_later("B3", 1)])
    found = backfill(ctx)
    assert found.evidence["key"].to_pylist() == [f"activity:B1-2026-0{m}-05" for m in (1, 2, 3, 4, 5)]
    table = findings.judge(ctx, "backfill", found).table
    sentences.check(ctx.catalogue.card("backfill"), table.column_names)
    assert ctx.marks[0]["activity_id"].to_pylist() == [f"B1-2026-0{m}-05" for m in (1, 2, 3, 4, 5)]


@pytest.mark.parametrize("seed", range(6))
def test_random_sites_agree_with_the_twin(seed: int) -> None:
    rng = random.Random(seed)
    orgs = [f"B{i}" for i in range(1, 8)]
    site = {o: ("C1" if i < 5 else "C2") for i, o in enumerate(orgs)}
    rows = []
    for org in orgs:
        style = rng.choice(("daily", "burst", "monthly"))
        for i in range(rng.randint(3, 25)):
            held = START - timedelta(days=200) + timedelta(minutes=rng.randrange(565 * 1440))
            filed = held + timedelta(days=min(rng.lognormvariate(0.8, 1.2), 300))
            if style == "burst" and rng.random() < 0.7:
                last_day = datetime(held.year, (held.month - 1) // 3 * 3 + 3, 27, 9)
                filed = last_day + timedelta(minutes=rng.randrange(400), days=rng.choice((0, 0, 30)))
            if style == "monthly":
                filed = (held.replace(day=28) + timedelta(days=6)).replace(hour=10, minute=rng.randrange(60))
            kind = rng.choice(("党课", "支委会"))
            rows.append({"activity_id": f"{org}-{i:02}", "org_id": org, "kind": kind, "held_at": held, "recorded_at": filed})
    if seed % 3 == 0:
        rows += [act(o, "2025-04-02", "2026-02-02 10:00", activity_id=f"{o}-old") for o in orgs[:4]]
    ctx = make(organisation=[committee(), committee("C2"), *(branch(o, site[o]) for o in orgs)], activity=rows)
    found = backfill(ctx)
    expected = twin.judge(rows, site, START, END)
    assert {r["org_id"]: (r["k"], r["n"]) for r in found.table.to_pylist()} == {o: (k, n) for o, (k, n, _) in expected.items()}
    mine = {o: [e["key"] for e in found.evidence.to_pylist() if e["org_id"] == o] for o in orgs}
    assert mine == {o: [f"activity:{a}" for a in expected.get(o, (0, 0, []))[2]] for o in orgs}
