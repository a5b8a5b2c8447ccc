"""Whatever leaves a demonstration says that it is one, on the page, in print and in its name; elsewhere nothing of it is seen."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from django.conf import LazySettings
from django.http import FileResponse, HttpRequest, HttpResponse
from docx import Document

from zaidao.carriers.forms_out import pdf, sheets, word
from zaidao.carriers.forms_out.paper import Paper
from zaidao.diagnosis.models import Run
from zaidao.diagnosis.views import runs
from zaidao.institutions import columns
from zaidao.shell.demo import marking

DEMO = pytest.mark.parametrize("demo", [True, False])
PAPER = Paper(title="支委会记录", head=(("时间", "2026年3月5日"),), sections=(), notes=())


@DEMO
def test_sheets_bear_the_word_in_print_and_their_cells_do_not(settings: LazySettings, demo: bool) -> None:
    settings.DEMO = demo
    for made in (sheets.workbook([sheets.Page("台账", [("事项", True)], [["党课"]])]), columns.workbook("制度", ["编号"], [["Z1"]])):
        page = openpyxl.load_workbook(io.BytesIO(made)).active
        assert page is not None
        assert (page.oddHeader.center.text, page.oddFooter.center.text) == (("示例,虚构",) * 2 if demo else (None, None))
        assert "示例" not in str(list(page.values))


@DEMO
def test_records_in_word_bear_it_on_every_page(settings: LazySettings, demo: bool) -> None:
    settings.DEMO = demo
    section = Document(io.BytesIO(word.minutes(PAPER))).sections[0]
    assert {h.paragraphs[0].text for h in (section.header, section.even_page_header)} == {"示例,虚构" if demo else ""}


@DEMO
def test_records_as_pdf_are_told_the_word(settings: LazySettings, demo: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {}

    class Compiler:
        def __init__(self, **_: object) -> None: ...

        def compile(self, source: bytes, **given: dict[str, str]) -> bytes:
            told.update(json.loads(given["sys_inputs"]["told"]))
            return b"%PDF" if b"told.mark" in source else b""

    settings.DEMO = demo
    plain = pdf.minutes(PAPER)
    monkeypatch.setattr(pdf.typst, "Compiler", Compiler)
    assert pdf.minutes(PAPER) == b"%PDF"
    assert told["mark"] == ("示例,虚构" if demo else "")
    monkeypatch.undo()
    settings.DEMO = not demo
    assert len(pdf.minutes(PAPER)) != len(plain)


@DEMO
def test_the_report_says_it_first(settings: LazySettings, tmp_path: Path, demo: bool) -> None:
    settings.DEMO, settings.VAR = demo, tmp_path
    run = Run(pk=1)
    run.path.mkdir(parents=True)
    (run.path / "report.html").write_text("<html><body><h1>报告</h1></body></html>", encoding="utf-8")
    with runs._opened(run, "report.html") as out:
        said = out.read().decode()
    assert said == f"<html><body>{'<p><b>示例,虚构</b></p>' if demo else ''}<h1>报告</h1></body></html>"


@DEMO
@pytest.mark.parametrize("name", ["台账2026.xlsx", "problems-1.csv"])
def test_downloads_have_it_in_their_name(settings: LazySettings, demo: bool, name: str) -> None:
    settings.DEMO = demo
    given = marking.named(lambda _request: FileResponse(io.BytesIO(b"x"), as_attachment=True, filename=name))(HttpRequest())
    plain = FileResponse(io.BytesIO(b"x"), as_attachment=True, filename=name)["Content-Disposition"]
    assert (given["Content-Disposition"] == plain) is not demo
    if demo:
        told = marking.parse_header_parameters(given["Content-Disposition"])
        assert told == ("attachment", {"filename": f"示例_{name}"})
    page = marking.named(lambda _request: HttpResponse("x"))(HttpRequest())
    assert not page.has_header("Content-Disposition")
