"""Tables of a session: stored, described once, and replaced under the same name."""

import pyarrow as pa

from zaidao.engine.backend import Engine


def test_a_table_put_again_is_seen_anew() -> None:
    engine = Engine.duckdb(threads=1)
    assert engine.put("t", pa.table({"n": [1, 2]})).columns == ("n",)
    assert engine.t("t") is engine.t("t")
    engine.store("t", pa.table({"n": [3, 1, 2], "word": ["三", None, "二"]}))
    assert engine.run(engine.t("t")).to_pydict() == {"n": [3, 1, 2], "word": ["三", None, "二"]}, "in the order of its rows"


def test_what_is_kept_takes_the_place_of_what_it_came_from() -> None:
    engine = Engine.duckdb(threads=1)
    put = engine.put("t", pa.table({"n": [1, 2, 3]}))
    kept = engine.keep("t", put.filter(put.n > 1).mutate(double=put.n * 2))
    assert engine.run(kept).to_pydict() == engine.run(engine.t("t")).to_pydict() == {"n": [2, 3], "double": [4, 6]}
    assert list(engine.names()) == ["t"]
