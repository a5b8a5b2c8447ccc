"""Pages of duties: counts with exact denominators in the tree's order, one organisation's year, one duty and what is decided about it."""

import io
import re
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from tests import world
from tests.institutions.test_pages_register import clause, institution
from tests.world import World
from zaidao.core.scope import system_scope
from zaidao.institutions.actions import lay_out
from zaidao.institutions.models import Clause, Duty, Exemption, Fulfilment, Record
from zaidao.institutions.queries import execution as queries

pytestmark = pytest.mark.django_db
URL = "/institutions/execution/"
NUMBERS = re.compile(r'<td class="num"[^>]*>([^<]*)')


def duty(made: World, org: str, start: date, months: int = 1, **more: Any) -> Duty:
    number = start.year * 12 + start.month - 1 + months
    end = date(number // 12, number % 12 + 1, 1)
    told = {"subject": "支委会", "source": "rule:frequency.committee_meeting", "due_on": end - timedelta(days=1)} | more
    every = {1: "month", 3: "quarter", 6: "half", 12: "year"}[months]
    return Duty.everything.create(organisation=made.orgs[org], period_start=start, period_end=end, every=every, **told)


def year_of(made: World, org: str, states: tuple[str, ...], **more: Any) -> None:
    for n, state in enumerate(states):
        duty(made, org, date(2026, n + 1, 1), state=state, **more)


def numbers(text: str) -> list[str]:
    """The figures of the first line of a table's body."""
    body = text.split("<tbody>")[1].partition("</tr>")[0]
    return NUMBERS.findall(body)


def page(made: World, who: str, url: str, **asked: Any) -> str:
    response = world.signed_in(made.users[who]).get(url, asked)
    assert response.status_code == 200
    return response.content.decode()


def test_counts_by_rule_leave_out_what_does_not_apply() -> None:
    made = world.build()
    year_of(made, "branch", ("kept", "kept_late", "moved", "open", "exempt", "kept"))
    told = page(made, "secretary", URL, year="2026")
    assert numbers(told) == ["5", "2", "1", "1", "0", "1", "1"]
    assert "逾期未见记录" in told
    assert "支部工作条例" in told


@pytest.mark.parametrize(("month", "owed"), [("3", "2"), ("4", "1"), ("6", "2"), ("12", "1"), ("2", "1"), ("", "7")])
def test_a_duty_counts_for_the_month_in_which_its_period_ends(month: str, owed: str) -> None:
    made = world.build()
    for start, months in ((2, 1), (3, 1), (4, 1), (6, 1), (1, 3), (1, 6), (1, 12)):
        duty(made, "branch", date(2026, start, 1), months, subject=f"事项{start}-{months}", source="x")
    found = queries.Span(2026, int(month) if month else None)
    assert Duty.everything.filter(found.q).count() == int(owed)


def test_one_sees_the_counts_of_ones_own_part_only() -> None:
    made = world.build()
    for org in ("branch", "sibling", "quay"):
        year_of(made, org, ("kept", "open"))
    assert numbers(page(made, "secretary", URL, year="2026"))[0] == "2"
    assert numbers(page(made, "member", URL, year="2026"))[0] == "2"
    assert numbers(page(made, "superior", URL, year="2026"))[0] == "4"
    assert numbers(page(made, "head", URL, year="2026"))[0] == "6"
    company = made.orgs["company"].pk
    assert numbers(page(made, "head", URL, year="2026", under=company))[0] == "4"
    assert numbers(page(made, "secretary", URL, year="2026", under=company))[0] == "2", "a part out of sight is no filter"


def test_organisations_stand_in_the_trees_order_whatever_their_counts() -> None:
    made = world.build()
    year_of(made, "quay", ("kept",) * 6)
    year_of(made, "sibling", ("open",) * 3)
    year_of(made, "company", ("kept",))
    told = page(made, "head", f"{URL}organisations/", year="2026")
    lines = told.split("<tbody>")[1].split("<tr>")[1:]
    assert ["集团党委本级" in lines[0], "一公司党委" in lines[1], "二公司党委" in lines[2]] == [True] * 3
    assert [NUMBERS.findall(line)[0] for line in lines] == ["0", "4", "6"], "each with what lies below"
    below = page(made, "head", f"{URL}organisations/", year="2026", under=made.orgs["company"].pk)
    assert below.index("一公司党委本级") < below.index("机关支部") < below.index("车间支部")
    assert "上一级:集团党委" in below


def test_a_page_of_organisations_can_be_about_one_source() -> None:
    made = world.build()
    own = clause(institution(made, "company", "Z-1"))
    year_of(made, "branch", ("kept",), source="clause:Z-1|第一条", clause=own)
    year_of(made, "branch", ("open", "open"), subject="党员大会", source="rule:frequency.member_meeting")
    told = page(made, "superior", f"{URL}organisations/", year="2026", source="clause:Z-1|第一条")
    assert "《Z-1制度》第一条" in told
    assert [NUMBERS.findall(line)[0] for line in told.split("<tbody>")[1].split("<tr>")[1:]] == ["0", "1", "0"]


def test_counts_go_out_as_they_are_shown() -> None:
    made = world.build()
    year_of(made, "branch", ("kept", "exempt"))
    year_of(made, "quay", ("kept",))
    response = world.signed_in(made.users["superior"]).get("/institutions/execution.xlsx", {"year": "2026"})
    lines = list(openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active.iter_rows(values_only=True))
    assert lines[0][3:] == ("应办", "已办", "宽限期内补办", "已说明顺延", "待办", "逾期未见记录", "不适用(另计)")
    assert lines[1][3:] == (1, 1, 0, 0, 0, 0, 1)
    assert len(lines) == 2
    assert world.signed_in(made.users["member"]).get("/institutions/execution.xlsx").status_code == 403


def test_one_organisations_year_in_the_order_of_time() -> None:
    made, today = world.build(), timezone.localdate()
    duty(made, "branch", date(today.year, 1, 1), 12, subject="民主评议", due_on=date(today.year, 12, 31))
    duty(made, "branch", date(today.year, 1, 1), subject="支委会", due_on=today - timedelta(days=1))
    duty(made, "branch", date(today.year - 1, 12, 1), subject="党课")
    url = f"/institutions/organisations/{made.orgs['branch'].pk}/duties/"
    told = page(made, "member", url)
    assert told.index("支委会") < told.index("民主评议")
    assert "党课" not in told
    assert "党课" in page(made, "member", url, year=today.year - 1)
    assert world.signed_in(made.users["sibling_secretary"]).get(url).status_code == 404
    assert "导出本表" not in told
    assert "导出本表" in page(made, "secretary", url)


def test_one_duty_shows_what_asks_what_was_recorded_and_what_was_decided() -> None:
    made = world.build()
    own = clause(institution(made, "company", "Z-1"), evidence="会议记录")
    row = duty(made, "branch", date(2026, 1, 1), clause=own, source="clause:Z-1|第一条", state="kept_late", done=1)
    told = {"kind": "activity", "number": 1, "held_on": date(2026, 2, 2), "filed_on": date(2026, 2, 3)}
    record = Record.everything.create(organisation=made.orgs["branch"], subject="支委会", **told)
    Fulfilment.everything.create(duty=row, record=record, how="kept_late", **told)
    Exemption.everything.create(duty=row, kind="postpone", until=date(2026, 2, 20), reason="汛期值守", decided_by=made.users["secretary"])
    told = page(made, "member", f"/institutions/duties/{row.pk}/")
    assert all(words in told for words in ("《Z-1制度》第一条", "2026年2月2日办理,2026年2月3日归档", "宽限期内", "汛期值守", "会议记录"))
    assert "免办</a>" not in told
    open_one = duty(made, "branch", date(2026, 3, 1))
    assert "免办</a>" not in page(made, "secretary", f"/institutions/duties/{open_one.pk}/"), "the superior lets off, not the branch"
    assert "说明顺延</a>" in page(made, "secretary", f"/institutions/duties/{open_one.pk}/")
    assert "免办</a>" in page(made, "superior", f"/institutions/duties/{open_one.pk}/")


def test_open_duties_stand_on_the_page_of_the_organisation() -> None:
    made, today = world.build(), timezone.localdate()
    row = duty(made, "branch", today.replace(day=1), due_on=today + timedelta(days=3))
    duty(made, "branch", today.replace(day=1), subject="党课", due_on=today, state="kept")
    told = page(made, "member", f"/organisations/{made.orgs['branch'].pk}/")
    panel = told.split('id="panel-duties"')[1].split("</section>")[0]
    assert f"/institutions/duties/{row.pk}/" in panel
    assert "党课" not in panel


def test_counts_by_organisation_go_out_in_the_trees_order() -> None:
    made = world.build()
    year_of(made, "sibling", ("kept", "open"))
    year_of(made, "quay", ("kept",))
    url = f"{URL}organisations.xlsx"
    response = world.signed_in(made.users["superior"]).get(url, {"year": "2026"})
    lines = list(openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active.iter_rows(values_only=True))
    assert [line[:2] for line in lines] == [("组织", "应办"), ("一公司党委本级", 0), ("机关支部", 0), ("车间支部", 2)]
    assert world.signed_in(made.users["member"]).get(url).status_code == 403


@pytest.mark.parametrize("many", [1, 30])
def test_pages_ask_the_same_for_one_and_for_many(many: int, django_assert_num_queries: Any) -> None:
    made = world.build()
    about = institution(made, "company", "Z-many")
    for n in range(many):
        own = clause(about, f"第{n}条")
        duty(made, "branch", date(2026, 1, 1), subject=f"事项{n}", clause=own, source=f"clause:Z-many|第{n}条")
    made.orgs |= {f"under-{n}": world.organisation(f"under-{n}", f"支部{n}", "branch", made.orgs["company"]) for n in range(many)}
    world.tree.rebuild([made.orgs[f"under-{n}"].pk for n in range(many)])
    client, branch = world.signed_in(made.users["superior"]), made.orgs["branch"].pk
    client.get(URL)
    for url, count in (
        (f"{URL}?year=2026", 7), (f"{URL}organisations/?year=2026", 11), (f"/institutions/organisations/{branch}/duties/?year=2026", 8),
        (f"/institutions/duties/{Duty.everything.first().pk}/", 8),
    ):
        with django_assert_num_queries(count, info=url):
            client.get(url)
    assert Clause.everything.count() == many


def test_what_is_no_meeting_is_told_by_hand_and_taken_back() -> None:
    made, today = world.build(), timezone.localdate()
    clause(institution(made, "branch", "Z-1"), subject="报送材料", applies_to="")
    with system_scope("test"):
        lay_out([made.orgs["branch"].pk], today.replace(day=1), 1)
    row = Duty.everything.get(subject="报送材料")
    client, url = world.signed_in(made.users["secretary"]), f"/institutions/duties/{row.pk}/"
    assert "登记办理</a>" in client.get(url).content.decode()
    assert "登记办理</a>" not in page(made, "member", url)
    later = (today + timedelta(days=1)).isoformat()
    assert "在今天之后" in client.post(f"{url}done/", {"held_on": later}).content.decode()
    assert client.post(f"{url}done/", {"held_on": today.isoformat()})["Location"] == url
    row.refresh_from_db()
    assert row.state == "kept"
    kept = Fulfilment.everything.get()
    assert client.post(f"/institutions/records/{kept.pk}/withdraw/", {"why": ""}).status_code == 200
    assert client.post(f"/institutions/records/{kept.pk}/withdraw/", {"why": "日期有误"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "open"
    assert world.signed_in(made.users["member"]).post(f"{url}done/", {"held_on": today.isoformat()}).status_code == 403
    meeting = duty(made, "branch", today.replace(day=1), subject="走访")
    told = client.post(f"/institutions/duties/{meeting.pk}/done/", {"held_on": today.isoformat()}).content.decode()
    assert "请在会议和活动里归档" in told


def test_the_superior_lets_off_and_takes_it_back_the_branch_only_puts_off() -> None:
    made, today = world.build(), timezone.localdate()
    row = duty(made, "branch", today.replace(day=1), subject="主题党日", source="rule:frequency.theme_day")
    url = f"/institutions/duties/{row.pk}/"
    own, above = world.signed_in(made.users["secretary"]), world.signed_in(made.users["superior"])
    assert own.post(f"{url}exempt/", {"reason": "汛期"}).status_code == 403
    assert "必填" in above.post(f"{url}exempt/", {"reason": ""}).content.decode()
    assert above.post(f"{url}exempt/", {"reason": "汛期值守", "document_no": "3号"})["Location"] == url
    row.refresh_from_db()
    assert row.state == "exempt"
    assert "汛期值守" in own.get(url).content.decode()
    exemption = Exemption.everything.get()
    assert own.post(f"/institutions/exemptions/{exemption.pk}/withdraw/", {"why": "x"}).status_code == 403
    assert above.post(f"/institutions/exemptions/{exemption.pk}/withdraw/", {"why": "恢复"}).status_code == 302
    until = (row.period_end + timedelta(days=10)).isoformat()
    assert own.post(f"{url}postpone/", {"until": until, "reason": "书记出差"}).status_code == 302
    assert "延期</b>至" in own.get(url).content.decode()
