"""What leaves a text before comparison, by hand and against the twin."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.twins import text as twin
from zaidao.engine.text import residues


def residue(*texts: str | None, names: tuple[str, ...] = (), longest: int = 2000) -> list[str]:
    ids = pa.array([f"A{i}" for i in range(len(texts))])
    batch = pa.record_batch([ids, pa.array(texts, pa.string())], names=["activity_id", "minutes"])
    read = residues.read([batch], names, longest)
    return [read.text(i) for i in range(len(texts))]


def test_names_numbers_and_dates_leave_the_text():
    text = "2025年3月5日下午,王小明在三号泊位主持,到会12人;王小明说:安全生产要抓实。"
    assert residue(text, names=("王小明", "三号泊位")) == ["下午在主持到会人说安全生产要抓实"]


def test_chinese_and_full_width_dates_leave_too():
    assert residue("三月五日上午九时三十分开会", "3月5日上午9时开会") == ["上午开会", "上午开会"]


def test_units_of_dates_stay_where_no_number_precedes_them():
    assert residue("按时完成月度计划") == ["按时完成月度计划"]


def test_the_longest_name_wins():
    assert residue("检修公司第一党支部检修公司开会", names=("检修公司", "检修公司第一党支部")) == ["开会"]


def test_names_of_one_letter_or_of_digits_mask_nothing():
    assert residue("安全第1条", names=("安", "11")) == ["安全第条"]


def test_missing_empty_and_rare_letters_are_read():
    assert residue(None, "", "𠮷野家开会", "ABC ab①") == ["", "", "野家开会", "abcab"]


def test_long_texts_are_cut_and_slices_read_right():
    assert residue("开会学习" * 50, longest=10) == ["开会学习开会学习开会"]
    column = pa.array(["甲", "乙组开会", None, "丙组学习"]).slice(1, 3)
    batch = pa.record_batch([pa.array(["A", "B", "C"]), column], names=["activity_id", "minutes"])
    read = residues.read([batch], (), 100)
    assert [read.text(i) for i in range(3)] == ["乙组开会", "", "丙组学习"]


LETTERS = st.text(alphabet="王小明李四三月日年12号,。 会议学习AB９①㈠℃é𠮷", max_size=60)


@settings(max_examples=120, deadline=None)
@given(st.lists(LETTERS, min_size=1, max_size=5), st.lists(st.text(alphabet="王小明李四学习12三月", min_size=1, max_size=4), max_size=4))
def test_like_the_twin(texts: list[str], names: list[str]):
    assert residue(*texts, names=tuple(names)) == [twin.residue(t, names) for t in texts]
