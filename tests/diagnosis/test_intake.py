"""Reading an office's files: the samples with their keys, subsets, other layouts, other formats."""

import csv
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.diagnosis.ledgers import csv_folder, grid, plain_workbook, small_world, workbook
from zaidao.diagnosis.intake import read
from zaidao.engine.schema import TABLES
from zaidao.sheets.problem import to_csv

DATA = Path(__file__).parents[1] / "data"
DEMO = Path(__file__).parents[2] / "src/zaidao/diagnosis/demo/haiwan-group.xlsx"
ERRORS = DATA / "haiwan-group-errors.xlsx"


@pytest.fixture(scope="module")
def faulty():
    return read([ERRORS])


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return read([plain_workbook(tmp_path_factory.mktemp("sound") / "sound.xlsx", small_world())])


def rows(facts):
    return {name: facts.table(name).to_pylist() for name in TABLES}


def law_holds(intake):
    return all(c.read == c.used + c.refused + c.no_data and min(c.used, c.refused, c.no_data) >= 0 for c in intake.counts)


def test_every_planted_error_is_found_at_its_cell_and_nothing_else_is_an_error(faulty):
    with (DATA / "haiwan-group-errors.key.csv").open(encoding="utf-8-sig") as file:
        planted = {(r["sheet"], r["cell"], r["kind"]) for r in csv.DictReader(file)}
    assert {(p.sheet, p.cell, p.code) for p in faulty.errors} == planted
    assert len(planted) == len(faulty.errors) == 56
    assert all(p.reason and p.remedy and p.file == ERRORS.name for p in faulty.problems)
    assert law_holds(faulty)


def test_the_clean_sample_gives_no_error_and_no_warning():
    intake = read([DEMO])
    assert {p.severity for p in intake.problems} == {"note"}
    assert intake.as_of_hint == date(2026, 11, 1)
    used = {c.table: c.used for c in intake.counts}
    assert used == {
        "organisation": 48,
        "person": 448,
        "appointment": 208,
        "institution": 45,
        "clause": 66,
        "carrier": 209,
        "activity": 3147,
        "idea": 19,
    }
    assert {t: intake.facts.rows(t) for t in used} == used
    assert sum(b.num_rows for b in intake.facts.minutes()) == 3147
    assert law_holds(intake)


def test_what_is_used_is_what_stands_there(sound):
    world = small_world()
    assert sound.problems == []
    for name, table in TABLES.items():
        wanted = [{f.name: r.get(f.name) for f in table.fields if not f.sensitive} for r in world[name]]
        assert sound.facts.table(name).to_pylist() == wanted
    assert sound.facts.missing == {}
    assert sound.as_of_hint == date(2026, 3, 4)
    assert sound.refused == ""


@pytest.mark.parametrize("without", list(TABLES))
def test_each_sheet_may_be_absent(tmp_path, without):
    intake = read([plain_workbook(tmp_path / "a.xlsx", small_world(), without=without)])
    assert law_holds(intake)
    assert not intake.facts.has(without)
    assert TABLES[without].sheet in intake.facts.missing[without]
    assert bool(intake.refused) == (without == "organisation")
    if without != "organisation":
        assert intake.errors == []
        for name in set(TABLES) - {without}:
            assert intake.facts.has(name)


OPTIONAL = [f"{t.name}.{f.name}" for t in TABLES.values() for f in t.fields if not f.required]


@pytest.mark.parametrize("column", OPTIONAL)
def test_each_optional_column_may_be_absent(tmp_path, sound, column):
    table, _, name = column.partition(".")
    intake = read([plain_workbook(tmp_path / "a.xlsx", small_world(), drop=column)])
    assert intake.errors == []
    assert not intake.refused
    if TABLES[table][name].sensitive:
        assert rows(intake.facts) == rows(sound.facts)
        return
    assert list(intake.facts.missing) == [column]
    assert intake.facts.table(table)[name].null_count == intake.facts.rows(table)
    kept = [n for n in TABLES[table].arrow.names if n != name]
    assert intake.facts.table(table, kept).equals(sound.facts.table(table, kept))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_tables_give_the_same_facts(tmp_path, sound, encoding):
    assert rows(read([csv_folder(tmp_path / "csv", small_world(), encoding)]).facts) == rows(sound.facts)


def test_an_old_workbook_with_dates_from_1904_gives_the_same_facts(sound):
    intake = read([DATA / "small-group-1904.xls"])
    assert intake.problems == []
    assert rows(intake.facts) == rows(sound.facts)


def test_a_branch_office_that_fills_in_by_hand(tmp_path):
    organisations = [
        ["附件1"],
        ["某某集团党组织信息统计表"],
        ["填报单位:党群部", None, None, "填报日期:2026年11月2日"],
        ["序号", "党组织编码", "党组织全称", "党组织类别", "上级党组织编码", "批准成立日期", "任期年限(年)", "在岗职工人数(人)"],
        [1, 1001, "集团党委", "党委", None, "2010.01", "5年", "1,200人"],
        [2, 1002, "一公司党总支", "总支", 1001, "2010-1-5", "三年", "约300"],
        [3, "1003", "二队党支部", "支部", "1002", "2015-3-1", "３", "/"],
        ["总计", None, None, None, None, None, None, 1500],
    ]
    meetings = [
        ["编号", "支部编号", "会议类型", "召开时间", "应到", "实到", "录入时间"],
        ["A1", 1003, "支部党员大会", "2025年3月5日下午2:30", 12, "11人", 45722.5],
        ["A2", "二队党支部", "支委会议", "2025.4.5 9点", 3, 3, "2025-04-06"],
    ]
    intake = read([workbook(tmp_path / "a.xlsx", {"党组织基本信息": organisations, "2025年三会一课记录": meetings})])
    assert {p.code for p in intake.problems} == {"month_only", "guessed_column", "name_for_code"}
    orgs = intake.facts.table("organisation", ["org_id", "kind", "parent_id", "established_on", "term_years", "headcount"]).to_pylist()
    assert [tuple(r.values()) for r in orgs] == [
        ("1001", "committee", None, date(2010, 1, 1), 5.0, 1200),
        ("1002", "general_branch", "1001", date(2010, 1, 5), 3.0, 300),
        ("1003", "branch", "1002", date(2015, 3, 1), 3.0, None),
    ]
    acts = intake.facts.table("activity", ["org_id", "kind", "held_at", "present", "recorded_at"]).to_pylist()
    assert [tuple(r.values()) for r in acts] == [
        ("1003", "党员大会", datetime(2025, 3, 5, 14, 30), 11, datetime(2025, 3, 6, 12)),
        ("1003", "支委会", datetime(2025, 4, 5, 9), 3, datetime(2025, 4, 6)),
    ]


def test_parquet_gives_the_same_facts_and_the_same_problems(tmp_path, sound, faulty):
    sound.facts.write(tmp_path / "sound")
    again = read([tmp_path / "sound"])
    assert rows(again.facts) == rows(sound.facts)
    assert again.problems == []
    assert again.as_of_hint == sound.as_of_hint
    faulty.facts.write(tmp_path / "faulty")
    assert read([tmp_path / "faulty"]).errors == []


def test_checks_run_on_parquet_with_row_numbers(tmp_path):
    world = small_world()
    world["activity"][1]["present"] = 9
    world["activity"][2]["org_id"] = "O9"
    world["person"][0]["id_no"] = "999999198001010110"
    for name, table in TABLES.items():
        pq.write_table(pa.Table.from_pylist(world[name], schema=pa.schema([f.arrow for f in table.fields])), tmp_path / f"{name}.parquet")
    intake = read([tmp_path])
    assert [(p.file, p.cell, p.field, p.code) for p in intake.errors] == [
        ("activity.parquet", "第2行", "present", "present_gt_eligible"),
        ("activity.parquet", "第3行", "org_id", "unknown_org_code"),
        ("person.parquet", "第1行", "id_no", "id_check_digit"),
    ]
    assert intake.facts.table("activity", ["present"])["present"].to_pylist() == [3, None]
    assert [t for b in intake.facts.minutes() for t in b.column("activity_id").to_pylist()] == ["H1", "H2"]
    assert law_holds(intake)


def test_one_sheet_in_many_files_is_one_table(tmp_path, sound):
    world = small_world()
    for branch in ("O3", "O4"):
        part = {t: [r for r in world[t] if r.get("org_id") == branch] for t in ("person", "activity")}
        plain_workbook(tmp_path / f"{branch}.xlsx", {t: r for t, r in part.items() if r})
    plain_workbook(tmp_path / "rest.xlsx", {t: r for t, r in world.items() if t not in ("person", "activity")})
    intake = read([tmp_path])
    assert intake.problems == []
    assert {t: sorted(r, key=str) for t, r in rows(intake.facts).items()} == {t: sorted(r, key=str) for t, r in rows(sound.facts).items()}
    assert sorted({c.file for c in intake.counts}) == ["O3.xlsx", "O4.xlsx", "rest.xlsx"]


def test_the_same_file_twice_changes_nothing(tmp_path, sound):
    for name in ("a.xlsx", "b.xlsx"):
        plain_workbook(tmp_path / name, small_world())
    intake = read([tmp_path])
    assert rows(intake.facts) == rows(sound.facts)
    assert {p.code for p in intake.problems} == {"duplicate_row"}
    assert intake.errors == []
    assert law_holds(intake)


OTHER = {  # another office's words
    "组织编号": "党组织代码",
    "组织名称": "党组织全称",
    "组织类型": "党组织类别",
    "上级组织编号": "上级党组织",
    "活动编号": "会议编号",
    "活动类别": "会议类型",
    "实际时间": "召开时间",
    "时长(小时)": "时长(分钟)",
    "应到人数": "应参会人数",
    "实到人数": "实参会人数",
    "记录正文": "会议内容",
    "人员编号": "党员编号",
    "公民身份号码": "身份证号码",
    "所在组织编号": "所在支部编号",
}


def test_another_offices_layout(tmp_path, sound):
    world = small_world()
    sheets = {}
    for i, table in enumerate(TABLES):
        head, *body = grid(world, table)
        order = list(reversed(range(len(head))))
        if table == "activity":
            at = head.index("时长(小时)")
            body = [[v * 60 if j == at else v for j, v in enumerate(r)] for r in body]
        turned = [[OTHER.get(head[j], head[j]) for j in order], *([r[j] for j in order] for r in body)]
        sheets[f"Sheet{i + 1}"] = [["二〇二六年台账"], ["填报单位：某公司"], [], *turned, [None, "合计"]]
    intake = read([workbook(tmp_path / "other.xlsx", sheets)])
    assert intake.errors == []
    assert rows(intake.facts) == rows(sound.facts)
    assert intake.facts.missing == {}


def test_two_header_rows_and_merged_groups(tmp_path, sound):
    world = small_world()
    head, *body = grid(world, "activity")
    groups = ["时间" if h in ("计划日期", "实际时间") else "人数" if h in ("应到人数", "实到人数", "自愿报名人数") else h for h in head]
    lower = [h if g != h else None for g, h in zip(groups, head, strict=True)]
    sheets = {TABLES[t].sheet: grid(world, t) for t in TABLES if t != "activity"} | {"活动记录": [["活动台账"], groups, lower, *body]}
    intake = read([workbook(tmp_path / "a.xlsx", sheets)])
    assert intake.errors == []
    assert rows(intake.facts) == rows(sound.facts)


def test_names_for_codes_are_resolved_where_they_are_unique(tmp_path, sound):
    world = small_world()
    for person in world["person"]:
        person["org_id"] = {"O3": "一队党支部", "O4": "二队党支部"}[person["org_id"]]
    intake = read([plain_workbook(tmp_path / "a.xlsx", world)])
    assert [p.code for p in intake.problems] == ["name_for_code"]
    assert rows(intake.facts) == rows(sound.facts)


def test_one_number_under_two_codes(tmp_path):
    world = small_world()
    double = world["person"][0] | {"person_id": "P9", "org_id": "O4"}
    world["person"].append(double)
    intake = read([plain_workbook(tmp_path / "a.xlsx", world)])
    assert [(p.cell, p.code) for p in intake.errors] == [("C8", "member_in_two_branches")]
    assert "P9" not in intake.facts.table("person", ["person_id"])["person_id"].to_pylist()
    assert law_holds(intake)
    world["person"][-1] = double | {"moved_out_on": date(2026, 1, 1)}
    assert read([plain_workbook(tmp_path / "b.xlsx", world)]).errors == []


def test_birth_and_gender_that_contradict_the_number_are_warnings(tmp_path):
    world = small_world()
    world["person"][0] |= {"born_on": date(1981, 1, 1), "gender": "女"}
    intake = read([plain_workbook(tmp_path / "a.xlsx", world)])
    assert [(p.cell, p.code, p.severity) for p in intake.problems] == [
        ("E2", "id_gender_mismatch", "warning"),
        ("G2", "id_birth_mismatch", "warning"),
    ]


def test_identity_numbers_and_phones_go_no_further(faulty, tmp_path):
    with (DATA / "haiwan-group-errors.key.csv").open(encoding="utf-8-sig") as file:
        planted = {r[c] for r in csv.DictReader(file) if r["kind"].startswith("id_") for c in ("was", "now")}
    import python_calamine

    pages = python_calamine.CalamineWorkbook.from_path(str(ERRORS))
    roster = pages.get_sheet_by_name("人员(党员花名册)").to_python(skip_empty_area=False)
    secret = planted | {str(c) for row in roster[3:] for c in row[8:10] if c}
    assert len(secret) > 400
    faulty.facts.write(tmp_path)
    said = (
        to_csv(faulty.problems).decode("utf-8-sig")
        + repr(faulty)
        + repr(faulty.counts)
        + repr(faulty.facts.missing)
        + repr(rows(faulty.facts))
    )
    assert [s for s in secret if s in said] == []
    stored = b"".join(p.read_bytes() for p in sorted(tmp_path.iterdir()))
    assert [s for s in secret if s.encode() in stored] == []


def test_reading_twice_gives_the_same(faulty):
    again = read([ERRORS])
    assert again.problems == faulty.problems
    assert rows(again.facts) == rows(faulty.facts)


def test_progress_runs_from_nothing_to_all():
    steps = []
    read([ERRORS], progress=lambda share, message: steps.append((share, message)))
    shares = [s for s, _ in steps]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert all(m for _, m in steps)


@pytest.mark.parametrize("made", ["empty_folder", "absent", "bad_parquet", "unknown_file"])
def test_input_that_holds_nothing_is_refused_with_a_remedy(tmp_path, made):
    if made == "bad_parquet":
        (tmp_path / "organisation.parquet").write_bytes(b"nonsense")
    if made == "unknown_file":
        (tmp_path / "a.et").write_bytes(b"x")
    intake = read([tmp_path / "none.xlsx" if made == "absent" else tmp_path])
    assert "组织" in intake.refused
    assert intake.errors
    assert all(p.remedy for p in intake.errors)


def test_other_files_in_a_folder_are_noted_and_tables_in_other_formats_are_errors(tmp_path):
    plain_workbook(tmp_path / "台账.xlsx", small_world())
    for name in ("照片.jpg", "~$台账.xlsx", ".DS_Store", "旧表.et"):
        (tmp_path / name).write_bytes(b"x")
    intake = read([tmp_path])
    assert {(p.file, p.code, p.severity) for p in intake.problems} == {
        ("照片.jpg", "unknown_extension", "note"),
        ("旧表.et", "wps_et", "error"),
    }
    assert intake.facts.has("activity")


def test_files_of_one_name_are_told_apart(tmp_path):
    for folder in ("一队", "二队"):
        (tmp_path / folder).mkdir()
        plain_workbook(tmp_path / folder / "台账.xlsx", small_world())
    intake = read([tmp_path / "一队" / "台账.xlsx", tmp_path / "二队" / "台账.xlsx"])
    assert Counter(c.file for c in intake.counts) == {"一队/台账.xlsx": 8, "二队/台账.xlsx": 8}
