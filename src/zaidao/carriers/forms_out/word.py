"""A record in Word, laid out as GB/T 9704-2012 lays out official documents; the document is built here, from no template.

A4; margins 37, 35, 28, 26 mm; 22 lines of 28 characters a page in 仿宋 三号 (16 pt); title in 小标宋 二号 (22 pt), headings in 黑体;
page numbers in 宋体 四号 (14 pt) between dashes, outside. Fonts are named; a machine that lacks one takes the other name given for it.
"""

import io
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from zaidao.carriers.forms_out.paper import Paper
from zaidao.core import mark

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BODY, TITLE, HEADING, NUMBERS = "仿宋_GB2312", "方正小标宋简体", "黑体", "宋体"
OTHERWISE = {BODY: "仿宋", TITLE: "华文中宋", HEADING: "SimHei", NUMBERS: "SimSun"}
TEXT = 16  # points, 三号
LINES, CHARACTERS = 22, 28  # of a page, of a line
PITCH = 225 / LINES / 25.4 * 1440  # twentieths of a point from line to line: 225 mm of text
SPACE = round((156 / CHARACTERS / 25.4 * 72 - TEXT) * 4096)  # of a character beyond its size, in 1/4096 pt: 156 mm of text


def minutes(paper: Paper) -> bytes:
    """The document as bytes."""
    document, told = Document(), paper.data
    _page(document)
    _style(document)
    _fonts(document)
    _line(document, told["title"], TITLE, 22, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(document, "", BODY, TEXT)
    for name, value in told["head"]:
        _named(document, name, value)
    for section in told["sections"]:
        _line(document, section["heading"], HEADING, TEXT, indent=True, keep=True)
        for text in section["texts"]:
            _line(document, text, BODY, TEXT, indent=True)
    _line(document, "", BODY, TEXT)
    for note in told["notes"]:
        _line(document, note, BODY, 14, indent=True)
    _line(document, "    ".join(f"{who}签字：________" for who in told["signed"]), BODY, TEXT, indent=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(24)  # the number stands 7 mm below the text
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(parse_xml(
        f'<w:docGrid {nsdecls("w")} w:type="linesAndChars" w:linePitch="{round(PITCH)}" w:charSpace="{SPACE}"/>'))
    document.settings.odd_and_even_pages_header_footer = True
    if mark.word():
        for header in (section.header, section.even_page_header):
            header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
            _run(header.paragraphs[0], mark.word(), HEADING, 14)
    _number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)


def _number(footer: Any, align: Any) -> None:
    """— 1 —, one character in from the edge."""
    paragraph = footer.paragraphs[0]
    paragraph.alignment = align
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(14)
    _run(paragraph, "— ", NUMBERS, 14)
    run = _run(paragraph, "", NUMBERS, 14)
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        part.text = text
        run._r.append(part)
    _run(paragraph, " —", NUMBERS, 14)


def _style(document: Any) -> None:
    """The plain style: the grid counts its characters."""
    style = document.styles["Normal"]
    style.font.size = Pt(TEXT)
    _named_font(style.element.get_or_add_rPr(), BODY)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.line_spacing = 1
    style.paragraph_format.widow_control = False


def _fonts(document: Any) -> None:
    """Other names for fonts that a machine may lack."""
    told = "".join(f'<w:font w:name="{name}"><w:altName w:val="{other}"/></w:font>' for name, other in OTHERWISE.items())
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            part: Part = relation.target_part
            part._blob = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{told}</w:fonts>'.encode()


def _line(document: Any, text: str, font: str, size: int, *, align: Any = None, indent: bool = False, keep: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.keep_with_next = keep
    if indent:
        _indent(paragraph)
    _run(paragraph, text, font, size)


def _named(document: Any, name: str, value: str) -> None:
    paragraph = document.add_paragraph()
    _indent(paragraph)
    _run(paragraph, f"{name}：", HEADING, TEXT)
    _run(paragraph, value, BODY, TEXT)


def _indent(paragraph: Any) -> None:
    """Two characters, whatever their size."""
    paragraph.paragraph_format.first_line_indent = Pt(2 * TEXT)
    paragraph._p.pPr.find(qn("w:ind")).set(qn("w:firstLineChars"), "200")


def _run(paragraph: Any, text: str, font: str, size: int) -> Any:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    _named_font(run._r.get_or_add_rPr(), font)
    return run


def _named_font(properties: Any, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)
