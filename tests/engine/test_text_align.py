"""Confirmation by alignment against the plain definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.twins.text import common_runs
from zaidao.engine.text.align import aligned


def letters(*texts: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    codes = np.frombuffer("".join(texts).encode("utf-16-le"), dtype=np.uint16)
    ends = np.cumsum([len(t) for t in texts])
    return codes, ends - [len(t) for t in texts], ends


def align(a: str, b: str, run: int, share: float = 0.0, margin: float = 0.0) -> int:
    return int(aligned(*letters(a, b), np.array([0]), np.array([1]), run, share, margin)[0])


@pytest.mark.parametrize(
    ("a", "b", "run", "want"),
    [
        ("安全生产学习", "安全生产学习", 2, 6),
        ("安全生产学习", "安X全Y生Z产", 2, 0),       # no run of two letters is left
        ("安全生产学习", "安X全Y生Z产", 1, 4),
        ("学习安全生产", "安全生产学习", 2, 4),       # order counts: one of the two runs
        ("先安全再生产", "先安全后生产", 3, 3),       # the run of two does not count
        ("", "安全", 1, 0),
    ],
)
def test_by_hand(a: str, b: str, run: int, want: int):
    assert align(a, b, run) == want


def test_below_share_or_margin_nothing_is_returned():
    assert align("安全生产学习", "安全天气很好", 2, share=0.34) == 0
    assert align("安全生产学习", "安全天气很好", 2, share=0.33) == 2
    assert align("安全生产学习", "安全天气很好", 2, share=0.33, margin=1) == 0


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="甲乙丙丁", max_size=75), st.text(alphabet="甲乙丙丁", max_size=75), st.integers(1, 3))
def test_like_the_twin(a: str, b: str, run: int):
    assert align(a, b, run) == common_runs(a, b, run)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(alphabet="甲乙丙丁戊", min_size=1, max_size=90), min_size=3, max_size=6))
def test_many_pairs_of_one_text_do_not_disturb_each_other(texts: list[str]):
    one, other = (np.array(side) for side in zip(*[(i, j) for i in range(len(texts)) for j in range(i)], strict=True))
    got = aligned(*letters(*texts), one, other, 1, 0.0, 0.0)
    assert got.tolist() == [common_runs(texts[i], texts[j], 1) for i, j in zip(one, other, strict=True)]
