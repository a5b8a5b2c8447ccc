"""A meeting through its pages: planned, announced, ticked off, written down, filed, corrected; and what others see of it."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.world import World
from zaidao.carriers.models import Activity, Attendance, Draft, FollowUp, Minutes, Notice, Participation
from zaidao.institutions.models import Duty
from zaidao.organisations.models import Organisation, Person

pytestmark = pytest.mark.django_db
TEXT = "学习了三月的文件,讨论了下月的安排,同意按期推进。"


@pytest.fixture
def made() -> World:
    return world.build()


@pytest.fixture
def secretary(made: World) -> Client:
    return world.signed_in(made.users["secretary"])


def local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def ago(**more: float) -> datetime:
    return (timezone.now() - timedelta(**more)).replace(second=0, microsecond=0)


def duty(made: World, subject: str = "主题党日") -> Duty:
    first = timezone.localdate().replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return Duty.everything.create(
        organisation=made.orgs["branch"], subject=subject, source="rule:frequency.theme_day", every="month", period_start=first,
        period_end=after, due_on=after - timedelta(days=1),
    )


def planned(made: World, kind: str = "主题党日", at: datetime | None = None, where: str = "branch") -> Activity:
    row = Activity.everything.create(
        code=f"H-{Activity.everything.count()}", organisation=made.orgs[where], kind=kind, title=f"本月{kind}", place="二楼会议室",
        planned_at=at or ago(hours=3),
    )
    Participation.everything.create(activity=row, organisation=made.orgs[where])
    return row


def fields(response: HttpResponse) -> dict[str, str]:
    """What the form of a page would send as it stands: inputs, chosen options, texts."""
    page = response.content.decode()
    told = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attrs = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if "name" in attrs and (attrs.get("type") != "checkbox" or " checked" in tag):
            told[attrs["name"]] = attrs.get("value", "")
    for name, inside in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.S) + re.findall(
            r'<select class="form-select" name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        told[name] = chosen.group(1) if chosen else ""
    for name, inside in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.S):
        told[name] = inside.strip()
    return told


def url(name: str, row: Any) -> str:
    return reverse(f"carriers:{name}", args=[row.pk])


def test_one_click_from_a_duty_then_announced_recorded_and_filed(made: World, secretary: Client) -> None:
    owed = duty(made)
    page = secretary.get(f"{reverse('carriers:plan')}?duty={owed.pk}")
    first = fields(page)
    assert (first["kind"], first["host"]) == ("主题党日", str(made.people["secretary"].pk))
    assert first["title"]
    assert first["planned_at"]
    asked = secretary.post(f"{reverse('carriers:plan')}?duty={owed.pk}", first | {"planned_at": local(ago(hours=2)), "then": "notice"})
    found = Activity.everything.get()
    assert asked["Location"] == url("activity", found)
    assert Notice.everything.get().text
    assert Participation.everything.get().duty == owed
    form = fields(secretary.get(url("record", found)))
    assert form["text"] == form["opinions"] == ""  # minutes begin empty
    assert form["recorder"] == str(made.people["secretary"].pk)
    form = fields(secretary.post(url("record", found), form | {"then": "rest", "text": TEXT}))
    assert form["text"] == TEXT
    done = secretary.post(url("record", found), form | {
        "then": "file", "decisions-0-text": "下月开展结对活动", "tasks-0-what": "联系社区", "tasks-0-who": str(made.people["member"].pk),
        "tasks-0-due_on": str(timezone.localdate() + timedelta(days=20)),
    })
    assert done.status_code == 302, fields(done)
    found.refresh_from_db()
    assert found.state == "filed"
    assert Minutes.everything.get().text == TEXT
    part = Participation.everything.get()
    assert (part.eligible, part.present) == (3, 3)
    owed.refresh_from_db()
    assert owed.state == "kept"
    shown = secretary.get(url("activity", found)).content.decode()
    for word in (TEXT, "下月开展结对活动", "联系社区", "已锁定", "已归档"):
        assert word in shown
    assert secretary.get(url("record", found)).status_code == 302  # locked: nothing to write on


def test_a_plan_is_proposed_at_the_hour_and_place_of_the_last_one(made: World, secretary: Client) -> None:
    last = planned(made, at=timezone.make_aware(datetime(2026, 3, 4, 9, 30)))
    first = fields(secretary.get(f"{reverse('carriers:plan')}?kind=主题党日"))
    assert first["planned_at"].endswith("T09:30")
    assert first["place"] == last.place
    other = fields(secretary.get(f"{reverse('carriers:plan')}?kind=党课"))
    assert (other["planned_at"][-5:], other["place"]) == ("15:00", "")


def test_minutes_dated_tomorrow_are_a_draft_never_final(made: World, secretary: Client) -> None:
    found = planned(made)
    form = fields(secretary.post(url("record", found), fields(secretary.get(url("record", found))) | {"then": "rest", "text": TEXT}))
    answer = secretary.post(url("record", found), form | {"then": "file", "held_at": local(timezone.now() + timedelta(days=1))})
    assert answer.status_code == 422
    assert "存为草稿" in answer.content.decode()
    found.refresh_from_db()
    assert found.state == "planned"
    assert not Minutes.everything.exists()
    again = fields(secretary.get(url("record", found)))  # what was typed is there, and nobody is ticked twice
    assert again["text"] == TEXT


def test_nobody_is_present_by_default_and_filing_asks_for_everybody(made: World, secretary: Client) -> None:
    found = planned(made)
    form = fields(secretary.get(url("record", found)))
    assert not [name for name in form if name.startswith("in-")]
    answer = secretary.post(url("record", found), form | {"then": "file", "text": TEXT})
    assert answer.status_code == 422
    assert "没有登记" in answer.content.decode()
    part = Participation.everything.get()
    ill = f"{part.pk}-{made.people['member'].pk}"
    form = fields(secretary.post(url("record", found), form | {"then": "rest", "text": TEXT, f"away-{ill}": "leave", f"why-{ill}": "病假"}))
    assert form[f"away-{ill}"] == "leave"
    assert f"in-{ill}" not in form
    assert secretary.post(url("record", found), form | {"then": "file"}).status_code == 302
    told = Attendance.everything.get(person=made.people["member"])
    assert (told.state, told.why, told.counted) == ("leave", "病假", True)
    part.refresh_from_db()
    assert (part.eligible, part.present) == (3, 2)


def test_a_draft_is_kept_by_itself_for_its_writer_alone(made: World, secretary: Client) -> None:
    found = planned(made)
    form = fields(secretary.get(url("record", found)))
    kept = secretary.post(url("draft", found), form | {"text": "写到一半,找13912345678"}, HTTP_HX_REQUEST="true")
    assert "草稿已保存" in kept.content.decode()
    body = json.loads(Draft.objects.get().body)
    assert body["text"] == "写到一半,找***"
    assert "csrfmiddlewaretoken" not in body
    again = secretary.get(url("record", found))
    assert "写到一半" in again.content.decode()
    assert "接着上次没写完的草稿" in again.content.decode()
    other = world.signed_in(made.users["superior"])
    assert "写到一半" not in other.get(url("record", found)).content.decode()
    secretary.post(url("draft_forget", found))
    assert "写到一半" not in secretary.get(url("record", found)).content.decode()


def test_more_rows_without_script_keep_what_is_typed(made: World, secretary: Client) -> None:
    found = planned(made)
    form = fields(secretary.get(url("record", found))) | {"decisions-0-text": "甲", "tasks-0-what": "乙"}
    more = fields(secretary.post(url("record", found), form | {"then": "decisions"}))
    assert more["decisions-n"] == "4"
    assert (more["decisions-0-text"], more["tasks-0-what"]) == ("甲", "乙")
    assert (more["decisions-3-text"], more["tasks-n"]) == ("", "2")


def test_votes_are_judged_with_the_rule_named(made: World, secretary: Client) -> None:
    found = planned(made, "党员大会")
    form = fields(secretary.post(url("record", found), fields(secretary.get(url("record", found))) | {"then": "rest", "text": TEXT}))
    vote = {"decisions-0-kind": "vote_resolution", "decisions-0-text": "通过计划", "decisions-0-in_favour": "2", "decisions-0-against": "1"}
    assert secretary.post(url("record", found), form | {"then": "file", "decisions-0-in_favour": "9", **{
        k: v for k, v in vote.items() if "favour" not in k}}).status_code == 422
    assert secretary.post(url("record", found), form | vote | {"then": "file"}).status_code == 302
    shown = secretary.get(url("activity", found)).content.decode()
    assert "赞成 2" in shown
    assert "通过" in shown


def test_late_filing_asks_for_its_reason(made: World, secretary: Client) -> None:
    found = planned(made, at=ago(days=60))
    page = secretary.get(url("record", found))
    assert re.search(r"<details class=\"mt-2\" open><summary>隔了些日子", page.content.decode())
    form = fields(secretary.post(url("record", found), fields(page) | {"then": "rest", "text": TEXT}))
    assert secretary.post(url("record", found), form | {"then": "file"}).status_code == 422
    assert secretary.post(url("record", found), form | {"then": "file", "late_reason": "集中补录纸质记录"}).status_code == 302
    assert "集中补录纸质记录" in secretary.get(url("activity", found)).content.decode()


def filed(made: World, client: Client, kind: str = "主题党日", **more: str) -> Activity:
    found = planned(made, kind)
    form = fields(client.post(url("record", found), fields(client.get(url("record", found))) | {"then": "rest", "text": TEXT}))
    assert client.post(url("record", found), form | {"then": "file", **more}).status_code == 302
    found.refresh_from_db()
    return found


def test_a_correction_is_a_new_version_with_its_reason(made: World, secretary: Client) -> None:
    found = filed(made, secretary, **{"decisions-0-text": "原来的决议"})
    form = fields(secretary.get(url("correct", found)))
    assert form["text"] == TEXT
    assert form["decisions-0-text"] == "原来的决议"
    assert secretary.post(url("correct", found), form | {"then": "file", "text": "改过的正文"}).status_code == 422  # no reason
    assert secretary.post(url("correct", found), form | {"then": "file", "text": "改过的正文", "correction": "漏记一项"}).status_code == 302
    shown = secretary.get(url("activity", found)).content.decode()
    for word in ("改过的正文", "漏记一项", TEXT, "第 2 版"):
        assert word in shown
    assert [m.number for m in Minutes.everything.order_by("number")] == [1, 2]


def test_put_off_called_off_and_what_became_of_it(made: World, secretary: Client) -> None:
    found = planned(made, at=timezone.now() + timedelta(days=2))
    form = fields(secretary.get(url("replan", found))) | {"planned_at": local(timezone.now() + timedelta(days=9))}
    assert secretary.post(url("replan", found), form).status_code == 200  # another day wants a reason
    assert secretary.post(url("replan", found), form | {"remark": "会议室占用"}).status_code == 302
    assert "会议室占用" in secretary.get(url("activity", found)).content.decode()
    assert secretary.post(url("cancel", found), {"reason": "与上级会议冲突"}).status_code == 302
    shown = secretary.get(url("activity", found)).content.decode()
    assert "已取消" in shown
    text = fields(secretary.get(url("notice", found)))["text"]
    assert "取消" in text
    assert secretary.post(url("notice_give", found), {"text": text}).status_code == 302
    assert Notice.everything.get().cancels
    assert "与上级会议冲突" in secretary.get(url("history", found)).content.decode()


def test_a_member_asks_for_leave_once_and_reads_their_own_branch(made: World, secretary: Client) -> None:
    found, client = planned(made, at=timezone.now() + timedelta(days=2)), world.signed_in(made.users["member"])
    home = client.get("/").content.decode()
    assert url("activity", found) in home
    assert client.post(url("leave", found), {"why": ""}).status_code == 200
    assert client.post(url("leave", found), {"why": "出差"}).status_code == 302
    assert client.post(url("leave", found), {"why": "再请"}).status_code == 200
    assert Attendance.everything.get().why == "出差"
    assert "出差" in secretary.get(url("activity", found)).content.decode()
    member = client.get(url("activity", found)).content.decode()
    assert "写记录" not in member
    assert [client.get(url(name, found)).status_code for name in ("record", "replan", "notice", "history")] == [403] * 4
    listed = fields(secretary.get(url("record", found)))
    assert listed[f"away-{found.participations(manager='everything').get().pk}-{made.people['member'].pk}"] == "leave"


def test_leave_that_came_in_meanwhile_is_not_wiped_out(made: World, secretary: Client) -> None:
    found = planned(made, at=timezone.now() + timedelta(hours=1))
    form = fields(secretary.get(url("record", found))) | {"text": TEXT}
    secretary.post(url("draft", found), form)
    assert world.signed_in(made.users["member"]).post(url("leave", found), {"why": "出差"}).status_code == 302
    key = f"{Participation.everything.get().pk}-{made.people['member'].pk}"
    again = fields(secretary.get(url("record", found)))  # the draft knew nothing of it
    assert (again[f"away-{key}"], again["text"]) == ("leave", TEXT)
    rest = fields(secretary.post(url("record", found), form | {"then": "rest"}))  # nor did the page that was open
    assert rest[f"away-{key}"] == "leave"
    came = fields(secretary.post(url("record", found), rest | {f"away-{key}": "", "then": "rest"}))  # and was there after all
    assert came[f"in-{key}"] == "1"


def test_minutes_of_private_kinds_are_read_by_those_who_were_there(made: World, secretary: Client) -> None:
    open_one, closed = filed(made, secretary), planned(made, "组织生活会")
    part = closed.participations(manager="everything").get()
    form = fields(secretary.get(url("record", closed)))
    away = f"{part.pk}-{made.people['member'].pk}"
    form = fields(secretary.post(url("record", closed), form | {"then": "rest", "text": "批评和自我批评", f"away-{away}": "absent"}))
    assert secretary.post(url("record", closed), form | {"then": "file"}).status_code == 302
    client = world.signed_in(made.users["member"])
    assert TEXT in client.get(url("activity", open_one)).content.decode()
    told = client.get(url("activity", closed)).content.decode()
    assert "批评和自我批评" not in told
    assert "只有到会的同志" in told
    Attendance.everything.filter(person=made.people["member"], participation=part).update(state="present")
    assert "批评和自我批评" in client.get(url("activity", closed)).content.decode()
    assert "批评和自我批评" in secretary.get(url("activity", closed)).content.decode()


def test_a_member_is_not_told_who_was_missing_and_why(made: World, secretary: Client) -> None:
    found = planned(made)
    part = Participation.everything.get()
    ill = f"{part.pk}-{made.people['at_branch'].pk}"
    form = fields(secretary.get(url("record", found))) | {f"away-{ill}": "leave", f"why-{ill}": "住院", "then": "rest", "text": TEXT}
    form = fields(secretary.post(url("record", found), form))
    assert secretary.post(url("record", found), form | {"then": "file"}).status_code == 302
    assert "住院" in secretary.get(url("activity", found)).content.decode()
    told = world.signed_in(made.users["member"]).get(url("activity", found)).content.decode()
    assert "住院" not in told
    assert world.canary("branch") not in told


def test_follow_ups_are_done_by_whoever_has_them_and_confirmed(made: World, secretary: Client) -> None:
    row = FollowUp.everything.create(
        activity=filed(made, secretary), organisation=made.orgs["branch"], what="更新公示栏", who=made.people["member"],
        due_on=timezone.localdate(),
    )
    client = world.signed_in(made.users["member"])
    mine = client.get(f"{reverse('carriers:follow_ups')}?what=mine").content.decode()
    assert url("follow_up_done", row) in mine
    assert client.get(url("follow_up_confirm", row)).status_code == 403
    assert client.post(url("follow_up_done", row), {"on": str(timezone.localdate()), "note": "已更新"}).status_code == 302
    waiting = secretary.get(f"{reverse('carriers:follow_ups')}?what=done").content.decode()
    assert "已更新" in waiting
    form = fields(secretary.get(url("follow_up_confirm", row)))
    assert secretary.post(url("follow_up_confirm", row), form).status_code == 302
    row.refresh_from_db()
    assert row.state == "confirmed"
    other = world.signed_in(made.users["sibling_secretary"])
    assert other.get(url("follow_up_confirm", row)).status_code == 404


def test_a_joint_meeting_is_one_record_in_two_organisations(made: World) -> None:
    client = world.signed_in(made.users["superior"])
    page = f"{reverse('carriers:plan')}?organisation={made.orgs['branch'].pk}"
    form = fields(client.get(page)) | {"joint": "O-sibling", "planned_at": local(ago(hours=2)), "kind": "主题党日"}
    assert client.post(page, form | {"joint": "O-quay"}).status_code == 200  # beyond the person's reach
    assert client.post(page, form | {"then": ""}).status_code == 302
    found = Activity.everything.get()
    assert Participation.everything.filter(activity=found).count() == 2
    listed = client.get(url("record", found)).content.decode()
    assert "车间支部" in listed
    other = world.signed_in(made.users["sibling_secretary"])
    assert found.title in other.get(reverse("carriers:list")).content.decode()
    assert other.get(url("activity", found)).status_code == 200
    assert other.get(url("record", found)).status_code in (403, 404)  # the convener's
    theirs = Participation.everything.get(activity=found, organisation=made.orgs["sibling"])
    form = fields(other.get(url("attendance", theirs)))
    form = fields(other.post(url("attendance", theirs), form | {"then": "rest"}))
    assert other.post(url("attendance", theirs), form | {"then": ""}).status_code == 302
    assert Attendance.everything.filter(participation=theirs, state="present").count() == 2
    form = fields(client.post(url("record", found), fields(client.get(url("record", found))) | {"then": "rest", "text": TEXT}))
    assert client.post(url("record", found), form | {"then": "file"}).status_code == 302
    assert TEXT in other.get(url("activity", found)).content.decode()
    assert world.signed_in(made.users["nobody"]).get(url("activity", found)).status_code == 404


def test_a_member_of_a_group_finds_the_meetings_of_the_branch_without_those_of_its_committee(made: World) -> None:
    group = world.organisation("g", "一组", "group", made.orgs["branch"])
    Organisation.everything.filter(pk=group.pk).update(path=f"{made.orgs['branch'].path}{group.pk:08d}")
    Person.everything.filter(pk=made.people["member"].pk).update(organisation=group)
    member = world.signed_in(made.users["member"])
    assert "还没有会议和活动" in member.get(reverse("carriers:list")).content.decode()
    planned(made)
    for kind, where in (("支委会", "branch"), ("谈心谈话", "branch"), ("党课", "sibling")):
        planned(made, kind, where=where)
    page = member.get(reverse("carriers:list")).content.decode()
    assert "本月主题党日" in page
    assert not [kind for kind in ("支委会", "谈心谈话", "党课") if f"本月{kind}" in page]
    assert "没有符合条件" in member.get(reverse("carriers:list"), {"kind": "党课"}).content.decode()
