"""Records in Word: what stands in them and the layout of official documents."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from tests import world
from tests.carriers import filed, meeting
from zaidao.carriers.decisions.record import Resolved
from zaidao.carriers.decisions.votes import Vote
from zaidao.carriers.forms_out import word
from zaidao.carriers.forms_out.paper import Paper, Section
from zaidao.carriers.models import Activity, Attendance, Minutes
from zaidao.core.models import Entry
from zaidao.core.scope import system_scope
from zaidao.organisations.actions.rename import rename

PAPER = Paper(
    "机关支部支委会记录", [("主题", "三月工作"), ("地点", "—")],
    [Section("议题", ["一"]), Section("空", [" "]), Section("记录", ["甲\n乙"])], ["第1版。"],
)


def read(data: bytes) -> Any:
    return Document(io.BytesIO(data))


def test_the_page_is_that_of_an_official_document() -> None:
    section = read(word.minutes(PAPER)).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = [round(m.mm) for m in (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)]
    assert margins == [37, 35, 28, 26]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), int(grid.get(qn("w:linePitch")))) == ("linesAndChars", 580)
    assert 22 * 580 <= 225 / 25.4 * 1440 + 22  # 22 lines in 225 mm, to a twentieth of a point each
    character = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    assert 28 * character == pytest.approx(156 / 25.4 * 72, abs=0.1)


def test_fonts_and_sizes_are_those_of_the_standard() -> None:
    document = read(word.minutes(PAPER))
    runs = {r.text: r for p in document.paragraphs for r in p.runs}
    shown = ("机关支部支委会记录", "一、议题", "甲")
    told = {text: (runs[text]._r.rPr.rFonts.get(qn("w:eastAsia")), runs[text].font.size.pt) for text in shown}
    assert told == {"机关支部支委会记录": ("方正小标宋简体", 22), "一、议题": ("黑体", 16), "甲": ("仿宋_GB2312", 16)}
    fonts = next(r.target_part.blob.decode() for r in document.part.rels.values() if r.reltype.endswith("/fontTable"))
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in fonts


def test_page_numbers_stand_outside() -> None:
    document = read(word.minutes(PAPER))
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.alignment, even.alignment) == (2, 0)  # right, left
    assert odd.text == even.text == "—  —"
    assert "PAGE" in odd._p.xml


def test_empty_parts_are_left_out_and_the_others_numbered() -> None:
    texts = [p.text for p in read(word.minutes(PAPER)).paragraphs if p.text]
    assert texts == ["机关支部支委会记录", "主题\uff1a三月工作", "地点\uff1a—", "一、议题", "一", "二、记录", "甲", "乙", "第1版。",
                     "主持人签字\uff1a________    记录人签字\uff1a________"]


@pytest.mark.parametrize("text", ["<w:p>&amp;", "a\x00b\x0bc\ud800", "{{ 7*7 }}{% x %}", "\ufffe\uffff"])
def test_texts_are_data(text: str) -> None:
    made = word.minutes(Paper(text, [("主题", text)], [Section("记录", [text])], [text]))
    shown = "\n".join(p.text for p in read(made).paragraphs)
    kept = "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    assert kept in shown.replace(" ", "") or kept in shown


# One meeting's record.
@pytest.fixture(autouse=True)
def _everything() -> Iterator[None]:
    with system_scope("tests write their meetings"):
        yield


@pytest.fixture
def made(db: None) -> world.World:
    return world.build()


def told(client: Any, activity: Activity) -> list[str]:
    response = client.get(f"/activities/{activity.pk}/minutes.docx")
    assert response.status_code == 200
    return [p.text for p in read(b"".join(response.streaming_content)).paragraphs if p.text]


def test_everything_that_was_filed_stands_in_the_record(made: world.World) -> None:
    activity = filed.meeting(made)
    texts = told(world.signed_in(made.users["secretary"]), activity)
    assert texts == [
        "机关支部支委会记录", "主题\uff1a三月工作", "时间\uff1a2026年3月5日15:30(约1.5小时)", "地点\uff1a二楼会议室",
        "主持人\uff1a人员secretary", "记录人\uff1a—", "应到\uff1a3人(有表决权2人)", "实到\uff1a2人",
        f"缺席及原因\uff1a请假同志{activity.pk}(请假:出差)",
        "列席\uff1a上级组织员", "一、议题", "学习和讨论", "二、会议记录", "学习了支部工作条例第三章。", "会议讨论了下月安排。",
        "三、发言要点(含不同意见)", "有同志建议推迟", "四、决议和表决",
        "1. 同意月度计划(赞成2票,反对0票,弃权0票;通过)(应到会有表决权的过半数赞成)", "五、落实事项",
        "1. 更新公示栏(责任人:人员secretary;完成时限:2026年3月20日)", "第1版,2026年3月6日15:30归档。",
        "主持人签字\uff1a________    记录人签字\uff1a________",
    ]


def test_a_correction_and_a_late_filing_are_told_with_their_reasons(made: world.World) -> None:
    activity = filed.meeting(made)
    Minutes.everything.create(activity=activity, number=2, text="更正后的记录", correction="漏记一项", late_reason="系统停用")
    texts = told(world.signed_in(made.users["secretary"]), activity)
    assert "更正后的记录" in texts
    assert "学习了支部工作条例第三章。" not in texts
    assert {"更正原因:漏记一项", "延迟归档的原因:系统停用"} <= set(texts)


def test_a_record_names_its_organisations_as_of_its_day(made: world.World) -> None:
    activity = filed.meeting(made)
    filed.joint(made, activity, "sibling")
    client = world.signed_in(made.users["superior"])
    before = told(client, activity)
    page = client.get(f"/activities/{activity.pk}/").content.decode()
    for where in ("branch", "sibling"):
        rename(actor=made.users["superior"], organisation=made.orgs[where].pk, name=f"新名{where}", effective_on=date(2026, 7, 1),
               document_no="1号")
    assert told(client, activity) == before
    assert before[0] == "机关支部支委会记录"
    made.orgs["branch"].refresh_from_db()
    later = filed.meeting(made, held=filed.at(month=7))
    assert told(client, later)[0] == "新名branch支委会记录"
    again = client.get(f"/activities/{activity.pk}/").content.decode()
    for name in ("机关支部", "车间支部"):
        assert f'<tr><th scope="row">{name}</th>' in page
        assert f'<tr><th scope="row">{name}</th>' in again


def test_what_is_not_filed_has_no_record(made: world.World) -> None:
    activity = filed.meeting(made)
    Activity.everything.filter(pk=activity.pk).update(state="planned", filed_at=None)
    client = world.signed_in(made.users["secretary"])
    response = client.get(f"/activities/{activity.pk}/minutes.docx")
    assert response.status_code == 302
    assert not Entry.objects.filter(verb="carriers.export").exists()


def test_a_joint_record_names_the_people_of_ones_own_organisation_alone(made: world.World) -> None:
    activity = filed.meeting(made)
    part = filed.joint(made, activity, "sibling")
    Attendance.everything.create(participation=part, person=made.people["at_sibling"], state="absent", why="夜班")
    own = "\n".join(told(world.signed_in(made.users["sibling_secretary"]), activity))
    assert "密语sibling(缺席:夜班)" in own
    assert f"请假同志{activity.pk}" not in own
    assert "联合召开\uff1a机关支部(应到3人(有表决权2人),实到2人)" in own
    convener = "\n".join(told(world.signed_in(made.users["secretary"]), activity))
    assert "密语sibling" not in convener
    assert "联合召开\uff1a车间支部(应到5人,实到4人)" in convener
    above = "\n".join(told(world.signed_in(made.users["superior"]), activity))
    assert "缺席及原因(车间支部)\uff1a密语sibling(缺席:夜班)" in above
    assert f"缺席及原因(机关支部)\uff1a请假同志{activity.pk}(请假:出差)" in above


@pytest.mark.parametrize(("who", "status"), [("member", 403), ("nobody", 404), ("sibling_secretary", 404), ("superior", 200)])
@pytest.mark.parametrize("file", ["minutes.docx", "minutes.pdf", "attendance.pdf"])
def test_who_may_take_it_along(made: world.World, who: str, status: int, file: str) -> None:
    activity = filed.meeting(made)
    assert world.signed_in(made.users[who]).get(f"/activities/{activity.pk}/{file}").status_code == status


def test_taking_it_along_is_on_record(made: world.World) -> None:
    activity = filed.meeting(made)
    told(world.signed_in(made.users["secretary"]), activity)
    entry = Entry.objects.get(verb="carriers.export")
    part = activity.participations(manager="everything").get()
    assert (entry.object_id, entry.changes, entry.path) == (str(part.pk), {"form": [None, "Word"]}, made.orgs["branch"].path)


def test_the_file_is_named_by_what_it_is(made: world.World) -> None:
    activity = filed.meeting(made)
    response = world.signed_in(made.users["secretary"]).get(f"/activities/{activity.pk}/minutes.docx")
    assert "%E6%9C%BA%E5%85%B3%E6%94%AF%E9%83%A8" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as file:
        assert "人员" not in file.read("docProps/core.xml").decode()


def test_what_was_filed_by_the_action_is_what_is_handed_on(made: world.World) -> None:
    activity = meeting.filed(made, decisions=[Resolved("同意计划", "vote_resolution", Vote(2, 0, 0))], opinions="无不同意见")
    texts = told(world.signed_in(made.users["secretary"]), activity)
    n = activity.participations(manager="everything").get().eligible
    assert n == 3  # the secretary, the member, one more on the roster
    assert f"应到\uff1a{n}人" in texts
    assert f"实到\uff1a{n}人" in texts
    assert "缺席及原因\uff1a无" in texts
    assert any(t.startswith("1. 同意计划(赞成2票,反对0票,弃权0票;通过)(") for t in texts)
    assert {meeting.MINUTES, "无不同意见"} <= set(texts)
