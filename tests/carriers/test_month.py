"""How near duties are, how days are said, and the words to paste: no database."""

from datetime import date, timedelta

import pytest

from zaidao.carriers.month import decisions
from zaidao.carriers.month.decisions import Asked, Stage, Standing
from zaidao.core.calendar import Calendar

TODAY = date(2026, 11, 26)  # a Thursday
DAYS = Calendar({date(2026, 10, 1): False, date(2027, 1, 1): False, date(2026, 11, 29): True})
STANDING = Standing("主题党日", date(2026, 11, 1), "《支部条例》第16条", 5, 2, 3)


@pytest.mark.parametrize(
    ("end", "due", "found"),
    [
        (date(2026, 11, 1), date(2026, 11, 25), Stage.PAST), (date(2026, 11, 1), date(2026, 11, 26), Stage.GRACE),
        (date(2026, 11, 26), date(2026, 12, 5), Stage.GRACE), (date(2026, 11, 27), date(2026, 12, 5), Stage.MONTH),
        (date(2026, 12, 1), date(2026, 12, 10), Stage.MONTH), (date(2027, 1, 1), date(2027, 1, 10), Stage.AHEAD),
    ],
)
def test_a_duty_is_of_the_month_in_which_its_period_ends(end: date, due: date, found: Stage) -> None:
    assert decisions.stage(end, due, TODAY) is found


def test_the_month_after_december_is_january() -> None:
    assert decisions.next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert decisions.next_month(date(2026, 1, 31)) == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("every", "start", "name"),
    [
        ("month", date(2026, 11, 1), "2026年11月"), ("quarter", date(2026, 10, 1), "2026年第四季度"),
        ("half", date(2026, 7, 1), "2026年下半年"),
        ("half", date(2026, 1, 1), "2026年上半年"), ("year", date(2026, 1, 1), "2026年"),
    ],
)
def test_periods_have_names(every: str, start: date, name: str) -> None:
    assert decisions.period(every, start) == name


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 30), "11月30日(周一)"), (date(2026, 11, 29), "11月29日(周日,上班)"),
        (date(2026, 11, 28), "11月28日(周六,休息日,下一个工作日是11月29日)"),
        (date(2026, 10, 31), "10月31日(周六)"), (date(2027, 1, 1), "2027年1月1日(周五,休息日,下一个工作日是2027年1月4日)"),
    ],
)
def test_a_day_is_said_with_its_weekday_and_the_next_day_of_work(day: date, words: str) -> None:
    assert decisions.said(day, TODAY, DAYS) == words


@pytest.mark.parametrize(("days", "words"), [(4, "还有 4 天"), (0, "今天"), (-3, "已过 3 天")])
def test_how_near_a_day_is(days: int, words: str) -> None:
    assert decisions.near(TODAY + timedelta(days=days), TODAY) == words


class TestText:
    def test_it_says_how_far_it_is_and_names_organisations_by_their_day_in_the_order_given(self) -> None:
        end = date(2026, 11, 30)
        asked = [Asked("机关支部", end), Asked("车间支部", end), Asked("码头支部", end, planned=True)]
        assert decisions.asking(STANDING, asked, TODAY, DAYS).split("\n") == [
            "各有关党组织:关于2026年11月的“主题党日”,依据《支部条例》第16条,截至11月26日,应办5个组织中,2个已有记录,3个还没有见到记录。",
            "请在11月30日(周一)前安排:机关支部、车间支部。",
            "已经安排、等待归档的:码头支部。",
            "已经办理的,请补充归档,延迟归档写明原因即可;办理有困难的,请告诉我们,可以说明顺延或申请延期。谢谢大家。",
        ]

    def test_a_period_that_is_over_asks_for_the_record_and_a_subject_of_several_rules_cites_none(self) -> None:
        standing = Standing("主题党日", date(2026, 10, 1), "", 1, 0, 1)
        said = decisions.asking(standing, [Asked("机关支部", date(2026, 10, 31))], TODAY, DAYS)
        assert "周期已于10月31日结束,请补充归档或说明:机关支部。" in said
        assert "依据" not in said

    def test_more_than_it_names_are_counted(self) -> None:
        asked = [Asked(f"第{n}支部", date(2026, 11, 30)) for n in range(decisions.NAMED)]
        said = decisions.asking(Standing("党课", date(2026, 11, 1), "", 500, 100, 400), asked, TODAY, DAYS)
        assert "另有100个组织,不一一列出。" in said

    def test_one_that_names_all_counts_no_others(self) -> None:
        assert "另有" not in decisions.asking(STANDING, [Asked(f"{n}", date(2026, 11, 30)) for n in range(3)], TODAY, DAYS)


class TestReminder:
    def test_it_says_counts_in_a_fixed_order_and_nothing_that_is_nothing(self) -> None:
        told = {"confirm": 1, "soon": 2, "past": 0, "meetings": 1}
        assert decisions.lines(told) == ["今天有 1 次会议或活动", "即将到期 2 项", "等待确认办结的事项 1 件"]
        assert decisions.lines({}) == []

    def test_the_letter_is_counts_alone(self) -> None:
        subject, text = decisions.letter({"soon": 2}, TODAY)
        assert subject == "载道:11月26日提要"
        assert "· 即将到期 2 项\n" in text
        assert "http" not in text


@pytest.mark.parametrize(
    ("text", "first"),
    [("2026-09", date(2026, 9, 1)), ("2027-01", date(2027, 1, 1)), ("1999-01", date(2026, 11, 1)), ("2026-13", date(2026, 11, 1)),
     ("'", date(2026, 11, 1)), (None, date(2026, 11, 1)), ("2026-11-05", date(2026, 11, 1))],
)
def test_a_month_in_an_address_that_cannot_be_meant_is_the_running_one(text: str | None, first: date) -> None:
    assert decisions.month_of(text, TODAY) == first


def test_months_offered_are_the_next_the_running_and_a_year_back() -> None:
    offered = decisions.months(TODAY)
    assert (offered[0], offered[1], offered[-1], len(offered)) == (date(2026, 12, 1), date(2026, 11, 1), date(2025, 11, 1), 14)
