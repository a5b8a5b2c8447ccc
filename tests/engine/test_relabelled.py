"""发起方式待核: by hand, and against the twin."""

from datetime import date, timedelta

import pytest

from tests.engine.carrier_rows import TODAY, branches, by_org, carrier, keys, ordered, random_ledger, world
from tests.engine.twins import carriers as twin
from zaidao.engine import carriers as engine_carriers
from zaidao.engine import titles
from zaidao.engine.indicators.relabelled import relabelled

DAY = date(2025, 6, 1)


def directive(name: str, day: date, others: int = 3, **more: object) -> list[dict[str, object]]:
    """The same ordered carrier in so many other branches, a day apart."""
    return [ordered(f"P{i}", name, day + timedelta(i), **more) for i in range(1, others + 1)]


def why(rows: list[dict[str, object]], **tables: list[dict[str, object]]) -> dict[str, str | None]:
    return {r["carrier_id"]: r["why"] for r in engine_carriers.traced(world(rows, **tables)).to_pylist()}


def one(row: dict[str, object], others: list[dict[str, object]], **tables: list[dict[str, object]]) -> str | None:
    return why([row, *others], **tables)[row["carrier_id"]]


def test_stems_leave_out_organisations_years_and_ordinals() -> None:
    parts = titles.name_parts(["建设工程公司第三车间党支部", "建设工程公司"])
    assert titles.stem("第三车间2025年度“节能降耗”创先争优活动(第二期)", parts, ["活动"]) == "节能降耗创先争优"
    assert titles.likeness("节能降耗创先争优", "节能降耗创先争优行动") == pytest.approx(14 / 16)


def test_like_three_others_with_a_number_at_the_same_time() -> None:
    assert one(carrier("B1", "B1暖心帮扶队", DAY), directive("暖心帮扶队", DAY)) == "like_ordered"


def test_two_others_are_not_enough() -> None:
    assert one(carrier("B1", "暖心帮扶队", DAY), directive("暖心帮扶队", DAY, others=2)) is None


@pytest.mark.parametrize(("days", "found"), [(30, "like_ordered"), (31, None)])
def test_within_thirty_days_of_three_others(days: int, found: str | None) -> None:
    others = [ordered(f"P{i}", "暖心帮扶队", DAY) for i in (1, 2, 3)]
    assert one(carrier("B1", "暖心帮扶队", DAY + timedelta(days)), others) == found


@pytest.mark.parametrize(("days", "found"), [(14, "like_ordered"), (15, None)])
def test_who_began_more_than_two_weeks_before_the_first_order_is_first_mover(days: int, found: str | None) -> None:
    others = [ordered(f"P{i}", "暖心帮扶队", DAY) for i in (1, 2, 3)]
    assert one(carrier("B1", "暖心帮扶队", DAY - timedelta(days)), others) == found


def test_another_kind_or_an_unlike_title_is_its_own() -> None:
    assert one(carrier("B1", "暖心帮扶队", DAY, kind="责任区"), directive("暖心帮扶队", DAY)) is None
    assert one(carrier("B1", "老旧阀门挂牌法", DAY), directive("暖心帮扶队", DAY)) is None


def test_a_title_that_only_names_its_kind_proves_nothing() -> None:
    assert one(carrier("B1", "志愿服务活动", DAY), directive("志愿服务活动", DAY)) is None


def test_a_carrier_that_tries_an_idea_of_its_own_is_its_own() -> None:
    row = carrier("B1", "暖心帮扶队", DAY)
    idea = {"idea_id": "DZ1", "org_id": "B1", "carrier_id": row["carrier_id"], "proposed_on": date(2025, 3, 1)}
    assert one(row, directive("暖心帮扶队", DAY), idea=[idea]) is None


def test_its_own_tradition_of_the_year_before_is_silent() -> None:
    tradition = carrier("B1", "暖心帮扶队", date(2024, 6, 10), ended_on=date(2024, 12, 1))
    row = carrier("B1", "暖心帮扶队", DAY)
    assert one(row, [tradition, *directive("暖心帮扶队", DAY)]) is None
    traced = why([tradition, row, *directive("暖心帮扶队", DAY), *directive("暖心帮扶队", date(2024, 6, 10))])
    assert (traced[tradition["carrier_id"]], traced[row["carrier_id"]]) == ("like_ordered", "like_ordered")


def test_a_wave_without_numbers_but_for_the_first() -> None:
    rows = [carrier(f"B{i}", "暖心帮扶队", DAY + timedelta(i)) for i in range(1, 7)]
    history = [carrier("P9", "老旧阀门挂牌法", date(2024, 1, 1))]
    found = why([*rows, *history])
    assert [found[r["carrier_id"]] for r in rows] == [None, *["wave"] * 5]


def test_four_at_once_are_no_wave() -> None:
    rows = [carrier(f"B{i}", "暖心帮扶队", DAY + timedelta(i)) for i in range(1, 5)]
    assert set(why([*rows, carrier("P9", "老旧阀门挂牌法", date(2024, 1, 1))]).values()) == {None}


def test_a_title_that_is_common_all_year_makes_no_wave() -> None:
    usual = [carrier(f"P{i}", "暖心帮扶队", date(2024, 1, 1) + timedelta(6 * i)) for i in range(1, 90)]
    rows = [carrier(f"B{i}", "暖心帮扶队", DAY + timedelta(i)) for i in range(1, 7)]
    assert not any(why([*rows, *usual])[r["carrier_id"]] for r in rows)


def test_two_in_doubt_are_a_finding_with_both_as_evidence() -> None:
    doubt = [carrier("B1", "暖心帮扶队", DAY), carrier("B1", "夜校读书会", date(2026, 2, 1))]
    rows = [*doubt, carrier("B1", "老旧阀门挂牌法", DAY), *directive("暖心帮扶队", DAY), *directive("夜校读书会", date(2026, 2, 1))]
    found = relabelled(world(rows))
    row = by_org(found.table)["B1"]
    assert (row["severity"], row["k"], row["n"], row["like_ordered"]) == (2, 2, 3, 2)
    assert row["score"] == pytest.approx(2 / 3)
    assert row["low"] < row["score"] < row["high"]
    assert keys(found.evidence, "B1") == [f"carrier:{c['carrier_id']}" for c in doubt]


@pytest.mark.parametrize(("number", "severity"), [("集团党发〔2025〕8号", 2), ("无", 0), ("/", 0)])
def test_one_with_a_document_number_suffices(number: str, severity: int) -> None:
    rows = [carrier("B1", "老旧阀门挂牌法", DAY, directive_no=number), carrier("B1", "班组问答角", DAY)]
    assert by_org(relabelled(world(rows)).table)["B1"]["severity"] == severity


def test_one_without_a_number_is_only_worth_noting() -> None:
    row = by_org(relabelled(world([carrier("B1", "暖心帮扶队", DAY), *directive("暖心帮扶队", DAY)])).table)["B1"]
    assert (row["severity"], row["k"]) == (1, 1)


@pytest.mark.parametrize(("gap", "found"), [(0, 1), (60, 1), (61, 0), (-1, 0)])
def test_carrying_on_one_that_just_ended(gap: int, found: int) -> None:
    before = carrier("B1", "工间健身操", date(2025, 1, 1), ended_on=DAY)
    row = by_org(relabelled(world([before, carrier("B1", "工间健身操行动", DAY + timedelta(gap))])).table)["B1"]
    assert row["continued"] == found


def test_a_series_that_says_so_is_not_declared_new() -> None:
    before = carrier("B1", "工间健身操", date(2025, 1, 1), ended_on=DAY)
    assert by_org(relabelled(world([before, carrier("B1", "工间健身操第二期", DAY)])).table)["B1"]["continued"] == 0


def test_a_telling_aim_shows_a_new_name_and_a_set_phrase_does_not() -> None:
    def aims(text: str, users: int) -> int:
        before = carrier("B1", "工间健身操", date(2025, 1, 1), ended_on=DAY, aim=text)
        after = carrier("B1", "晨光太极队", DAY, aim=text)
        others = [carrier(f"P{i}", f"{'甲乙丙'[i]}号小院", DAY, aim=text) for i in range(users)]
        return by_org(relabelled(world([before, after, *others])).table)["B1"]["continued"]

    assert aims("让久坐的调度员颈椎少犯病", 0) == 1
    assert aims("方便职工", 2) == 0


def test_later_than_the_day_of_judgement_is_ignored() -> None:
    assert "B1" not in by_org(relabelled(world([carrier("B1", "暖心帮扶队", TODAY + timedelta(1)), *directive("暖心帮扶队", TODAY)])).table)


def test_without_titles_and_numbers_nothing_is_judged() -> None:
    rows = [{"carrier_id": "Z1", "org_id": "B1", "origin": "own"}]
    found = relabelled(world(rows, orgs=branches("B1")))
    assert found.table.num_rows == 0
    assert found.unknown


@pytest.mark.parametrize("seed", range(8))
def test_equals_the_twin(seed: int) -> None:
    rows = random_ledger(seed)
    orgs = sorted({r["org_id"] for r in rows})
    ledger = twin.Ledger(rows, {o: (f"{o}党支部", o) for o in orgs}, TODAY)
    ctx = world(rows)
    traced = {r["carrier_id"]: r["why"] for r in engine_carriers.traced(ctx).to_pylist() if r["why"]}
    assert traced == ledger.why
    got = by_org(relabelled(ctx).table)
    for org in got:
        doubt, own, severity = twin.relabelled(ledger, org)
        assert (got[org]["k"], got[org]["n"], got[org]["severity"]) == (len(doubt), own, severity)


def test_the_twin_ledgers_hold_every_reason() -> None:
    """The comparison above would be empty if the random ledgers had no orders, waves, numbers or silences in them."""
    found: set[str] = set()
    for seed in range(8):
        rows = random_ledger(seed)
        found |= set(twin.Ledger(rows, {r["org_id"]: (f"{r['org_id']}党支部", r["org_id"]) for r in rows}, TODAY).why.values())
    assert found == {"number", "like_ordered", "wave"}
