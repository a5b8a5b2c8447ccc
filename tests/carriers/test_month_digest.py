"""The day's reminder: one a person and working day at most, counts alone, closed for the day, mailed where there is mail."""

import smtplib
from datetime import date
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from tests import world
from tests.carriers import month as made_of
from tests.carriers.month import TODAY
from tests.world import World
from zaidao.accounts.models import Delegation
from zaidao.carriers.models import Activity, Attendance, Digest, Participation
from zaidao.carriers.month import digest
from zaidao.core.models import Holiday

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Thursday in November 2026."""
    monkeypatch.setattr(timezone, "now", lambda: timezone.make_aware(made_of.NOW))
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture
def made() -> World:
    return world.build()


def write() -> dict[str, dict[str, int]]:
    """Who is reminded of what."""
    digest.write(0, lambda *_: None)
    return {d.user.work_no.removeprefix("U-"): d.told for d in Digest.objects.select_related("user")}


def test_everybody_is_reminded_of_what_is_near_by_their_posts_and_nobody_of_nothing(made: World) -> None:
    branch = made.orgs["branch"]
    made_of.duty(branch, "支委会", date(2026, 10, 1), date(2026, 11, 1))
    made_of.duty(branch)
    made_of.duty(branch, "谈心谈话", date(2026, 1, 1), date(2027, 1, 1), every="year")  # not within a week
    made_of.duty(branch, "党课", state="kept", done=1)
    past = made_of.meeting(branch, made_of.at(date(2026, 11, 20)), "学习会")
    made_of.follow_up(past, "整理台账", date(2026, 11, 20), state="done")
    made_of.follow_up(past, "联系社区", date(2026, 11, 30), made.people["member"])
    made_of.follow_up(past, "明年再办", date(2027, 3, 1), made.people["member"])
    assert write() == {"secretary": {"past": 1, "soon": 1, "unfiled": 1, "confirm": 1}, "member": {"mine": 1}}


def test_members_are_told_of_todays_meetings_those_of_a_group_too_and_each_once(made: World) -> None:
    group = world.organisation("crew", "一组", "group", made.orgs["branch"])
    from zaidao.organisations import tree
    from zaidao.organisations.models import Organisation

    tree.rebuild(Organisation.everything.values_list("pk", flat=True))
    of_group = made.people["member"]
    of_group.organisation = group
    of_group.save()
    joint = made_of.meeting(made.orgs["branch"], made_of.at(TODAY), "联合的会")
    Participation.everything.create(activity=joint, organisation=group)
    made_of.meeting(made.orgs["branch"], made_of.at(TODAY), "取消的会", state="cancelled")
    made_of.meeting(made.orgs["branch"], made_of.at(date(2026, 11, 27)), "明天的会")
    assert write() == {"secretary": {"meetings": 1}, "member": {"meetings": 1}}


def test_the_committee_s_meeting_and_others_talks_are_nobody_elses(made: World) -> None:
    for kind in ("支委会", "谈心谈话"):
        found = made_of.meeting(made.orgs["branch"], made_of.at(TODAY), kind)
        Activity.everything.filter(pk=found.pk).update(kind=kind)
    assert write() == {"secretary": {"meetings": 1}}
    Digest.objects.all().delete()
    part = Participation.everything.get(activity=found)
    Attendance.everything.create(participation=part, person=made.people["member"], state="present")
    assert write() == {"secretary": {"meetings": 1}, "member": {"meetings": 1}}


def test_whoever_stands_in_is_reminded_while_they_do(made: World) -> None:
    made_of.duty(made.orgs["branch"])
    stands_in = {"giver": made.users["secretary"], "taker": made.users["nobody"], "reason": "出差"}
    Delegation.objects.create(since=TODAY, until=date(2026, 12, 1), **stands_in)
    assert write().keys() == {"secretary", "nobody"}
    Digest.objects.all().delete()
    Delegation.objects.update(ended_at=timezone.now())
    assert write().keys() == {"secretary"}


def test_closed_accounts_and_ended_posts_are_not_reminded(made: World) -> None:
    made_of.duty(made.orgs["branch"])
    made_of.duty(made.orgs["sibling"])
    made.users["sibling_secretary"].is_active = False
    made.users["sibling_secretary"].save()
    from zaidao.organisations.models import Appointment

    Appointment.everything.filter(person=made.people["secretary"]).update(until=TODAY)
    assert write() == {}


@pytest.mark.parametrize(("day", "kind", "any_"), [(TODAY, "rest", False), (date(2026, 11, 28), "work", True),
                                                    (date(2026, 11, 28), "", False)])
def test_days_of_rest_have_none(made: World, monkeypatch: pytest.MonkeyPatch, day: date, kind: str, any_: bool) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: day)
    if kind:
        Holiday.objects.create(day=day, kind=kind, name="调休")
    made_of.duty(made.orgs["branch"])
    assert bool(write()) is any_


def test_begun_twice_it_adds_nothing_and_old_ones_go(made: World) -> None:
    made_of.duty(made.orgs["branch"])
    Digest.objects.create(user=made.users["head"], day=date(2026, 10, 1), told={"soon": 1})
    assert write() == write() == {"secretary": {"soon": 1}}


def home(made: World, who: str) -> str:
    return str(world.signed_in(made.users[who]).get("/").content.decode())


def test_it_stands_on_the_home_page_until_closed_for_the_day(made: World) -> None:
    made_of.duty(made.orgs["branch"])
    write()
    assert "即将到期 1 项" in home(made, "secretary")
    assert "今日提要" not in home(made, "sibling_secretary")
    client = world.signed_in(made.users["secretary"])
    assert client.get("/activities/month/reminder/close/").status_code == 405
    assert client.post("/activities/month/reminder/close/").status_code == 302
    assert "今日提要" not in home(made, "secretary")
    write()
    assert "今日提要" not in home(made, "secretary")


def test_nobody_closes_anothers_nor_without_signing_in(made: World) -> None:
    made_of.duty(made.orgs["branch"])
    write()
    world.signed_in(made.users["nobody"]).post("/activities/month/reminder/close/")
    assert Client(HTTP_HOST="127.0.0.1").post("/activities/month/reminder/close/").status_code == 302
    assert "今日提要" in home(made, "secretary")


class TestMail:
    @pytest.fixture(autouse=True)
    def addresses(self, made: World, settings: LazySettings) -> None:
        settings.EMAIL_HOST = "mail.example.cn"
        for key in ("secretary", "sibling_secretary"):
            made.users[key].email = f"{key}@example.cn"
            made.users[key].save()
        for key in ("branch", "sibling", "company"):
            made_of.duty(made.orgs[key])

    def test_one_letter_of_counts_to_those_with_an_address_and_no_second(self, made: World) -> None:
        write()
        write()
        assert [m.to for m in mail.outbox] == [["secretary@example.cn"], ["sibling_secretary@example.cn"]]
        told = mail.outbox[0].subject + mail.outbox[0].body
        assert "即将到期 1 项" in told
        hidden = [*(o.name for o in made.orgs.values()), *(p.name for p in made.people.values()), *(u.name for u in made.users.values())]
        assert [name for name in hidden if name in told] == []

    def test_without_a_server_nothing_is_sent(self, settings: LazySettings) -> None:
        settings.EMAIL_HOST = ""
        assert write().keys() == {"secretary", "sibling_secretary", "superior"}
        assert mail.outbox == []

    def test_what_a_server_refuses_hinders_no_other_letter_and_names_no_address(
        self, made: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    ) -> None:
        send = EmailBackend.send_messages

        def refuse(self: Any, messages: Any) -> int:
            if messages[0].to == ["secretary@example.cn"]:
                raise smtplib.SMTPRecipientsRefused({"secretary@example.cn": (550, b"no")})
            return send(self, messages)

        monkeypatch.setattr(EmailBackend, "send_messages", refuse)
        write()
        assert [m.to for m in mail.outbox] == [["sibling_secretary@example.cn"]]
        assert "SMTPRecipientsRefused" in caplog.text
        assert "example.cn" not in caplog.text

    def test_a_server_that_is_not_there_hinders_no_reminder(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    ) -> None:
        def away(self: Any) -> None:
            raise ConnectionRefusedError("mail.example.cn")

        monkeypatch.setattr(EmailBackend, "open", away)
        assert len(write()) == 3
        assert "ConnectionRefusedError" in caplog.text
        assert "example.cn" not in caplog.text


def test_who_wants_less_is_reminded_less(made: World, settings: LazySettings) -> None:
    settings.EMAIL_HOST = "localhost"
    for name in ("secretary", "member", "sibling_secretary"):
        made.users[name].email = f"{name}@example.org"
        made.users[name].save(update_fields=["email"])
    for org in ("branch", "sibling"):
        made_of.duty(made.orgs[org], "支委会", date(2026, 10, 1), date(2026, 11, 1))
    made_of.follow_up(made_of.meeting(made.orgs["branch"], made_of.at(date(2026, 11, 20)), "会"), "联系", TODAY, made.people["member"])
    clients = {name: world.signed_in(made.users[name]) for name in ("secretary", "member")}
    assert "今日提要" in clients["member"].get("/me/").content.decode()
    assert clients["member"].post("/activities/month/reminder/choose/", {"how": "none"}).status_code == 302
    clients["secretary"].post("/activities/month/reminder/choose/", {"how": "page"})
    assert set(write()) == {"secretary", "sibling_secretary"}
    assert [letter.to for letter in mail.outbox] == [["sibling_secretary@example.org"]]
    assert '<option value="page" selected>' in clients["secretary"].get("/me/").content.decode()

    clients["member"].post("/activities/month/reminder/choose/", {"how": "no such"})
    assert digest.wanted_by(made.users["member"]) == "none"
    clients["member"].post("/activities/month/reminder/choose/", {"how": ""})
    assert digest.wanted_by(made.users["member"]) == ""
    assert set(write()) == {"secretary", "sibling_secretary", "member"}


def test_who_wants_none_does_not_see_todays_either(made: World) -> None:
    made_of.duty(made.orgs["branch"], "支委会", date(2026, 10, 1), date(2026, 11, 1))
    write()
    assert digest.today_of(made.users["secretary"], TODAY)
    digest.choose(actor=made.users["secretary"], how="none")
    assert digest.today_of(made.users["secretary"], TODAY) is None
