"""The report: self-contained, static, escaped, bounded; neutral words only."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest

from tests.engine.result_world import MANIFEST, PROBLEM, world
from zaidao.engine import catalogue, outputs, report, words
from zaidao.engine.facts import Facts
from zaidao.engine.report import evidence, method, overview, svg
from zaidao.engine.report.markup import join, tag
from zaidao.engine.report.material import bounded

FORBIDDEN = ("造假", "抄袭", "空壳", "僵尸", "懒政", "落后", "排名", "扣分", "未召开")


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("report") / "out"
    outputs.write(world(), out, [PROBLEM])
    return (out / "report.html").read_text(encoding="utf-8")


class Seen(HTMLParser):
    """Start tags and their attributes; a stack that must end empty."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((name, dict(attrs)))
        if name not in ("meta", "br", "hr", "col"):
            self.open.append(name)

    def handle_startendtag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((name, dict(attrs)))

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name


def test_the_page_is_whole_static_and_asks_for_nothing_from_outside(html: str) -> None:
    seen = Seen()
    seen.feed(html)
    assert not seen.open
    names = {name for name, _ in seen.tags}
    assert "svg" in names
    assert not names & {"script", "link", "iframe", "img", "object", "form"}
    assert not any(key.startswith("on") or key in ("src", "href") for _, attrs in seen.tags for key in attrs)
    assert "url(" not in html
    assert "@import" not in html


def test_names_from_the_workbook_are_escaped(html: str) -> None:
    assert "远山&lt;集团&gt;党委" in html
    assert "<集团>" not in html
    assert "<集团>" not in re.search(r"@top-left \{[^}]*", html).group()  # type: ignore[union-attr]


def test_head_names_group_day_window_and_notice(html: str) -> None:
    for words_ in ("截止日 2026-11-01", "2025年11月至2026年10月", "数据编号", words.NOTICE):
        assert words_ in html
    assert re.search(r"@bottom-left \{ content: \"供核实与帮扶使用", html)


def test_findings_show_sentence_first_evidence_rows_and_where_the_rest_is(html: str) -> None:
    assert "统计期内十次中有六次集中录入。" in html
    assert "=SUM" not in html
    assert "2026年3月4日 一车间党支部 支委会《研究安全生产》,2026年6月30日录入" in html
    assert "依据 7 条" in html
    assert "另有2条" in html
    assert "已核对的常见情形:迁移日。" in html


def test_a_month_strip_counts_what_was_due_and_what_is_on_file(html: str) -> None:
    strip = html[html.index("逐月应办事项"):]
    assert strip.count(">0/1<") == 1
    assert "<b>2 / 3</b>" in html
    assert ">1/1<" in strip
    assert ">0/1<" in strip
    assert strip.index(">11月<") < strip.index(">3月<") < strip.index(">10月<")


def test_unknown_explained_problems_and_warnings_are_told(html: str) -> None:
    for words_ in ("同图多用:没有照片指纹", "可查的独立痕迹不足两类", "共3条", "实到人数大于应到人数", "截止日之后的记录未计入"):
        assert words_ in html


def test_matrix_follows_the_tree_and_shows_null_as_a_dash(html: str) -> None:
    matrix = html[html.index("组织与要素"):]
    assert matrix.index("远山") < matrix.index("一车间") < matrix.index("二车间") < matrix.index("三车间")
    assert "90%→45%" in matrix
    assert "100%→—" in matrix
    assert ">—</td>" in matrix


def test_no_user_ever_reads_a_forbidden_word(html: str) -> None:
    sources = [html, *(p.read_text(encoding="utf-8") for p in Path(report.__file__).parent.glob("*.py"))]
    sources += [Path(words.__file__).read_text(encoding="utf-8"), *(str(card) for card in catalogue.load().cards.values())]
    assert not [word for word in FORBIDDEN for text in sources if word in text]


def test_large_groups_stay_bounded_with_a_statement(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(overview, "MATRIX_ROWS", 2)
    monkeypatch.setattr("zaidao.engine.report.findings.DETAILED", 1)
    outputs.write(world(), tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "共4个组织,此处由上级往下列出2个" in page
    assert "此处由上级往下详列1个" in page


def test_bounded_takes_whole_levels_first() -> None:
    orgs = [{"org_id": str(i), "ord": i, "depth": d} for i, d in enumerate([0, 1, 2, 2, 1, 2])]
    assert [o["ord"] for o in bounded(orgs, 3)] == [0, 1, 4]
    assert [o["ord"] for o in bounded(orgs, 4)] == [0, 1, 2, 4]
    assert len(bounded(orgs, 9)) == 6


def test_evidence_lines_of_every_kind() -> None:
    keys = ["activity:A2~activity:A1", "appointment:P1|B1|书记", "duty:B1|支委会|2026-05", "finding:B1|backfill"]
    keys += ["activity:none", "idea:I9"]
    lines = evidence.lines(world().facts, keys, {"B1": "一车间党支部"})
    assert "↔" in lines[keys[0]].what
    assert lines[keys[0]].day == "2026年3月2日"
    assert lines[keys[1]].what == "赵明:一车间党支部书记"
    assert (lines[keys[2]].day, lines[keys[2]].what) == ("2026-05", "支委会:未见记录")
    assert "集中补录" in lines[keys[3]].what
    assert lines[keys[4]].what == "活动记录 none"
    assert lines[keys[5]].what == "创新点子 I9"


def test_titles_of_private_talks_are_not_told() -> None:
    talk = pa.table({"activity_id": ["A"], "org_id": ["B"], "kind": ["谈心谈话"], "title": ["与某某谈话"]})
    facts = Facts.from_tables({"activity": talk})
    assert evidence.lines(facts, ["activity:A"], {"B": "支部"})["activity:A"].what == "支部 谈心谈话"


@pytest.mark.parametrize(("sheet", "field", "shown"), [
    ("人员(党员花名册)", "org_id", "所在组织编号"), ("制度条款", "institution_id", "制度编号"), ("活动记录", "held_at", "实际时间"),
    ("其他", "x", "x"), ("组织", "", ""),
])
def test_problems_name_the_column_as_the_sheet_does(sheet: str, field: str, shown: str) -> None:
    assert method.header({"sheet": sheet, "field": field}) == shown


def test_markup_escapes_all_but_markup() -> None:
    assert tag("p", "<b>", tag("b", "&"), None, [1, 2.50], title='"') == '<p title="&quot;">&lt;b&gt;<b>&amp;</b>12.5</p>'
    assert join("<", tag("br")) == "&lt;<br/>"


def test_scatter_of_many_points_stays_small() -> None:
    points = [(i / 5000, i / 5000) for i in range(5000)]
    assert svg.scatter(points, "x", "a", "b").count("<circle") == svg.BINS
    assert svg.scatter(points[:10], "x", "a", "b").count("<circle") == 10


def test_a_run_that_knows_nothing_still_makes_a_report(tmp_path: Path) -> None:
    empty = world()
    for name in ("findings", "elements", "duties", "rollup", "marks", "evidence", "load", "element_parts"):
        setattr(empty, name, getattr(empty, name).slice(0, 0))
    empty.manifest = {k: v for k, v in MANIFEST.items() if k not in ("window", "as_of")}
    outputs.write(empty, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "没有需要核实的提示" in page
    assert "没有可比较的要素" in page
    assert isinstance(empty.findings, pa.Table)
