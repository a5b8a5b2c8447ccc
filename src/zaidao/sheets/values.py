"""One cell to one value: every way in which offices write dates, numbers, codes and choices.

Each parser takes a cell that is not blank and returns the value, or a `Flaw` that says why it cannot be used, or a pair
(value, Flaw) where it can be used but something should be said.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from zaidao.sheets import identity
from zaidao.sheets.dates import parse_date, parse_time
from zaidao.sheets.flaw import Flaw, Mode, normal
from zaidao.sheets.problem import RISKY
from zaidao.sheets.spec import Column

BLANKS = frozenset(
    {
        "",
        "无",
        "暂无",
        "没有",
        "空",
        "—",
        "——",
        "-",
        "--",
        "－",
        "–",
        "/",
        "／",
        "\\",
        "n/a",
        "na",
        "null",
        "none",
        "nil",
        "不详",
        "未知",
        "待定",
    }
)
ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"})
DITTO = frozenset({"同上", "〃", "″", '"'})  # what stands above
CLEAR = "清空"  # where a table changes what is kept: take the value away (an empty cell leaves it)
OPEN_ENDED = frozenset({"至今", "今", "现在", "现任", "在任", "在职", "长期", "长期有效", "进行中", "仍在进行", "未结束"})


FAULTY_NUMBER = Flaw("not_a_number", "不是数字。", "请只填数字。")
NEGATIVE = Flaw("negative_number", "数值不能为负。", "请核对后改正。")
FRACTION = Flaw("not_an_integer", "应为整数。", "请填整数。")
SCIENTIFIC = Flaw("id_scientific", "号码被表格软件改成了科学计数，末几位已丢失。", "请把该列设为“文本”格式后按证件重新录入。")
CODE_SCIENTIFIC = Flaw("code_scientific", "编号被表格软件改成了科学计数，末几位已丢失。", "请把该列设为“文本”格式后重新录入编号。")


def is_blank(cell: Any) -> bool:
    """True for cells that say nothing: empty, white space only."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def says_nothing(cell: Any) -> bool:
    """True for blank cells and for the marks that people put instead of leaving a cell empty (无, —, /)."""
    return is_blank(cell) or (isinstance(cell, str) and len(cell) <= 8 and normal(cell).lower() in BLANKS)


def is_error(cell: Any) -> bool:
    """True for a formula's error value."""
    return isinstance(cell, str) and cell[:1] == "#" and cell.strip().upper() in ERRORS


def literal(text: str) -> str:
    """`text` as a cell that is read back as the same text: an apostrophe before what a spreadsheet would run as a formula, and
    before what a reader would take for a mark."""
    marked = text[:1] in (*RISKY, "'") or text.strip() in DITTO or text.strip() == CLEAR or says_nothing(text) or is_error(text)
    return "'" + text if text.strip() and marked else text


def writable(text: str) -> str:
    """`text` without signs that no sheet can hold."""
    return "".join(c if c >= " " or c in "\t\n" else " " for c in text if not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")


def unmarked(text: str) -> str:
    """What `literal` was given."""
    return text[1:] if text[:1] == "'" and literal(text[1:]) == text else text


def plain(cell: Any) -> str:
    """Any cell as text: whole numbers without a decimal point, dates as ISO."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, bool):
        return "是" if cell else "否"
    return str(cell).strip()


def parse_text(cell: Any, column: Column, _mode: Mode) -> Any:
    """Free text as it stands; codes without spaces and in half-width."""
    if not column.is_code:
        return unmarked(plain(cell))
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
    if isinstance(cell, bool | date | datetime | time):
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
    rest = text[found.end() :]
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
    if (column.least is not None and number < column.least) or (column.most is not None and number > column.most):
        return Flaw("number_out_of_range", f"数值不在合理范围内({_bounds(column)})。", "请核对后改正。")
    return number


def _bounds(column: Column) -> str:
    return "至".join(f"{bound:g}" for bound in (column.least, column.most) if bound is not None) + (
        "" if column.most is not None else "以上"
    )


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


def parse_enum(cell: Any, column: Column, _mode: Mode) -> Any:
    """The code of a label, code or known synonym."""
    text = normal(plain(cell)).replace(" ", "")
    bare = re.sub(r"[(\[].*", "", text)
    code = column.labels.get(text) or column.labels.get(text.lower()) or column.labels.get(bare)
    if code is not None:
        return code
    return Flaw("unknown_enum", f"“{column.header}”没有这个选项。", "请从这些选项中选择：" + "、".join(column.choices) + "。")


SEPARATOR = re.compile(r"[;,、|\s]+")


def parse_codes(cell: Any, _column: Column, _mode: Mode) -> Any:
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
    "text": parse_text,
    "number": parse_amount,
    "integer": parse_integer,
    "date": parse_date,
    "time": parse_time,
    "enum": parse_enum,
    "codes": parse_codes,
    "hashes": parse_hashes,
}
