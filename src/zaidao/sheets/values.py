"""One cell to one value: every way in which offices write dates, numbers, codes and choices.

Each parser takes a cell that is not blank and returns the value, or a `Flaw` that says why it cannot be used, or a pair
(value, Flaw) where it can be used but something should be said.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from zaidao.sheets import identity
from zaidao.sheets.problem import Severity
from zaidao.sheets.spec import Column

BLANKS = frozenset({"", "无", "暂无", "没有", "空", "—", "——", "-", "--", "－", "–", "/", "／", "\\", "n/a", "na", "null", "none", "nil", "不详", "未知", "待定"})
ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"})
EPOCH = datetime(1899, 12, 30)  # Excel's serial 0, with its non-existing 29 February 1900 allowed for
EPOCH_1904 = datetime(1904, 1, 1)
SERIALS = (1.0, 109_574.0)  # serials of 1900 to 2199: numbers outside are no dates
COMPACT = (18_000_101.0, 21_991_231.0)  # 20240305 kept as a number
OPEN_ENDED = frozenset({"至今", "今", "现在", "现任", "在任", "在职", "长期", "长期有效", "进行中", "仍在进行", "未结束"})


@dataclass(frozen=True)
class Flaw:
    """Why a cell is unusable (error) or worth a look: code, severity, reason and remedy in Chinese."""

    code: str
    reason: str
    remedy: str
    severity: Severity = "error"


@dataclass(frozen=True)
class Mode:
    """What the parsers must know about the workbook: whether serial dates count from 1904, and a factor for numbers."""

    date1904: bool = False
    scale: float = 1.0


FAULTY_DATE = Flaw("unknown_date", "不能识别的日期。", "请写成 2024-03-05 或 2024年3月5日 这样的日期。")
FAULTY_NUMBER = Flaw("not_a_number", "不是数字。", "请只填数字。")
NEGATIVE = Flaw("negative_number", "数值不能为负。", "请核对后改正。")
FRACTION = Flaw("not_an_integer", "应为整数。", "请填整数。")
SCIENTIFIC = Flaw("id_scientific", "号码被表格软件改成了科学计数，末几位已丢失。", "请把该列设为“文本”格式后按证件重新录入。")
CODE_SCIENTIFIC = Flaw("code_scientific", "编号被表格软件改成了科学计数，末几位已丢失。", "请把该列设为“文本”格式后重新录入编号。")
MONTH_ONLY = Flaw("month_only", "只写到月份，按当月1日计。", "如知道具体日期，请补全。", "note")
SHORT_YEAR = Flaw("short_year", "年份只有两位，已按最近的年份理解。", "请写四位年份。", "warning")


def normal(text: str) -> str:
    """Full-width to half-width, outer and inner runs of white space to one space, invisible characters out."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("\u200b", "").replace("\ufeff", "").split())


def is_blank(cell: Any) -> bool:
    """True for cells that say nothing: empty, white space only."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def says_nothing(cell: Any) -> bool:
    """True for blank cells and for the marks that people put instead of leaving a cell empty (无, —, /)."""
    return is_blank(cell) or (isinstance(cell, str) and len(cell) <= 8 and normal(cell).lower() in BLANKS)


def is_error(cell: Any) -> bool:
    """True for a formula's error value."""
    return isinstance(cell, str) and cell[:1] == "#" and cell.strip().upper() in ERRORS


def plain(cell: Any) -> str:
    """Any cell as text: whole numbers without a decimal point, dates as ISO."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, bool):
        return "是" if cell else "否"
    return str(cell).strip()


def parse_text(cell: Any, column: Column, mode: Mode) -> Any:
    """Free text as it stands; codes without spaces and in half-width."""
    if not column.is_code:
        return plain(cell)
    if isinstance(cell, float) and abs(cell) >= 1e15:
        return SCIENTIFIC if column.identity else CODE_SCIENTIFIC
    text = normal(plain(cell)).replace(" ", "").lstrip("'")
    if re.fullmatch(r"\d\.\d+E\+?\d+|\dE\+\d+", text, re.IGNORECASE):
        return SCIENTIFIC if column.identity else CODE_SCIENTIFIC
    return parse_identity(text.upper()) if column.identity else text


def parse_identity(text: str) -> Any:
    """A citizen ID number with a right check character; masked ones are null with a warning, old 15-digit ones pass with a note."""
    if "*" in text:
        return Flaw("id_masked", "号码已遮盖，无法校验。", "无需处理；如需校验请提供完整号码。", "warning")
    if re.fullmatch(r"\d{15}", text):
        return text, Flaw("id_old", "是旧的15位号码，没有校验码。", "请核对是否已换发18位号码。", "note")
    if not identity.is_shaped(text):
        return Flaw("id_format", "公民身份号码应为17位数字加1位校验码。", "请按证件重新录入。")
    if not identity.is_valid(text):
        return Flaw("id_check_digit", "校验码不对，号码有误。", "请按证件逐位核对后改正。")
    return text


NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:E[-+]?\d+)?", re.IGNORECASE)
UNIT = re.compile(r"(?:人次|人|名|位|个|次|项|条|件|天|日|周|年|届|小时|学时|课时|时|h|小時|分|元|%|左右|约)+", re.IGNORECASE)


def parse_number(cell: Any, column: Column, mode: Mode) -> Any:
    """A finite number: full-width digits, thousands separators, units and Chinese numerals are understood."""
    if isinstance(cell, bool) or isinstance(cell, (date, datetime, time)):
        return FAULTY_NUMBER
    if isinstance(cell, timedelta):
        return cell.total_seconds() / 3600 * mode.scale
    if isinstance(cell, (int, float)):
        return float(cell) * mode.scale if math.isfinite(cell) else FAULTY_NUMBER
    text = normal(cell).replace(" ", "").replace(",", "").removeprefix("约").removeprefix("第").removeprefix("¥")
    minutes = re.fullmatch(r"(\d+(?:\.\d+)?)(?:分钟|min)", text, re.IGNORECASE)
    if minutes and column.scales.get("分钟"):
        return float(minutes[1]) * column.scales["分钟"]
    mixed = re.fullmatch(r"(\d+)(?:小时|h)(\d+)(?:分钟|分|min)", text, re.IGNORECASE)
    if mixed and column.scales.get("分钟"):
        return int(mixed[1]) + int(mixed[2]) * column.scales["分钟"]
    found = NUMBER.match(text)
    if not found:
        return chinese_number(UNIT.sub("", text))
    rest = text[found.end():]
    if rest and not UNIT.fullmatch(rest):
        return FAULTY_NUMBER
    number = float(found[0])
    return number * mode.scale if math.isfinite(number) else FAULTY_NUMBER


def chinese_number(text: str) -> Any:
    """一 to 九十九, 半 and 两; a flaw for anything else."""
    digits = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
    if text == "半":
        return 0.5
    if text in digits:
        return float(digits[text])
    tens, mark, ones = text.partition("十")
    if mark and tens in {*digits, ""} and ones in {*digits, ""}:
        return float((digits[tens] if tens else 1) * 10 + (digits[ones] if ones else 0))
    return FAULTY_NUMBER


def parse_amount(cell: Any, column: Column, mode: Mode) -> Any:
    """A number within the column's bounds."""
    number = parse_number(cell, column, mode)
    if isinstance(number, Flaw):
        return number
    if column.least is not None and number < column.least or column.most is not None and number > column.most:
        return Flaw("number_out_of_range", f"数值不在合理范围内({_bounds(column)})。", "请核对后改正。")
    return number


def _bounds(column: Column) -> str:
    return "至".join(f"{bound:g}" for bound in (column.least, column.most) if bound is not None) + ("" if column.most is not None else "以上")


def parse_integer(cell: Any, column: Column, mode: Mode) -> Any:
    """A whole number >= 0 that fits 32 bits."""
    number = parse_number(cell, column, mode)
    if isinstance(number, Flaw):
        return number
    if number < 0:
        return NEGATIVE
    if not float(number).is_integer():
        return FRACTION
    return int(number) if number < 2**31 else FAULTY_NUMBER


DAY = re.compile(
    r"(?P<y>\d{4}|\d{2})(?:[-/.年](?P<m>\d{1,2})(?:[-/.月](?P<d>\d{1,2})日?|月)?)"
    r"|(?P<cy>\d{4})(?P<cm>\d{2})(?P<cd>\d{2})|(?P<my>\d{4})(?P<mm>\d{2})"
)
CLOCK = re.compile(r"(?P<half>上午|下午|晚上|晚|早上|中午|AM|PM)?(?P<h>\d{1,2})(?:[:时点](?P<mi>\d{1,2})?(?:[:分](?P<s>\d{1,2})?(?:\.\d+)?秒?)?|(?P<hm>\d{2})(?:\d{2})?)?(?P<after>AM|PM)?",
                   re.IGNORECASE)
SPACED = re.compile(r"\s*([年月日号/.-])\s*(?=\d)|\s+(?=[年月日号])")  # 2024 年 3 月 5 日
ZONE = re.compile(r"(?<=:\d\d)\s*\+08:?00$")
WEEKDAY = re.compile(r"\(?(?:星期|周)[一二三四五六日天]\)?")


def parse_date(cell: Any, column: Column, mode: Mode) -> Any:
    """A date: Excel dates and serials, every written form of the reference page; month only is the first, noted."""
    moment = parse_time(cell, column, mode)
    if isinstance(moment, tuple):
        return moment[0].date(), moment[1]
    return moment if isinstance(moment, Flaw) else moment.date()


def parse_time(cell: Any, column: Column, mode: Mode) -> Any:
    """A date and time (naive, wall time); a date alone is its midnight."""
    if isinstance(cell, datetime):
        return (cell.replace(tzinfo=None) + timedelta(microseconds=500_000)).replace(microsecond=0)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, (bool, time, timedelta)):
        return FAULTY_DATE
    if isinstance(cell, (int, float)):
        return _from_number(float(cell), mode)
    return _from_text(normal(cell), mode)


def _from_number(number: float, mode: Mode) -> Any:
    if COMPACT[0] <= number <= COMPACT[1] and number.is_integer():
        return _from_text(str(int(number)), mode)
    if not SERIALS[0] <= number <= SERIALS[1]:
        return FAULTY_DATE
    moment = (EPOCH_1904 if mode.date1904 else EPOCH) + timedelta(days=number)
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _from_text(text: str, mode: Mode) -> Any:
    text = WEEKDAY.sub("", text).replace("T", " ").rstrip("Z.")
    if not text[:8].isdigit():
        text = SPACED.sub(lambda m: m[1] or "", text, count=3)
    text = ZONE.sub("", text).replace("号", "日").replace("点半", "点30分").strip()
    found = DAY.match(text)
    if not found:
        return FAULTY_DATE
    year, month, day = (found["y"] or found["cy"] or found["my"], found["m"] or found["cm"] or found["mm"], found["d"] or found["cd"])
    rest = text[found.end():].strip()
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


def parse_enum(cell: Any, column: Column, mode: Mode) -> Any:
    """The code of a label, code or known synonym."""
    text = normal(plain(cell)).replace(" ", "")
    code = column.labels.get(text) or column.labels.get(text.lower())
    if code is not None:
        return code
    return Flaw("unknown_enum", f"“{column.header}”没有这个选项。", "请从这些选项中选择：" + "、".join(column.choices) + "。")


SEPARATOR = re.compile(r"[;,、|\s]+")


def parse_codes(cell: Any, column: Column, mode: Mode) -> Any:
    """Codes joined by ; 、 , | or white space (full-width too), each once, in order; [] never: blank cells are null."""
    if isinstance(cell, float) and abs(cell) >= 1e15:
        return CODE_SCIENTIFIC
    return list(dict.fromkeys(c for c in SEPARATOR.split(unicodedata.normalize("NFKC", plain(cell)).replace("。", " ")) if c))


def parse_hashes(cell: Any, column: Column, mode: Mode) -> Any:
    """64-bit hashes in hexadecimal."""
    try:
        found = [int(c, 16) for c in parse_codes(cell, column, mode)]
    except (ValueError, TypeError):
        return Flaw("unknown_hash", "照片指纹应为十六进制编码。", "请保留系统导出的原值。")
    return found if all(0 <= h < 2**64 for h in found) else Flaw("unknown_hash", "照片指纹超过64位。", "请保留系统导出的原值。")


PARSERS: dict[str, Callable[[Any, Column, Mode], Any]] = {
    "text": parse_text, "number": parse_amount, "integer": parse_integer, "date": parse_date, "time": parse_time, "enum": parse_enum,
    "codes": parse_codes, "hashes": parse_hashes,
}
