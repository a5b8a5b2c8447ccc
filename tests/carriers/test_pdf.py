"""Records and sheets as PDF: the layout of official documents, and that nothing in a record is code."""

import re
import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests import world
from tests.carriers import filed
from zaidao.carriers.forms_out import pdf
from zaidao.carriers.forms_out.paper import Paper, Section
from zaidao.carriers.models import Activity, Attendance
from zaidao.core.scope import system_scope

INK = 28 - 2  # characters of the first line of a paragraph


def streams(data: bytes) -> list[bytes]:
    found = []
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            found.append(zlib.decompress(raw))
        except zlib.error:
            found.append(raw)
    return found


def letters(data: bytes) -> set[str]:
    """Every character that is printed anywhere, by the maps from glyphs to text."""
    found: set[str] = set()
    for each in streams(data):
        if b"beginbf" in each:
            for _, to in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", each.partition(b"endcodespacerange")[2]):
                found |= set(bytes.fromhex(to.decode()).decode("utf-16-be"))
    return found


def whole(data: bytes) -> bytes:
    return data + b"\n".join(streams(data))


def pages(data: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", whole(data)))


def paper(*texts: str, title: str = "记录") -> Paper:
    return Paper(title, [], [Section("正文", texts)], [], ())


def test_the_page_is_a4() -> None:
    boxes = re.findall(rb"/MediaBox\s*\[([^\]]*)\]", whole(pdf.minutes(paper("一"))))
    assert [round(float(n)) for n in boxes[0].split()] == [0, 0, 595, 842]


def test_a_page_has_22_lines_of_28_characters() -> None:
    """Title, its distance and the heading take three or four lines; 22 more lines are exactly one page more, wherever one begins."""
    line = "字" * INK
    first = next(n for n in range(10, 30) if pages(pdf.minutes(paper(*[line] * n))) == 2)
    assert 17 <= first <= 20
    assert pages(pdf.minutes(paper(*[line] * (first + 21)))) == 2
    assert pages(pdf.minutes(paper(*[line] * (first + 22)))) == 3
    full = "字" * (INK + 28 * (first + 20))  # one paragraph: a line more than fits would need a page more
    assert pages(pdf.minutes(paper(full))) == 2
    assert pages(pdf.minutes(paper("字" * (INK + 28 * (first + 22))))) == 3


CODE = ['#panic("stop")', '#eval("1+1")', "*粗* _斜_ $x^2$ @ref <label>", '#import "@preview/x:0.1.0"', "\\u{41} \\",
        '#read("/etc/hostname")', "= 标题\n- 项\n+ 项", "// 注释", "#sys.inputs", "```a```", "~ --- ..."]


@pytest.mark.parametrize("text", CODE)
def test_nothing_in_a_record_is_markup_or_code(text: str) -> None:
    shown = letters(pdf.minutes(Paper(text, [(text, text)], [Section("正文", [text])], [text])))
    assert {c for c in text if not c.isspace()} <= shown


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\ufffe", "\u202e倒", "𠮷野家", "😀", "ກ"])
def test_no_character_stops_it(text: str) -> None:
    assert pages(pdf.minutes(paper(text))) == 1


@pytest.mark.filterwarnings("error")
def test_a_machine_without_the_named_fonts_takes_those_it_has() -> None:
    made = pdf.minutes(paper("仿宋"))
    assert {"仿", "宋"} <= letters(made)
    assert b"CJK" in whole(made) or not set(pdf.OFFICIAL).isdisjoint(pdf._fonts().families())


def test_empty_lists_are_no_fault() -> None:
    assert pages(pdf.minutes(Paper("题", [], [], [], ()))) == 1
    assert pages(pdf.attendance([pdf.Roll("签到表", [], [])])) == 1
    assert pages(pdf.blank("记录")) == 2  # both sides of one sheet


def test_each_organisation_has_its_own_attendance_sheet() -> None:
    roll = pdf.Roll("签到表", [("会议", "党课")], [("张三", "正式党员", "", "")], spare=2)
    assert pages(pdf.attendance([roll, roll])) == 2
    assert {"张", "三", "签", "到"} <= letters(pdf.attendance([roll]))


def test_the_same_record_gives_the_same_characters_every_time() -> None:
    assert letters(pdf.minutes(paper("一"))) == letters(pdf.minutes(paper("一")))


# Files of meetings.
@pytest.fixture(autouse=True)
def _everything() -> Iterator[None]:
    with system_scope("tests write their meetings"):
        yield


@pytest.fixture
def made(db: None) -> world.World:
    return world.build()


def get(made: world.World, url: str, who: str = "secretary") -> bytes:
    response = world.signed_in(made.users[who]).get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    return b"".join(response.streaming_content)


def test_a_record_as_pdf(made: world.World) -> None:
    activity = filed.meeting(made, text="鼋鼍龢龘")
    assert set("鼋鼍龢龘公示栏赞成") <= letters(get(made, f"/activities/{activity.pk}/minutes.pdf"))


def test_a_filled_attendance_sheet_shows_who_came_and_who_did_not(made: world.World) -> None:
    activity = filed.meeting(made)
    Attendance.everything.filter(state="leave").update(why="鼋鼍")
    assert set("鼋鼍请假列席上级组织员") <= letters(get(made, f"/activities/{activity.pk}/attendance.pdf"))


def test_a_blank_attendance_sheet_names_who_is_expected(made: world.World) -> None:
    activity = filed.meeting(made, kind="党员大会", held=filed.at())
    world.person("P-new", "鼋鼍", made.orgs["branch"])
    later = world.person("P-later", "龢", made.orgs["branch"])
    later.memberships(manager="everything").update(since=date(2026, 9, 1))
    shown = letters(get(made, f"/activities/{activity.pk}/attendance.pdf?blank=1"))
    assert set("鼋鼍") <= shown
    assert "龢" not in shown  # joined half a year after the meeting


def test_of_the_committees_meeting_the_committee_is_named(made: world.World) -> None:
    activity = filed.meeting(made, kind="支委会")
    world.person("P-new", "鼋鼍", made.orgs["branch"])
    shown = letters(get(made, f"/activities/{activity.pk}/attendance.pdf?blank=1"))
    assert not set("鼋鼍") & shown


def test_nobody_is_bound_to_come_to_a_voluntary_service(made: world.World) -> None:
    activity = filed.meeting(made, kind="志愿服务")
    world.person("P-new", "鼋鼍", made.orgs["branch"])
    assert not set("鼋鼍") & letters(get(made, f"/activities/{activity.pk}/attendance.pdf?blank=1"))


def test_blank_sheets_for_paper(made: world.World) -> None:
    branch = made.orgs["branch"].pk
    assert set("机关支部主题党日记录") <= letters(get(made, f"/activities/of/{branch}/blank-minutes.pdf?kind=主题党日"))
    made.people["at_branch"].set_name("鼋")
    made.people["at_branch"].save()
    assert {"鼋"} <= letters(get(made, f"/activities/of/{branch}/blank-attendance.pdf"))
    assert not {"鼋"} & letters(get(made, f"/activities/of/{branch}/blank-minutes.pdf"))


def test_without_a_chinese_font_the_way_to_word_is_shown(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "has_chinese", lambda: False)
    activity: Activity = filed.meeting(made)
    client: Any = world.signed_in(made.users["secretary"])
    response = client.get(f"/activities/{activity.pk}/minutes.pdf")
    assert response.status_code == 302
    assert client.get(f"/activities/{activity.pk}/minutes.docx").status_code == 200
