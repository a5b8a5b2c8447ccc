"""report.html: one self-contained page, static, no script, made for reading on screen and on A4."""

from importlib.resources import files

from zaidao.engine.report import findings, method, overview
from zaidao.engine.report.markup import Markup, Node, join, tag
from zaidao.engine.report.material import Material
from zaidao.engine.words import NOTICE


def build(material: Material) -> str:
    """The whole report as HTML text."""
    style = (files(__package__) / "report.css").read_text(encoding="utf-8")
    head = tag(
        "head", tag("meta", charset="utf-8"), tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{material.group} 组织运行诊断报告"), tag("style", Markup(style + _sheet(material))),
    )
    body = tag("body", _opening(material), tag("main", _sections(material)), tag("footer", tag("p", NOTICE, class_="notice")))
    return f"<!doctype html>\n{tag('html', head, body, lang='zh-Hans')}\n"


def _sections(material: Material) -> list[Node]:
    return [overview.section(material), overview.matrix_section(material), findings.section(material), method.section(material)]


def _opening(material: Material) -> Markup:
    facts = f"截止日 {material.as_of} · 统计期 {material.window} · 数据编号 {material.manifest.get('snapshot', '未知')}"
    return tag("header", tag("h1", f"{material.group} 组织运行诊断报告"), tag("p", facts, class_="soft"), tag("p", NOTICE, class_="notice"))


def _sheet(material: Material) -> str:
    """A4 with the notice and the origin of the numbers on every printed page."""
    origin = _css_text(f"{material.group} · 截止日 {material.as_of} · 数据编号 {material.manifest.get('snapshot', '未知')}")
    return join(Markup(
        "\n@page { size: A4; margin: 18mm 14mm 18mm;"
        f' @top-left {{ content: "{origin}"; font-size: 8pt; color: #56636f; }}'
        f' @bottom-left {{ content: "{NOTICE}"; font-size: 8pt; color: #1c2733; }}'
        ' @bottom-right { content: "第 " counter(page) " 页,共 " counter(pages) " 页"; font-size: 8pt; color: #56636f; } }\n'
    ))


def _css_text(words: str) -> str:
    """Text safe inside a quoted CSS string of a style element."""
    return "".join(c if c.isalnum() or c in " ·-_()、,.:" else f"\\{ord(c):x} " for c in words)
