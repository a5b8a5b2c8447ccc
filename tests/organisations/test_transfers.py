"""组织关系转接: the old organisation stays responsible until received; of two that settle at once one is refused."""

import contextlib
import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests import world
from tests.organisations.roster import id_no
from tests.races import names, race
from zaidao.core import access, scope
from zaidao.core.errors import Refused
from zaidao.core.models import Entry
from zaidao.engine import catalogue
from zaidao.organisations.actions import absences, people, standing, structure, transfers
from zaidao.organisations.actions.merge import merge
from zaidao.organisations.actions.refusals import Flawed
from zaidao.organisations.decisions import transfers as judge
from zaidao.organisations.decisions.dates import Clocks
from zaidao.organisations.models import Appointment, Membership, Organisation, Person, Transfer

CLOCKS = Clocks.of(catalogue.load())
D = date
ASKED, ON = D(2026, 11, 2), D(2026, 11, 9)


# --- judgements ---------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("issued", "valid", "day", "field"), [
    (D(2026, 11, 2), D(2026, 12, 2), D(2026, 11, 2), None), (D(2026, 11, 2), D(2027, 1, 31), D(2026, 11, 2), None),
    (D(2026, 11, 2), D(2027, 2, 1), D(2026, 11, 2), "valid_until"), (D(2026, 11, 2), D(2026, 11, 2), D(2026, 11, 2), "valid_until"),
    (D(2026, 11, 3), D(2026, 12, 2), D(2026, 11, 2), "issued_on"),
])
def test_a_letter_holds_at_most_as_long_as_the_catalogue_says(issued: date, valid: date, day: date, field: str | None) -> None:
    assert list(judge.letter_flaws(issued, valid, day=day, clocks=CLOCKS)) == ([field] if field else [])


def held(path: str, title: str = "宣传委员", domain: str = "party") -> judge.Held:
    return judge.Held(1, title, domain, "", "branch", path)


@pytest.mark.parametrize(("post", "receiver", "ends"), [
    (held("AB"), "AC", True), (held("A"), "AC", False), (held("ABX"), "AC", True), (held("AB", domain="administrative"), "AC", False),
    (held("AB"), "ABX", False), (held("AB"), None, True),
])
def test_posts_end_where_the_person_no_longer_belongs(post: judge.Held, receiver: str | None, *, ends: bool) -> None:
    assert bool(judge.ending([post], "AB", receiver)) is ends


@pytest.mark.parametrize(("on", "note", "field"), [
    (D(2026, 11, 9), "", None), (D(2026, 11, 1), "", "on"), (D(2026, 11, 27), "", "on"), (D(2026, 11, 20), "", "note"),
    (D(2026, 11, 20), "已电话核实", None),
])
def test_reception_after_the_letter_ran_out_wants_a_word(on: date, note: str, field: str | None) -> None:
    flaws = judge.reception_flaws(D(2026, 11, 2), D(2026, 11, 12), D(2020, 1, 1), on, note, day=D(2026, 11, 26))
    assert list(flaws) == ([field] if field else [])


# --- verbs --------------------------------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: D(2026, 11, 26))


def ask(made: world.World, who: str = "at_branch", to: str | None = "sibling", by: str = "secretary", **more: Any) -> Transfer:
    told = {"letter_no": "2026-17", "issued_on": ASKED, "valid_until": D(2026, 12, 2), "reason": "工作调动"} | more
    return transfers.ask(actor=made.users[by], person=made.people[who], receiver=made.orgs[to] if to else None, **told)


def at(person: Person) -> int | None:
    return Person.everything.get(pk=person.pk).organisation_id


def test_until_received_nothing_changes_and_then_everything_on_one_day() -> None:
    made = world.build()
    person = made.people["at_branch"]
    world.appoint(person, made.orgs["branch"], "宣传委员")
    world.appoint(person, made.orgs["company"], "委员")
    asked = ask(made)
    assert at(person) == made.orgs["branch"].pk
    assert Membership.everything.get(person=person).until is None
    done = transfers.receive(actor=made.users["sibling_secretary"], transfer=asked, on=ON)
    assert (done.state, done.settled_on, at(person)) == ("received", ON, made.orgs["sibling"].pk)
    assert list(Membership.everything.filter(person=person).order_by("since").values_list("organisation", "since", "until")) == [
        (made.orgs["branch"].pk, world.SINCE, ON), (made.orgs["sibling"].pk, ON, None)]
    assert dict(Appointment.everything.filter(person=person).values_list("post__title", "until")) == {"宣传委员": ON, "委员": None}
    assert {e.verb for e in Entry.objects.all()} == {"people.transfer", "posts.hand_over"}  # the post that ends makes its list


@pytest.mark.parametrize("by", ["secretary", "member", "nobody"])
def test_only_the_receiving_side_receives_or_returns(by: str) -> None:
    made = world.build()
    asked = ask(made)
    with pytest.raises(access.Denied):
        transfers.receive(actor=made.users[by], transfer=asked, on=ON)
    with pytest.raises(access.Denied):
        transfers.send_back(actor=made.users[by], transfer=asked, reason="不符")
    assert at(made.people["at_branch"]) == made.orgs["branch"].pk


def test_only_the_old_side_asks_or_withdraws() -> None:
    made = world.build()
    with pytest.raises(access.Denied):
        ask(made, by="sibling_secretary")
    asked = ask(made)
    with pytest.raises(access.Denied):
        transfers.withdraw(actor=made.users["sibling_secretary"], transfer=asked)
    assert transfers.withdraw(actor=made.users["secretary"], transfer=asked, reason="填错").state == "withdrawn"
    assert ask(made).state == "asked"


def test_a_return_wants_a_reason_and_changes_nothing_else() -> None:
    made = world.build()
    asked = ask(made)
    with pytest.raises(Flawed):
        transfers.send_back(actor=made.users["sibling_secretary"], transfer=asked, reason=" ")
    back = transfers.send_back(actor=made.users["sibling_secretary"], transfer=asked, reason="介绍信抬头有误")
    assert (back.state, back.settled_reason, at(made.people["at_branch"])) == ("returned", "介绍信抬头有误", made.orgs["branch"].pk)


def test_one_open_transfer_a_person_and_to_another_standing_organisation() -> None:
    made = world.build()
    with pytest.raises(Flawed):
        ask(made, to="branch")
    with pytest.raises(Flawed):
        ask(made, to=None)
    with pytest.raises(Flawed):
        ask(made, outside="外省某党委")
    Organisation.everything.filter(pk=made.orgs["quay"].pk).update(dissolved_on=D(2026, 1, 1))
    made.orgs["quay"].refresh_from_db()
    with pytest.raises(Flawed):
        ask(made, to="quay")
    ask(made)
    with pytest.raises(Refused, match="正在办理"):
        ask(made)


def test_a_secretary_is_relieved_first() -> None:
    made = world.build()
    with pytest.raises(Refused, match="机关支部书记"):
        ask(made, who="secretary", by="superior")
    person = made.people["at_branch"]
    asked = ask(made)
    world.appoint(person, made.orgs["branch"], "书记")
    with pytest.raises(Refused, match="免职"):
        transfers.receive(actor=made.users["sibling_secretary"], transfer=asked, on=ON)
    assert at(person) == made.orgs["branch"].pk


def test_a_receiver_that_was_dissolved_meanwhile_cannot_receive() -> None:
    made = world.build()
    asked = ask(made)
    Organisation.everything.filter(pk=made.orgs["sibling"].pk).update(dissolved_on=D(2026, 11, 5))
    with pytest.raises(Refused, match="撤销"):
        transfers.receive(actor=made.users["superior"], transfer=asked, on=ON)
    assert transfers.withdraw(actor=made.users["secretary"], transfer=asked).state == "withdrawn"


def test_the_receipt_of_an_outside_organisation_takes_the_person_off_the_roster() -> None:
    made = world.build()
    person = made.people["at_branch"]
    asked = ask(made, to=None, outside="外省某党委")
    with pytest.raises(Refused):
        transfers.receive(actor=made.users["secretary"], transfer=asked, on=ON)
    with pytest.raises(Flawed):
        transfers.confirm_outside(actor=made.users["secretary"], transfer=asked, on=ON, note="")
    transfers.confirm_outside(actor=made.users["secretary"], transfer=asked, on=ON, note="回执 2026-9")
    assert at(person) is None
    assert Membership.everything.get(person=person).until == ON


def take_in(made: world.World, **facts: Any) -> Transfer:
    told = {"name": "曾新来", "category": "full", "joined_on": D(2015, 7, 1)} | facts
    return transfers.take_in(
        actor=made.users["secretary"], organisation=made.orgs["branch"], facts=told, outside="外省某党委", letter_no="外-3",
        issued_on=ASKED, on=ON, reason="调入",
    )


def test_from_outside_somebody_is_registered_with_the_letter() -> None:
    made = world.build()
    done = take_in(made, id_no=id_no())
    assert (done.sender, done.outside, done.state, at(done.person)) == (None, "外省某党委", "received", made.orgs["branch"].pk)
    assert Membership.everything.get(person=done.person).since == ON
    with pytest.raises(access.Denied):
        transfers.take_in(
            actor=made.users["member"], organisation=made.orgs["branch"], facts={"name": "乙", "category": "full"}, outside="某党委",
            letter_no="", issued_on=ASKED, on=ON,
        )


def test_somebody_who_left_comes_back_as_the_same_person() -> None:
    made = world.build()
    first = take_in(made, id_no=id_no()).person
    standing.leave(actor=made.users["secretary"], person=first, on=D(2026, 11, 10), why="resigned")
    with pytest.raises(Flawed) as other_name:
        take_in(made, id_no=id_no(), name="别人")
    assert set(other_name.value.fields) == {"name"}
    back = transfers.take_in(
        actor=made.users["sibling_secretary"], organisation=made.orgs["sibling"], outside="外省某党委", letter_no="外-4", issued_on=ASKED,
        on=D(2026, 11, 20), facts={"name": "曾新来", "category": "full", "id_no": id_no(), "education": "本科"},
    )
    assert back.person == first
    row = Person.everything.get(pk=first.pk)
    assert (row.organisation, row.education, row.joined_on) == (made.orgs["sibling"], "本科", D(2015, 7, 1))
    assert Membership.everything.filter(person=first).count() == 2


def test_a_superior_of_both_moves_at_once_and_nobody_else() -> None:
    made = world.build()
    person = made.people["at_branch"]
    move = lambda by: transfers.move(  # noqa: E731
        actor=made.users[by], person=person, receiver=made.orgs["sibling"], on=ON, reason="支部调整",
    )
    with pytest.raises(access.Denied):
        move("secretary")
    assert at(person) == made.orgs["branch"].pk
    assert not Transfer.everything.exists()
    assert move("superior").state == "received"
    assert at(person) == made.orgs["sibling"].pk


def test_a_mobile_member_is_mobile_no_more_once_received() -> None:
    made = world.build()
    person = made.people["at_branch"]
    gone = absences.begin(actor=made.users["secretary"], person=person, kind="mobile", since=D(2026, 3, 1))
    transfers.receive(actor=made.users["sibling_secretary"], transfer=ask(made), on=ON)
    gone.refresh_from_db()
    assert gone.until == ON


def test_each_side_sees_its_own_transfers() -> None:
    made = world.build()
    asked = ask(made)
    seen = {}
    for key, user in made.users.items():
        with scope.scope(access.holder(user)):
            seen[key] = (Transfer.objects.filter(pk=asked.pk).exists(), Transfer.incoming.filter(pk=asked.pk).exists())
    assert seen["secretary"] == (True, False)
    assert seen["sibling_secretary"] == (False, True)
    assert seen["superior"] == seen["head"] == seen["office"] == (True, True)
    assert seen["member"] == seen["nobody"] == (False, False)


# --- two at once --------------------------------------------------------------------------------------------------------------------

def settling(made: world.World, asked: Transfer) -> dict[str, Callable[[], Transfer]]:
    return {
        "receive": lambda: transfers.receive(actor=made.users["sibling_secretary"], transfer=asked, on=ON),
        "withdraw": lambda: transfers.withdraw(actor=made.users["secretary"], transfer=asked),
        "send_back": lambda: transfers.send_back(actor=made.users["sibling_secretary"], transfer=asked, reason="不符"),
    }


@pytest.mark.parametrize(("first", "second"), [
    ("receive", "withdraw"), ("receive", "receive"), ("withdraw", "receive"), ("send_back", "receive"), ("receive", "send_back"),
])
def test_who_comes_second_is_refused(first: str, second: str) -> None:
    made = world.build()
    asked = ask(made)
    done = settling(made, asked)[first]()
    with pytest.raises(Refused, match="不能再办理"):
        settling(made, asked)[second]()
    assert Transfer.everything.get(pk=asked.pk).state == done.state


def test_without_the_lock_the_second_would_act_on_what_it_saw_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the lock is for: both read the open transfer, then both settle. Received and withdrawn at once, the person is moved."""
    made = world.build()
    asked = ask(made)
    seen = transfers.lock(asked.pk)
    settling(made, asked)["receive"]()
    monkeypatch.setattr(transfers, "lock", lambda _: seen)
    assert settling(made, asked)["withdraw"]().state == "withdrawn"
    assert at(made.people["at_branch"]) == made.orgs["sibling"].pk


@pytest.mark.django_db(transaction=True)
def test_receive_and_withdraw_in_two_threads_settle_once() -> None:
    made = world.build()
    asked = ask(made)
    came = race(settling(made, asked)["receive"], settling(made, asked)["withdraw"])
    assert sorted(type(c).__name__ for c in came) == ["Refused", "Transfer"]
    row = Transfer.everything.get(pk=asked.pk)
    assert (at(made.people["at_branch"]) == made.orgs["sibling"].pk) is (row.state == "received")


@pytest.mark.django_db(transaction=True)
def test_a_reception_and_a_merger_of_the_receiver_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each stops where it has its first locks until the other has, or is kept waiting: in one order of locks neither is shot down."""
    if connection.vendor != "postgresql":
        pytest.skip("the locks are PostgreSQL's; SQLite takes writers one by one")
    made, gate = world.build(), threading.Barrier(2, timeout=1)
    asked = ask(made)

    def then(read: Callable[..., Any]) -> Callable[..., Any]:
        def met(*args: Any) -> Any:
            found = read(*args)
            with contextlib.suppress(threading.BrokenBarrierError):
                gate.wait()
            return found
        return met

    monkeypatch.setattr(transfers, "lock", then(transfers.lock))
    monkeypatch.setattr(structure, "hold", then(structure.hold))
    came = race(
        settling(made, asked)["receive"],
        lambda: merge(actor=made.users["superior"], sources=[made.orgs["sibling"].pk], target=made.orgs["branch"].pk,
                      effective_on=timezone.localdate(), document_no="1号"),
    )
    assert set(names(came)) <= {"Transfer", "Change", "Refused"}, came
    assert Transfer.everything.get(pk=asked.pk).state in ("received", "withdrawn")
    assert at(made.people["at_branch"]) == made.orgs["branch"].pk


@pytest.mark.parametrize("how", ["received", "deceased"])
def test_an_end_that_is_set_for_a_later_day_does_not_outlast_the_belonging(how: str) -> None:
    """Whoever goes is out of office that day, whatever day was set before."""
    made = world.build()
    held = world.appoint(made.people["at_branch"], made.orgs["branch"], "宣传委员")
    Appointment.everything.filter(pk=held.pk).update(until=ON + timedelta(days=200))
    if how == "received":
        transfers.receive(actor=made.users["sibling_secretary"], transfer=ask(made), on=ON)
    else:
        standing.leave(actor=made.users["secretary"], person=made.people["at_branch"], on=ON, why="deceased")
    held.refresh_from_db()
    assert held.until == ON


def test_registering_checks_the_roster_that_receives() -> None:
    made = world.build()
    with pytest.raises(access.Denied):
        people.register(
            actor=made.users["secretary"], organisation=made.orgs["sibling"], since=None, facts={"name": "乙", "category": "full"},
        )
