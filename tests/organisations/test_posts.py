"""Posts and seats: what may be set up, changed and abolished, and by whom."""

from datetime import date
from typing import Any

import pytest

from tests import world
from zaidao.core import access
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Message
from zaidao.engine import catalogue
from zaidao.organisations.actions import posts as actions
from zaidao.organisations.decisions import posts as decisions
from zaidao.organisations.decisions import role_of
from zaidao.organisations.decisions.posts import Span, most_at_once
from zaidao.organisations.models import Appointment, HandOver, Post

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 10)


@pytest.fixture
def made() -> world.World:
    return world.build()


def create(made: world.World, **more: Any) -> Post:
    base = {"actor": made.users["secretary"], "organisation": made.orgs["branch"], "title": "组织委员"}
    return actions.create(**(base | more))


def test_a_post_is_created_and_on_record(made: world.World) -> None:
    post = create(made, seats=2, since=TODAY)
    assert (post.seats, post.domain, post.since) == (2, "party", TODAY)
    entry = Entry.objects.get(object_type="organisations.post", object_id=str(post.pk))
    assert (entry.verb, entry.path, entry.changes["seats"]) == ("posts.edit", made.orgs["branch"].path, [None, 2])
    assert Message.objects.filter(topic="organisations.post_created", subject=post.pk).count() == 1


def test_a_title_once_an_organisation_and_one_seat_for_the_secretary(made: world.World) -> None:
    with pytest.raises(Refused, match="已有“书记”"):
        create(made, title="书记")
    with pytest.raises(Refused, match="书记只能一人"):
        create(made, title="党支部书记", seats=2)
    with pytest.raises(Refused, match="职数至少为1"):
        create(made, seats=0)
    assert Post.everything.filter(organisation=made.orgs["branch"]).count() == 1


@pytest.mark.parametrize("key", ["sibling_secretary", "member", "nobody"])
def test_others_set_up_nothing(made: world.World, key: str) -> None:
    with pytest.raises(access.Denied):
        create(made, actor=made.users[key])
    assert not Post.everything.filter(title="组织委员").exists()


def test_the_superior_may(made: world.World) -> None:
    assert create(made, actor=made.users["superior"]).pk


def test_seats_are_never_fewer_than_holders(made: world.World) -> None:
    post = create(made, seats=3)
    for key in ("member", "at_branch"):
        Appointment.everything.create(post=post, person=made.people[key], since=date(2026, 1, 1))
    with pytest.raises(Refused, match="不能少于2"):
        actions.change(actor=made.users["secretary"], post=post, seats=1, on=TODAY)
    changed = actions.change(actor=made.users["secretary"], post=post, seats=2, on=TODAY, reason="支部大会决定")
    assert changed.seats == 2
    assert Entry.objects.get(object_id=str(post.pk), changes__seats=[3, 2]).reason == "支部大会决定"


def test_seats_count_those_who_are_appointed_for_a_later_day(made: world.World) -> None:
    post = create(made, seats=2)
    Appointment.everything.create(post=post, person=made.people["member"], since=date(2026, 1, 1))
    Appointment.everything.create(post=post, person=made.people["at_branch"], since=date(2026, 9, 1))
    with pytest.raises(Refused, match="不能少于2"):
        actions.change(actor=made.users["secretary"], post=post, seats=1, on=TODAY)


def test_a_post_with_a_history_keeps_its_title(made: world.World) -> None:
    post = create(made)
    assert actions.change(actor=made.users["secretary"], post=post, seats=1, on=TODAY, title="宣传委员").title == "宣传委员"
    Appointment.everything.create(post=post, person=made.people["member"], since=date(2026, 1, 1), until=date(2026, 2, 1))
    with pytest.raises(Refused, match="名称不能再改"):
        actions.change(actor=made.users["secretary"], post=post, seats=1, on=TODAY, title="组织委员")


def test_a_post_is_not_abolished_while_held(made: world.World) -> None:
    post = create(made)
    held = Appointment.everything.create(post=post, person=made.people["member"], since=date(2026, 1, 1))
    with pytest.raises(Refused, match="仍有1人在任"):
        actions.abolish(actor=made.users["secretary"], post=post, on=TODAY, reason="调整分工")
    post.refresh_from_db()
    held.refresh_from_db()
    assert (post.until, held.until) == (None, None)


def test_abolishing_ends_the_holders_where_that_is_said(made: world.World) -> None:
    post = create(made)
    held = Appointment.everything.create(post=post, person=made.people["member"], since=date(2026, 1, 1))
    actions.abolish(actor=made.users["secretary"], post=post, on=TODAY, reason="调整分工", end_holders=True)
    post.refresh_from_db()
    held.refresh_from_db()
    assert (post.until, held.until, held.end_reason) == (TODAY, TODAY, "岗位撤销:调整分工")
    assert HandOver.everything.filter(appointment=held).exists()
    with pytest.raises(Refused, match="已定于2026年6月10日撤销"):
        actions.abolish(actor=made.users["secretary"], post=post, on=TODAY, reason="再次")


def test_abolishing_wants_a_reason_and_no_later_appointments(made: world.World) -> None:
    post = create(made)
    with pytest.raises(Refused, match="依据或原因"):
        actions.abolish(actor=made.users["secretary"], post=post, on=TODAY, reason=" ")
    Appointment.everything.create(post=post, person=made.people["member"], since=date(2026, 9, 1))
    with pytest.raises(Refused, match="先更正这些任职"):
        actions.abolish(actor=made.users["secretary"], post=post, on=TODAY, reason="调整", end_holders=True)


@pytest.mark.parametrize(("spans", "window", "count"), [
    ([], (None, None), 0),
    ([(date(2025, 1, 1), date(2026, 1, 1))], (date(2026, 1, 1), None), 0),  # one leaves the day the next begins
    ([(date(2025, 1, 1), date(2026, 1, 2))], (date(2026, 1, 1), None), 1),
    ([(None, None)], (date(2026, 1, 1), date(2026, 1, 2)), 1),
    ([(date(2025, 1, 1), date(2025, 7, 1)), (date(2025, 7, 1), None)], (date(2025, 1, 1), None), 1),
    ([(date(2025, 1, 1), date(2025, 7, 2)), (date(2025, 7, 1), None)], (date(2025, 1, 1), None), 2),
    ([(date(2027, 1, 1), None), (date(2028, 1, 1), None)], (date(2026, 1, 1), None), 2),
])
def test_how_many_hold_together_on_the_fullest_day(spans: list[Any], window: tuple[Any, Any], count: int) -> None:
    assert most_at_once([Span(*s) for s in spans], Span(*window))[0] == count


@pytest.mark.parametrize(("title", "leads"), [
    ("纪委书记", True), ("纪检组长", True), ("纪检部门负责人", True), ("纪检委员", False), ("纪委副书记", False), ("书记", False),
])
def test_heads_of_discipline_bodies_by_title(title: str, leads: bool) -> None:
    assert decisions.leads_discipline(title) is leads


@pytest.mark.parametrize(("title", "domain", "tenure", "gives"), [
    ("书记", "party", "", "secretary"), ("副书记", "party", "", "secretary"), ("组织委员", "party", "", "organiser"),
    ("组织委员", "party", "主持工作", "secretary"), ("宣传委员", "party", "", "commissioner"), ("党务干事", "party", "", "office"),
    ("党建工作部主任", "party", "", "office"), ("组织员", "party", "", "office"), ("团委书记", "mass", "", None),
    ("团支部书记", "party", "", None),
    ("经理", "administrative", "", None), ("纪委书记", "party", "", "commissioner"),
])
def test_what_a_post_gives(title: str, domain: str, tenure: str, gives: str | None) -> None:
    assert role_of(title, domain, "branch", tenure) == gives


def test_what_appointments_rest_on_is_cited() -> None:
    known = catalogue.load()
    assert decisions.cite(known.rule("branch.secretary_min_party_years_soft")) == "《中国共产党支部工作条例(试行)》第23条"
    assert decisions.cite(known.rule("election.not_expected")).endswith("(待核)")
