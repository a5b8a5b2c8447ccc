"""The ledger, the overview of a year, and what they hold back."""

import io
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import openpyxl
import pytest

from tests import world
from tests.carriers import filed
from zaidao.carriers.columns import COLUMNS
from zaidao.carriers.models import Activity, Decision, Minutes
from zaidao.carriers.queries import ledger
from zaidao.core import access, written
from zaidao.core.models import Entry
from zaidao.core.scope import scope, system_scope
from zaidao.institutions.models import Duty
from zaidao.organisations.actions.move import move
from zaidao.organisations.actions.rename import rename

pytestmark = pytest.mark.django_db
LEDGER = "/activities/ledger/"
HEADERS = ["组织", "类型", "时间", "地点", "主持", "记录", "应到", "实到", "缺席及原因", "列席", "议题", "发言要点(含不同意见)",
           "表决结果", "决议", "责任人", "完成时限"]


@pytest.fixture
def made() -> world.World:
    return world.build()


@pytest.fixture(autouse=True)
def _everything() -> Iterator[None]:
    with system_scope("tests write their meetings"):
        yield


def book(client: Any, url: str = "/activities/ledger.xlsx?year=2026") -> dict[str, list[tuple[Any, ...]]]:
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    read = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return {page.title: list(page.iter_rows(values_only=True)) for page in read}


def test_a_line_has_the_columns_that_offices_use(made: world.World) -> None:
    activity = filed.meeting(made)
    away = f"请假同志{activity.pk}(请假:出差)"
    rows = book(world.signed_in(made.users["secretary"]))["台账"]
    assert list(rows[0]) == HEADERS == [c.header for c in COLUMNS]
    assert list(rows[1]) == [
        "机关支部", "支委会", "2026-03-05 15:30", "二楼会议室", "人员secretary", None, 3, 2, away, "上级组织员", "学习和讨论",
        "有同志建议推迟", "赞成2票,反对0票,弃权0票;通过", "同意月度计划", "人员secretary", "2026-03-20",
    ]
    assert len(rows) == 2


def test_the_file_says_what_the_screen_shows(made: world.World) -> None:
    filed.meeting(made)
    client = world.signed_in(made.users["secretary"])
    page = client.get(LEDGER, {"year": 2026}).content.decode()
    for cell in book(client)["台账"][1]:
        assert cell is None or str(cell) in page or written.words(str(cell)) in page


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_is_run_as_a_formula(made: world.World, text: str) -> None:
    filed.meeting(made, agenda=text, place=text)
    client = world.signed_in(made.users["secretary"])
    response = client.get("/activities/ledger.xlsx?year=2026")
    read = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    cells = [c for row in read["台账"].iter_rows(min_row=2) for c in row if c.value is not None]
    assert all(c.data_type != "f" for c in cells)
    assert all(str(c.value)[0] not in "=+-@" for c in cells)


def test_scope_year_and_kind_cut_the_ledger(made: world.World) -> None:
    filed.meeting(made)
    filed.meeting(made, "sibling", kind="党课")
    filed.meeting(made, held=filed.at(2025, 12, 31, 23))
    filed.meeting(made, "quay")
    asked = ledger.Asked("", 2026)
    all_three = ["机关支部", "车间支部", "码头支部"]
    for who, expected in (("secretary", all_three[:1]), ("superior", all_three[:2]), ("head", all_three)):
        with scope(access.holder(made.users[who])):
            assert [line.participation.organisation.name for line in ledger.page(ledger.rows(asked), 0, 50)] == expected
    with scope(access.holder(made.users["head"])):
        assert ledger.rows(ledger.Asked("", 2025)).count() == 1
        assert ledger.rows(ledger.Asked("一公司党委", 2026)).count() == 2
        assert ledger.rows(ledger.Asked("O-quay", 2026)).count() == 1
        assert ledger.rows(ledger.Asked("", 2026, "lessons")).count() == 3
        assert ledger.rows(ledger.Asked("", 2026, "党课")).count() == 1
        assert ledger.rows(ledger.Asked("没有这个组织", 2026)).count() == 0


def lines(asked: ledger.Asked) -> list[str]:
    return [line.name for line in ledger.page(ledger.rows(asked), 0, 50)]


def test_a_line_stays_where_it_belonged_and_under_the_name_of_its_day(made: world.World) -> None:
    """Moved and renamed in July: what was filed before stays with the former superior, what comes after counts with the new one."""
    filed.meeting(made)
    filed.meeting(made, "sibling")
    filed.meeting(made, "quay")
    company, other, whole = (ledger.Asked(named, 2026) for named in ("O-company", "二公司党委", ""))
    before = [lines(asked) for asked in (company, other, whole)]
    with scope(access.holder(made.users["head"])):
        for change in (partial(move, parent=made.orgs["other"].pk), partial(rename, name="港区支部")):
            access.forget(made.users["head"])
            change(actor=made.users["head"], organisation=made.orgs["branch"].pk, effective_on=date(2026, 7, 1), document_no="1号")
    access.forget(made.users["head"])
    with system_scope("test"):
        assert [lines(asked) for asked in (company, other)] == before[:2] == [["机关支部", "车间支部"], ["码头支部"]]
        assert sorted(lines(whole)) == sorted(before[2])
        made.orgs["branch"].refresh_from_db()
        filed.meeting(made, held=filed.at(month=7, day=1))
        assert lines(other) == ["港区支部", "码头支部"]
        assert lines(ledger.Asked("机关支部", 2026)) == lines(ledger.Asked("O-branch", 2026)) == ["机关支部", "港区支部"]
        assert lines(ledger.Asked("机关支部", 2027)) == []
    with scope(access.holder(made.users["superior"])):
        assert lines(whole) == ["车间支部"]  # who may look follows from today


@pytest.mark.parametrize("moved", [False, True])
def test_where_an_organisation_is_named_it_takes_two_queries_more(made: world.World, moved: bool, django_assert_num_queries: Any) -> None:
    filed.meeting(made)
    if moved:
        with scope(access.holder(made.users["head"])):
            move(actor=made.users["head"], organisation=made.orgs["branch"].pk, parent=made.orgs["other"].pk,
                 effective_on=date(2026, 7, 1), document_no="1号")
    client = world.signed_in(made.users["head"])
    with django_assert_num_queries(14):
        assert "机关支部" in client.get(LEDGER, {"year": 2026, "organisation": "O-company"}).content.decode()
    with django_assert_num_queries(15 if moved else 14):
        assert "机关支部" in client.get(LEDGER, {"year": 2026, "organisation": "O-branch"}).content.decode()


def test_only_what_is_filed_stands_in_the_ledger(made: world.World) -> None:
    activity = filed.meeting(made)
    Activity.everything.filter(pk=activity.pk).update(state="planned", filed_at=None)
    assert len(book(world.signed_in(made.users["secretary"]))["台账"]) == 1


@pytest.mark.parametrize("kind", ["谈心谈话", "组织生活会", "民主评议"])
def test_texts_of_private_kinds_stand_in_their_own_record_alone(made: world.World, kind: str) -> None:
    filed.meeting(made, kind=kind, agenda="密语议题")
    told = str(book(world.signed_in(made.users["head"]))["台账"][1])
    page = world.signed_in(made.users["head"]).get(LEDGER, {"year": 2026}).content.decode()
    for secret in ("密语议题", "有同志建议推迟", "同意月度计划", "赞成2票"):
        assert secret not in told
        assert secret not in page
    assert told.count("见该次记录") == 6


def test_the_version_that_holds_is_shown(made: world.World) -> None:
    activity = filed.meeting(made)
    second = Minutes.everything.create(activity=activity, number=2, text="更正", opinions="没有不同意见", correction="漏记")
    Decision.everything.create(minutes=second, position=1, text="改为四月办理")
    row = book(world.signed_in(made.users["secretary"]))["台账"][1]
    assert "没有不同意见" in row
    assert "改为四月办理" in row
    assert "同意月度计划" not in row


def test_unknown_numbers_stay_unknown(made: world.World) -> None:
    activity = filed.meeting(made)
    activity.participations(manager="everything").update(eligible=None, present=None)
    row = book(world.signed_in(made.users["secretary"]))["台账"][1]
    assert row[6:8] == (None, None)


def test_a_joint_meeting_is_a_line_in_each_of_its_organisations(made: world.World) -> None:
    activity = filed.meeting(made)
    filed.joint(made, activity, "sibling")
    rows = book(world.signed_in(made.users["superior"]))["台账"][1:]
    assert [(r[0], r[6], r[7]) for r in rows] == [("机关支部", 3, 2), ("车间支部", 5, 4)]
    assert (rows[1][8], rows[1][14]) == (None, None)  # its own people, its own follow-ups
    own = book(world.signed_in(made.users["sibling_secretary"]))["台账"][1:]
    assert [r[0] for r in own] == ["车间支部"]
    assert f"请假同志{activity.pk}" not in str(own)


@pytest.mark.parametrize("who", ["member", "nobody"])
def test_members_have_no_ledger(made: world.World, who: str) -> None:
    client = world.signed_in(made.users[who])
    for url in (LEDGER, "/activities/ledger.xlsx", f"/activities/of/{made.orgs['branch'].pk}/year/"):
        assert client.get(url).status_code in (403, 404)


def test_an_export_is_on_record(made: world.World) -> None:
    filed.meeting(made)
    book(world.signed_in(made.users["secretary"]))
    entry = Entry.objects.filter(verb="carriers.export").get()
    assert entry.actor == made.users["secretary"].pk
    assert entry.changes["rows"] == [None, 1]


@pytest.mark.parametrize("meetings", [1, 20])
def test_many_lines_take_no_more_queries(made: world.World, meetings: int, django_assert_num_queries: Any) -> None:
    for n in range(meetings):
        filed.meeting(made, held=filed.at(day=n + 1))
    client = world.signed_in(made.users["secretary"])
    with django_assert_num_queries(12):
        assert client.get(LEDGER, {"year": 2026}).content.count("二楼会议室".encode()) == meetings


def test_a_file_that_is_too_large_says_so(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zaidao.carriers.views.ledger.MOST_ROWS", 1)
    for day in (1, 2):
        filed.meeting(made, held=filed.at(day=day))
    response = world.signed_in(made.users["secretary"]).get("/activities/ledger.xlsx?year=2026")
    assert response.status_code == 422
    assert "一次最多导出1条" in response.content.decode()
    assert not Entry.objects.filter(verb="carriers.export").exists()


def test_of_very_many_lines_only_the_first_are_counted_and_paged(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zaidao.core.pages.MOST", 2)
    monkeypatch.setattr("zaidao.carriers.views.ledger.SIZE", 1)
    for day in (1, 2, 3):
        filed.meeting(made, held=filed.at(day=day))
    client = world.signed_in(made.users["secretary"])
    shown = {page: client.get(LEDGER, {"year": 2026, "page": page}).content.decode() for page in (1, 2, 3)}
    assert ["2026年3月1日" in shown[1], "2026年3月2日" in shown[2], "二楼会议室" in shown[3]] == [True, True, False]
    assert "还有更多" in shown[1]
    assert len(book(client)["台账"]) == 4


# The year of one organisation.
def duty(made: world.World, subject: str, start: date, end: date, **more: Any) -> Duty:
    return Duty.everything.create(
        organisation=made.orgs["branch"], subject=subject, source="rule:frequency.theme_day", every="month", period_start=start,
        period_end=end, **{"due_on": end, **more},
    )


def test_twelve_months_by_subject(made: world.World) -> None:
    duty(made, "主题党日", date(2026, 1, 1), date(2026, 2, 1), state="kept", done=1)
    duty(made, "主题党日", date(2026, 2, 1), date(2026, 3, 1))
    duty(made, "主题党日", date(2026, 3, 1), date(2026, 4, 1), state="exempt", why="支部暂停活动")
    duty(made, "党员大会", date(2026, 4, 1), date(2026, 7, 1), times=2, done=1)
    duty(made, "主题党日", date(2025, 12, 1), date(2026, 1, 1))
    client = world.signed_in(made.users["secretary"])
    url = f"/activities/of/{made.orgs['branch'].pk}/year"
    page = client.get(f"{url}/?year=2026").content.decode()
    assert "逾期未见记录" in page
    assert 'colspan="3"' in page
    assert "支部工作条例" in page
    rows = book(client, f"{url}.xlsx?year=2026")["应办事项"]
    assert [r[0] for r in rows[1:]] == ["党员大会", "主题党日"]
    assert list(rows[2][3:6]) == ["已办", "逾期未见记录", "不适用\n支部暂停活动"]
    assert rows[1][6] == "逾期未见记录(1/2次)"
    assert rows[1][3:6] == (None,) * 3


def test_counts_stand_beside_their_denominators(made: world.World) -> None:
    for day in (1, 2, 3):
        filed.meeting(made, held=filed.at(day=day))
    unknown = filed.meeting(made, held=filed.at(day=4))
    unknown.participations(manager="everything").update(eligible=None)
    Minutes.everything.filter(activity=unknown).update(late_reason="出差")
    Minutes.everything.create(activity=unknown, number=2, text="二", correction="漏记")
    Minutes.everything.create(activity=unknown, number=3, text="三", correction="又漏记")
    client = world.signed_in(made.users["secretary"])
    rows = book(client, f"/activities/of/{made.orgs['branch'].pk}/year.xlsx?year=2026")
    assert rows["统计"][1] == ("支委会", 4, 9, 6, 3, 1, 1)
    assert rows["办理事项"][1] == (4, 0, 0, 0)
    page = client.get(f"/activities/of/{made.orgs['branch'].pk}/year/?year=2026").content.decode()
    assert "67%" in page
    assert "4次中3次应到人数已知" in page


@pytest.mark.parametrize("n", [1, 12])
def test_the_year_takes_the_same_queries(made: world.World, n: int, django_assert_num_queries: Any) -> None:
    for month in range(1, n + 1):
        duty(made, "主题党日", date(2026, month, 1), date(2026 + month // 12, month % 12 + 1, 1))
        filed.meeting(made, held=filed.at(month=month))
    client = world.signed_in(made.users["secretary"])
    with django_assert_num_queries(11):
        client.get(f"/activities/of/{made.orgs['branch'].pk}/year/?year=2026")


def test_of_another_branch_there_is_nothing(made: world.World) -> None:
    client = world.signed_in(made.users["secretary"])
    for name in ("year/", "year.xlsx", "blank-minutes.pdf", "blank-attendance.pdf"):
        assert client.get(f"/activities/of/{made.orgs['sibling'].pk}/{name}").status_code == 404


def test_the_page_of_an_organisation_leads_to_its_year(made: world.World) -> None:
    branch = made.orgs["branch"].pk
    link = f'href="/activities/of/{branch}/year/"'
    assert link in world.signed_in(made.users["secretary"]).get(f"/organisations/{branch}/").content.decode()
    assert link not in world.signed_in(made.users["member"]).get(f"/organisations/{branch}/").content.decode()


def test_a_meetings_page_offers_what_can_be_taken_along(made: world.World) -> None:
    activity = filed.meeting(made)
    page = world.signed_in(made.users["secretary"]).get(f"/activities/{activity.pk}/").content.decode()
    assert f"/activities/{activity.pk}/minutes.docx" in page
    assert f"/activities/{activity.pk}/minutes.pdf" in page
    assert "minutes.docx" not in world.signed_in(made.users["member"]).get(f"/activities/{activity.pk}/").content.decode()
    Activity.everything.filter(pk=activity.pk).update(state="planned", filed_at=None)
    page = world.signed_in(made.users["secretary"]).get(f"/activities/{activity.pk}/").content.decode()
    assert "attendance.pdf?blank=1" in page
    assert "minutes.docx" not in page
