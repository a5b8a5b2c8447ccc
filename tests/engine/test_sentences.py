"""Sentences: every number comes from a field, and a template that cannot be filled is refused by name."""

from datetime import date

import pytest

from zaidao.engine import catalogue, sentences
from zaidao.engine.sentences import NUMBER, TemplateError

CARD = {
    "code": "backfill",
    "sentence": "{n:count}条记录中有{k:count}条({score:percent})隔{lag:one}天以上录入,涉及{days}、{who},最近{last:day}。",
    "params": {"lag": {"v": 30, "reason": "一个月"}},
}
ROW = {"n": 12.0, "k": 5.0, "score": 0.4167, "days": ["三月", "四月"], "who": None, "last": date(2026, 3, 5)}


def test_a_sentence_in_full() -> None:
    assert sentences.render(CARD, ROW) == "12条记录中有5条(42%)隔30.0天以上录入,涉及三月、四月、未知,最近2026年3月5日。"


def test_every_number_of_a_sentence_is_a_shown_field() -> None:
    shown = {number for value in sentences.values(CARD, ROW) for number in NUMBER.findall(value)}
    assert set(NUMBER.findall(sentences.render(CARD, ROW))) <= shown


@pytest.mark.parametrize(("value", "form", "text"), [
    (3.0, "", "3"), (0.5, "", "0.5"), (1 / 3, "", "0.33"), (True, "", "是"), (None, "percent", "未知"), (0.005, "percent", "0%"),
    (0.996, "percent", "100%"), (7.4, "months", "7个月"), (2.25, "one", "2.2"), ("支委会", "", "支委会"),
])
def test_forms(value: object, form: str, text: str) -> None:
    assert sentences.show(value, form) == text


@pytest.mark.parametrize(("template", "complaint"), [
    ("{nobody}条", "nobody"), ("近12个月{n}条", "12"), ("{n:share}条", "share"),
])
def test_a_template_that_cannot_be_traced_is_refused(template: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        sentences.check({"code": "x", "sentence": template}, ["n"])


def test_a_bracketed_part_is_left_out_where_something_in_it_is_unknown() -> None:
    card = {"code": "x", "sentence": "{n:count}条[,均值{mark:one}({raters:count}人次)]。"}
    assert sentences.render(card, {"n": 3, "mark": 3.25, "raters": 9}) == "3条,均值3.2(9人次)。"
    assert sentences.render(card, {"n": 3, "mark": None, "raters": 0}) == "3条。"
    assert sentences.values(card, {"n": 3, "mark": None, "raters": 0}) == ["3"]


def test_rendering_without_a_field_names_it() -> None:
    with pytest.raises(TemplateError, match=r"backfill.*score"):
        sentences.render(CARD, {k: v for k, v in ROW.items() if k != "score"})


@pytest.mark.parametrize("code", sorted(catalogue.load().cards))
def test_cards_write_no_number_by_hand(code: str) -> None:
    card = catalogue.load().cards[code]
    sentences.check(card, sentences.fields(card["sentence"]))
