"""Explained evidence leaves: too few left decide nothing, a carrier takes its activities along, and the run says how many left."""

import json

import pyarrow as pa
import pytest

from tests.engine import sample
from zaidao.engine import explained, run
from zaidao.engine.facts import Facts
from zaidao.engine.indicators.base import Trials


def trials(kind: str, pieces: int, k: float, n: float, **more: list[float]) -> Trials:
    halves = {"k_odd": [k / 2], "n_odd": [n / 2], "k_even": [k / 2], "n_even": [n / 2]}
    table = pa.table({"org_id": ["B1"], "k": [k], "n": [n], "enough": [True], **halves, **more})
    keys = [f"{kind}:X{i}" for i in range(pieces)]
    return Trials(table, pa.table({"org_id": ["B1"] * pieces, "key": keys, "ord": list(range(pieces))}))


def left(code: str, counted: Trials, explain: int, least: float = 0) -> dict[str, float]:
    answers = [("B1", code, key) for key in counted.evidence["key"].to_pylist()[:explain]]
    return explained.leave_out(code, counted, answers, least)[0].table.to_pylist()[0]


@pytest.mark.parametrize(("explain", "enough"), [(0, True), (1, True), (2, False)])
def test_fewer_than_the_least_count_decide_nothing(explain: int, enough: bool) -> None:
    row = left("backfill", trials("activity", 5, 5, 12), explain, least=4)
    assert (row["k"], row["n"], row["enough"]) == (5 - explain, 12 - explain, enough)


def test_a_carrier_takes_its_share_of_the_activities_along() -> None:
    row = left("single_carrier", trials("carrier", 3, 12, 14), 1)  # three carriers with four activities each on average
    assert (row["k"], row["n"]) == (8, 10)


def test_what_the_sentence_says_shrinks_too() -> None:
    row = left("duties_missed", trials("duty", 4, 6, 40, missed=[6], due=[40]), 2, least=3)
    assert (row["missed"], row["due"]) == (row["k"], row["n"]) == (4, 38)


def test_explained_evidence_leaves_the_next_run_and_the_run_says_how_many() -> None:
    whole = {(r["org_id"], r["finding"]): r for r in sample.diagnosed().findings.to_pylist()}
    dead, late = whole["HW00040", "dead_ideas"], whole["HW00037", "backfill"]
    answers = [("HW00040", "dead_ideas", e) for e in dead["evidence"]] + [("HW00037", "backfill", e) for e in late["evidence"][:1]]
    answers += [("HW00037", "backfill", "activity:NOBODY"), ("HW00001", "copied_minutes", late["evidence"][0])]  # answer nothing
    result = run.diagnose(Facts.from_tables(sample.tables()), answers=answers, threads=1)
    after = {(r["org_id"], r["finding"]): r for r in result.findings.to_pylist()}
    assert result.manifest["explained_evidence"] == len(dead["evidence"]) + 1
    assert ("HW00040", "dead_ideas") not in after
    assert (after["HW00037", "backfill"]["k"], after["HW00037", "backfill"]["n"]) == (late["k"] - 1, late["n"] - 1)
    assert late["evidence"][0] not in after["HW00037", "backfill"]["evidence"]
    assert json.loads(after["HW00037", "backfill"]["details"])["k"] == late["k"] - 1
    untouched = [k for k, r in whole.items() if k[1] not in ("dead_ideas", "backfill", "shell") and r != after.get(k)]
    assert untouched == []
