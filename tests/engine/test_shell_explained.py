"""架子齐、运行痕迹少 from its components, and evidence that leaves when it is explained."""

import pyarrow as pa
import pytest

from zaidao.engine import explained, shell
from zaidao.engine.catalogue import load
from zaidao.engine.indicators.base import Ruled, Trials

CATALOGUE = load()
STRIKING = {"text": 1e-6, "time": 1e-4, "attendance": 0.01}


def parts(good: float, total: float = 20.0) -> pa.Table:
    return pa.Table.from_pylist([{"org_id": "B1", "element": "organisational_life", "component": "duties", "role": "paper",
                                  "good": good, "total": total, "unknown": 0.0, "records": total}])


def life(trace: float, low: float, high: float) -> pa.Table:
    paper = 1.0
    row = {"org_id": "B1", "element": "organisational_life", "paper": paper, "paper_low": paper, "paper_high": paper,
           "pulse": paper * trace, "pulse_low": paper * low, "pulse_high": paper * high, "n": 40.0}
    return pa.Table.from_pylist([row])


def severity(good: float, bounds: tuple[float, float, float], chances: dict[str, float]) -> int:
    ruled = shell.shell(parts(good), life(*bounds), {"B1": chances}, {"B1": ["集中补录"]}, {"B1": ["A3", "A7"]}, CATALOGUE)
    return int(ruled.table["severity"][0].as_py())


@pytest.mark.parametrize(("good", "bounds", "chances", "expected"), [
    (20, (0.5, 0.4, 0.6), STRIKING, 2),                                   # all on file, much not borne out, three families
    (20, (0.2, 0.1, 0.3), STRIKING, 3),                                   # less than half borne out
    (20, (0.2, 0.1, 0.3), STRIKING | {"hands": 1.0, "appeal": 1.0}, 3),   # quiet families do not drown the others
    (10, (0.2, 0.1, 0.3), STRIKING, 0),                                   # half on file: not 架子齐
    (20, (0.75, 0.7, 0.82), STRIKING, 1),                                 # upper bound over the bar: only a hint
    (20, (0.9, 0.8, 0.95), STRIKING, 0),                                  # borne out
    (20, (0.2, 0.1, 0.3), {"text": 1e-6, "time": 0.4, "hands": 0.5}, 0),  # one family alone
])
def test_severity_by_hand(good: float, bounds: tuple[float, float, float], chances: dict[str, float], expected: int) -> None:
    assert severity(good, bounds, chances) == expected


def test_doubtful_records_are_the_evidence_and_components_are_named() -> None:
    ruled = shell.shell(parts(20), life(0.2, 0.1, 0.3), {"B1": STRIKING}, {"B1": ["集中补录"]}, {"B1": ["A3", "A7"]}, CATALOGUE)
    assert ruled.evidence["key"].to_pylist() == ["activity:A3", "activity:A7"]
    assert ruled.table["components"].to_pylist() == ["集中补录"]


def trials() -> Trials:
    table = pa.table({"org_id": ["B1", "B2"], "k": [6.0, 2.0], "n": [20.0, 20.0], "k_odd": [4.0, 1.0], "n_odd": [10.0, 10.0],
                      "k_even": [2.0, 1.0], "n_even": [10.0, 10.0], "enough": [True, True]})
    keys = [("B1", f"activity:A{i}") for i in range(6)] + [("B2", "activity:A1")]
    return Trials(table, pa.table({"org_id": [o for o, _ in keys], "key": [k for _, k in keys], "ord": list(range(7))}))


def test_explained_records_leave_k_and_n_of_their_own_organisation_and_code() -> None:
    answers = [
        ("B1", "backfill", "activity:A0"), ("B1", "backfill", "activity:A1"), ("B1", "copied_minutes", "activity:A2"),
        ("B2", "backfill", "activity:A9"),
    ]
    kept, gone = explained.leave_out("backfill", trials(), answers)
    assert gone == 2
    assert kept.table.select(["k", "n"]).to_pylist() == [{"k": 4.0, "n": 18.0}, {"k": 2.0, "n": 20.0}]
    assert kept.table["k_odd"][0].as_py() == pytest.approx(4 * 4 / 6)
    assert "activity:A0" not in kept.evidence["key"].to_pylist()[:4]


def test_a_rule_settles_when_all_its_evidence_is_explained() -> None:
    ruled = Ruled(pa.table({"org_id": ["B1"], "score": [1.0], "low": [1.0], "high": [1.0], "severity": [3]}),
                  pa.table({"org_id": ["B1", "B1"], "key": ["organisation:B1", "institution:Z1"], "ord": [0, 1]}))
    one, _ = explained.leave_out("institution_gap", ruled, [("B1", "institution_gap", "organisation:B1")])
    every = [("B1", "institution_gap", k) for k in ("organisation:B1", "institution:Z1")]
    both, gone = explained.leave_out("institution_gap", ruled, every)
    assert one.table["severity"].to_pylist() == [3]
    assert both.table["severity"].to_pylist() == [0]
    assert gone == 2


def test_marks_of_explained_records_leave_the_credibility() -> None:
    marks = pa.table({"activity_id": ["A1", "A1", "A2"], "org_id": ["B1"] * 3, "family": ["text", "time", "text"], "code": ["x"] * 3,
                      "strength": [1.0] * 3, "other_id": ["A0", None, "A0"]})
    kept = explained.unmark([marks], [("B1", "copied_minutes", "activity:A1~activity:A0")])[0]
    assert list(zip(kept["activity_id"].to_pylist(), kept["family"].to_pylist(), strict=True)) == [("A1", "time"), ("A2", "text")]
