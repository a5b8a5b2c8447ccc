"""The command line on good and bad input: exit codes, Chinese messages, never a traceback, the same files twice."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from tests.diagnosis.ledgers import plain_workbook, small_world
from zaidao.diagnosis import intake
from zaidao.engine import run
from zaidao.engine.words import NOTICE
from zaidao.shell.cli import main

ROOT = Path(__file__).parents[2]
ERRORS = ROOT / "tests/data/haiwan-group-errors.xlsx"
PUBLISHED = ("findings", "elements", "duties", "rollup")
Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs a command; its exit code and what it said, which is never a traceback and always Chinese."""

    def asked(*words: object) -> tuple[int, str]:
        code = main([str(w) for w in words])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert re.search(r"[\u4e00-\u9fff]", said.err + said.out)
        return code, said.err + said.out

    return asked


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four organisations without an error."""
    return plain_workbook(tmp_path_factory.mktemp("small") / "台账.xlsx", small_world())


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sample with errors diagnosed with one thread, and again over an earlier run with two."""
    one, two = (tmp_path_factory.mktemp("twice") / name for name in ("甲", "乙"))
    for out, threads in ((one, 1), (two, 1), (two, 2)):
        assert main(["diagnose", str(ERRORS), "--out", str(out), "--threads", str(threads)]) == 0
    return one, two


def lone(path: Path, *rows: tuple[str, str, str]) -> Path:
    """A workbook with nothing but a sheet 组织."""
    book = Workbook()
    book.active.title = "组织"
    for row in (("组织编号", "组织名称", "组织类别"), *rows):
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "缺少 命令"),
        (["probe"], "没有 'probe'"),
        (["diagnose"], "缺少 文件或文件夹, --out"),
        (["diagnose", "a.xlsx"], "缺少 --out"),
        (["diagnose", "a.xlsx", "--ou", "b"], "缺少 --out"),
        (["diagnose", "a.xlsx", "--out"], "--out: 缺少值"),
        (["diagnose", "a.xlsx", "--out", "b", "--fast"], "不认识的参数 --fast"),
        (["diagnose", "a.xlsx", "--out", "b", "--as-of", "2026-02-30"], "“2026-02-30”不是日期"),
        (["diagnose", "a.xlsx", "--out", "b", "--as-of", "0026-02-03"], "早于 1921 年"),
        (["diagnose", "a.xlsx", "--out", "b", "--from", "2026-05-01", "--to", "2026-05-01"], "--from 必须早于 --to"),
        (["diagnose", "a.xlsx", "--out", "b", "--engine", "sqlite"], "“sqlite”不是可用的计算引擎"),
        (["diagnose", "a.xlsx", "--out", "b", "--threads", "0"], "“0”不是 1 至 1024 的整数"),
        (["diagnose", "a.xlsx", "--out", "b", "--threads", "两"], "“两”不是 1 至 1024 的整数"),
        (["check", "a.xlsx", "--out", "b.xlsx"], "应以 .csv 结尾"),
        (["template", "b.xls"], "应以 .xlsx 结尾"),
        (["run", "--port", "65536"], "不是 1 至 65535 的端口号"),
    ],
)
def test_wrong_usage_is_64_and_says_what_was_wrong(ask: Ask, words: list[str], said: str) -> None:
    code, text = ask(*words)
    assert code == 64
    assert said in text


@pytest.mark.parametrize("command", [[], ["check"], ["diagnose"], ["template"], ["run"]])
def test_help_is_chinese(ask: Ask, command: list[str]) -> None:
    code, text = ask(*command, "--help")
    assert code == 0
    assert "用法: zaidao" in text
    assert not re.search(r"usage|options:|positional|show this", text)


def problems(path: Path) -> list[dict[str, str]]:
    """The rows of a problem list."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def damaged(folder: Path) -> dict[str, Path]:
    """Input that cannot be read, by what is wrong with it."""
    names = ("garbage.xlsx", "half.xlsx", "nothing", "notes", "tables", "empty.xlsx", "book.et", "missing.xlsx")
    files = {name: folder / name for name in names}
    files["garbage.xlsx"].write_bytes(b"\x00garbage" * 99)
    files["half.xlsx"].write_bytes(ERRORS.read_bytes()[:20000])
    for name in ("nothing", "notes", "tables"):
        files[name].mkdir()
    (files["notes"] / "说明.docx").write_bytes(b"PK")
    (files["tables"] / "organisation.parquet").write_bytes(b"PAR1 and then nothing")
    Workbook().save(files["empty.xlsx"])
    files["book.et"].write_bytes(b"\xd0\xcf\x11\xe0")
    return files | {"header only": lone(folder / "header.xlsx")}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("missing.xlsx", "找不到"),
        ("garbage.xlsx", "garbage.xlsx:文件已损坏"),
        ("half.xlsx", "half.xlsx:文件已损坏"),
        ("nothing", "没有找到可读取的文件"),
        ("notes", "没有找到可读取的文件"),
        ("tables", "不是可读取的 Parquet 文件"),
        ("empty.xlsx", "没有可用的“组织”表"),
        ("header only", "没有可用的“组织”表"),
        ("book.et", ".et"),
    ],
)
def test_unreadable_input_is_refused_and_nothing_is_written(ask: Ask, tmp_path: Path, wrong: str, said: str) -> None:
    path, out = damaged(tmp_path)[wrong], tmp_path / "out"
    for words in (["check", path], ["diagnose", path, "--out", out]):
        code, text = ask(*words)
        assert code == 2
        assert said in text
    assert not out.exists()
    assert not list(tmp_path.glob(".*"))


def test_the_problem_list_is_written_even_where_the_input_is_refused(ask: Ask, tmp_path: Path) -> None:
    code, text = ask("check", damaged(tmp_path)["garbage.xlsx"], "--out", tmp_path / "问题.csv")
    rows = problems(tmp_path / "问题.csv")
    assert (code, [r["severity"] for r in rows]) == (2, ["error", "error"])
    assert "问题清单已写到" in text


def test_check_lists_every_problem_and_strict_refuses(ask: Ask, tmp_path: Path) -> None:
    lists = tmp_path / "一.csv", tmp_path / "二.csv"
    lenient, said = ask("check", ERRORS, "--out", lists[0])
    strict, refused = ask("check", ERRORS, "--strict", "--out", lists[1])
    rows = problems(lists[0])
    errors = [r for r in rows if r["severity"] == "error"]
    assert (lenient, strict) == (0, 2)
    assert lists[0].read_bytes() == lists[1].read_bytes()
    assert f"错误 {len(errors)}," in said
    assert f"另有 {len(errors) - 20} 处" in said
    assert "--strict" in refused
    assert all(r["file"] == ERRORS.name and r["reason"] and r["remedy"] for r in errors)


def test_strict_diagnosis_refuses_errors_and_passes_without(ask: Ask, tmp_path: Path, small: Path) -> None:
    assert ask("diagnose", ERRORS, "--out", tmp_path / "out", "--strict")[0] == 2
    assert not (tmp_path / "out").exists()
    assert ask("diagnose", small, "--out", tmp_path / "out", "--strict")[0] == 0


def test_nothing_of_the_offices_own_is_overwritten(ask: Ask, tmp_path: Path) -> None:
    ledger, folder, table = lone(tmp_path / "台账.xlsx"), tmp_path / "文件", tmp_path / "组织.csv"
    folder.mkdir()
    (folder / "总结.docx").write_bytes(b"PK")
    table.write_text("组织编号,组织名称\n", encoding="utf-8")
    before = ledger.read_bytes(), table.read_bytes()
    assert ask("template", ledger)[0] == 64
    assert ask("check", table, "--out", table)[0] == 64
    assert ask("diagnose", ledger, "--out", folder)[0] == 64
    assert ask("diagnose", ledger, "--out", ledger)[0] == 64
    assert (ledger.read_bytes(), table.read_bytes()) == before
    assert [p.name for p in folder.iterdir()] == ["总结.docx"]


def test_places_that_cannot_be_written_fail_in_words_before_the_work(ask: Ask, tmp_path: Path, small: Path) -> None:
    (tmp_path / "file").write_text("x")
    for words in (
        ["diagnose", small, "--out", tmp_path / "file" / "out"],
        ["check", small, "--out", tmp_path / "none" / "问题.csv"],
        ["template", tmp_path / "none" / "模板.xlsx"],
    ):
        code, text = ask(*words)
        assert code == 1
        assert re.search(r"读写文件失败:[\u4e00-\u9fff]+\(", text)
        assert "正在诊断" not in text


def test_a_read_only_place_fails_in_words(ask: Ask, small: Path) -> None:
    """Not even root writes there."""
    code, text = ask("diagnose", small, "--out", "/sys/zaidao")
    assert code == 1
    assert re.search(r"读写文件失败:(没有权限|只读)", text)
    assert "正在读取" not in text


def test_a_failing_write_leaves_the_earlier_run(ask: Ask, tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    assert ask("diagnose", small, "--out", out)[0] == 0
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(out))

    monkeypatch.setattr("zaidao.engine.outputs.write_problems", full)
    assert ask("diagnose", small, "--out", out)[0] == 1
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_an_inner_failure_has_no_traceback_unless_asked(
    capsys: pytest.CaptureFixture[str], small: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("O1")

    monkeypatch.setattr(intake, "read", broken)
    assert main(["check", str(small)]) == 1
    quiet = capsys.readouterr().err
    assert "程序内部出错(KeyError)" in quiet
    assert "Traceback" not in quiet
    assert main(["--debug", "check", str(small)]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_spark_without_its_extra_says_what_to_install(ask: Ask, tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zaidao.shell.cli.find_spec", lambda _: None)
    code, text = ask("diagnose", small, "--out", tmp_path / "out", "--engine", "spark://127.0.0.1:7077")
    assert code == 64
    assert "zaidao[cluster]" in text


def test_a_lone_organisation_sheet_wants_a_day_and_then_is_judged_on_nothing(ask: Ask, tmp_path: Path) -> None:
    ledger, out = lone(tmp_path / "组织.xlsx", ("A1", "甲党支部", "党支部")), tmp_path / "out"
    code, text = ask("diagnose", ledger, "--out", out)
    assert code == 2
    assert "--as-of" in text
    assert ask("diagnose", ledger, "--out", out, "--as-of", "2026-11-01")[0] == 0
    assert pq.read_table(out / "findings.parquet").num_rows == 0
    elements = pq.read_table(out / "elements.parquet")
    assert elements["pulse"].null_count == elements.num_rows > 0


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (["--as-of", "1995-01-01"], "晚于截止日 1995-01-01"),
        (["--from", "2026-03-10", "--to", "2026-03-20"], "不足一个整月"),
        (["--from", "2031-01-01"], "不足一个整月"),
        (["--as-of", "2026-03-05", "--to", "2026-05-01"], "晚于截止日"),
    ],
)
def test_days_out_of_range_are_told(ask: Ask, tmp_path: Path, small: Path, days: list[str], said: str) -> None:
    code, text = ask("diagnose", small, "--out", tmp_path / "out", *days)
    assert code == (0 if days[1].startswith("1995") else 2)
    assert said in text


def test_a_window_of_ones_own(ask: Ask, tmp_path: Path, small: Path) -> None:
    code, text = ask("diagnose", small, "--out", tmp_path / "out", "--from", "2025-02-10", "--to", "2026-03-20")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text(encoding="utf-8"))
    assert code == 0
    assert manifest["window"] == {"from": "2025-02-01", "to": "2026-03-01"}
    assert manifest["as_of"] == "2026-03-20"
    assert "统计期 2025-02-01 至 2026-03-01(不含)" in text


def test_done_says_where_as_of_when_and_for_what(ask: Ask, tmp_path: Path, small: Path) -> None:
    code, text = ask("diagnose", small, "--out", tmp_path / "深" / "处")
    lines = text.splitlines()
    assert code == 0
    assert lines[0] == "正在读取台账……"
    assert "截止日 2026-03-04,统计期 2025-03-01 至 2026-03-01(不含)" in text
    assert NOTICE in text
    assert (tmp_path / "深/处/report.html").exists()
    shares = [int(s) for s in re.findall(r"^\s+(\d+)% ", text, re.MULTILINE)]
    assert shares[0] == 0
    assert len(shares) > 6


def test_progress_is_the_first_thing_and_comes_within_a_second() -> None:
    """Imports that take longer come after the first line."""
    command = [sys.executable, "-X", "importtime", "-m", "zaidao", "check", "/nowhere/at/all.xlsx"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, check=False)
    said = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
    assert done.returncode == 2
    assert said[0] == "正在读取台账……"
    loaded = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert not loaded & {"pyarrow", "duckdb", "ibis", "numpy", "django", "openpyxl"}


def test_template_is_a_workbook_that_reads_without_an_error(ask: Ask, tmp_path: Path) -> None:
    assert ask("template", tmp_path / "模板.xlsx")[0] == 0
    book = CalamineWorkbook.from_path(tmp_path / "模板.xlsx")
    assert {"组织", "人员", "任职", "制度", "制度条款", "载体", "活动记录", "创新点子"} <= set(book.sheet_names)
    assert [p.code for p in intake.read([tmp_path / "模板.xlsx"]).errors] == ["no_organisation"]


def test_the_same_input_gives_the_same_files(twice: tuple[Path, Path]) -> None:
    one, two = twice
    names = {p.relative_to(one) for p in one.rglob("*") if p.is_file()}
    assert names == {p.relative_to(two) for p in two.rglob("*") if p.is_file()}
    assert [n for n in sorted(names) if n.suffix == ".csv" and (one / n).read_bytes() != (two / n).read_bytes()] == []
    manifests = [json.loads((top / "manifest.json").read_text(encoding="utf-8")) for top in twice]
    assert manifests[0].keys() == manifests[1].keys()
    assert {k for k in manifests[0] if manifests[0][k] != manifests[1][k]} <= {"made_at"}


SHEETS = {  # sheet and, by its Chinese headers, the columns of the Parquet file that it repeats
    "findings": ("提示", {
        "组织编号": "org_id", "估计值": "score", "区间下限": "low", "区间上限": "high", "说明": "sentence", "依据": "evidence",
    }),
    "elements": ("要素", {
        "组织编号": "org_id", "台账": "paper", "印证": "pulse", "差距": "gap", "差距下限": "gap_low", "记录数": "n",
    }),
    "duties": ("应办事项", {
        "组织编号": "org_id", "依据条款": "source_key", "事项": "subject", "周期开始": "period_start", "应办截止": "due_on",
        "活动编号": "activity_id",
    }),
    "rollup": ("汇总", {"组织编号": "org_id", "分子": "num", "分母": "den", "区间下限": "low", "区间上限": "high"}),
}


def sheet_columns(file: Path, name: str) -> dict[str, list[Any]]:
    """The cells of a sheet by header; empty cells are None."""
    rows = CalamineWorkbook.from_path(file).get_sheet_by_name(name).to_python()
    head = next(i for i, row in enumerate(rows) if row[0] == "组织编号")
    return {h: [None if row[i] == "" else row[i] for row in rows[head + 1 :]] for i, h in enumerate(rows[head])}


@pytest.mark.parametrize("name", PUBLISHED)
def test_parquet_and_workbook_are_equal_cell_by_cell(twice: tuple[Path, Path], name: str) -> None:
    """Between two runs, and the workbook's columns with those of the Parquet file."""
    tables = [pq.read_table(top / f"{name}.parquet") for top in twice]
    assert tables[0].equals(tables[1])
    sheet, headers = SHEETS[name]
    sheets = [sheet_columns(top / "report.xlsx", sheet) for top in twice]
    assert sheets[0] == sheets[1]
    table = tables[0].filter(tables[0]["in_window"]) if name == "duties" else tables[0]
    assert table.num_rows > 0
    for header, column in headers.items():
        values = [";".join(v) if isinstance(v, list) else v for v in table[column].to_pylist()]
        assert sheets[0][header] == [v or None if isinstance(v, str) else v for v in values], header


def test_a_diagnosis_from_its_own_snapshot_is_the_same(ask: Ask, tmp_path: Path, small: Path) -> None:
    """Facts written as Parquet are read as the same facts."""
    first, again = tmp_path / "一", tmp_path / "二"
    assert ask("diagnose", small, "--out", first)[0] == 0
    assert ask("diagnose", first / "snapshot", "--out", again)[0] == 0
    for name in PUBLISHED:
        assert (first / f"{name}.csv").read_bytes() == (again / f"{name}.csv").read_bytes(), name


def test_the_engine_is_given_what_was_asked(ask: Ask, tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def noted(_: object, **given: Any) -> None:
        seen.update(given)
        raise run.context.Refused("就看一眼")

    monkeypatch.setattr(run, "diagnose", noted)
    words = ["--as-of", "2026-03-31", "--from", "2025-01-01", "--to", "2026-02-01", "--threads", "3", "--engine", "duckdb"]
    assert ask("diagnose", small, "--out", tmp_path / "out", *words)[0] == 2
    seen.pop("progress")
    assert seen == {"as_of": date(2026, 3, 31), "frm": date(2025, 1, 1), "to": date(2026, 2, 1), "threads": 3, "engine": "duckdb"}
