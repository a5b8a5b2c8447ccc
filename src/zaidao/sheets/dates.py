"""Dates and times in every form in which offices write them."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from zaidao.sheets.flaw import Flaw, Mode, normal
from zaidao.sheets.spec import Column

EPOCH = datetime(1899, 12, 30)  # Excel's serial 0, with its non-existing 29 February 1900 allowed for
EPOCH_1904 = datetime(1904, 1, 1)
SERIALS = (1.0, 109_574.0)  # serials of 1900 to 2199: numbers outside are no dates
COMPACT = (18_000_101.0, 21_991_231.0)  # 20240305 kept as a number
FAULTY_DATE = Flaw("unknown_date", "不能识别的日期。", "请写成 2024-03-05 或 2024年3月5日 这样的日期。")
MONTH_ONLY = Flaw("month_only", "只写到月份，按当月1日计。", "如知道具体日期，请补全。", "note")
SHORT_YEAR = Flaw("short_year", "年份只有两位，已按最近的年份理解。", "请写四位年份。", "warning")


DAY = re.compile(
    r"(?P<y>\d{4}|\d{2})(?:[-/.年](?P<m>\d{1,2})(?:[-/.月](?P<d>\d{1,2})日?|月)?)"
    r"|(?P<cy>\d{4})(?P<cm>\d{2})(?P<cd>\d{2})|(?P<my>\d{4})(?P<mm>\d{2})"
)
CLOCK = re.compile(
    r"(?P<half>上午|下午|晚上|晚|早上|中午|AM|PM)?(?P<h>\d{1,2})(?:[:时点](?P<mi>\d{1,2})?(?:[:分](?P<s>\d{1,2})?(?:\.\d+)?秒?)?|(?P<hm>\d{2})(?:\d{2})?)?(?P<after>AM|PM)?",
    re.IGNORECASE,
)
SPACED = re.compile(r"\s*([年月日号/.-])\s*(?=\d)|\s+(?=[年月日号])")  # 2024 年 3 月 5 日
ZONE = re.compile(r"(?<=:\d\d)\s*\+08:?00$")
WEEKDAY = re.compile(r"\(?(?:星期|周)[一二三四五六日天]\)?")


def parse_date(cell: Any, column: Column, mode: Mode) -> Any:
    """A date: Excel dates and serials, every written form of the reference page; month only is the first, noted."""
    moment = parse_time(cell, column, mode)
    if isinstance(moment, tuple):
        return moment[0].date(), moment[1]
    return moment if isinstance(moment, Flaw) else moment.date()


def parse_time(cell: Any, _column: Column, mode: Mode) -> Any:
    """A date and time (naive, wall time); a date alone is its midnight."""
    if isinstance(cell, datetime):
        return (cell.replace(tzinfo=None) + timedelta(microseconds=500_000)).replace(microsecond=0)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, (bool, time, timedelta)):
        return FAULTY_DATE
    if isinstance(cell, (int, float)):
        return _from_number(float(cell), mode)
    return _from_text(normal(cell))


def _from_number(number: float, mode: Mode) -> Any:
    if COMPACT[0] <= number <= COMPACT[1] and number.is_integer():
        return _from_text(str(int(number)))
    if not SERIALS[0] <= number <= SERIALS[1]:
        return FAULTY_DATE
    moment = (EPOCH_1904 if mode.date1904 else EPOCH) + timedelta(days=number)
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _from_text(text: str) -> Any:
    text = WEEKDAY.sub("", text).replace("T", " ").rstrip("Z.")
    if not text[:8].isdigit():
        text = SPACED.sub(lambda m: m[1] or "", text, count=3)
    text = ZONE.sub("", text).replace("号", "日").replace("点半", "点30分").strip()
    found = DAY.match(text)
    if not found:
        return FAULTY_DATE
    year, month, day = (found["y"] or found["cy"] or found["my"], found["m"] or found["cm"] or found["mm"], found["d"] or found["cd"])
    rest = text[found.end() :].strip()
    clock = _clock(rest) if rest else time()
    if clock is None or (rest and not day):
        return FAULTY_DATE
    try:
        moment = datetime.combine(date(_year(year), int(month), int(day or 1)), clock)
    except ValueError:
        return Flaw("unknown_date", "日历上没有这一天。", FAULTY_DATE.remedy)
    if len(year) == 2:
        return moment, SHORT_YEAR
    return moment if day else (moment, MONTH_ONLY)


def _year(text: str) -> int:
    """Two digits: 00-49 are this century, as spreadsheets read them."""
    return int(text) if len(text) == 4 else int(text) + (2000 if int(text) < 50 else 1900)


def _clock(text: str) -> time | None:
    found = CLOCK.fullmatch(text.replace(" ", "").split("-")[0].split("~")[0].split("至")[0])
    if not found:
        return None
    hour, half = int(found["h"]), (found["half"] or found["after"] or "").upper()
    if half in ("下午", "晚上", "晚", "PM") and hour < 12:
        hour += 12
    try:
        return time(hour, int(found["mi"] or found["hm"] or 0), int(found["s"] or 0))
    except ValueError:
        return None
