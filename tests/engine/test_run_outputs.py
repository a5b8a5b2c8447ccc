"""The sample group from workbook to files: equal on one and two threads, every number a field, nothing sensitive, neutral words."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

import zaidao.diagnosis
from zaidao.diagnosis import intake
from zaidao.engine import catalogue, outputs, run, sentences
from zaidao.engine.words import FINDING_NAMES, NOTICE

SAMPLE = Path(zaidao.diagnosis.__file__).parent / "demo" / "haiwan-group.xlsx"
FORBIDDEN = ("造假", "抄袭", "空壳", "僵尸", "懒政", "落后", "排名", "扣分", "未召开")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The outputs of the sample group, by number of threads."""
    top = tmp_path_factory.mktemp("sample")
    read = intake.read([SAMPLE])

    def made(threads: int) -> Path:
        out = top / str(threads)
        if not out.exists():
            outputs.write(run.diagnose(read.facts, threads=threads), out, read.problems, read.counts)
        return out

    return made


@pytest.fixture(scope="module")
def out(folder: Callable[[int], Path]) -> Path:
    return folder(1)


def texts(out: Path) -> dict[str, str]:
    """Everything a person or program can read in a folder of outputs, as text."""
    found = {}
    for file in (p for p in sorted(out.rglob("*")) if p.is_file()):
        if file.suffix == ".parquet":
            table = pq.read_table(file)
            words = [c for c in table.column_names if pa.types.is_string(table.schema.field(c).type)]
            found[str(file)] = "\n".join(str(v) for c in words for v in table[c].to_pylist())
        elif file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as book:
                found[str(file)] = "\n".join(book.read(n).decode() for n in book.namelist())
        else:
            found[str(file)] = file.read_text(encoding="utf-8")
    return found


def test_one_and_two_threads_write_the_same_files(folder: Callable[[int], Path]) -> None:
    one, two = folder(1), folder(2)
    for file in (p.relative_to(one) for p in sorted(one.rglob("*")) if p.is_file() and p.name != "timings.json"):
        contents = [(top / file).read_bytes() for top in (one, two)]
        if file.name == "manifest.json":
            contents = [json.dumps(json.loads(c) | {"made_at": ""}).encode() for c in contents]
        assert contents[0] == contents[1], file


def test_every_number_of_every_sentence_is_a_field_of_its_row(out: Path) -> None:
    cards = catalogue.load().cards
    rows = pq.read_table(out / "findings.parquet").to_pylist()
    assert len({r["finding"] for r in rows}) > 8
    for row in rows:
        fields = json.loads(row["details"])
        shown = {n for value in sentences.values(cards[row["finding"]], fields) for n in sentences.NUMBER.findall(value)}
        assert set(sentences.NUMBER.findall(row["sentence"])) <= shown, (row["finding"], row["sentence"])


def test_names_of_cards_are_the_names_people_read() -> None:
    assert {code: card["name"] for code, card in catalogue.load().cards.items()} == FINDING_NAMES


def test_nothing_sensitive_is_in_any_output(out: Path) -> None:
    book = CalamineWorkbook.from_path(SAMPLE)
    sheet = next(n for n in book.sheet_names if n.startswith("人员"))
    cells = {str(v).split(".")[0] for row in book.get_sheet_by_name(sheet).to_python() for v in row}
    secrets = {c for c in cells if re.fullmatch(r"999999\d{11}[\dX]|100\d{8}", c)}
    assert len(secrets) > 500
    pattern = re.compile(r"999999\d{11}[\dX]|(?<!\d)100\d{8}(?!\d)")
    for name, text in texts(out).items():
        assert not secrets & set(pattern.findall(text)), name


def test_words_are_neutral_and_the_notice_is_everywhere(out: Path) -> None:
    for name, text in texts(out).items():
        if "/snapshot/" not in name:  # what an office wrote itself
            assert not [word for word in FORBIDDEN if word in text], name
        if name.endswith((".html", ".xlsx")):
            assert NOTICE in text


def test_the_report_tells_what_the_tables_say(out: Path) -> None:
    html = (out / "report.html").read_text(encoding="utf-8")
    findings = [r for r in pq.read_table(out / "findings.parquet").to_pylist() if r["severity"] >= 2]
    assert f"<b>{len(findings)}</b>提示" in html
    for row in findings:
        assert row["sentence"] in html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    elements = pq.read_table(out / "elements.parquet").to_pylist()
    for row in (r for r in elements if r["pulse"] is not None):
        assert f"{round(row['paper'] * 100)}%→{round(row['pulse'] * 100)}%" in html
