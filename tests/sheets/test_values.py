"""Cells as offices write them."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaidao.sheets.identity import birth_date, check_character, gender, is_valid
from zaidao.sheets.spec import Column
from zaidao.sheets.values import PARSERS, Flaw, Mode, parse_date, parse_time, says_nothing

TEXT = Column("a", "甲")
CODE = Column("a", "甲", is_code=True)
IDENTITY = Column("a", "甲", is_code=True, identity=True, sensitive=True)
HOURS = Column("h", "时长(小时)", "number", least=0, most=240, scales={"分钟": 1 / 60})
COUNT = Column("n", "人数", "integer")
KIND = Column("k", "周期", "enum", labels={"每月": "month", "month": "month", "无": "none"}, choices=("每月", "无"))


PLAIN = Mode()


def parse(cell, column, mode=PLAIN):
    return PARSERS[column.kind](cell, column, mode)


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-05",
        "2024/3/5",
        "2024.3.5",
        "2024年3月5日",
        "20240305",
        "２０２４年３月５日",
        " 2024-3-5 ",
        "2024年03月05号",
        "2024.03.05.",
        45356,
        45356.0,
        20240305,
        date(2024, 3, 5),
        datetime(2024, 3, 5, 9, 0),
        "2024-03-05 星期二",
        "2024年3月5日(周二)",
        "2024-03-05T00:00:00",
        "2024 年 3 月 5 日",
    ],
)
def test_dates_in_every_form(written):
    assert parse_date(written, TEXT, Mode()) == date(2024, 3, 5)


@pytest.mark.parametrize("written", ["2024-03", "2024.03", "2024年3月", "202403", "2024/3"])
def test_month_only_is_the_first_and_noted(written):
    day, flaw = parse_date(written, TEXT, Mode())
    assert day == date(2024, 3, 1)
    assert (flaw.code, flaw.severity) == ("month_only", "note")


@pytest.mark.parametrize(
    "written", ["2024-02-30", "去年", "2024-13-01", "12", -5, 1e9, True, "2024-03-05 25:00", "2024", float("nan"), float("inf")]
)
def test_what_is_no_date_is_a_flaw(written):
    assert isinstance(parse_date(written, TEXT, Mode()), Flaw)


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-05 14:30",
        "2024/03/05 14:30:00",
        "2024年3月5日 14:30",
        "2024.3.5 14:30",
        "2024年3月5日14时30分",
        "2024年3月5日下午2:30",
        "2024-03-05T14:30:00+08:00",
        "2024年3月5日下午2点半",
        "2024-03-05 14:30-16:00",
        "2024-03-05 １４：３０",
        "20240305 1430",
        45356 + 14.5 / 24,
        datetime(2024, 3, 5, 14, 29, 59, 999_800),
    ],
)
def test_times_in_every_form(written):
    assert parse_time(written, TEXT, Mode()) == datetime(2024, 3, 5, 14, 30)


def test_serial_dates_of_1904_workbooks():
    assert parse_date(45356 - 1462, TEXT, Mode(date1904=True)) == date(2024, 3, 5)


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("１.５", 1.5),
        ("1.5小时", 1.5),
        (2, 2.0),
        ("90分钟", 1.5),
        ("1小时30分", 1.5),
        ("两小时", 2.0),
        ("半小时", 0.5),
        ("约2小时", 2.0),
        ("0", 0.0),
    ],
)
def test_hours(written, hours):
    assert parse(written, HOURS) == pytest.approx(hours)


def test_a_heading_in_minutes_scales_bare_numbers():
    assert parse(90, HOURS, Mode(scale=1 / 60)) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("written", "code"),
    [("很久", "not_a_number"), (-1, "number_out_of_range"), (500, "number_out_of_range"), (date(2024, 1, 1), "not_a_number")],
)
def test_hours_that_cannot_be(written, code):
    assert parse(written, HOURS).code == code


@pytest.mark.parametrize(
    ("written", "count"),
    [("12人", 12), ("1,234", 1234), ("１２", 12), (12.0, 12), ("十二", 12), ("共", None), ("12.5", None), (-3, None), (1e12, None)],
)
def test_counts(written, count):
    parsed = parse(written, COUNT)
    assert isinstance(parsed, Flaw) if count is None else parsed == count


def test_choices_by_label_code_and_synonym_else_a_flaw_that_lists_them():
    assert parse(" 每 月", KIND) == "month"
    assert parse("Month", KIND) == "month"
    assert "每月、无" in parse("不定期", KIND).remedy


@pytest.mark.parametrize("written", ["P1;P2", "P1；P2", "P1、P2", "P1,P2", "P1，P2", "P1 P2", "P1、P2、", "P1;P1;P2", "Ｐ１、P2"])
def test_codes_joined_in_any_way(written):
    assert parse(written, Column("p", "到会人员编号", "codes")) == ["P1", "P2"]


def test_hashes_are_64_bit_hexadecimal():
    column = Column("p", "照片指纹", "hashes")
    assert parse("39a485f300e3e48d;00ff", column) == [0x39A485F300E3E48D, 0xFF]
    assert parse("xyz", column).code == "unknown_hash"
    assert parse("1" * 17, column).code == "unknown_hash"


def test_codes_are_text_whatever_the_cell_is():
    assert parse(1001.0, CODE) == "1001"
    assert parse(" ＨＷ 001 ", CODE) == "HW001"
    assert parse("5E12", CODE) == "5E12"
    assert parse(3.2e17, CODE).code == "code_scientific"


@pytest.mark.parametrize("written", [9.9999919951202e17, "3.20721E+17", "3.20721e17"])
def test_scientific_identity_numbers_are_errors(written):
    assert parse(written, IDENTITY).code == "id_scientific"


def test_identity_numbers():
    assert parse("11010519491231002x", IDENTITY) == "11010519491231002X"  # the standard's own example
    assert parse("110105194912310021", IDENTITY).code == "id_check_digit"
    assert parse("1101051949123100", IDENTITY).code == "id_format"
    assert parse("110************02X", IDENTITY).severity == "warning"
    assert birth_date("11010519491231002X") == date(1949, 12, 31)
    assert birth_date("11010519491331002X") is None
    assert gender("11010519491231002X") == "女"


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16))
def test_every_single_wrong_digit_is_caught(digits, at):
    number = digits + check_character(digits)
    assert is_valid(number)
    wrong = str((int(number[at]) + 1) % 10)
    assert not is_valid(number[:at] + wrong + number[at + 1 :])


@pytest.mark.parametrize("cell", [None, "", "  ", "\u3000", "无", "—", "/", "-", "N/A"])
def test_cells_that_say_nothing(cell):
    assert says_nothing(cell)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.datetimes(), st.booleans(), st.times(), st.timedeltas()))
def test_no_parser_ever_raises(cell):
    for column in (
        TEXT,
        CODE,
        IDENTITY,
        HOURS,
        COUNT,
        KIND,
        Column("d", "日", "date"),
        Column("t", "时", "time"),
        Column("c", "码", "codes"),
        Column("p", "照", "hashes"),
    ):
        parse(cell, column)
