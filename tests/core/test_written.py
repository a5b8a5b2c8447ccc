"""Days and moments are written one way wherever somebody reads them."""

from datetime import date, datetime

import pytest

from zaidao.core import history, written
from zaidao.core.templatetags import ui


@pytest.mark.parametrize(("plain", "told"), [
    ("2026-03-05", "2026年3月5日"), ("2026-11-12 09:30", "2026年11月12日 09:30"), ("2026-11-12T09:30:05", "2026年11月12日 09:30"),
    ("2014-05", "2014年5月"), ("2025-12-01至2026-01-31,2 次", "2025年12月1日至2026年1月31日,2 次"),
    ("2026-13-01", "2026-13-01"), ("编号 A-2026-03-05", "编号 A-2026-03-05"), ("2026-03-05-7", "2026-03-05-7"), ("没有日期", "没有日期"),
])
def test_days_in_a_text_are_told_as_people_write_them(plain: str, told: str) -> None:
    assert written.words(plain) == ui.dated(plain) == told


def test_one_day_and_one_moment_read_the_same_everywhere() -> None:
    assert ui.day(date(2026, 3, 5)) == written.day(date(2026, 3, 5)) == ui.dated(date(2026, 3, 5)) == "2026年3月5日"
    assert ui.moment(datetime(2026, 3, 5, 9, 5)) == written.stamp(datetime(2026, 3, 5, 9, 5)) == "2026年3月5日 09:05"
    assert ui.dated(None) == ""


def test_what_changed_is_told_with_days_as_people_write_them_whatever_wrote_it() -> None:
    told = history._change("organisations.person", None, "moved_in_on", ["2020-01-01", None])
    assert (told.before, told.after) == ("2020年1月1日", None)
    assert history._change("organisations.person", None, "basis", ["", "2020-01-01号文"]).after == "2020-01-01号文"
