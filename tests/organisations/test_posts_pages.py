"""Pages of posts, appointments, hand-overs, terms and structure: who sees what, what they show, how many queries they take."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from tests import world
from zaidao.core import access, panels, scope
from zaidao.organisations.actions import appointments
from zaidao.organisations.models import Appointment, HandOver, Organisation, Post, Term
from zaidao.organisations.panels import posts as own_panels

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def made() -> world.World:
    return world.build()


def client(made: world.World, key: str) -> Client:
    return world.signed_in(made.users[key])


def url(name: str, *args: Any) -> str:
    return reverse(f"organisations:{name}", args=args)


def pages(made: world.World) -> dict[str, tuple[str, bool]]:
    """Name -> address at the branch, and whether it is for whoever manages it alone."""
    branch, post = made.orgs["branch"], Post.everything.get(organisation=made.orgs["branch"])
    held = Appointment.everything.get(post=post)
    return {
        "posts": (url("posts", branch.pk), False), "post": (url("post", post.pk), False), "term": (url("term", branch.pk), False),
        "post_new": (url("post_new", branch.pk), True), "post_seats": (url("post_seats", post.pk), True),
        "post_abolish": (url("post_abolish", post.pk), True), "appoint": (url("appoint", post.pk), True),
        "appointment_end": (url("appointment_end", held.pk), True), "appointment_correct": (url("appointment_correct", held.pk), True),
        "appointment_void": (url("appointment_void", held.pk), True), "term_elect": (url("term_elect", branch.pk), True),
        "term_request": (url("term_request", branch.pk), True),
        "term_extend": (url("term_extend", branch.pk), True), "term_correct": (url("term_correct", branch.pk), True),
        "structure": (url("structure", branch.pk), True), "expected": (url("expected", branch.pk), True),
    }


NAMES = ("posts", "post", "term", "post_new", "post_seats", "post_abolish", "appoint", "appointment_end", "appointment_correct",
         "appointment_void", "term_elect", "term_request", "term_extend", "term_correct", "structure", "expected")


@pytest.mark.parametrize("name", NAMES)
def test_who_may_open_a_page_of_the_branch(made: world.World, name: str) -> None:
    address, managers = pages(made)[name]
    assert client(made, "secretary").get(address).status_code == 200
    assert client(made, "superior").get(address).status_code == 200
    assert client(made, "member").get(address).status_code == (403 if managers else 200)
    for key in ("sibling_secretary", "nobody"):
        told = client(made, key).get(address)
        assert told.status_code == 404
        assert world.canary("branch") not in told.content.decode()
    assert Client(HTTP_HOST="127.0.0.1").get(address).status_code in (302, 403, 404)


@pytest.mark.parametrize("name", ["structure_list", "terms", "hand_overs"])
def test_lists_show_the_subtree_in_sight(made: world.World, name: str) -> None:
    Term.everything.all().update(started_on=date(2015, 1, 1))
    for key in ("branch", "sibling"):
        held = Appointment.everything.get(post__organisation=made.orgs[key], post__title="书记")
        appointments.end(actor=made.users["superior"], appointment=held, until=TODAY + timedelta(days=1), reason="调离")
    address = url(name) + "?what=" + ("over" if name == "terms" else "open")
    told = client(made, "superior").get(address).content.decode()
    assert "机关支部" in told
    assert "车间支部" in told
    assert "码头支部" not in told
    own = client(made, "secretary").get(address).content.decode()
    assert "机关支部" in own
    assert "车间支部" not in own
    for key in ("member", "nobody"):
        answer = client(made, key).get(address)
        assert answer.status_code == (200 if name == "hand_overs" else 403)  # lists that wait for oneself are everybody's
        assert "机关支部书记" not in answer.content.decode()


def test_a_post_is_set_up_filled_ended_and_handed_over_by_pages(made: world.World) -> None:
    browser, branch = client(made, "secretary"), made.orgs["branch"]
    assert browser.post(url("post_new", branch.pk), {"title": "组织委员", "domain": "party", "seats": 1}).status_code == 302
    post = Post.everything.get(title="组织委员")
    ask = {"person": "人员member", "since": "2026-06-01", "basis": "选举结果"}
    assert browser.post(url("appoint", post.pk), ask).status_code == 302
    held = Appointment.everything.get(post=post)
    assert held.person == made.people["member"]
    assert "人员member" in browser.get(url("post", post.pk)).content.decode()
    assert browser.post(url("appointment_end", held.pk), {"until": "2026-09-01", "reason": "调离"}).status_code == 302
    found = HandOver.everything.get()
    giver = client(made, "member")
    assert "确认已交出" in giver.get(url("hand_over", found.pk)).content.decode()
    assert "确认已接收" not in giver.get(url("hand_over", found.pk)).content.decode()
    giver.post(url("hand_over_confirm", found.pk), {"side": "given"})
    receiver = made.people["secretary"].pk
    browser.post(url("hand_over_edit", found.pk), {"items": "印章\n台账", "receiver": receiver})
    found.refresh_from_db()
    assert (found.given_at, found.receiver_id) == (None, receiver)
    for who in (giver, browser):
        who.post(url("hand_over_confirm", found.pk), {"side": "given" if who is giver else "received"})
    found.refresh_from_db()
    assert not found.is_open
    for key in ("sibling_secretary", "nobody"):
        assert client(made, key).get(url("hand_over", found.pk)).status_code == 404


def test_doubts_are_shown_with_their_article_and_ticked_one_by_one(made: world.World) -> None:
    browser, post = client(made, "superior"), Post.everything.get(organisation=made.orgs["branch"])
    Appointment.everything.filter(post=post).update(until=date(2026, 6, 1))
    made.people["member"].full_since = None
    made.people["member"].save()
    ask = {"person": "C-member", "since": "2026-06-01"}
    told = browser.post(url("appoint", post.pk), ask).content.decode()
    assert "第23条" in told
    assert 'value="party_years"' in told
    assert 'value="document"' in told
    assert browser.post(url("appoint", post.pk), ask | {"confirmed": ["document"]}).status_code == 200
    assert not Appointment.everything.filter(post=post, person=made.people["member"]).exists()
    assert browser.post(url("appoint", post.pk), ask | {"confirmed": ["document", "party_years"]}).status_code == 302
    assert Appointment.everything.filter(post=post, person=made.people["member"]).exists()


def test_namesakes_and_strangers_are_not_guessed(made: world.World) -> None:
    world.person("C-second", "人员member", made.orgs["branch"])
    browser = client(made, "secretary")
    post = Post.everything.create(organisation=made.orgs["branch"], title="组织委员", domain="party")
    told = browser.post(url("appoint", post.pk), {"person": "人员member", "since": "2026-06-01"}).content.decode()
    assert "有重名" in told
    assert "C-second" in told
    for unknown in ("P-quay", world.canary("quay")):
        told = browser.post(url("appoint", post.pk), {"person": unknown, "since": "2026-06-01"}).content.decode()
        assert "名册中没有这位同志" in told
    assert not Appointment.everything.filter(post=post).exists()


def test_an_election_by_page_keeps_those_ticked(made: world.World) -> None:
    Term.everything.all().update(started_on=date(2023, 6, 1))
    browser, branch = client(made, "superior"), made.orgs["branch"]
    held = Appointment.everything.get(post__organisation=branch)
    assert held.person.name in browser.get(url("term_elect", branch.pk)).content.decode()
    assert browser.post(url("term_elect", branch.pk), {"on": str(TODAY), "stay": [held.pk], "basis": "批复"}).status_code == 302
    held.refresh_from_db()
    assert held.until is None
    assert Term.everything.get(organisation=branch, ended_on=None).started_on == TODAY


def test_the_expected_list_says_how_many_and_why(made: world.World) -> None:
    world.person("N-1", "新接收", made.orgs["branch"], "probationary")
    told = client(made, "secretary").get(url("expected", made.orgs["branch"].pk) + "?on=2026-06-10").content.decode()
    assert "2026年6月10日:应到 <b>4</b> 人,其中有表决权 <b>3</b> 人" in told
    assert "预备党员,计入应到,没有表决权" in told


def grow(made: world.World) -> None:
    """Many posts, holders, lists and branches."""
    for i in range(20):
        post = Post.everything.create(organisation=made.orgs["branch"], title=f"第{i}委员", domain="party")
        who = world.person(f"M-{i}", f"甲{i}", made.orgs["branch"])
        until = None if i % 2 else TODAY + timedelta(days=3)
        held = Appointment.everything.create(post=post, person=who, since=date(2025, 3, 1), until=until)
        if not i % 2:
            HandOver.everything.create(appointment=held, items=[{"text": "印章"}])
        org = Organisation.everything.create(code=f"N-{i}", name=f"新支部{i}", kind="branch", established_on=world.SINCE,
                                             path=made.orgs["company"].path + str(90000 + i).zfill(8))
        Term.everything.create(organisation=org, started_on=date(2015, 1, 1))


@pytest.mark.parametrize("name", ["posts", "post", "term", "structure", "expected", "structure_list", "terms", "vacant", "hand_overs"])
def test_pages_take_as_many_queries_for_one_row_as_for_many(made: world.World, name: str, django_assert_max_num_queries: Any) -> None:
    address = url("terms") + "?what=vacant" if name == "vacant" else url(name) if name in ("structure_list", "terms", "hand_overs") else (
        pages(made)[name][0])
    browser = client(made, "superior")
    browser.get(address)
    with django_assert_max_num_queries(15) as few:
        assert browser.get(address).status_code == 200
    grow(made)
    with django_assert_max_num_queries(15) as many:
        assert browser.get(address).status_code == 200
    assert len(many) == len(few)


PANELS = {"posts_panel": {"superior", "secretary", "member"}, "term_panel": {"superior", "secretary", "member"},
          "structure_panel": {"superior", "secretary"}}


@pytest.mark.parametrize("name", PANELS)
def test_panels_of_the_organisation_by_verb(made: world.World, name: str) -> None:
    panel = next(p for p in panels.of("organisation") if p.name.endswith(f".{name}"))
    for key in ("superior", "secretary", "sibling_secretary", "member", "nobody"):
        request = RequestFactory().get("/")
        request.user = made.users[key]
        with scope.scope(access.holder(made.users[key])):
            assert (panels.values(panel, request, made.orgs["branch"]) is not None) is (key in PANELS[name]), key


def home(made: world.World, key: str, name: str = "counts_panel") -> Any:
    """What a panel of the home page says to somebody; None where they do not have it."""
    request = RequestFactory().get("/")
    request.user = made.users[key] if key else AnonymousUser()
    panel = next(p for p in panels.of("home") if p.name.endswith(f".posts.{name}"))
    with scope.scope(access.holder(request.user)):
        return panels.values(panel, request, request.user)


def test_the_home_page_counts_what_waits_in_sight(made: world.World) -> None:
    Term.everything.filter(organisation=made.orgs["branch"]).update(started_on=date(2015, 1, 1))
    Term.everything.filter(organisation=made.orgs["quay"]).update(started_on=date(2015, 1, 1))
    found = home(made, "superior")
    assert (found["over"], found["vacant"], found["waiting"]) == (1, 0, 0)
    assert home(made, "head")["over"] == 2
    assert home(made, "head")["vacant"] == 2  # the other company and its branch have no secretary
    found = home(made, "sibling_secretary")
    assert not any(found[n] for n in ("over", "soon", "vacant", "waiting", "late"))
    assert home(made, "member") is None
    assert home(made, "nobody") is None


def test_the_counts_are_fetched_apart_by_those_alone_whose_they_are(made: world.World) -> None:
    Term.everything.filter(organisation=made.orgs["branch"]).update(started_on=date(2015, 1, 1))
    address = "/panels/home/zaidao-organisations-panels-posts-counts_panel/{}/"
    own = {key: address.format(made.users[key].pk) for key in ("superior", "sibling_secretary", "member", "nobody")}
    assert own["superior"] in client(made, "superior").get("/").content.decode()
    assert own["member"] not in client(made, "member").get("/").content.decode()
    assert "已届满未换届</a>:1个组织" in client(made, "superior").get(own["superior"]).content.decode()
    assert "近期没有届满的任期" in client(made, "sibling_secretary").get(own["sibling_secretary"]).content.decode()
    for who, whose in (("member", "member"), ("nobody", "nobody"), ("sibling_secretary", "superior"), ("superior", "sibling_secretary")):
        assert client(made, who).get(own[whose]).status_code == 404, (who, whose)


def test_a_hand_over_waits_on_the_former_holders_home_page(made: world.World) -> None:
    held = Appointment.everything.get(post__organisation=made.orgs["branch"])
    appointments.end(actor=made.users["superior"], appointment=held, until=TODAY - timedelta(days=40), reason="调离")
    assert home(made, "secretary", "home_panel")["own"] == [HandOver.everything.get()]
    assert home(made, "superior", "home_panel") is None
    assert home(made, "superior")["late"] == 1


def test_posts_held_are_told_where_they_are_in_sight_and_all_to_oneself(made: world.World) -> None:
    post = Post.everything.create(organisation=made.orgs["quay"], title="宣传委员", domain="party")
    Appointment.everything.create(post=post, person=made.people["secretary"], since=date(2024, 1, 1), until=date(2024, 6, 1))
    sees = {"head": 2, "superior": 1, "secretary": 2}
    for key, count in sees.items():
        request = RequestFactory().get("/")
        request.user = made.users[key]
        with scope.scope(access.holder(made.users[key])):
            assert len(own_panels.career_panel(request, made.people["secretary"])["career"]) == count, key
    request.user = made.users["nobody"]
    with scope.scope(access.holder(made.users["nobody"])):
        assert own_panels.career_panel(request, made.people["secretary"]) is None
