"""A small bench world through the whole engine: evidence belongs to its organisation, plain faults are found, sound ones are let be."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from bench.judging import judge, load_key
from bench.worlds import LABELS, Settings, make_world
from zaidao.engine.facts import Facts
from zaidao.engine.run import Result, diagnose

MIX = dict.fromkeys(LABELS, 0.04)
PLAIN = Settings(seed=3, organisations=60, mix=MIX, alikes={}, severity=(0, 0, 1), double=0, optional=True, prefix="TW")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("diagnosed")
    make_world(PLAIN, made)
    return made


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    return diagnose(Facts.from_parquet(folder), as_of=date(2026, 9, 1))


@pytest.fixture(scope="module")
def owner(folder: Path) -> Callable[[str], str]:
    """Organisation of an evidence key."""
    ids = {"carrier": "carrier_id", "institution": "institution_id", "idea": "idea_id", "activity": "activity_id", "person": "person_id"}
    found = {}
    for table, name in ids.items():
        rows = pq.read_table(folder / f"{table}.parquet", columns=[name, "org_id"]).to_pylist()
        found |= {f"{table}:{r[name]}": r["org_id"] for r in rows}
    return lambda key: found[key] if key in found else key.split(":")[1].split("|")[0]


def test_evidence_belongs_to_the_organisation_it_speaks_about(result: Result, owner: Callable[[str], str]) -> None:
    rows = result.findings.select(["org_id", "finding", "evidence"]).to_pylist()
    own = [r for r in rows if r["finding"] != "overloaded_posts"]  # the posts of one person lie elsewhere too
    shown = [(r["org_id"], r["finding"], key) for r in own for key in r["evidence"]]
    assert len(shown) > 50
    assert not [s for s in shown if owner(s[2]) != s[0]]


def test_plain_faults_are_found_and_nearly_nothing_else(result: Result, folder: Path) -> None:
    rows: list[dict[str, Any]] = result.findings.select(["org_id", "finding", "severity", "evidence"]).to_pylist()
    whole = judge([r | {"evidence": ";".join(r["evidence"])} for r in rows], load_key(folder)).overall
    assert whole.planted >= 20
    assert whole.tp >= 0.85 * whole.planted
    assert whole.fp <= 2
