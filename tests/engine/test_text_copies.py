"""Copied minutes: cases by hand, prescribed text, invariance, and the twin on a made world."""

import random
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from bench.text import ACTS, TEXTS, Writer, look, world
from tests.engine.twins import text as twin
from zaidao.engine.catalogue import load
from zaidao.engine.indicators.copied_minutes import hits, text_params
from zaidao.engine.text import Copies, find_copies, jit

NAMES = ("王小明", "李四海", "赵一曼", "陈大力", "检修党支部", "运行党支部")
BODY = (
    "下午在会议室开会,王小明主持。讨论了叉车充电桩的位置,原来放在仓库门口容易挡路,检修班的同志建议挪到东墙边,另拉一路电缆;"
    "李四海不同意,说东墙潮湿,应当先做防水。最后商定请厂家来量一次尺寸,费用从班组经费里出,月底前把方案贴到学习栏。"
)
OTHER = (
    "在职工书屋学习安全通报,大家逐条对照本岗位,张师傅讲起前年那次停电抢修,手电没带够,在井下摸黑干了半夜。"
    "新来的几个年轻人问为什么不提前报备件,仓库答应把易损件清单放到网上,由值班员每天核对一次,缺了就补,不再等到周末。"
)
START = datetime(2026, 3, 2, 14)


def record(name: str, text: str | None = BODY, org: str = "O1", day: float = 0, filed: float | None = 2, **more: Any) -> dict[str, Any]:
    """A record held `day` days after the start and filed `filed` days after that (None: filing time unknown)."""
    held = START + timedelta(days=day)
    row = {"activity_id": name, "org_id": org, "place": None, "held_at": held, "carrier_id": None, "participants": None, "minutes": text}
    return row | {"recorded_at": None if filed is None else held + timedelta(days=filed)} | more


def find(rows: list[dict[str, Any]], batch: int = 1000) -> Copies:
    minutes = pa.Table.from_pylist(rows, TEXTS).to_batches(max_chunksize=batch)
    return find_copies(minutes, pa.Table.from_pylist(rows, ACTS), NAMES, text_params(load().param))


def pairs(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    found = find(rows).pairs
    return list(zip(found["later_id"].to_pylist(), found["earlier_id"].to_pylist(), strict=True))


def counted(rows: list[dict[str, Any]]) -> set[str]:
    return set(hits(find(rows))["activity_id"].to_pylist())


def test_names_dates_and_a_few_words_replaced_is_a_copy_and_the_later_filed_counts():
    edited = BODY.replace("王小明", "赵一曼").replace("李四海", "陈大力").replace("原来放在", "以前停在").replace("学习栏", "公告栏")
    rows = [record("A"), record("B", edited, org="O2", day=40), record("C", OTHER, org="O3", day=50)]
    found = find(rows).pairs.to_pylist()
    assert [(r["later_id"], r["earlier_id"], r["within"], r["both"]) for r in found] == [("B", "A", False, False)]
    assert 0.85 < found[0]["share"] < 1


def test_own_earlier_minutes_count_as_within():
    assert find([record("A"), record("B", day=200)]).pairs["within"].to_pylist() == [True]


def test_the_order_of_filing_decides_not_of_holding():
    assert pairs([record("A", day=0, filed=90), record("B", org="O2", day=10)]) == [("A", "B")]


def test_filed_within_a_day_both_count():
    assert counted([record("A", filed=2), record("B", org="O2", day=1, filed=2)]) == {"A", "B"}
    assert counted([record("A", filed=2), record("B", org="O2", day=1, filed=2.1)]) == {"B"}


def test_without_filing_time_the_time_of_holding_decides_and_without_both_nothing():
    assert pairs([record("A", filed=None), record("B", day=30, filed=None)]) == [("B", "A")]
    assert pairs([record("A"), record("B", held_at=None, recorded_at=None)]) == []


@pytest.mark.parametrize(
    "shared", [{"place": "多功能厅"}, {"carrier_id": "Z1"}, {"participants": ["P1", "P2"]}], ids=["place", "carrier", "people"],
)
def test_a_joint_meeting_is_silent(shared: dict[str, Any]):
    rows = [record("A", **shared), record("B", org="O2", filed=9, day=1.5 / 24, **shared)]
    assert pairs(rows) == []
    assert pairs([rows[0], rows[1] | {"held_at": START + timedelta(hours=2, minutes=1)}]) == [("B", "A")]
    assert pairs([rows[0], rows[1] | {"org_id": "O1"}]) == [("B", "A")]  # one organisation does not meet with itself


def test_the_same_hour_at_two_places_by_different_people_is_no_joint_meeting():
    one, other = {"place": "多功能厅", "participants": ["P1"]}, {"place": "二楼会议室", "participants": ["P2"]}
    assert pairs([record("A", **one), record("B", org="O2", filed=9, **other)]) == [("B", "A")]
    assert pairs([record("A", **one), record("B", org="O2", filed=9, place="二楼会议室")]) == [("B", "A")]
    assert pairs([record("A"), record("B", org="O2", filed=9)]) == []  # nothing is known that speaks against it


def test_a_copy_of_a_joint_meeting_by_a_third_counts():
    rows = [record("A", place="多功能厅"), record("B", org="O2", filed=9, place="多功能厅"), record("C", org="O3", day=60)]
    assert counted(rows) == {"C"}


def test_missing_empty_and_short_minutes_are_not_judged():
    rows = [record("A", None), record("B", ""), record("C", "开会学习文件。"), record("D", "开会学习文件。", day=9), record("E")]
    found = find(rows)
    assert found.pairs.num_rows == 0
    assert found.judged["activity_id"].to_pylist() == ["E"]


def test_no_texts_at_all():
    assert find([]).pairs.num_rows == 0
    assert find([record("A", None)]).judged.num_rows == 0


FORM = (
    "根据上级党组织关于规范组织生活记录的统一要求,本次会议按规定程序召开,会前已通知全体应到人员,到会人数符合规定,现将有关情况记录如下。"
    "议定事项及责任分工如下,其他需要记载的事项如下。"
)


def own_texts(count: int, seed: int = 5) -> list[str]:
    writer = Writer(seed)
    return ["".join(writer.sentence(["某人"]) for _ in range(3)) for _ in range(count)]


def test_a_form_of_many_organisations_is_no_copy_and_does_not_count_into_the_length():
    rows = [record(f"A{i}", FORM + text, org=f"O{i}", day=9 * i) for i, text in enumerate(own_texts(8))]
    found = find(rows)
    assert found.pairs.num_rows == 0
    whole = {r["activity_id"]: len(twin.residue(r["minutes"], NAMES)) for r in rows}
    assert all(whole[r["activity_id"]] - r["length"] > 70 for r in found.judged.to_pylist())


def test_a_form_that_one_organisation_alone_uses_is_no_copy():
    assert pairs([record(f"A{i}", FORM + text, day=9 * i) for i, text in enumerate(own_texts(8))]) == []


def test_without_these_rules_the_form_would_be_called_a_copy():
    """The two tests before can fail: with two records the form is not known as one."""
    short = [t[:40] for t in own_texts(2)]
    assert len(pairs([record(f"A{i}", FORM + text, org=f"O{i}", day=9 * i) for i, text in enumerate(short)])) == 1


def test_one_text_in_many_organisations_stays_a_copy_where_it_differs_in_nothing_but_names():
    rows = [record(f"A{i}", BODY.replace("王小明", NAMES[i % 4]), org=f"O{i}", day=9 * i) for i in range(9)]
    assert counted(rows) == {f"A{i}" for i in range(1, 9)}


def simple(found: Copies) -> list[tuple[Any, ...]]:
    return sorted((r["later_id"], r["earlier_id"], round(r["share"], 9), r["both"]) for r in found.pairs.to_pylist())


def test_shuffled_rows_renamed_codes_small_batches_and_one_thread_change_nothing(monkeypatch: pytest.MonkeyPatch):
    made = world(600, 11, copied=0.2, per_org=20)
    first = simple(look(made)[0])
    assert len(first) > 60
    renamed = {r["activity_id"]: f"X{99999 - i}" for i, r in enumerate(made.rows)}
    draw = random.Random(3)
    back = {new: old for old, new in renamed.items()}
    other = {org: f"Z{99 - i}" for i, org in enumerate(sorted({r["org_id"] for r in made.rows}))}
    made.rows = [r | {"activity_id": renamed[str(r["activity_id"])], "org_id": other[r["org_id"]]} for r in made.rows]
    draw.shuffle(made.rows)
    monkeypatch.setattr(jit, "threads", lambda: 1)
    again = [(back[a], back[b], share, both) for a, b, share, both in simple(look(made)[0])]
    assert sorted(again) == first


def test_like_the_twin_on_a_made_world():
    made = world(60, 4, copied=0.3, per_org=20)
    made.rows = [r | {"minutes": str(r["minutes"])[:140]} for r in made.rows]
    params = {name.split(".")[1]: v for name, v in load().params.items() if name.startswith("copied_minutes.")}
    want = twin.copies(made.rows, made.names, params)
    got = set(hits(look(made)[0])["activity_id"].to_pylist())
    assert got == want
    assert len(want) > 2


def test_recall_and_precision_of_rows_on_a_made_world():
    """The promise of the catalogue's parameters: 5 and 15 % of the letters changed are found, 30 % mostly, honest texts are left alone."""
    made = world(3000, 21, copied=0.15)
    found = look(made)[0]
    named = set(hits(found)["activity_id"].to_pylist())
    rows = {share: [a for a, (_, _, s) in made.copies.items() if s == share] for share in (0.05, 0.15, 0.30)}
    recall = {share: sum(a in named for a in ids) / len(ids) for share, ids in rows.items()}
    assert recall[0.05] >= 0.95
    assert recall[0.15] >= 0.95
    assert recall[0.30] >= 0.8
    assert len(named & set(made.copies)) / len(named) >= 0.97


def test_a_machine_without_a_cache_folder_still_compiles(monkeypatch: pytest.MonkeyPatch):
    real = jit.numba.njit

    def nowhere(**options: Any) -> Any:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(jit.numba, "njit", nowhere)
    assert jit.kernel(lambda a, b: a + b)(2, 3) == 5
