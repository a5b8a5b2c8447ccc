"""When a meeting is proposed, case by case."""

from datetime import date, datetime, time

import pytest

from zaidao.carriers.decisions.usual import proposed, title

HOLIDAYS = {date(2026, 5, d) for d in (1, 2, 3, 4, 5)}


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


@pytest.mark.parametrize(("today", "last", "start", "until", "wanted"), [
    # Nothing known: the next day of work, in the afternoon.
    (date(2026, 3, 4), None, None, None, (date(2026, 3, 5), time(15))),
    (date(2026, 3, 6), None, None, None, (date(2026, 3, 9), time(15))),  # a Friday: Monday
    # As last time: the first Wednesday of the month at half past nine.
    (date(2026, 3, 20), datetime(2026, 3, 4, 9, 30), None, None, (date(2026, 4, 1), time(9, 30))),
    # The fifth Monday counts as the fourth, which every month has.
    (date(2026, 3, 31), datetime(2026, 3, 30, 14), None, None, (date(2026, 4, 27), time(14))),
    # That day is one of rest: the next day of work.
    (date(2026, 4, 20), datetime(2026, 4, 3, 9), None, None, (date(2026, 5, 6), time(9))),
    # Of a period that is still to come: not before it begins.
    (date(2026, 3, 4), None, date(2026, 4, 1), date(2026, 5, 1), (date(2026, 4, 1), time(15))),
    # The usual day lies behind the period: the first day that is left of it.
    (date(2026, 3, 20), datetime(2026, 3, 4, 9, 30), date(2026, 3, 1), date(2026, 4, 1), (date(2026, 3, 23), time(9, 30))),
    # Nothing is left of the period: the next day of work all the same.
    (date(2026, 4, 2), datetime(2026, 3, 4, 9, 30), date(2026, 3, 1), date(2026, 4, 1), (date(2026, 4, 3), time(9, 30))),
])
def test_a_day_of_work_like_the_last_one(
    today: date, last: datetime | None, start: date | None, until: date | None, wanted: tuple[date, time],
) -> None:
    assert proposed(today, last, works, start=start, until=until) == wanted


def test_a_calendar_without_a_day_of_work_still_gives_one() -> None:
    assert proposed(date(2026, 3, 4), None, lambda _: False)[0] == date(2026, 3, 5)


def test_the_name_of_a_meeting_that_nobody_named() -> None:
    assert title("主题党日", date(2026, 3, 5)) == "3月主题党日"
