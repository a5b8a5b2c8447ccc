"""载体多由上级部署: by hand, and against the twin. Day of judgement 1 November 2026, so two years back is 1 November 2024."""

from datetime import date

import pytest

from tests.engine.build import make
from tests.engine.carrier_rows import TODAY, branches, by_org, carrier, keys, ordered, random_ledger, world
from tests.engine.twins import carriers as twin
from zaidao.engine import sentences
from zaidao.engine.indicators.mandate_only import mandate_only

NAMES = ("先锋行动", "师徒结对", "读书角", "安全哨", "邻里帮", "健步走")
DAY = date(2025, 6, 1)
PEERS = [carrier(org, f"{org}的小发明角", DAY) for org in ("P1", "P2", "P3")]


def three_ordered(org: str = "B1") -> list[dict[str, object]]:
    return [ordered(org, name, DAY) for name in NAMES[:3]]


def verdict(carriers: list[dict[str, object]], org: str = "B1", **kwargs: object) -> dict[str, object]:
    return by_org(mandate_only(world([*carriers, *PEERS], **kwargs)).table)[org]


def test_three_ordered_and_none_of_its_own_is_a_finding() -> None:
    row = verdict(three_ordered())
    assert (row["severity"], row["own"], row["ordered"], row["n"], row["score"]) == (2, 0, 3, 3, 1.0)


def test_two_ordered_are_too_few() -> None:
    assert verdict(three_ordered()[:2])["severity"] == 0


def test_one_of_its_own_among_four_is_enough() -> None:
    row = verdict([*three_ordered(), carrier("B1", "检修口诀墙", DAY)])
    assert (row["severity"], row["own"], row["n"], row["score"]) == (0, 1, 4, 0.75)


def test_five_ordered_and_none_of_its_own_are_plain() -> None:
    assert verdict([ordered("B1", name, DAY) for name in NAMES[:5]])["severity"] == 3


@pytest.mark.parametrize(("many", "severity"), [(9, 2), (8, 0)])
def test_a_tenth_of_ten_is_hardly_any(many: int, severity: int) -> None:
    rows = [ordered("B1", f"{NAMES[i % 6]}{'甲乙丙丁戊己庚辛壬'[i]}", DAY) for i in range(many)]
    assert verdict([*rows, carrier("B1", "检修口诀墙", DAY)])["severity"] == severity


@pytest.mark.parametrize(("ended", "n"), [(date(2024, 10, 31), 2), (date(2024, 11, 1), 3)])
def test_only_what_ran_in_the_last_two_years_counts(ended: date, n: int) -> None:
    old = ordered("B1", NAMES[2], date(2023, 1, 1), ended_on=ended)
    assert verdict([*three_ordered()[:2], old])["n"] == n


def test_a_declared_own_carrier_with_a_document_number_is_ordered() -> None:
    row = verdict([*three_ordered()[:2], carrier("B1", "检修口诀墙", DAY, directive_no="集团党发〔2025〕9号")])
    assert (row["severity"], row["ordered"], row["numbered"]) == (2, 3, 3)


def test_where_ends_are_not_kept_only_recent_starts_are_known_to_have_run() -> None:
    rows = [ordered("B1", NAMES[0], date(2024, 10, 31)), ordered("B1", NAMES[1], date(2024, 11, 1)), ordered("B1", NAMES[2], None)]
    for row in (*rows, *PEERS):
        assert row["ended_on"] is None
    assert verdict(rows)["n"] == 2  # an empty end: still running; without a start nobody can tell
    bare = [{k: v for k, v in row.items() if k != "ended_on"} for row in rows]
    assert by_org(mandate_only(make(as_of=TODAY, organisation=branches("B1"), carrier=bare)).table)["B1"]["n"] == 1


def test_unknown_origin_counts_neither_way() -> None:
    row = verdict([*three_ordered()[:2], carrier("B1", "检修口诀墙", DAY, origin=None)])
    assert (row["n"], row["severity"]) == (2, 0)


@pytest.mark.parametrize(("more", "severity"), [
    ({"established_on": date(2025, 11, 2)}, 0), ({"established_on": date(2025, 11, 1)}, 2), ({"form": "临时"}, 0), ({"form": "固定"}, 2),
])
def test_new_and_temporary_branches_are_silent(more: dict[str, object], severity: int) -> None:
    orgs = [o | (more if o["org_id"] == "B1" else {}) for o in branches("B1", "P1", "P2", "P3")]
    assert verdict(three_ordered(), orgs=orgs)["severity"] == severity


@pytest.mark.parametrize(("own", "severity"), [(15, 2), (14, 0)])
def test_silent_where_fewer_than_half_of_thirty_peers_have_their_own(own: int, severity: int) -> None:
    rows = [ordered(f"Q{i:02d}", name, DAY) for i in range(own, 30) for name in NAMES[:3]]
    rows += [carrier(f"Q{i:02d}", f"独一份{chr(0x4E00 + 7 * i)}{chr(0x5E00 + 11 * i)}", DAY) for i in range(own)]
    got = by_org(mandate_only(world(rows)).table)["Q29"]
    assert (got["severity"], got["peers_own"]) == (severity, own / 30)


def test_evidence_is_the_ordered_carriers_by_start() -> None:
    late, early, middle = (ordered("B1", n, d) for n, d in zip(NAMES, (date(2026, 1, 1), date(2025, 1, 1), date(2025, 5, 1)), strict=False))
    found = mandate_only(world([late, early, middle, *PEERS]))
    assert keys(found.evidence, "B1") == [f"carrier:{c['carrier_id']}" for c in (early, middle, late)]
    assert keys(found.evidence, "P1") == []


def test_without_origin_nothing_is_judged() -> None:
    found = mandate_only(make(as_of=TODAY, organisation=branches("B1"), carrier=[{"carrier_id": "Z1", "org_id": "B1", "name": "读书角"}]))
    assert found.table.num_rows == 0
    assert found.unknown


def test_the_sentence_is_filled_from_the_row() -> None:
    ctx = world([*three_ordered(), *PEERS])
    text = sentences.render(ctx.catalogue.card("mandate_only"), by_org(mandate_only(ctx).table)["B1"])
    assert text.startswith("近24个月内办过的3项载体中,上级部署或有部署痕迹的有3项(其中3项有部署文号),能看出由本组织自行发起的有0项")


@pytest.mark.parametrize("seed", range(8, 12))
def test_equals_the_twin(seed: int) -> None:
    rows = random_ledger(seed)
    orgs = sorted({r["org_id"] for r in rows})
    ledger = twin.Ledger(rows, {o: (f"{o}党支部", o) for o in orgs}, TODAY)
    got = by_org(mandate_only(world(rows)).table)
    for org in orgs:
        own, n, severity = twin.mandate_only(ledger, org)
        if n:
            assert (got[org]["own"], got[org]["n"], got[org]["severity"]) == (own, n, severity)
