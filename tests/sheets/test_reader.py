"""Sheets as offices keep them: untidy headers, totals, notes, and files that cannot be read."""

import zipfile
from datetime import date, datetime

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.sheets.books import HEAD, SHEETS, book, ods, repacked
from zaidao.sheets.problem import Problem, masked, to_csv
from zaidao.sheets.reader import read_file
from zaidao.sheets.template import workbook

ROW = ["P1", "张三", None, "1990-01-02", "甲", 1.5]


def only(read):
    assert len(read.sheets) == 1, read.problems
    sheet = read.sheets[0]
    counts = sheet.counts
    assert counts.read == counts.used + counts.refused + counts.no_data
    assert counts.used == len(sheet.rows)
    return sheet


def codes(read):
    return [(p.cell, p.code) for p in read.problems]


def test_title_blank_rows_totals_and_notes_are_no_data(tmp_path):
    path = book(
        tmp_path / "a.xlsx",
        {
            "人员(党员花名册)": [
                ["人员情况表(截至2026年10月31日)"],
                [],
                ["序号", *HEAD],
                [1, *ROW],
                [],
                [2, "P2", "李四"],
                [3],
                ["合 计", None, 2],
                ["小计:2人"],
                ["备注:带*项必填。"],
                ["填表人:    审核人:   "],
                ["说明：空项表示不清楚。"],
            ]
        },
    )
    read = read_file(path, SHEETS)
    sheet = only(read)
    assert sheet.rows == [4, 6]
    assert sheet.values["code"] == ["P1", "P2"]
    assert sheet.values["born"] == [date(1990, 1, 2), None]
    assert (sheet.counts.read, sheet.counts.no_data) == (9, 7)
    assert read.problems == []
    assert sheet.cell(1, "born") == "E6"


@pytest.mark.parametrize(
    "header",
    [
        [" 人员编号*", "姓 名", "身份证号\n(18位)", "出生时间", "类别(甲/乙)", "时长（小时）"],
        ["工号", "姓名", "身份证号", "出生年月日", "【类别】", "时长"],
        ["人员代码", "姓名：", "★身份证号", "出生日期(必填)", "类别", "时长[小时]"],
    ],
)
def test_headings_in_other_words(tmp_path, header):
    sheet = only(read_file(book(tmp_path / "a.xlsx", {"Sheet1": [header, ROW]}), SHEETS))
    assert list(sheet.values) == ["code", "name", "number", "born", "kind", "hours"]


def test_two_header_rows_with_merged_headings(tmp_path):
    def merge(made):
        page = made["人员"]
        for span in ("A1:F1", "A2:B2", "C2:D2", "E2:E3", "F2:F3"):
            page.merge_cells(span)

    rows = [
        ["人员表"],
        ["人员", None, "证件", None, "类别", "时长(分钟)"],
        ["编号", "姓名", "身份证号", "出生日期"],
        ["P1", "张三", None, "1990-01-02", "甲", 90],
    ]
    sheet = only(read_file(book(tmp_path / "a.xlsx", {"人员": rows}, merge), SHEETS))
    assert sheet.rows == [4]
    assert sheet.values == {"code": ["P1"], "name": ["张三"], "number": [None], "born": [date(1990, 1, 2)], "kind": ["a"], "hours": [1.5]}


def test_order_and_extra_columns_do_not_matter(tmp_path):
    read = read_file(
        book(tmp_path / "a.xlsx", {"人员": [["类别", "核对码", "人员编号", "姓名", "姓名"], ["乙", "x", "P1", "张三", "李四"]]}), SHEETS
    )
    assert only(read).values == {"code": ["P1"], "name": ["张三"], "kind": ["b"]}
    assert [(p.code, p.severity) for p in read.problems] == [("unknown_column", "note"), ("column_twice", "warning")]


def test_a_headings_own_words_beat_similar_ones_and_endings_are_guessed(tmp_path):
    rows = [["启用日期", "启用时间", "楼层地点编号", "原地点编号", "名称"], ["2020-01-01", "2024-03-05", "D1", "x", "一楼"]]
    read = read_file(book(tmp_path / "a.xlsx", {"地点": rows}), SHEETS)
    assert only(read).values == {"place": ["D1"], "title": ["一楼"], "since": [date(2024, 3, 5)]}
    assert {(p.cell, p.code) for p in read.problems} == {("D1", "unknown_column"), ("A1", "column_twice"), ("C1", "guessed_column")}


def test_cells_merged_downwards_and_ditto_stand_for_every_row(tmp_path):
    rows = [["地点编号", "名称"], ["D1", "一楼"], ["D2", None], ["D3", "同上"]]
    path = book(tmp_path / "a.xlsx", {"地点": rows}, lambda made: made["地点"].merge_cells("B2:B3"))
    assert only(read_file(path, SHEETS)).values["title"] == ["一楼", "一楼", "一楼"]


def test_unusable_optional_value_keeps_the_row_and_names_the_cell(tmp_path):
    read = read_file(book(tmp_path / "a.xlsx", {"人员": [HEAD, ["P1", "张三", "110105194912310021", "去年", "丙", "很久"]]}), SHEETS)
    assert only(read).values["code"] == ["P1"]
    assert codes(read) == [("C2", "id_check_digit"), ("D2", "unknown_date"), ("E2", "unknown_enum"), ("F2", "not_a_number")]
    assert all(p.severity == "error" and p.reason and p.remedy for p in read.problems)
    assert read.problems[0].value == "110*************21"


def test_a_row_without_its_key_is_refused(tmp_path):
    read = read_file(book(tmp_path / "a.xlsx", {"人员": [HEAD, [None, "张三", None, "1990-01-02"], ROW]}), SHEETS)
    assert (only(read).counts.used, only(read).counts.refused) == (1, 1)
    assert codes(read) == [("A2", "missing_required")]


def test_error_values_and_formulas_without_result_are_named(tmp_path):
    def change(made):
        page = made["人员"]
        page["B2"], page["B2"].data_type = "#REF!", "e"
        page["D2"] = "=TODAY()"

    read = read_file(book(tmp_path / "a.xlsx", {"人员": [HEAD, ROW]}, change), SHEETS)
    assert only(read).values["name"] == [None]
    assert codes(read) == [("B2", "formula_error"), ("D2", "formula_without_value")]


def test_cached_formula_values_are_used(tmp_path):
    path = book(tmp_path / "a.xlsx", {"地点": [["地点编号", "名称"], ["D1", "一楼"]]})
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    start = xml.index('<c r="B2"')
    end = xml.index("</c>", start) + 4
    path = repacked(path, {"xl/worksheets/sheet1.xml": (xml[:start] + '<c r="B2" t="str"><f>A2</f><v>算出</v></c>' + xml[end:]).encode()})
    read = read_file(path, SHEETS)
    assert only(read).values["title"] == ["算出"]
    assert read.problems == []


def test_hidden_sheets_are_reported_and_not_read_beside_a_visible_one(tmp_path):
    def hide(made):
        made["人员"].sheet_state = "hidden"

    alone = read_file(book(tmp_path / "a.xlsx", {"人员": [HEAD, ROW], "x": []}, hide), SHEETS)
    assert only(alone).values["code"] == ["P1"]
    assert [(p.code, p.severity) for p in alone.problems] == [("hidden_sheet", "note")]
    beside = read_file(book(tmp_path / "b.xlsx", {"人员": [HEAD, ROW], "花名册": [HEAD, ["P2"]]}, hide), SHEETS)
    assert only(beside).values["code"] == ["P2"]
    assert [(p.sheet, p.code, p.severity) for p in beside.problems] == [("人员", "hidden_sheet", "warning")]


def test_hidden_rows_and_columns_are_read_and_said(tmp_path):
    def hide(made):
        made["人员"].row_dimensions[3].hidden = True
        made["人员"].column_dimensions["B"].hidden = True

    read = read_file(book(tmp_path / "a.xlsx", {"人员": [HEAD, ROW, ["P2", "李四"]]}, hide), SHEETS)
    assert only(read).values["name"] == ["张三", "李四"]
    assert [(p.code, p.severity) for p in read.problems] == [("hidden_rows", "note")]


def test_two_sheets_of_one_name_are_refused(tmp_path):
    """The reader would give the first one twice, and what stands in the second would be lost unsaid."""
    path = book(tmp_path / "a.xlsx", {"人员": [HEAD, ROW], "人员乙": [HEAD, ["P2"]]})
    packed = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace("人员乙".encode(), "人员".encode()))
    read = read_file(packed, SHEETS)
    assert read.sheets == []
    assert [(p.code, p.severity) for p in read.problems] == [("same_name", "error")]


def test_dates_of_a_1904_workbook(tmp_path):
    def change(made):
        made.epoch = CALENDAR_MAC_1904
        made["地点"]["C2"] = datetime(2024, 3, 5)
        made["地点"]["C3"] = 45356 - 1462

    path = book(tmp_path / "a.xlsx", {"地点": [["地点编号", "名称", "启用时间"], ["D1"], ["D2"]]}, change)
    assert only(read_file(path, SHEETS)).values["since"] == [date(2024, 3, 5)] * 2


def test_a_sheet_without_its_key_column_is_refused_as_a_whole(tmp_path):
    read = read_file(book(tmp_path / "a.xlsx", {"人员": [["姓名", "出生日期"], ["张三", "1990-01-02"]]}), SHEETS)
    assert [(p.code, p.severity) for p in read.problems] == [("missing_key_column", "error")]
    assert read.sheets[0].counts.refused == read.sheets[0].counts.read == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_tables(tmp_path, encoding, delimiter):
    path = tmp_path / "人员.csv"
    path.write_bytes("\n".join(delimiter.join(str(c or "") for c in row) for row in (HEAD, ROW)).encode(encoding))
    assert only(read_file(path, SHEETS)).values["name"] == ["张三"]


def test_open_document(tmp_path):
    sheet = only(read_file(ods(tmp_path / "a.ods", {"人员": [HEAD, ["P1", "张三", None, "1990-01-02", "甲", "1.5"]]}), SHEETS))
    assert sheet.values["born"] == [date(1990, 1, 2)]


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("a.et", b"x", "wps_et", "另存为"),
        ("a.pdf", b"%PDF", "not_a_workbook", ".xlsx"),
        ("a.dat", b"x", "unknown_extension", ".xlsx"),
        ("a.xlsx", b"", "empty_file", "完整"),
        ("a.csv", b"", "empty_file", "完整"),
        ("a.xlsx", b"PK\x03\x04nonsense", "corrupt_file", "另存"),
        ("a.xls", b"nonsense", "corrupt_file", "另存"),
        ("a.csv", b"\xff\xfe\x00\xd8", "unknown_encoding", "UTF-8"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted_file", "密码"),
    ],
)
def test_files_that_cannot_be_read_say_what_to_do(tmp_path, name, content, code, said):
    path = tmp_path / name
    path.write_bytes(content)
    read = read_file(path, SHEETS)
    assert [(p.code, p.severity) for p in read.problems] == [(code, "error")]
    assert said in read.problems[0].remedy
    assert read.sheets == []


def test_a_missing_file_is_a_problem(tmp_path):
    assert read_file(tmp_path / "none.xlsx", SHEETS).problems[0].code == "unreadable_file"


def test_zip_bombs_are_refused_before_unpacking(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (64 * 2**20))
    assert read_file(path, SHEETS).problems[0].code == "zip_bomb"


def test_a_cell_in_the_far_corner_is_refused_before_it_costs_memory(tmp_path):
    def change(made):
        made["人员"]["XFD1048576"] = "x"

    assert read_file(book(tmp_path / "a.xlsx", {"人员": [HEAD, ROW]}, change), SHEETS).problems[0].code == "sheet_too_large"


def test_the_template_reads_as_no_data_and_is_always_the_same_bytes(tmp_path):
    data = workbook(SHEETS)
    assert data == workbook(SHEETS)
    path = tmp_path / "template.xlsx"
    path.write_bytes(data)
    read = read_file(path, SHEETS)
    assert [(s.counts.read, s.counts.no_data, s.rows) for s in read.sheets] == [(1, 1, []), (1, 1, [])]
    assert read.problems == []


def test_problem_lists_open_in_excel_and_run_nothing():
    problem = Problem("a.xlsx", "人员", "A1", "name", "x", "error", "=HYPERLINK(1)", "理由", "办法")
    data = to_csv([problem])
    assert data.startswith(b"\xef\xbb\xbf")
    assert "'=HYPERLINK(1)" in data.decode("utf-8-sig")
    assert data.decode("utf-8-sig").splitlines()[0] == "file,sheet,cell,field,code,severity,value,reason,remedy"


def test_masks_show_first_three_and_last_two():
    assert masked("11010519491231002X") == "110*************2X"
    assert masked("12345") == "*****"
