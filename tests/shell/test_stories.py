"""Twelve stories of the second half in headless Chromium: what the people in them see, and what they must not see.

The worlds are built through models and actions, the stories are lived on the pages. The day is a Monday in July 2026.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import world
from tests.carriers import filed, meeting
from tests.organisations.books import book
from tests.organisations.roster import id_no
from tests.shell import browsing
from tests.world import World
from zaidao.accounts.models import User
from zaidao.carriers.models import Activity, Draft, Minutes, Participation
from zaidao.core import outbox
from zaidao.core.scope import system_scope
from zaidao.diagnosis import living
from zaidao.institutions.actions import relaying
from zaidao.institutions.actions.laying import lay_out
from zaidao.institutions.models import Duty
from zaidao.organisations.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 7, 20, 10, 0)
TODAY = NOW.date()
TEXT = "学习了支部工作条例,讨论了下月的安排。"
NUMBER = re.compile(r"\b[0-9a-f]{12,}\b")  # of an answer, on pages of errors
Enter = Callable[[str], Page]
expect.set_options(timeout=60_000)  # as in the other browser tests: of a page, while the machine is busy


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """The server's clock, which stands; called, it is set."""
    def to(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: timezone.make_aware(moment))

    to(NOW)
    return to


@pytest.fixture
def made(live_server: LiveServer, settings: LazySettings, tmp_path: Path, clock: object) -> World:
    settings.VAR = tmp_path
    cache.clear()
    return world.build()


@pytest.fixture
def enter(chromium: Browser, live_server: LiveServer, made: World) -> Iterator[Enter]:
    """A page of one of the persons of the world, signed in."""
    with browsing.visitors(chromium, live_server.url) as visit:
        yield lambda who: visit(made.users[who])


def address(row: Activity, more: str = "") -> str:
    return f"/activities/{row.pk}/{more}"


def missing(page: Page, url: str) -> str:
    """What a page says that is not there, but for the number of the answer, once it is shown that it answers so."""
    answer = page.goto(url)
    assert answer
    assert answer.status == 404, url
    return nameless(page)


def nameless(page: Page) -> str:
    return NUMBER.sub("", browsing.main(page))


def write(page: Page, row: Activity, text: str = TEXT, *, rest: bool = True) -> None:
    """Everybody else came, and what was said."""
    page.goto(address(row, "record/"))
    for n in range(page.get_by_role("button", name="其余全部到会").count() if rest else 0):
        page.get_by_role("button", name="其余全部到会").nth(n).click()
    page.get_by_label("记录正文").fill(text)


def file(page: Page) -> None:
    page.get_by_role("button", name="归档", exact=True).click()
    expect(page.get_by_text("内容已锁定")).to_be_visible()


def row_of(page: Page, name: str) -> str:
    """A line of a table as it is read, by its first cell."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True)).first.inner_text()


def test_minutes_dated_tomorrow_are_a_draft_and_never_final(made: World, enter: Enter) -> None:
    held, page, member = meeting.planned(made), enter("secretary"), enter("member")
    write(page, held)
    page.get_by_label("开会时间").fill("2026-07-21T15:00")
    page.get_by_role("button", name="归档", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="会议时间还没有到")).to_be_visible()
    assert "内容已锁定" not in browsing.main(page)
    page.goto(address(held))
    assert "待归档" in browsing.main(page)
    assert "已归档" not in browsing.main(page)
    page.goto("/activities/ledger/?year=2026")
    assert "没有已归档的记录" in browsing.main(page)
    member.goto(address(held))
    assert TEXT not in browsing.main(member)
    assert not Minutes.everything.exists()
    page.goto(address(held, "record/"))
    assert "接着上次没写完的草稿" in browsing.main(page)
    expect(page.get_by_label("记录正文")).to_have_value(TEXT)
    page.get_by_label("开会时间").fill("2026-07-19T15:00")
    file(page)
    member.goto(address(held))
    assert TEXT in browsing.main(member)


def test_evidence_of_june_filed_in_july_counts_for_june_and_shows_as_late(made: World, enter: Enter) -> None:
    lay_out([made.orgs["branch"].pk, made.orgs["sibling"].pk], date(2026, 6, 1), 2)
    june = Duty.everything.get(organisation=made.orgs["branch"], subject="主题党日", period_start=date(2026, 6, 1))
    page = enter("secretary")
    page.goto(f"/activities/plan/?duty={june.pk}")
    page.get_by_label("时间", exact=True).fill("2026-06-18T15:00")
    page.get_by_role("button", name="已经开过,直接写记录").click()
    page.get_by_role("button", name="其余全部到会").click()
    page.get_by_label("记录正文").fill(TEXT)
    page.get_by_role("button", name="归档", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="请写明延迟归档的原因")).to_be_visible()
    assert not Minutes.everything.exists()
    page.get_by_label("延迟归档的原因").fill("六月集中检修,补录纸质记录")
    file(page)
    assert "延迟归档:六月集中检修,补录纸质记录" in browsing.main(page)
    page.goto(f"/activities/of/{made.orgs['branch'].pk}/year/?year=2026")
    cells = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="主题党日")).first.get_by_role("cell")
    told = [text for text in cells.all_inner_texts() if text.strip() not in ("", "—")]
    assert [("6月18日" in text, "已办" in text, "待办" in text) for text in told[-2:]] == [(True, True, False), (False, False, True)]
    tally = page.get_by_role("region", name="归档情况").get_by_role("row").filter(has_text="主题党日")
    assert tally.get_by_role("cell").all_inner_texts()[3] == "1/1"  # filed late
    page.goto("/activities/ledger/?year=2026")
    assert "2026年6月18日" in browsing.main(page)
    other = enter("sibling_secretary")
    other.goto(f"/activities/of/{made.orgs['sibling'].pk}/year/?year=2026")
    assert "6月18日" not in browsing.main(other)
    assert "集中检修" not in browsing.main(other)


def test_moving_a_branch_leaves_last_years_report_unchanged(made: World, enter: Enter, clock: Callable[[datetime], None]) -> None:
    """The report, the ledger and the year of 2025 read the same to the letter after the branch went elsewhere under another name."""
    branch = made.orgs["branch"].pk
    for where in ("sibling", "quay"):
        filed.meeting(made, where, held=filed.at(2025, 9, 5))
    clock(datetime(2025, 9, 6, 9, 0))
    lay_out([branch], date(2025, 9, 1), 1)
    meeting.filed(made, kind="主题党日")  # the day before
    clock(datetime(2025, 12, 31, 18, 0))
    run = f"/runs/{living.begin(actor=made.users['head']).pk}/"
    clock(NOW)
    page = enter("head")

    def read() -> dict[str, str]:
        """What is on record of 2025, as it reads."""
        told = {}
        for url in (
            f"{run}report/", f"{run}organisations/O-branch/", "/activities/ledger/?year=2025",
            "/activities/ledger/?year=2025&organisation=O-company", "/activities/ledger/?year=2025&organisation=O-other",
            f"/activities/of/{branch}/year/?year=2025", f"/organisations/{branch}/as-of/?day=2025-12-31",
        ):
            page.goto(url)
            told[url] = page.inner_text("body" if url.endswith("report/") else ".card" if "as-of" in url else "main")
        return told

    before = read()
    assert "机关支部" in before[f"{run}report/"]
    assert re.search("一公司党委.*机关支部|机关支部[^港]*一公司党委", before[f"/organisations/{branch}/as-of/?day=2025-12-31"], re.S)
    assert "9月5日" in before[f"/activities/of/{branch}/year/?year=2025"]
    for kind, name, value in (("move", "新上级", "O-other"), ("rename", "新名称", "码头机关支部")):
        page.goto(f"/organisations/{branch}/change/{kind}/")
        page.get_by_label(name).fill(value)
        page.get_by_label("生效日期").fill(f"{TODAY}")
        page.get_by_label("文号").fill("某党组〔2026〕12号")
        page.get_by_role("button", name="下一步").click()
        page.get_by_role("button", name=re.compile("^确认")).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("支部")
    with system_scope("what the worker and the night do with it"):
        outbox.dispatch()
        relaying.catch_up()
        relaying.relay(None)
    after = read()
    whole = "/activities/ledger/?year=2025"  # of the whole scope, whose lines stand in the order of today's tree
    assert sorted(after.pop(whole).splitlines()) == sorted(before.pop(whole).splitlines())
    for url, text in before.items():
        assert after[url].replace("2025年的名称;现名码头机关支部。", "").split() == text.split(), url
    page.goto("/activities/ledger/?year=2025&organisation=O-company")
    assert page.get_by_role("region", name="三会一课台账").get_by_role("rowheader").all_inner_texts() == ["机关支部", "车间支部"]
    page.goto(f"/activities/of/{branch}/year/?year=2026")
    assert "码头机关支部 2026年一览" in browsing.main(page)
    superior = enter("superior")  # who may look follows from today
    missing(superior, f"/activities/of/{branch}/year/?year=2025")
    superior.goto("/activities/ledger/?year=2025")
    assert "机关支部" not in browsing.main(superior)


def test_a_row_whose_person_a_colleague_made_meanwhile_is_refused_alone(made: World, enter: Enter) -> None:
    office, colleague = enter("office"), enter("superior")
    same = {"name": "丁小海", "category": "full", "org_id": "O-branch", "joined_on": "2019-07-01", "full_since": "2020-07-01"}
    rows = [same | {"person_id": "N1", "id_no": id_no()}, same | {"person_id": "N2", "name": "戚大江"}]
    office.goto("/organisations/imports/")
    office.get_by_label(re.compile("文件")).set_input_files(
        [{"name": "名册.xlsx", "mimeType": "application/octet-stream", "buffer": book(person=rows)}])
    office.get_by_role("button", name="上传并核对").click()
    expect(office.get_by_role("button", name="确认导入")).to_be_visible()
    assert id_no() not in office.content()
    colleague.goto("/organisations/people/new/")
    colleague.get_by_label("姓名").fill("丁小海")
    colleague.get_by_label("所在组织").fill("O-sibling")
    colleague.get_by_label("人员类别").select_option(label="正式党员")
    colleague.get_by_label("公民身份号码").fill(id_no())
    colleague.get_by_role("button", name="登记", exact=True).click()
    expect(colleague.get_by_role("heading", level=1, name="丁小海")).to_be_visible()
    office.get_by_role("button", name="确认导入").click()
    expect(office.get_by_role("status").filter(has_text="结果")).to_be_visible()
    lines = office.get_by_role("region", name="逐行核对").get_by_role("row")
    refused, written = lines.filter(has_text="N1").inner_text(), lines.filter(has_text="N2").inner_text()
    assert "未导入" in refused
    assert "该号码已登记为丁小海(车间支部),请核对" in refused
    assert "未导入" not in written
    assert id_no() not in office.content()
    assert Person.everything.get(name="戚大江").organisation == made.orgs["branch"]
    assert Person.everything.get(name="丁小海").organisation == made.orgs["sibling"]


def test_a_draft_is_gone_after_sign_out(made: World, enter: Enter) -> None:
    held, page, superior = meeting.planned(made), enter("secretary"), enter("superior")
    write(page, held, "写到一半的话", rest=False)
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    page.goto(address(held, "record/"))
    expect(page.get_by_label("记录正文")).to_have_value("写到一半的话")
    superior.goto(address(held, "record/"))
    expect(superior.get_by_label("记录正文")).to_have_value("")
    page.locator("details.me summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", level=1, name="登录")).to_be_visible()
    assert not Draft.objects.exists()
    page.go_back()
    assert "写到一半的话" not in page.content()
    again = enter("secretary")
    again.goto(address(held, "record/"))
    expect(again.get_by_label("记录正文")).to_have_value("")
    assert "没写完的草稿" not in browsing.main(again)


def test_a_correction_is_a_new_version_and_the_old_one_stays_readable(made: World, enter: Enter) -> None:
    held, page, member = meeting.filed(made), enter("secretary"), enter("member")
    page.goto(address(held))
    page.get_by_role("link", name="更正").click()
    expect(page.get_by_label("记录正文")).to_have_value(meeting.MINUTES)
    page.get_by_label("记录正文").fill("改过的正文。")
    page.get_by_role("button", name="保存为新版").click()
    expect(page.locator("[aria-invalid=true], [data-errors]").first).to_be_visible()  # no reason is given
    assert Minutes.everything.count() == 1
    page.get_by_label("更正原因").fill("漏记一项")
    page.get_by_role("button", name="保存为新版").click()
    expect(page.get_by_text("已更正,原来的版本仍可查看")).to_be_visible()
    for who in (page, member):
        who.goto(address(held))
        assert who.locator("#activity-minutes").inner_text().startswith("记录 第 2 版")
        assert "改过的正文。" in browsing.main(who)
        assert "更正原因:漏记一项" in browsing.main(who)
        expect(who.get_by_text(meeting.MINUTES)).to_be_hidden()  # not beside the one that holds
        who.get_by_text(re.compile("^第 1 版")).click()
        expect(who.get_by_text(meeting.MINUTES)).to_be_visible()
    assert [m.text for m in Minutes.everything.order_by("number")] == [meeting.MINUTES, "改过的正文。"]
    missing(enter("sibling_secretary"), address(held))


def test_a_vote_at_exactly_half_is_not_passed_and_says_why(made: World, enter: Enter) -> None:
    world.person("C-fourth", "第四位同志", made.orgs["branch"])
    held, page = meeting.planned(made), enter("secretary")
    write(page, held)
    page.get_by_label(re.compile("方式")).first.select_option(label="决议")
    page.get_by_label(re.compile("内容")).first.fill("通过年度计划")
    page.get_by_label(re.compile("赞成")).first.fill("2")
    page.get_by_label(re.compile("反对")).first.fill("2")
    file(page)
    told = page.get_by_role("listitem").filter(has_text="通过年度计划").inner_text()
    assert "赞成2票,应到会有表决权4人,须超过1/2,至少3票:不通过" in told
    assert "党章" in told or "条例" in told
    page.goto("/activities/ledger/?year=2026")
    assert "赞成2票,反对2票,弃权0票;未通过" in browsing.main(page)
    assert ";通过" not in browsing.main(page)


def test_leave_that_a_member_asks_for_stands_in_the_tick_list(made: World, enter: Enter) -> None:
    world.cast(made, "comrade", "branch", None)
    held, member, comrade = meeting.planned(made, days=2), enter("member"), enter("comrade")
    member.goto("/")
    member.get_by_role("link", name="研究工作").click()
    member.get_by_role("link", name="请假").click()
    member.get_by_label("请假原因").fill("外出学习")
    member.get_by_role("button", name="请假", exact=True).click()
    expect(member.get_by_text("您的答复已登记:外出学习")).to_be_visible()
    assert member.get_by_role("link", name="请假").count() == 0  # asked once
    comrade.goto(address(held))
    assert "外出学习" not in browsing.main(comrade)
    page = enter("secretary")
    page.goto(address(held, "record/"))
    expect(page.get_by_label("人员member没有到会", exact=True)).to_have_value("leave")
    expect(page.get_by_label("人员member没有到会的原因")).to_have_value("外出学习")
    expect(page.get_by_role("checkbox", name="人员member")).not_to_be_checked()
    expect(page.get_by_label("人员secretary没有到会", exact=True)).to_have_value("")
    page.get_by_role("button", name="其余全部到会").click()
    expect(page.get_by_label("人员member没有到会", exact=True)).to_have_value("leave")  # the rest does not mean them
    missing(enter("sibling_secretary"), address(held, "record/"))


def test_a_joint_meeting_is_one_record_in_two_organisations_with_their_own_numbers(made: World, enter: Enter) -> None:
    page = enter("superior")
    page.goto(f"/activities/plan/?organisation={made.orgs['branch'].pk}")
    page.get_by_label("类别").select_option(label="主题党日")
    page.get_by_label("时间", exact=True).fill("2026-07-19T15:00")
    page.get_by_label(re.compile("^主题")).fill("共建活动")
    page.get_by_text("与其他组织联合举办").click()
    page.get_by_label("车间支部").check()
    page.get_by_role("button", name="已经开过,直接写记录").click()
    lists = page.locator("[data-list]")
    expect(lists).to_have_count(2)
    page.get_by_label("人员sibling_secretary没有到会", exact=True).select_option("absent")
    for n in range(2):
        page.get_by_role("button", name="其余全部到会").nth(n).click()
    page.get_by_label("记录正文").fill(TEXT)
    file(page)
    held = Activity.everything.get()
    assert Minutes.everything.count() == 1
    assert Participation.everything.count() == 2
    own = {"secretary": ("机关支部", "3", "3"), "sibling_secretary": ("车间支部", "2", "1")}
    for who, (name, eligible, present) in own.items():
        seen = enter(who)
        seen.goto(address(held))
        assert TEXT in browsing.main(seen)
        assert f"{name}\t{eligible}\t{present}" in seen.get_by_role("region", name="到会人数").inner_text()
        seen.goto("/activities/ledger/?year=2026")
        lines = seen.get_by_role("region", name="三会一课台账").locator("tbody tr")
        expect(lines).to_have_count(1)
        cells = lines.first.locator("th, td").all_inner_texts()
        assert (cells[0], cells[6], cells[7]) == (name, eligible, present)
        host, own_place = made.people["secretary"], made.people[who].organisation  # who chaired is told to both
        elsewhere = [p.name for p in made.people.values() if p.organisation != own_place and p != host]
        assert [word for word in elsewhere if word in browsing.main(seen)] == []


def test_a_cancelled_meeting_shows_as_cancelled_in_the_personal_feed(made: World, enter: Enter, chromium: Browser) -> None:
    gone, stays = meeting.planned(made, days=3), meeting.planned(made, days=5, kind="主题党日")
    member, page = enter("member"), enter("secretary")
    member.goto("/activities/feed/")
    member.get_by_role("button", name="开通").click()
    url = member.get_by_label("您的订阅地址").input_value()

    def events() -> dict[str, str]:
        """What a telephone fetches, without any session: address of the meeting -> its event."""
        away = chromium.new_context()
        text = away.request.get(url).text().replace("\r\n ", "")
        away.close()
        return {each.split("UID:")[1].split("@")[0]: each for each in text.split("BEGIN:VEVENT")[1:]}

    before = events()
    assert "STATUS:CONFIRMED" in before[f"activity-{gone.pk}"]
    page.goto(address(gone, "cancel/"))
    page.get_by_label("原因").fill("与上级会议冲突")
    page.get_by_role("button", name="取消会议").click()
    expect(page.get_by_text("已取消。发过通知的")).to_be_visible()
    after = events()
    assert "STATUS:CANCELLED" in after[f"activity-{gone.pk}"]
    assert "SUMMARY:已取消:党员大会" in after[f"activity-{gone.pk}"]
    assert "STATUS:CONFIRMED" in after[f"activity-{stays.pk}"]
    assert "已取消" not in after[f"activity-{stays.pk}"]
    assert [word for word in ("与上级会议冲突", "研究工作", "人员") if word in "".join(after.values())] == []
    member.goto("/")
    assert member.locator(f"a[href='{address(gone)}']").count() == 0
    member.goto(address(gone))
    assert "已取消" in browsing.main(member)
    assert member.get_by_role("link", name="请假").count() == 0


def test_a_member_cannot_open_another_branchs_minutes(made: World, enter: Enter) -> None:
    kept = meeting.filed(made, org="sibling", actor="sibling_secretary")
    Activity.everything.filter(pk=kept.pk).update(title="隔壁的会议主题")
    own, page = meeting.filed(made), enter("member")
    page.goto(address(own))
    assert meeting.MINUTES in browsing.main(page)
    nowhere = missing(page, "/activities/999999/")
    for url in ("", "record/", "correct/", "history/", "leave/", "minutes.docx", "minutes.pdf", "attendance.pdf"):
        answers = [page.request.get(f"/activities/{number}/{url}") for number in (kept.pk, 999999)]
        assert [each.status for each in answers] == [404, 404], url
        first, second = (NUMBER.sub("", each.text().split("<main")[1].split("</main>")[0]) for each in answers)
        assert first == second, url
    assert missing(page, address(kept)) == nowhere
    assert "隔壁" not in page.content()
    page.set_content(f"<a href='{page.url}'>会议记录</a>")  # a link that somebody passed on
    page.get_by_role("link", name="会议记录").click()
    expect(page.get_by_text("隔壁的会议主题")).to_have_count(0)
    assert nameless(page) == nowhere
    page.goto("/search/?q=隔壁的会议主题")
    assert page.locator("main a[href^='/activities/']").count() == 0
    secretary = enter("secretary")
    assert missing(secretary, address(kept)) == missing(secretary, "/activities/999999/")
    secretary.goto("/activities/")
    assert "隔壁的会议主题" not in browsing.main(secretary)
    open_to = enter("sibling_secretary")
    open_to.goto(address(kept))
    assert meeting.MINUTES in browsing.main(open_to)


def test_the_text_of_those_that_have_not_yet_names_no_person(made: World, enter: Enter) -> None:
    branches = [made.orgs[key] for key in ("branch", "sibling", "quay")]
    lay_out([each.pk for each in branches], date(2026, 7, 1), 1)
    planned = meeting.planned(made, days=4, kind="主题党日", host=made.people["secretary"])
    due = Duty.everything.get(organisation=made.orgs["branch"], subject="主题党日")
    Participation.everything.filter(activity=planned).update(duty=due)
    page = enter("office")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/activities/month/below/")
    page.get_by_role("link", name="主题党日").click()
    page.get_by_role("button", name="复制").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    text = page.evaluate("navigator.clipboard.readText()")
    assert "应办3个组织中,0个已有记录,3个还没有见到记录" in text
    assert "车间支部、码头支部" in text
    assert "等待归档的:机关支部" in text
    assert text == page.get_by_role("textbox", name="可以粘贴的提醒").input_value()
    people = [p.name for p in Person.everything.all()] + [u.name for u in User.objects.all()]
    assert [name for name in people if name in text] == []
    assert [word for word in ("研究工作", "会议室", "未召开") if word in text] == []
    assert [name for name in people if name in browsing.main(page)] == []
    superior = enter("superior")
    superior.goto("/activities/month/below/?subject=主题党日")
    shorter = superior.get_by_role("textbox", name="可以粘贴的提醒").input_value()
    assert "应办2个组织中" in shorter
    assert "码头支部" not in shorter
