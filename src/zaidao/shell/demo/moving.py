"""Dates of the sample, moved by whole months so that its last one is now. Pure: days come in, nothing reads the clock.

Whole quarters, not single months: duties are due by quarter and by year, and a ledger that kept them shall still keep them.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime

QUARTER = 3  # months
DAY = re.compile(r"(?<!\d)(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})(?!\d)|(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
WHOLE = re.compile(rf"(?:{DAY.pattern})日?(?: \d{{1,2}}:\d{{2}}(?::\d{{2}})?)?")
MONTH_AND_DAY = re.compile(r"(?<![\d年])(\d{1,2})月(\d{1,2})日")
MONTH = re.compile(r"(?<![\d年])(\d{1,2})月份")
DOCUMENT = re.compile(r"〔(\d{4})〕")


def months(last: date, today: date) -> int:
    """By how many months the sample moves: the fewest whole quarters after which its last month is the current one, or later."""
    behind = (today.year - last.year) * 12 + today.month - last.month
    return max(0, -(-behind // QUARTER) * QUARTER)


def moved(day: date, by: int) -> date:
    """The same day `by` months later; the last of the month where that month is shorter. A datetime keeps its hour."""
    year, month = divmod(day.year * 12 + day.month - 1 + by, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def read(text: str) -> date | None:
    """The day that a cell holds, in any of the ways that the sample writes it, with or without the hour; None for another text."""
    found = WHOLE.fullmatch(text.strip())
    if found is None:
        return None
    parts = found.group(1, 3, 5) if found.group(1) else found.group(6, 7, 8)
    return _day(*map(int, parts))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def written(text: str, change: Callable[[date], date]) -> str:
    """The text with every full date changed, each in the way it was written."""
    return DAY.sub(lambda found: _written(found, change), text)


def _written(found: re.Match[str], change: Callable[[date], date]) -> str:
    joined = found.group(1) is None
    year, month, day = found.group(6, 7, 8) if joined else found.group(1, 3, 5)
    then = _day(int(year), int(month), int(day))
    if then is None:
        return found.group()
    now = change(then)
    if joined:
        return f"{now:%Y%m%d}"
    wide = (len(month) == 2 and int(month) < 10) or (len(day) == 2 and int(day) < 10)  # written with noughts
    return f"{now.year}{found.group(2)}{_digits(now.month, wide)}{found.group(4)}{_digits(now.day, wide)}"


def _digits(number: int, wide: bool) -> str:
    return f"{number:02d}" if wide else str(number)


def told(text: str, by: int) -> str:
    """A text (minutes, a topic, a document number) with its dates, months and years moved."""
    text = written(text, lambda day: moved(day, by))
    text = MONTH_AND_DAY.sub(lambda m: _month_and_day(int(m[1]), int(m[2]), by) or m[0], text)
    text = MONTH.sub(lambda m: f"{_month(int(m[1]), by)}月份" if 1 <= int(m[1]) <= 12 else m[0], text)
    return DOCUMENT.sub(lambda m: f"〔{int(m[1]) + by // 12}〕", text)


def _month(month: int, by: int) -> int:
    return (month - 1 + by) % 12 + 1


def _month_and_day(month: int, day: int, by: int) -> str:
    """Without a year February has 28 days."""
    if not 1 <= month <= 12:
        return ""
    now = _month(month, by)
    return f"{now}月{min(day, monthrange(2001, now)[1])}日"


def until(today: date) -> Callable[[date], date]:
    """What makes today of days to come: keeps the order of days."""

    def change(day: date) -> date:
        if isinstance(day, datetime):
            return day if day.date() <= today else datetime(today.year, today.month, today.day)
        return min(day, today)

    return change
