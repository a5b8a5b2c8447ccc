"""Appointments: what is refused, what is doubted and confirmed, ends, corrections, and two at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections, transaction

from tests import world
from zaidao.core import access
from zaidao.core.errors import Refused
from zaidao.core.models import Entry
from zaidao.organisations.actions import appointments as actions
from zaidao.organisations.actions.doubts import Unconfirmed
from zaidao.organisations.models import Appointment, HandOver, Membership, Person, Post

pytestmark = pytest.mark.django_db
SINCE = date(2026, 6, 1)


@pytest.fixture
def made() -> world.World:
    return world.build()


def post(made: world.World, title: str = "组织委员", where: str = "branch", **more: Any) -> Post:
    return Post.everything.create(organisation=made.orgs[where], title=title, **({"domain": "party"} | more))


def appoint(made: world.World, to: Post, who: str = "member", **more: Any) -> Appointment:
    base = {"actor": made.users["secretary"], "post": to, "person": made.people[who], "since": SINCE, "basis": "支部大会选举"}
    return actions.appoint(**(base | more))


def codes(told: pytest.ExceptionInfo[Unconfirmed]) -> list[str]:
    return [d.code for d in told.value.doubts]


def test_a_full_member_of_the_roster_is_appointed_on_record(made: world.World) -> None:
    held = appoint(made, post(made), full_time="no", tenure="正式")
    assert (held.since, held.until, held.basis, held.tenure) == (SINCE, None, "支部大会选举", "正式")
    entry = Entry.objects.get(object_type="organisations.appointment", object_id=str(held.pk))
    assert (entry.verb, entry.path) == ("posts.appoint", made.orgs["branch"].path)


@pytest.mark.parametrize("key", ["sibling_secretary", "member", "nobody"])
def test_others_appoint_nobody(made: world.World, key: str) -> None:
    with pytest.raises(access.Denied):
        appoint(made, post(made), actor=made.users[key])
    assert not Appointment.everything.filter(post__title="组织委员").exists()


def test_seats_are_not_exceeded_on_any_day(made: world.World) -> None:
    to = post(made)
    Appointment.everything.create(post=to, person=made.people["at_branch"], since=date(2026, 9, 1))
    with pytest.raises(Refused, match="职数1,2026年9月1日起已有1人在任"):
        appoint(made, to)
    assert appoint(made, to, until=date(2026, 9, 1), end_reason="任期届满").until == date(2026, 9, 1)


def test_the_same_person_not_twice_in_one_post_at_a_time(made: world.World) -> None:
    to = post(made, seats=3)
    appoint(made, to)
    with pytest.raises(Refused, match="已在这个岗位任职"):
        appoint(made, to, since=date(2026, 7, 1))


@pytest.mark.parametrize("category", ["probationary", "candidate", "activist", "employee"])
def test_elected_posts_are_for_full_members(made: world.World, category: str) -> None:
    Person.everything.filter(pk=made.people["member"].pk).update(category=category)
    with pytest.raises(Refused, match=r"须由正式党员担任.*第5条"):
        appoint(made, post(made))
    assert appoint(made, post(made, "党务干事")).pk  # not an elected post


def test_not_before_becoming_a_full_member(made: world.World) -> None:
    with pytest.raises(Refused, match="早于转正日期2021年1月1日"):
        appoint(made, post(made), since=date(2020, 6, 1))


def test_only_who_is_on_the_roster_that_day(made: world.World) -> None:
    Membership.everything.filter(person=made.people["member"]).update(until=date(2026, 5, 1))
    with pytest.raises(Refused, match="在2026年6月1日不在名册上"):
        appoint(made, post(made))


def test_people_out_of_sight_are_not_there(made: world.World) -> None:
    with pytest.raises(Refused, match="名册中没有这位同志"):
        appoint(made, post(made), who="at_quay")
    assert not Appointment.everything.filter(person=made.people["at_quay"]).exists()


def test_one_secretary_whatever_the_title_and_whoever_does_the_work(made: world.World) -> None:
    with pytest.raises(Refused, match="书记只能一人"):
        appoint(made, post(made, "党支部书记"))
    with pytest.raises(Refused, match="书记只能一人"):
        appoint(made, post(made, "副书记"), tenure="主持工作")
    assert appoint(made, Post.everything.get(title="副书记"), tenure="正式").pk


def test_a_secretary_of_less_than_a_year_in_the_party_is_confirmed(made: world.World) -> None:
    Appointment.everything.filter(post__title="书记", post__organisation=made.orgs["branch"]).update(until=SINCE)
    Person.everything.filter(pk=made.people["member"].pk).update(full_since=date(2025, 6, 2))
    to = Post.everything.get(title="书记", organisation=made.orgs["branch"])
    with pytest.raises(Unconfirmed) as told:
        appoint(made, to, actor=made.users["superior"])
    assert codes(told) == ["party_years"]
    assert "第23条" in told.value.doubts[0].ground
    assert not Appointment.everything.filter(post=to, until=None).exists()  # nothing passes silently
    held = appoint(made, to, actor=made.users["superior"], confirmed=["party_years"])
    entry = Entry.objects.get(object_id=str(held.pk), object_type="organisations.appointment")
    assert entry.changes["confirmed"] == [None, ["party_years"]]


def test_exactly_a_year_is_enough_and_an_unknown_date_is_asked_about(made: world.World) -> None:
    Appointment.everything.filter(post__title="书记", post__organisation=made.orgs["branch"]).update(until=SINCE)
    to = Post.everything.get(title="书记", organisation=made.orgs["branch"])
    Person.everything.filter(pk=made.people["member"].pk).update(full_since=None)
    with pytest.raises(Unconfirmed, match="转正日期未登记"):
        appoint(made, to, actor=made.users["superior"])
    Person.everything.filter(pk=made.people["member"].pk).update(full_since=date(2025, 6, 1))
    assert appoint(made, to, actor=made.users["superior"]).pk


def test_every_doubt_is_confirmed_not_only_one(made: world.World) -> None:
    Person.everything.filter(pk=made.people["at_sibling"].pk).update(full_since=None)
    to = Post.everything.get(title="书记", organisation=made.orgs["branch"])
    Appointment.everything.filter(post=to).update(until=SINCE)
    ask = {"who": "at_sibling", "actor": made.users["superior"], "basis": ""}
    with pytest.raises(Unconfirmed) as told:
        appoint(made, to, **ask, confirmed=["outside"])
    assert codes(told) == ["party_years", "outside", "document"]
    assert appoint(made, to, **ask, confirmed=["party_years", "outside", "document"]).pk


def test_the_head_of_discipline_holds_nothing_else_without_approval(made: world.World) -> None:
    appoint(made, post(made, "纪检组长"), since=date(2026, 1, 1))
    to = post(made, "宣传委员")
    with pytest.raises(Refused, match=r"一般不兼任其他职务.*第14条.*批准文号"):
        appoint(made, to, basis="")
    with pytest.raises(Unconfirmed) as told:
        appoint(made, to, basis="", approval="集党〔2026〕8号")
    assert codes(told) == ["discipline"]
    held = appoint(made, to, basis="", approval="集党〔2026〕8号", confirmed=["discipline"])
    assert held.approval == "集党〔2026〕8号"


def test_another_post_beside_a_full_time_one_is_asked_about(made: world.World) -> None:
    appoint(made, post(made), full_time="yes")
    with pytest.raises(Unconfirmed, match="专职岗位") as told:
        appoint(made, post(made, "宣传委员"))
    assert codes(told) == ["full_time"]


def test_a_post_that_ends_or_begins_bounds_its_appointments(made: world.World) -> None:
    with pytest.raises(Refused, match="已定于2026年12月1日撤销"):
        appoint(made, post(made, until=date(2026, 12, 1)))
    with pytest.raises(Refused, match="不能早于这一天"):
        appoint(made, post(made, "宣传委员", since=date(2026, 7, 1)))


def test_an_appointment_ends_once_with_a_reason_and_a_list(made: world.World) -> None:
    held = appoint(made, post(made))
    with pytest.raises(Refused, match="须晚于任职日期"):
        actions.end(actor=made.users["secretary"], appointment=held, until=SINCE, reason="调离")
    with pytest.raises(Refused, match="离任原因"):
        actions.end(actor=made.users["secretary"], appointment=held, until=date(2026, 8, 1), reason=" ")
    assert not HandOver.everything.exists()
    ended = actions.end(actor=made.users["secretary"], appointment=held, until=date(2026, 8, 1), reason="调离")
    assert (ended.until, ended.end_reason, ended.version) == (date(2026, 8, 1), "调离", 2)
    assert HandOver.everything.get().appointment_id == held.pk
    with pytest.raises(Refused, match=r"已于2026年8月1日离任"):
        actions.end(actor=made.users["secretary"], appointment=held, until=date(2026, 9, 1), reason="调离")


def correct(made: world.World, held: Appointment, **more: Any) -> Appointment:
    base = {"actor": made.users["secretary"], "appointment": held, "version": held.version, "since": held.since, "until": held.until,
            "full_time": "", "tenure": "", "basis": held.basis, "approval": "", "reason": "日期登记有误"}
    return actions.correct(**(base | more))


def test_a_correction_follows_the_same_rules_and_says_why(made: world.World) -> None:
    held = appoint(made, post(made))
    assert correct(made, held, since=date(2026, 5, 1)).since == date(2026, 5, 1)
    entry = Entry.objects.filter(object_id=str(held.pk), object_type="organisations.appointment").latest("pk")
    assert (entry.reason, entry.changes["since"]) == ("日期登记有误", ["2026-06-01", "2026-05-01"])
    held.refresh_from_db()
    with pytest.raises(Refused, match="更正的原因"):
        correct(made, held, reason="")
    with pytest.raises(Refused, match="早于转正日期"):
        correct(made, held, since=date(2020, 5, 1))


def test_a_correction_of_what_changed_meanwhile_is_refused(made: world.World) -> None:
    held = appoint(made, post(made))
    correct(made, held, tenure="代理")
    with pytest.raises(Refused, match="刚被改动过"):
        correct(made, held, since=date(2026, 5, 1))


def test_a_wrong_entry_keeps_its_row_without_a_day_of_office(made: world.World) -> None:
    to = post(made)
    held = appoint(made, to)
    gone = actions.void(actor=made.users["secretary"], appointment=held, version=1, reason="登错了人")
    assert (gone.since, gone.until, gone.end_reason) == (SINCE, SINCE, "登记有误:登错了人")
    assert appoint(made, to, who="at_branch").pk  # the seat is free on that very day


@pytest.mark.parametrize("verb", [actions.end, actions.void])
@pytest.mark.parametrize("key", ["sibling_secretary", "member", "nobody"])
def test_others_end_nothing(made: world.World, verb: Any, key: str) -> None:
    held = appoint(made, post(made))
    more = {"until": date(2026, 8, 1)} if verb is actions.end else {"version": 1}
    with pytest.raises(access.Denied):
        verb(actor=made.users[key], appointment=held, reason="调离", **more)
    held.refresh_from_db()
    assert held.until is None


def test_a_new_secretary_may_act_and_the_former_may_not(made: world.World) -> None:
    to = Post.everything.get(title="书记", organisation=made.orgs["branch"])
    actions.end(actor=made.users["superior"], appointment=Appointment.everything.get(post=to), until=date(2026, 1, 1), reason="调离")
    assert not access.Holder(made.users["secretary"]).may("posts.appoint", made.orgs["branch"].path)
    appoint(made, to, actor=made.users["superior"], since=date(2026, 1, 1))
    assert access.Holder(made.users["member"]).may("posts.appoint", made.orgs["branch"].path)


@contextmanager
def both_read_first(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two transactions decide before either writes, as they may without the lock."""
    barrier, settle = threading.Barrier(2, timeout=10), actions.settle

    def meet(*args: Any) -> Any:
        try:
            return settle(*args)
        finally:
            barrier.wait()

    def unlocked(found: Post) -> Post:
        return Post.everything.select_related("organisation").get(pk=found.pk)

    monkeypatch.setattr(actions, "settle", meet)
    monkeypatch.setattr(actions, "locked", unlocked)
    yield


def two_at_once(made: world.World, to: Post) -> int:
    """Two appointments to one seat, each in a connection of its own; returns how many hold it then."""

    def run(who: str) -> None:
        try:
            with transaction.atomic():
                appoint(made, to, who=who)
        except Refused:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(who,)) for who in ("member", "at_branch")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Appointment.everything.filter(post=to).count()


@pytest.mark.django_db(transaction=True)
def test_two_appointments_to_one_seat_leave_one(made: world.World) -> None:
    assert two_at_once(made, post(made)) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_hold_it(made: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite lets one transaction write at a time whatever we lock, so the lock shows on PostgreSQL."""
    if connection.vendor != "postgresql":
        pytest.skip("the lock is PostgreSQL's; SQLite takes writers one by one")
    to = post(made)
    with both_read_first(monkeypatch):
        assert two_at_once(made, to) == 2
