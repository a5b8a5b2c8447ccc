"""The workbook writer: what goes in comes out in other readers, and nothing but the rows decides the bytes."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from zaidao.engine.report import xlsx
from zaidao.engine.report.xlsx import Column, Sheet

COLUMNS = (Column("甲", 10), Column("乙", 60), Column("丙", 8, "0%"), Column("丁", 12, "yyyy-mm-dd"))
ROWS = [["=1+1", "多行\n<正文>&\x0b", 0.25, date(2026, 3, 5)], [None, "", 3, None], [True, "-x", -1.5, None]]


def book(path: Path) -> Path:
    xlsx.write(path, [Sheet("一", "说明", COLUMNS, ROWS), Sheet("二", "空", COLUMNS[:1])], title="<标题>", stamp=date(2026, 11, 1))
    return path


def test_two_other_readers_see_the_same_cells(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx")
    sheet = load_workbook(path)["一"]
    assert [c.value for c in sheet[3]][:3] == ["=1+1", "多行\n<正文>&", 0.25]
    assert sheet["D3"].value.date() == date(2026, 3, 5)
    assert sheet["A3"].data_type in ("s", "inlineStr")
    assert sheet["A3"].quotePrefix
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A3", "A2:D5")
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("一").to_python()
    assert rows[2] == ["=1+1", "多行\n<正文>&", 0.25, date(2026, 3, 5)]
    assert rows[4][:3] == [True, "-x", -1.5]


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    assert book(tmp_path / "a.xlsx").read_bytes() == book(tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize(("i", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_letters(i: int, name: str) -> None:
    assert xlsx.letters(i) == name


def test_an_unknown_kind_of_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="list"):
        xlsx.write(tmp_path / "b.xlsx", [Sheet("一", "说明", COLUMNS[:1], [[[1]]])], title="", stamp=date(2026, 1, 1))  # type: ignore[list-item]
