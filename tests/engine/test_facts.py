"""Fact tables from memory and from Parquet."""

from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from zaidao.engine.facts import BATCH, Facts, FactsRefused
from zaidao.engine.schema import TABLES

ORGS = pa.table({"org_id": ["A", "B"], "name": ["甲", "乙"], "kind": ["committee", "branch"], "extra": [1, 2]})
ACTIVITIES = pa.table(
    {
        "activity_id": ["1", "2", "3"],
        "org_id": ["A", "B", "B"],
        "held_at": pa.array([datetime(2026, 1, 2, 9), None, datetime(2026, 3, 4)], pa.timestamp("ns")),
        "participants": [["P1"], None, []],
        "minutes": ["一", None, "三"],
        "present": pa.array([3, None, 5], pa.int64()),
        "minutes_sketch": [b"x", b"y", b"z"],
    }
)
PEOPLE = pa.table({"person_id": ["P1"], "org_id": ["B"], "id_no": ["110105194912310021"], "phone": ["13800000000"]})


def test_tables_have_the_contracts_schema_and_no_sensitive_columns():
    facts = Facts.from_tables({"organisation": ORGS, "activity": ACTIVITIES, "person": PEOPLE})
    for name, table in TABLES.items():
        assert facts.table(name).schema == table.arrow
    assert facts.table("activity", ["present", "org_id"]).column_names == ["present", "org_id"]
    assert facts.table("activity")["held_at"].to_pylist()[0] == datetime(2026, 1, 2, 9)
    assert "110105194912310021" not in str([facts.table(n).to_pylist() for n in TABLES])


def test_what_is_missing_is_null_with_a_reason():
    facts = Facts.from_tables({"organisation": ORGS, "activity": ACTIVITIES})
    assert facts.table("person").num_rows == 0
    assert not facts.has("person")
    assert "人员" in facts.missing["person"]
    assert facts.table("activity")["recorder_id"].null_count == 3
    assert "记录人编号" in facts.missing["activity.recorder_id"]
    assert facts.has("activity", "present")
    assert not facts.has("activity", "recorder_id")
    assert "person.name" not in facts.missing


def test_a_wholly_empty_column_is_missing_too():
    facts = Facts.from_tables({"organisation": ORGS.append_column("unit", pa.nulls(2, pa.string()))})
    assert "全部为空" in facts.missing["organisation.unit"]


@pytest.mark.parametrize("in_folder", [False, True])
def test_parquet_gives_the_same_facts(tmp_path, in_folder):
    memory = Facts.from_tables({"organisation": ORGS, "activity": ACTIVITIES, "person": PEOPLE})
    for name, table in (("organisation", ORGS), ("activity", ACTIVITIES), ("person", PEOPLE)):
        if in_folder:
            (tmp_path / name).mkdir()
            pq.write_table(table.slice(0, 1), tmp_path / name / "part-0.parquet")
            pq.write_table(table.slice(1), tmp_path / name / "part-1.parquet")
        else:
            pq.write_table(table, tmp_path / f"{name}.parquet")
    stored = Facts.from_parquet(tmp_path)
    assert stored.missing == memory.missing
    for name in TABLES:
        assert stored.table(name).equals(memory.table(name))
    assert _texts(stored) == _texts(memory) == [("1", "一"), ("2", None), ("3", "三")]


def _texts(facts):
    return [(r["activity_id"], r["minutes"]) for batch in facts.minutes() for r in batch.to_pylist()]


def test_minutes_stream_in_batches_with_rows_masked(tmp_path):
    n = BATCH + 10
    table = pa.table({"activity_id": [str(i) for i in range(n)], "org_id": ["A"] * n, "minutes": [f"文{i}" for i in range(n)]})
    pq.write_table(table, tmp_path / "activity.parquet", row_group_size=1000)
    keep = pc.not_equal(pa.array(range(n)), BATCH + 1)
    facts = Facts.from_parquet(tmp_path).without({"activity": keep}, {})
    texts = _texts(facts)
    assert len(texts) == n - 1 == facts.rows("activity") == facts.table("activity", ["org_id"]).num_rows
    assert texts[-1] == (str(n - 1), f"文{n - 1}")
    assert str(BATCH + 1) not in dict(texts)


def test_without_minutes_nothing_is_streamed(tmp_path):
    pq.write_table(ACTIVITIES.drop_columns(["minutes"]), tmp_path / "activity.parquet")
    facts = Facts.from_parquet(tmp_path)
    assert list(facts.minutes()) == []
    assert "activity.minutes" in facts.missing


def test_patches_replace_whole_columns():
    facts = Facts.from_tables({"activity": ACTIVITIES}).without(
        {"activity": pa.array([True, True, False])}, {"activity": {"present": pa.array([None, 4, 5], pa.int32())}}
    )
    assert facts.table("activity", ["activity_id", "present"]).to_pylist() == [
        {"activity_id": "1", "present": None},
        {"activity_id": "2", "present": 4},
    ]


def test_zoned_times_become_shanghai_wall_time():
    zoned = pa.table({"activity_id": ["1"], "org_id": ["A"], "held_at": pa.array([datetime(2026, 1, 1, 1)], pa.timestamp("ms", tz="UTC"))})
    assert Facts.from_tables({"activity": zoned}).table("activity")["held_at"].to_pylist() == [datetime(2026, 1, 1, 9)]


def test_dates_and_lists_are_coerced():
    table = pa.table(
        {"org_id": pa.array(["A"]).dictionary_encode(), "established_on": pa.array([datetime(2020, 5, 1)]), "headcount": pa.array([12.0])}
    )
    row = Facts.from_tables({"organisation": table}).table("organisation").to_pylist()[0]
    assert (row["org_id"], row["established_on"], row["headcount"]) == ("A", date(2020, 5, 1), 12)


@pytest.mark.parametrize(
    ("column", "values"), [("established_on", ["unsinn"]), ("headcount", [1.5]), ("headcount", ["viele"]), ("org_id", [["A"]])]
)
def test_wrong_types_are_refused_by_name_with_a_remedy(column, values):
    with pytest.raises(FactsRefused) as refused:
        Facts.from_tables({"organisation": pa.table({"org_id": ["A"]} | {column: values})})
    assert refused.value.column == column
    assert refused.value.remedy


def test_parquet_that_is_none_or_has_no_key_is_refused(tmp_path):
    (tmp_path / "organisation.parquet").write_bytes(b"nonsense")
    with pytest.raises(FactsRefused):
        Facts.from_parquet(tmp_path)
    pq.write_table(pa.table({"name": ["甲"]}), tmp_path / "organisation.parquet")
    with pytest.raises(FactsRefused, match="org_id"):
        Facts.from_parquet(tmp_path)


def test_written_facts_read_back_equal(tmp_path):
    facts = Facts.from_tables({"organisation": ORGS, "activity": ACTIVITIES, "person": PEOPLE})
    facts.write(tmp_path / "out")
    again = Facts.from_parquet(tmp_path / "out")
    assert again.missing == facts.missing
    assert all(again.table(n).equals(facts.table(n)) for n in TABLES)
    assert b"110105194912310021" not in b"".join(p.read_bytes() for p in (tmp_path / "out").iterdir())
