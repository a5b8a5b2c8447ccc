"""Days and moments as people write them, for pages and for texts that are pasted or printed."""

from datetime import date, datetime

WEEKDAYS = "一二三四五六日"


def day(on: date) -> str:
    """2026年6月10日"""
    return f"{on.year}年{on.month}月{on.day}日"


def moment(at: datetime) -> str:
    """2026年6月10日(周三)15:00, in the time it is given in."""
    return f"{day(at)}(周{WEEKDAYS[at.weekday()]}){at:%H:%M}"
