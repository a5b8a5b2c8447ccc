"""What `outputs.write` leaves in a folder: contract columns, order, escaping, sameness of two runs, nothing half-written."""

import csv
import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from tests.engine.result_world import PROBLEM, world
from zaidao.engine import outputs
from zaidao.engine.facts import Facts
from zaidao.engine.outputs import tables


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    outputs.write(world(), tmp_path / "out", [PROBLEM], [{"sheet": "活动记录", "read": 3, "used": 2, "refused": 1, "no_data": 0}])
    return tmp_path / "out"


def test_everything_of_the_contract_is_there(out: Path) -> None:
    assert {p.name for p in out.iterdir()} == outputs.NAMES
    assert {p.stem for p in (out / "derived").iterdir()} == set(outputs.DERIVED)
    assert len(list((out / "snapshot").iterdir())) == 8


@pytest.mark.parametrize("name", outputs.PUBLISHED)
def test_contract_columns_come_first_in_both_forms(out: Path, name: str) -> None:
    first = list(tables.COLUMNS[name])
    assert pq.read_schema(out / f"{name}.parquet").names[: len(first)] == first
    assert list(rows(out / f"{name}.csv")[0])[: len(first)] == first


def test_rows_stand_in_tree_order_then_code_order(out: Path) -> None:
    found = [(r["org_id"], r["finding"]) for r in rows(out / "findings.csv")]
    assert found == [("B1", "backfill"), ("B1", "duties_missed"), ("B2", "backfill"), ("B2", "copied_minutes")]
    elements = [r["element"] for r in rows(out / "elements.csv") if r["org_id"] == "B1"]
    assert elements == ["organisation", "posts", "institutions", "organisational_life", "carriers", "innovation"]
    duties = [(r["org_id"], r["period_start"]) for r in rows(out / "duties.csv")]
    assert duties == [("C0", "2026-03-01"), *(("B1", f"{month}-01") for month in ("2025-03", "2026-03", "2026-04", "2026-05"))]


def test_csv_cells(out: Path) -> None:
    first, second, *_ = rows(out / "findings.csv")
    assert first["score"] == "0.612346"
    assert first["evidence"].split(";")[6] == "activity:A7"
    assert second["sentence"] == "'=SUM(A1)"
    blank = rows(out / "elements.csv")[0]
    assert (blank["paper"], blank["pulse"]) == ("1", "")
    assert rows(out / "problems.csv")[0]["value"] == "'+12"
    raw = (out / "findings.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw


def test_manifest(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["as_of"] == "2026-11-01"
    assert manifest["explained_evidence"] == 3
    assert manifest["unknown"] == {"reused_photos": "没有照片指纹"}
    assert manifest["problems"] == {"error": 1}
    assert manifest["rows"]["activity"] == 2
    assert manifest["published"]["findings"] == 4
    assert "timings" not in manifest
    assert json.loads((out / "timings.json").read_text()) == {"frame": 0.1}
    assert list(manifest) == sorted(manifest)


def test_two_runs_differ_in_made_at_alone(tmp_path: Path) -> None:
    for name in ("one", "two"):
        outputs.write(world(), tmp_path / name, [PROBLEM])
    for file in sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*") if p.is_file()):
        one, two = ((tmp_path / name / file).read_bytes() for name in ("one", "two"))
        if file.name == "manifest.json":
            one, two = (json.dumps(json.loads(content) | {"made_at": ""}).encode() for content in (one, two))
        assert one == two, file


def test_snapshot_id_follows_the_content(tmp_path: Path) -> None:
    changed = world()
    changed.facts = Facts.from_tables({"organisation": pa.table({"org_id": ["C0"]})})
    outputs.write(world(), tmp_path / "a")
    outputs.write(changed, tmp_path / "b")
    ids = [json.loads((tmp_path / d / "manifest.json").read_text(encoding="utf-8"))["snapshot"] for d in "ab"]
    assert ids[0] != ids[1]
    assert len(ids[0]) == 16


def test_snapshot_reads_back_as_the_same_facts_with_text_and_nothing_sensitive(out: Path) -> None:
    again, given = Facts.from_parquet(out / "snapshot"), world().facts
    for name in ("organisation", "person", "activity"):
        assert again.table(name).equals(given.table(name))
    assert again.table("activity")["minutes"].to_pylist() == ["一", "二"]
    for file in out.rglob("*"):
        if file.is_file():
            assert b"999999198001010019" not in file.read_bytes()
            assert b"10012345678" not in file.read_bytes()
            if file.suffix == ".parquet":
                assert not {"id_no", "phone"} & set(pq.read_schema(file).names)


def test_an_error_leaves_the_earlier_run_and_no_scraps(tmp_path: Path, out: Path) -> None:
    before = (out / "findings.csv").read_bytes()
    broken = world()
    broken.elements = broken.elements.drop_columns(["paper"])
    with pytest.raises(KeyError, match="paper"):
        outputs.write(broken, out)
    assert (out / "findings.csv").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_other_peoples_files_in_the_folder_stay(tmp_path: Path) -> None:
    place = tmp_path / "out"
    place.mkdir()
    (place / "读我.txt").write_text("我的", encoding="utf-8")
    for _ in range(2):
        outputs.write(world(), place)
    assert (place / "读我.txt").read_text(encoding="utf-8") == "我的"
    assert (place / "manifest.json").exists()
    assert {p.name for p in place.iterdir()} == outputs.NAMES | {"读我.txt"}


def test_workbook_text_is_never_a_formula_and_carries_the_notice(out: Path) -> None:
    book = load_workbook(out / "report.xlsx")
    assert book.sheetnames == ["概览", "提示", "要素", "应办事项", "汇总", "数据问题", "说明"]
    for sheet in book:
        assert "不作为考核、问责依据" in sheet["A1"].value
        assert sheet.freeze_panes == "A3"
        assert all(cell.data_type != "f" for row in sheet for cell in row)
    sentences = [row[7].value for row in book["提示"].iter_rows(min_row=3)]
    assert "=SUM(A1)" in sentences
    assert book["应办事项"]["E3"].value.date() == date(2026, 3, 1)
    assert book["汇总"]["C3"].value == "台账·组织机构"
    assert book["汇总"]["F3"].value == pytest.approx(0.9)
    assert book.properties.created.date() == date(2026, 11, 1) == book.properties.modified.date()


def test_rounding_keeps_null_and_has_no_negative_zero() -> None:
    column = tables.rounded(pa.table({"x": [0.1234567, None, -1e-9]}))["x"].to_pylist()
    assert column[:2] == [0.123457, None]
    assert str(column[2]) == "0.0"
