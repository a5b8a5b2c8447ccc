"""点子未见下文: each clock by hand on the day it runs out, and against the twin. Day of judgement 1 November 2026."""

import random
from datetime import date, timedelta

import pytest

from tests.engine.build import make
from tests.engine.carrier_rows import TODAY, branches, by_org, carrier, keys
from tests.engine.twins import dead_ideas as twin
from zaidao.engine import findings, sentences
from zaidao.engine.indicators.dead_ideas import clocks, dead_ideas, state

EMPTY = dict.fromkeys((
    "proposer_id", "adopted_on", "pilot_from", "pilot_to", "measure", "baseline", "target", "result", "verdict", "carrier_id",
    "institution_id", "closing_note",
))
LONG_AGO = date(2024, 1, 1)


def idea(code: str = "DZ1", org: str = "B1", **more: object) -> dict[str, object]:
    return {"idea_id": code, "org_id": org, "title": "备件共用柜", "proposed_on": LONG_AGO, **EMPTY} | more


def ago(days: int) -> date:
    return TODAY - timedelta(days)


def fate(row: dict[str, object], held: dict[str, object] | None = None) -> str | None:
    ctx = make(as_of=TODAY, organisation=branches("B1"), idea=[row])
    return state(row, held, TODAY, clocks(ctx))


@pytest.mark.parametrize(("stages", "stage", "days"), [
    ({}, "answer", 180),
    ({"adopted_on": True}, "pilot", 365),
    ({"adopted_on": True, "pilot_from": True}, "verdict", 180),
    ({"adopted_on": True, "pilot_from": LONG_AGO, "pilot_to": True}, "verdict", 90),
    ({"adopted_on": True, "pilot_from": LONG_AGO, "pilot_to": True, "verdict": "adopt"}, "rule", 365),
])
def test_each_clock_on_its_last_day_and_the_day_after(stages: dict[str, object], stage: str, days: int) -> None:
    def dated(day: date) -> dict[str, object]:
        return idea(proposed_on=day) | {k: day if v is True else v for k, v in stages.items()}

    assert fate(dated(ago(days))) == "young"
    assert fate(dated(ago(days + 1))) == stage


@pytest.mark.parametrize("more", [
    {"closing_note": "费用偏高,暂缓"}, {"adopted_on": LONG_AGO, "pilot_from": LONG_AGO, "verdict": "stop"}, {"verdict": "adjust"},
    {"adopted_on": LONG_AGO, "verdict": "adopt", "institution_id": "Z1"},
])
def test_refused_stopped_adjusted_and_fixed_ideas_have_an_outcome(more: dict[str, object]) -> None:
    assert fate(idea(**more)) == "done"


@pytest.mark.parametrize("note", ["无", "—", "  "])
def test_a_note_that_says_nothing_is_none(note: str) -> None:
    assert fate(idea(closing_note=note)) == "answer"


@pytest.mark.parametrize(("life", "result"), [(61, "carrier"), (62, "done")])
def test_adopted_but_its_carrier_ended_within_two_months_whatever_the_note_says(life: int, result: str) -> None:
    row = idea(adopted_on=LONG_AGO, pilot_from=LONG_AGO, verdict="adopt", closing_note="已推广", carrier_id="ZT1")
    assert fate(row, carrier("B1", "共用柜", LONG_AGO, ended_on=LONG_AGO + timedelta(life))) == result
    assert fate(row | {"institution_id": "Z1"}, carrier("B1", "共用柜", LONG_AGO, ended_on=LONG_AGO + timedelta(life))) == "done"


def test_adopted_and_its_carrier_still_runs() -> None:
    row = idea(adopted_on=LONG_AGO, pilot_from=LONG_AGO, verdict="adopt", carrier_id="ZT1")
    assert fate(row, carrier("B1", "共用柜", LONG_AGO)) == "done"
    assert fate(row, carrier("B1", "共用柜", LONG_AGO, ended_on=date(2025, 6, 1))) == "rule"


def test_without_dates_nothing_is_known() -> None:
    assert fate(idea(proposed_on=None)) is None


def test_two_of_three_and_a_young_one_left_out() -> None:
    rows = [idea("DZ1"), idea("DZ2", adopted_on=LONG_AGO), idea("DZ3", verdict="stop"), idea("DZ4", proposed_on=ago(10))]
    got = dead_ideas(make(as_of=TODAY, organisation=branches("B1"), idea=rows, carrier=[carrier("B1", "共用柜", LONG_AGO)]))
    row = by_org(got.table)["B1"]
    assert (row["k"], row["n"], row["young"], row["enough"], row["answer"], row["pilot"]) == (2, 3, 1, True, 1, 1)
    assert keys(got.evidence, "B1") == ["idea:DZ1", "idea:DZ2"]


@pytest.mark.parametrize(("dead", "done", "enough"), [(1, 2, False), (2, 0, False), (2, 1, True), (1, 5, False)])
def test_at_least_two_of_at_least_three(dead: int, done: int, enough: bool) -> None:
    rows = [idea(f"D{i}") for i in range(dead)] + [idea(f"E{i}", closing_note="暂缓") for i in range(done)]
    got = dead_ideas(make(as_of=TODAY, organisation=branches("B1"), idea=rows))
    assert by_org(got.table)["B1"]["enough"] is enough


def test_ideas_proposed_after_the_day_of_judgement_are_ignored() -> None:
    rows = [idea("DZ1"), idea("DZ2", proposed_on=TODAY + timedelta(1), closing_note="暂缓")]
    assert by_org(dead_ideas(make(as_of=TODAY, organisation=branches("B1"), idea=rows)).table)["B1"]["n"] == 1


def test_decided_among_many_and_told_in_a_sentence() -> None:
    orgs = [f"B{i:02d}" for i in range(40)]
    rows = [idea(f"D{o}{i}", o, closing_note=None if o == "B00" else "暂缓") for o in orgs for i in range(5)]
    ctx = make(as_of=TODAY, organisation=branches(*orgs), idea=rows)
    judged = by_org(findings.judge(ctx, "dead_ideas", dead_ideas(ctx)).table)
    assert {o for o, r in judged.items() if r["severity"] >= 2} == {"B00"}
    text = sentences.render(ctx.catalogue.card("dead_ideas"), judged["B00"])
    assert text.startswith("已有结果或已到期的5条点子中,5条未见下文:5条未见答复")


def test_without_the_sheet_or_a_needed_column_nothing_is_judged() -> None:
    assert dead_ideas(make(as_of=TODAY, organisation=branches("B1"))).unknown
    row = idea()
    del row["closing_note"]
    got = dead_ideas(make(as_of=TODAY, organisation=branches("B1"), idea=[row]))
    assert got.table.num_rows == 0
    assert "办结说明" in str(got.unknown)


@pytest.mark.parametrize("seed", range(3))
def test_equals_the_twin(seed: int) -> None:
    rng = random.Random(seed)
    held = {f"ZT{i}": carrier("B1", "共用柜", ago(rng.randrange(900)), carrier_id=f"ZT{i}") for i in range(20)}
    for row in held.values():
        if rng.random() < 0.6:
            row["ended_on"] = row["started_on"] + timedelta(rng.randrange(200))

    def later(day: date | None, chance: float) -> date | None:
        return day + timedelta(rng.randrange(120)) if day and rng.random() < chance else None

    rows = []
    for i in range(150):
        proposed = ago(rng.randrange(-20, 800))
        adopted = later(proposed, 0.7)
        begun = later(adopted, 0.7)
        ended = later(begun, 0.6)
        closed = {"verdict": rng.choice(["adopt", "adopt", "adjust", "stop", None]), "institution_id": rng.choice([None, None, "Z1"])}
        rows.append(idea(f"DZ{i:03d}", f"B{rng.randrange(9)}", proposed_on=proposed, adopted_on=adopted, pilot_from=begun, pilot_to=ended,
                         carrier_id=rng.choice([None, *held]), closing_note=rng.choice([None, None, "有效"]), **(closed if ended else {})))
    orgs = branches(*(f"B{i}" for i in range(9)))
    got = by_org(dead_ideas(make(as_of=TODAY, organisation=orgs, idea=rows, carrier=list(held.values()))).table)
    expected = twin.count(rows, held, TODAY)
    assert sum(k for k, _ in expected.values()) > 10
    assert {o: (r["k"], r["n"]) for o, r in got.items()} == expected
