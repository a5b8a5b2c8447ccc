"""The personal calendar: who may fetch it, what it holds, and what never leaves by it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from icalendar import Calendar, Event

from tests import world
from tests.carriers import filed
from zaidao.carriers.actions import feeds as actions
from zaidao.carriers.models import Activity, Attendance, Feed, FollowUp, Participation
from zaidao.core.logs import Lines
from zaidao.core.models import Entry
from zaidao.core.scope import system_scope
from zaidao.organisations.models import Link, Organisation, Person

pytestmark = pytest.mark.django_db
SOON = timezone.now().replace(microsecond=0) + timedelta(days=3)


@pytest.fixture(autouse=True)
def _everything() -> Iterator[None]:
    cache.clear()
    with system_scope("tests write their meetings"):
        yield


@pytest.fixture
def made() -> world.World:
    return world.build()


def planned(made: world.World, where: str = "branch", *, kind: str = "主题党日", at: datetime = SOON, **more: Any) -> Activity:
    activity = Activity.everything.create(
        code=f"A-{Activity.everything.count()}", organisation=made.orgs[where], kind=kind, title="密语主题张三", agenda="密语议程",
        planned_at=at, planned_for=at.date(), **{"place": "二楼会议室", **more})
    Participation.everything.create(activity=activity, organisation=made.orgs[where])
    return activity


def stranger() -> Client:
    return Client(HTTP_HOST="127.0.0.1")


def events(made: world.World, who: str = "member") -> list[Event]:
    """What a telephone reads that has the person's address alone."""
    response = stranger().get(f"/activities/feed/{actions.begin(actor=made.users[who])}.ics")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def test_meetings_of_ones_own_organisation_and_of_no_other(made: world.World) -> None:
    mine = planned(made)
    planned(made, "sibling")
    planned(made, "company")
    [event] = events(made)
    assert event["uid"] == f"activity-{mine.pk}@zaidao"
    assert event["summary"] == "主题党日(机关支部)"
    assert event["location"] == "二楼会议室"
    assert event["status"] == "CONFIRMED"
    assert event.decoded("dtstart") == SOON
    assert event["url"] == f"http://127.0.0.1/activities/{mine.pk}/"


def test_nothing_that_somebody_wrote_leaves_by_it(made: world.World) -> None:
    planned(made)
    filed.meeting(made, held=timezone.now() - timedelta(days=2))
    FollowUp.everything.update(due_on=SOON.date(), who=made.people["member"], what="请张三更新公示栏")
    token = actions.begin(actor=made.users["member"])
    told = stranger().get(f"/activities/feed/{token}.ics").content.decode()
    for secret in ("密语", "张三", "人员", "用户", "请假同志", filed.TEXT[:5], "公示栏", "同意月度计划"):
        assert secret not in told
    assert token not in told


def test_a_cancelled_meeting_says_so_and_a_moved_one_is_a_later_version(made: world.World) -> None:
    activity = planned(made)
    Activity.everything.filter(pk=activity.pk).update(state="cancelled", version=2)
    [event] = events(made)
    assert (event["status"], event["summary"], event["sequence"]) == ("CANCELLED", "已取消:主题党日(机关支部)", 2)
    later = SOON + timedelta(days=1)
    Activity.everything.filter(pk=activity.pk).update(state="planned", version=3, planned_at=later)
    [event] = events(made)
    assert (event["status"], event["sequence"], event.decoded("dtstart")) == ("CONFIRMED", 3, later)


def test_a_committee_meets_without_the_members(made: world.World) -> None:
    planned(made, kind="支委会")
    assert events(made) == []
    assert [e["summary"] for e in events(made, "secretary")] == ["支委会(机关支部)"]


def test_a_talk_stands_in_the_calendar_of_whoever_takes_part(made: world.World) -> None:
    activity = planned(made, kind="谈心谈话")
    assert events(made) == events(made, "secretary") == []
    Attendance.everything.create(participation=activity.participations(manager="everything").get(), person=made.people["member"],
                                 state="present")
    assert len(events(made)) == 1
    assert events(made, "secretary") == []


def test_members_of_a_group_have_the_meetings_of_their_branch(made: world.World) -> None:
    group = world.organisation("g", "一组", "group", made.orgs["branch"])
    Organisation.everything.filter(pk=group.pk).update(path=f"{made.orgs['branch'].path}{group.pk:08d}")
    Person.everything.filter(pk=made.people["member"].pk).update(organisation=group)
    assert Link.everything.filter(child=group).exists()
    planned(made)
    assert len(events(made)) == 1


def test_own_follow_ups_that_are_open(made: world.World) -> None:
    activity = planned(made)
    for who, state in (("member", "open"), ("member", "done"), ("secretary", "open")):
        FollowUp.everything.create(activity=activity, organisation=made.orgs["branch"], what="办", who=made.people[who], state=state,
                                   due_on=SOON.date())
    Activity.everything.update(planned_at=None)
    [event] = events(made)
    assert event["summary"] == "本人承办的办理事项到期(主题党日)"
    assert event.decoded("dtstart") == SOON.date()
    assert event["transp"] == "TRANSPARENT"


@pytest.mark.parametrize("who", ["nobody", "head"])
def test_without_meetings_the_calendar_is_empty(made: world.World, who: str) -> None:
    planned(made)
    assert events(made, who) == []


def test_long_past_meetings_are_left_out(made: world.World) -> None:
    planned(made, at=timezone.now() - timedelta(days=40))
    assert events(made) == []


# The address.
def test_every_wrong_address_answers_the_same(made: world.World) -> None:
    closed = actions.begin(actor=made.users["member"])
    renewed = actions.begin(actor=made.users["member"])
    inactive = actions.begin(actor=made.users["secretary"])
    made.users["secretary"].is_active = False
    made.users["secretary"].save()
    told = {(r.status_code, r.content, tuple(sorted((k, v) for k, v in r.headers.items() if k != "Expires")))  # the second of the answer
            for r in (stranger().get(f"/activities/feed/{t}.ics") for t in (closed, inactive, "x", "0" * 43, renewed[:-1]))}
    assert len(told) == 1
    assert next(iter(told))[0] == 404
    assert stranger().get(f"/activities/feed/{renewed}.ics").status_code == 200


def test_closing_it_closes_the_address(made: world.World) -> None:
    token, client = actions.begin(actor=made.users["member"]), world.signed_in(made.users["member"])
    assert client.post("/activities/feed/close/").status_code == 302
    assert stranger().get(f"/activities/feed/{token}.ics").status_code == 404
    assert not actions.close(actor=made.users["member"])


def test_the_secret_is_shown_once_and_kept_nowhere(made: world.World, caplog: pytest.LogCaptureFixture) -> None:
    client = world.signed_in(made.users["member"])
    page = client.post("/activities/feed/begin/").content.decode()
    token = next(part for part in page.split('"') if part.endswith(".ics")).rpartition("/")[2].removesuffix(".ics")
    assert len(token) == 43
    assert token not in client.get("/activities/feed/").content.decode()
    stored = Feed.objects.get(user=made.users["member"])
    assert token not in str(vars(stored)) + str(list(Entry.objects.values_list("changes", "object_id", "reason")))
    assert token not in str(dict(client.session))
    caplog.clear()
    assert stranger().get(f"/activities/feed/{token}.ics").status_code == 200
    written = [Lines().format(record) for record in caplog.records]
    assert "/activities/feed/***.ics" in str(written)
    assert token not in str(written)


def test_opening_and_closing_are_on_record(made: world.World) -> None:
    actions.begin(actor=made.users["member"])
    actions.close(actor=made.users["member"])
    assert list(Entry.objects.filter(verb="carriers.feed").order_by("pk").values_list("changes", flat=True)) == [
        {"open": [False, True]}, {"open": [True, False]}]


def test_too_many_wrong_addresses_have_to_wait(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zaidao.carriers.views.feed.MISSES", {"feed": "3/5m/ip"})
    token = actions.begin(actor=made.users["member"])
    for _ in range(5):  # who has the address may come as often as they like
        assert stranger().get(f"/activities/feed/{token}.ics").status_code == 200
    assert [stranger().get("/activities/feed/x.ics").status_code for _ in range(4)] == [404, 404, 404, 429]


def test_the_day_of_the_last_reading_is_kept_without_a_time(made: world.World) -> None:
    events(made)
    assert Feed.objects.get(revoked_at=None).read_at == timezone.localdate()


@pytest.mark.parametrize("meetings", [1, 40])
def test_a_calendar_takes_the_same_queries(made: world.World, meetings: int, django_assert_num_queries: Any) -> None:
    for n in range(meetings):
        planned(made, at=SOON + timedelta(hours=n))
    token = actions.begin(actor=made.users["member"])
    stranger().get(f"/activities/feed/{token}.ics")
    with django_assert_num_queries(9):
        assert len(list(Calendar.from_ical(stranger().get(f"/activities/feed/{token}.ics").content).walk("VEVENT"))) == meetings


def test_the_page_is_ones_own(made: world.World) -> None:
    actions.begin(actor=made.users["secretary"])
    page = world.signed_in(made.users["member"]).get("/activities/feed/").content.decode()
    assert "未开通" in page
    assert "已开通" in world.signed_in(made.users["secretary"]).get("/activities/feed/").content.decode()
