"""The catalogue: every rule cited, every threshold with its reason, nothing that a user must not see."""

from datetime import date

import pytest

from zaidao.engine.catalogue import load
from zaidao.engine.catalogue.rules import describe, read

FORBIDDEN = ("造假", "抄袭", "空壳", "僵尸", "懒政", "落后", "排名", "扣分")


def test_every_rule_has_its_source_article_and_confidence() -> None:
    for rule in load().rules:
        assert rule.name, rule.key
        assert rule.source, rule.key
        assert rule.article, rule.key
        assert rule.confidence in ("S", "S2", "M"), rule.key
        assert rule.text, rule.key


def test_rules_seen_in_text_are_not_for_an_office_to_loosen_and_others_are() -> None:
    for rule in load().rules:
        if rule.confidence != "S":
            assert rule.office_may_change, rule.key
    assert not load().rule("branch.committee_required_from").office_may_change


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("branch.committee_required_from", 7),
        ("branch.max_members_soft", 50),
        ("branch.min_formal_members", 3),
        ("org_levels.committee_from", 100),
    ],
)
def test_values_that_findings_stand_on(key: str, value: int) -> None:
    assert load().rule(key).value == value


def test_the_frequencies_that_the_regulation_sets() -> None:
    asked = {r.subject: (r.values["per"], r.values["n"], r.applies_to) for r in load().rules if r.subject}
    assert asked == {
        "党员大会": ("quarter", 1, "党支部"),
        "支委会": ("month", 1, "党支部且设支委会"),
        "党小组会": ("month", 1, "党小组"),
        "主题党日": ("month", 1, "党支部"),
        "组织生活会": ("year", 1, "党支部"),
        "民主评议": ("year", 1, "党支部"),
        "谈心谈话": ("year", 1, "党支部"),
    }


def test_a_rule_is_in_force_from_its_day_or_the_first_of_a_month_or_year() -> None:
    rules = load()
    assert rules.rule("branch.max_members_soft").since == date(2018, 10, 28)
    assert rules.rule("vote_admission.quorum").since == date(2014, 5, 1)
    assert rules.rule("frequency.party_lecture").since == date.min


def test_every_parameter_has_a_reason_and_a_group() -> None:
    parameters = load().parameters
    assert {p.name for p in parameters} == set(load().params)
    for p in parameters:
        assert len(p.reason) >= 5, p.name
        assert p.group, p.name


def test_an_unknown_rule_or_parameter_is_an_error() -> None:
    with pytest.raises(KeyError):
        load().rule("branch.unknown")
    with pytest.raises(KeyError):
        load().param("duties.unknown")


def test_a_rule_without_a_source_or_with_an_unknown_confidence_is_refused() -> None:
    entry = {
        "group": "支部设置",
        "name": "名",
        "article": "第1条",
        "confidence": "S",
        "in_force_from": "",
        "office_may_change": False,
        "v": 1,
    }
    with pytest.raises(KeyError):
        read({"branch": {"x": entry}})
    with pytest.raises(ValueError, match=r"branch\.x"):
        read({"branch": {"x": entry | {"source": "条例", "confidence": "X"}}})


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"per": "quarter", "n": 1}, "每季度 1 次"),
        ({"v": 0.01, "base": "工资总额"}, "1%;基数 工资总额"),
        ({"allowed": False}, "允许 否"),
        ({"op": ">=", "num": 4, "den": 5, "of": "应到会人数"}, "不少于应到会人数的 4/5"),
        ({"min": 3, "max": 5, "cap": 7}, "至少 3;至多 5;最多 7"),
    ],
)
def test_values_in_words(values: dict[str, object], text: str) -> None:
    assert describe(values) == text


def test_no_text_of_the_catalogue_judges_people() -> None:
    catalogue = load()
    texts = [*(r.name + r.text + r.note for r in catalogue.rules), *catalogue.reasons.values(), *map(str, catalogue.cards.values())]
    assert not [word for word in FORBIDDEN for text in texts if word in text]


def test_the_version_follows_the_data() -> None:
    assert len(load().version) == 12
    assert load() is load()
