"""Days and moments as people write them, for pages and for texts that are pasted or printed."""

import re
from datetime import datetime

from zaidao.engine.sentences import day  # one way of writing a day, for findings and pages

WEEKDAYS = "一二三四五六日"
PLAIN = re.compile(
    r"(?<![A-Za-z0-9_-])(\d{4})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:[ T](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?)?)?(?![A-Za-z0-9_-])")


def moment(at: datetime) -> str:
    """2026年6月10日(周三)15:00, in the time it is given in."""
    return f"{day(at)}(周{WEEKDAYS[at.weekday()]}){at:%H:%M}"


def stamp(at: datetime) -> str:
    """2026年6月10日 15:00: when something was written down, in the time it is given in."""
    return f"{day(at)} {at:%H:%M}"


def words(text: str) -> str:
    """The text with every day, month and moment written as 2026-06-10 told as people write it."""
    return PLAIN.sub(_word, text)


def _word(found: re.Match[str]) -> str:
    year, month, on, clock = found.groups()
    told = f"{year}年{int(month)}月" + (f"{int(on)}日" if on else "")
    return f"{told} {clock}" if clock else told
