"""A Spark cluster gives what DuckDB gives (extra `cluster`, Java 17): one session for all, about a minute."""

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

import zaidao.diagnosis
from zaidao.diagnosis import intake
from zaidao.engine import run, spark
from zaidao.engine.outputs import tables

pytestmark = pytest.mark.spark
SAMPLE = Path(zaidao.diagnosis.__file__).parent / "demo" / "haiwan-group.xlsx"
PUBLISHED = ("findings", "elements", "duties", "rollup")
QUICK = {"spark.sql.codegen.wholeStage": "false", "spark.sql.shuffle.partitions": "1"}  # a small group; compiling would take longer


@pytest.fixture(scope="module")
def master() -> Iterator[str]:
    """Two local workers, or the cluster that ZAIDAO_SPARK names (as spark://host:port)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spark, "SETTINGS", spark.SETTINGS | QUICK)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        yield os.environ.get("ZAIDAO_SPARK", "local[2]")
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session:
        session.stop()


@pytest.fixture(scope="module")
def both(master: str) -> tuple[run.Result, run.Result]:
    """The sample group's diagnosis on DuckDB and on Spark."""
    facts = intake.read([SAMPLE]).facts
    return run.diagnose(facts), run.diagnose(facts, engine=master)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_tables_are_equal(both: tuple[run.Result, run.Result], name: str) -> None:
    duck, cluster = (tables.publish(name, getattr(result, name), result.org) for result in both)
    assert duck.num_rows > 20
    assert duck.schema == cluster.schema
    assert [c for c in duck.column_names if not duck[c].equals(cluster[c])] == []


@pytest.mark.parametrize("name", ["org", "ancestry", "load", "marks", "evidence", "element_parts"])
def test_derived_tables_are_equal(both: tuple[run.Result, run.Result], name: str) -> None:
    duck, cluster = (tables.in_order(getattr(result, name), result.org) for result in both)
    assert duck.num_rows > 20
    assert duck.equals(cluster)


def test_manifests_are_equal(both: tuple[run.Result, run.Result]) -> None:
    assert both[0].manifest == both[1].manifest


def test_tables_keep_their_bits_and_are_replaced_by_name(master: str) -> None:
    engine = spark.connect(master)
    hashes = pa.array([[2**64 - 1, 1], None, []], pa.list_(pa.uint64()))
    engine.put("picture", pa.table({"hash": hashes, "day": pa.array([1, 2, None], pa.date32())}))
    got = engine.run(engine.t("picture"))
    assert got["hash"].to_pylist() == [[-1, 1], None, []]
    assert got["day"].cast(pa.int32()).to_pylist() == [1, 2, None]
    engine.put("picture", pa.table({"n": [3, 4]}))
    kept = engine.keep("picture", engine.t("picture").filter(lambda t: t.n > 3))
    assert engine.run(kept).to_pylist() == [{"n": 4}]
    assert engine.count(kept) == 1
    assert "picture" in engine.names()


def test_the_shared_folder_goes_with_the_engine(master: str) -> None:
    engine = spark.connect(master)
    folder = engine.folder
    engine.put("one", pa.table({"n": [1]}))
    assert list(folder.iterdir())
    del engine
    assert not folder.exists()
