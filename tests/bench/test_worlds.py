"""The bench's worlds hold what their keys say: schema, evidence rows, determinism, honest text that nobody copied."""

import itertools
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench.judging import LABEL, judge, wilson
from bench.worlds import LABELS, Settings, make_world, only
from bench.worlds.rules import applies
from zaidao.engine.schema import TABLES

SMALL = Settings(seed=5, organisations=150, mix=dict.fromkeys(LABELS, 0.04), alikes=dict.fromkeys(Settings().alikes, 0.02), optional=True)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    make_world(SMALL, folder)
    return folder


def rows(folder: Path, table: str) -> list[dict]:
    return pq.read_table(folder / f"{table}.parquet").to_pylist()


def key(folder: Path) -> dict:
    return json.loads((folder / "key.json").read_text(encoding="utf-8"))["organisations"]


def evidence(folder: Path, label: str) -> list[dict]:
    return [e for entry in key(folder).values() for x in entry["labels"] if x["label"] == label for e in x["evidence"]]


@pytest.mark.parametrize("name", TABLES)
def test_tables_follow_the_fact_schema(world: Path, name: str) -> None:
    assert pq.read_schema(world / f"{name}.parquet").equals(TABLES[name].arrow)


@pytest.mark.parametrize("name", TABLES)
def test_keys_are_unique(world: Path, name: str) -> None:
    keys = [tuple(r[k] for k in TABLES[name].key) for r in rows(world, name)]
    assert keys
    assert len(keys) == len(set(keys))


def test_without_optional_columns_they_are_absent(tmp_path: Path) -> None:
    make_world(SMALL.but(optional=False, organisations=30), tmp_path)
    assert "form" not in pq.read_schema(tmp_path / "organisation.parquet").names
    assert "decisions" not in pq.read_schema(tmp_path / "activity.parquet").names


def test_references_point_to_rows(world: Path) -> None:
    orgs, people = {r["org_id"] for r in rows(world, "organisation")}, {r["person_id"] for r in rows(world, "person")}
    assert {r["parent_id"] for r in rows(world, "organisation")} - {None} <= orgs
    assert {r["org_id"] for t in ("person", "appointment", "carrier", "activity", "idea", "institution") for r in rows(world, t)} <= orgs
    assert {r["person_id"] for r in rows(world, "appointment")} <= people
    assert {p for r in rows(world, "activity") for p in r["participants"] or []} <= people
    carriers = {r["carrier_id"] for r in rows(world, "carrier")}
    assert {r["carrier_id"] for t in ("activity", "idea") for r in rows(world, t)} - {None} <= carriers


def test_every_label_is_planted_and_shown_by_rows_that_exist(world: Path) -> None:
    entries = key(world)
    assert {x["label"] for e in entries.values() for x in e["labels"]} == set(LABELS)
    assert all(x["evidence"] for e in entries.values() for x in e["labels"])
    here = {t: {"|".join(r[k] for k in TABLES[t].key) for r in rows(world, t)} for t in TABLES}
    lost = [
        (e["table"], e["key"]) for entry in entries.values() for x in entry["labels"] for e in x["evidence"]
        if e["table"] in here and e["key"] not in here[e["table"]] and "left, not replaced" not in e["note"]
    ]
    assert not lost


def test_missed_duties_have_no_record_of_a_meeting(world: Path) -> None:
    meetings = [r for r in rows(world, "activity") if r["held_at"] and r["carrier_id"] is None]
    held = {(r["org_id"], r["kind"], r["held_at"].strftime("%Y-%m")) for r in meetings}
    monthly = [tuple(e["key"].split("|")) for e in evidence(world, "obligations_missed") if "|支委会|" in e["key"]]
    assert monthly
    assert sum(m in held for m in monthly) <= 0.1 * len(monthly)


def test_copies_resemble_their_source_and_honest_minutes_do_not(world: Path) -> None:
    text = {r["activity_id"]: r["minutes"] or "" for r in rows(world, "activity")}
    copies = [(text[e["key"]], text[e["note"]]) for e in evidence(world, "copycat") if e["edit"] <= 0.15]
    assert copies
    assert sum(shared(a, b) > 0.2 for a, b in copies) > 0.9 * len(copies)
    plain = {o for o, e in key(world).items() if not e["labels"] and not e["lookalikes"]}
    honest = [r["minutes"] for r in rows(world, "activity") if r["org_id"] in plain and len(r["minutes"] or "") > 150][::97]
    assert all(shared(a, b) < 0.5 for a, b in itertools.pairwise(honest))


def shared(a: str, b: str, n: int = 5) -> float:
    """Share of the shorter text's n-grams that the other has too."""
    one, two = ({t[i : i + n] for i in range(len(t) - n + 1)} for t in (a, b))
    return len(one & two) / max(1, min(len(one), len(two)))


def test_reused_pictures_differ_by_at_most_four_bits(world: Path) -> None:
    photos = {r["activity_id"]: r["photos"] or [] for r in rows(world, "activity")}
    pairs = [(photos[e["key"]], photos[e["note"]]) for e in evidence(world, "photo_reuse")]
    assert pairs
    assert all(min((a ^ b).bit_count() for a in x for b in y) <= 4 for x, y in pairs)


def test_backfilled_rows_were_filed_more_than_thirty_days_after(world: Path) -> None:
    when = {r["activity_id"]: (r["held_at"], r["recorded_at"]) for r in rows(world, "activity")}
    assert all((when[e["key"]][1] - when[e["key"]][0]).days >= 31 for e in evidence(world, "backfill"))


def test_mandate_only_means_no_own_carrier(world: Path) -> None:
    origins = {r["carrier_id"]: r["origin"] for r in rows(world, "carrier")}
    thin = {o for o, e in key(world).items() if any(x["label"] == "mandate_only" for x in e["labels"])}
    assert thin
    assert {origins[r["carrier_id"]] for r in rows(world, "carrier") if r["org_id"] in thin} == {"mandated"}


def test_same_seed_same_files_and_other_seed_others(tmp_path: Path) -> None:
    settings = SMALL.but(organisations=60)
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        make_world(settings.but(seed=seed), tmp_path / name)
    files = [f"{t}.parquet" for t in TABLES] + ["key.json", "key-evidence.csv"]
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)
    assert (tmp_path / "a" / "activity.parquet").read_bytes() != (tmp_path / "c" / "activity.parquet").read_bytes()


def test_a_lookalike_world_plants_nothing(tmp_path: Path) -> None:
    made = make_world(only("late_but_real", organisations=40), tmp_path)
    assert not any(e["labels"] for e in made["organisations"].values())
    assert sum("late_but_real" in e["lookalikes"] for e in made["organisations"].values()) >= 3


def test_judging_counts_pairs_as_the_samples_do() -> None:
    orgs = {
        "A": {"labels": [{"label": "shell", "severity": 3, "evidence": [{"key": "H1"}]}], "lookalikes": [], "tolerated": ["copycat"]},
        "B": {"labels": [{"label": "shell", "severity": 1, "evidence": []}], "lookalikes": [], "tolerated": []},
        "C": {"labels": [], "lookalikes": ["new_org"], "tolerated": []},
    }
    found = [
        {"org_id": "A", "finding": "shell", "severity": "2", "evidence": "activity:H1;activity:H2~activity:H1"},
        {"org_id": "B", "finding": "shell", "severity": "3", "evidence": ""},
        {"org_id": "A", "finding": "copied_minutes", "severity": "2", "evidence": ""},
        {"org_id": "C", "finding": "shell", "severity": "2", "evidence": ""},
        {"org_id": "C", "finding": "backfill", "severity": "1", "evidence": ""},
    ]
    report = judge(found, orgs)
    shell = report.codes["shell"]
    assert (shell.planted, shell.tp, shell.fp, shell.fn) == (1, 1, 1, 0)
    assert (shell.evidence_found, shell.evidence_true) == (2, 1)
    assert shell.by_severity == {1: [1, 1], 2: [0, 0], 3: [1, 1]}
    assert report.overall.fp == 1
    assert report.lookalikes["new_org"] == (1, {"shell": ["C"]})
    assert sorted(LABEL.values()) == sorted(LABELS)


def test_wilson_against_the_textbook() -> None:
    assert wilson(0, 0) is None
    rate, low, high = wilson(8, 10)
    assert rate == 0.8
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)


def test_clause_conditions_are_read() -> None:
    class Branch:
        kind, committee, groups, people = "branch", [1], [], [{"category": "full", "moved_out_on": None}] * 8

    branch = Branch()
    assert applies("党委、党支部", branch)
    assert not applies("党小组", branch)
    assert applies("党支部且设支委会", branch)
    assert not applies("党支部且不设支委会", branch)
    assert not applies("党支部且设党小组", branch)
    assert applies("党支部且正式党员数≥8", branch)
    assert not applies("党支部且正式党员数≥9", branch)
