"""Pinyin of names: surnames read as surnames, the common reading beside them."""

import pytest

from zaidao.organisations import names


@pytest.mark.parametrize(("name", "full", "initials"), [
    ("单田芳", "shantianfang", "stf"), ("曾国藩", "zengguofan", "zgf"), ("仇英", "qiuying", "qy"), ("解缙", "xiejin", "xj"),
    ("查良镛", "zhaliangyong", "zly"), ("尉迟恭", "yuchigong", "ycg"), ("尉健", "weijian", "wj"), ("欧阳修", "ouyangxiu", "oyx"),
    ("区小明", "ouxiaoming", "oxm"), ("朴正", "piaozheng", "pz"), ("盖叫天", "gejiaotian", "gjt"), ("翟让", "zhairang", "zr"),
    ("缪荃", "miaoquan", "mq"), ("任重", "renzhong", "rz"), ("万俟卨", "moqixie", "mqx"), ("长孙无忌", "zhangsunwuji", "zswj"),
    ("单于婷", "chanyuting", "cyt"), ("乐毅", "yueyi", "yy"), ("员半千", "yunbanqian", "ybq"), ("阚泽", "kanze", "kz"),
    ("吕布", "lvbu", "lb"), ("李娜", "lina", "ln"), ("重阳", "chongyang", "cy"), ("", "", ""),
])
def test_a_surname_is_read_as_a_surname(name: str, full: str, initials: str) -> None:
    assert names.pinyin(name) == (full, initials)


@pytest.mark.parametrize(("name", "full", "initials"), [
    ("买买提·吐尔逊", "maimaitituerxun", "mmttex"), ("John Smith", "johnsmith", "js"), ("O’Neil Pat", "oneilpat", "onp"),
    ("李A明", "liaming", "lam"), ("哈·那仁", "hanaren", "hnr"),
])
def test_names_of_other_kinds(name: str, full: str, initials: str) -> None:
    assert names.pinyin(name) == (full, initials)


@pytest.mark.parametrize(("name", "other"), [
    ("单田芳", ("dantianfang", "dtf")), ("曾国藩", ("cengguofan", "cgf")), ("尉迟恭", ("weichigong", "wcg")), ("李娜", ("", "")),
    ("John Smith", ("", "")),
])
def test_the_common_reading_is_kept_where_it_differs(name: str, other: tuple[str, str]) -> None:
    assert names.other(name) == other


def test_what_is_typed_is_written_as_it_is_kept() -> None:
    assert names.typed("Lü Bu") == "lvbu"
    assert names.typed("mai mai ti·tu") == "maimaititu"


def test_nothing_is_longer_than_its_column() -> None:
    full, initials = names.pinyin("双" * 60)
    assert len(full) == names.FULL
    assert len(initials) == names.FIRST
