"""When a meeting is proposed: at the hour, and about the day of the month, of the last one of its kind. Values in, a moment out."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

HOUR = time(15, 0)  # where nothing is known: an afternoon
ONE_DAY = timedelta(days=1)


def proposed(
    today: date, last: datetime | None, works: Callable[[date], bool], *, start: date | None = None, until: date | None = None,
) -> tuple[date, time]:
    """A day of work after today and its hour. `last`: the last meeting of the kind, in local time. `start`, `until`: of the period that
    the meeting is for (`until` does not count); where no day of work of it is left, the next one after today."""
    first = max(today + ONE_DAY, start or today)
    wanted = _like(last.date(), first) if last else first
    at = last.time().replace(second=0, microsecond=0) if last else HOUR
    day = _working(wanted, works)
    if until and day >= until:
        day = _working(first, works)
    return day, at


def _like(last: date, first: date) -> date:
    """The first day from `first` on with the same place in its month as `last`: of the same weekday, the n-th or the last."""
    nth = (last.day - 1) // 7
    for ahead in range(62):
        day = first + ahead * ONE_DAY
        if day.weekday() == last.weekday() and (day.day - 1) // 7 == min(nth, 3):
            return day
    return first


def _working(day: date, works: Callable[[date], bool]) -> date:
    for ahead in range(31):
        if works(day + ahead * ONE_DAY):
            return day + ahead * ONE_DAY
    return day


def title(kind: str, day: date) -> str:
    """What a meeting is called where nobody says otherwise."""
    return f"{day.month}月{kind}"
