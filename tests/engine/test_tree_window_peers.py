"""The tree as of a day, the window of whole months, and who is comparable."""

from datetime import date

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from zaidao.engine import tree
from zaidao.engine.peers import Peers
from zaidao.engine.window import Window


def test_children_follow_their_parent_in_code_order() -> None:
    shape = tree.build({"A": None, "C": "A", "B": "A", "D": "B"})
    assert shape.order == ("A", "B", "D", "C")
    assert shape.path["D"] == ("A", "B", "D")


def test_unknown_parents_and_circles_lose_nobody() -> None:
    shape = tree.build({"A": None, "B": "X", "C": "D", "D": "C", "E": "E"})
    assert sorted(shape.order) == ["A", "B", "C", "D", "E"]


@given(st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from([*"ABCDEFGH", None]), min_size=1))
def test_any_links_give_every_organisation_once(parents: dict[str, str | None]) -> None:
    shape = tree.build(parents)
    assert sorted(shape.order) == sorted(parents)
    assert all(shape.path[o][-1] == o and len(set(shape.path[o])) == len(shape.path[o]) for o in parents)


def test_the_window_is_the_last_twelve_whole_months() -> None:
    window = Window.before(date(2026, 10, 31), 12)
    assert (window.start, window.end) == (date(2025, 10, 1), date(2026, 10, 1))
    assert window.index(date(2025, 10, 1)) == 0
    assert window.index(date(2026, 9, 30)) == 11
    assert window.index(date(2026, 10, 1)) is None
    assert window.index(date(2025, 9, 30)) is None


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_every_window_holds_twelve_months_before_its_day(day: date) -> None:
    window = Window.before(day, 12)
    assert len(window.months) == 12
    assert window.end <= day
    assert (day - window.end).days < 31


def test_peers_come_from_the_nearest_ancestor_with_enough() -> None:
    parents = {"R": None, "A": "R", "B": "R"} | {f"A{i}": "A" for i in range(3)} | {f"B{i}": "B" for i in range(2)}
    shape = tree.build(parents)
    orgs = pa.table({"org_id": list(parents), "kind": ["committee", "committee", "committee"] + ["branch"] * 5, "size_class": [0] * 8})
    branches = ["A0", "A1", "A2", "B0", "B1"]
    grouping = Peers.of(shape, orgs, least=3).group(branches)
    assert [grouping.level(i) for i in range(5)] == ["under:A"] * 3 + ["under:R"] * 2
    assert sorted(grouping.members[grouping.index[3]].tolist()) == [0, 1, 2, 3, 4]
    assert Peers.of(shape, orgs, least=9).group(branches).level(0) == "packaged"
