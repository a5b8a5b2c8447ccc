"""News reaches every handler at least once, in a transaction of its own each; what keeps failing is given up and shown."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from zaidao.core import outbox, scope
from zaidao.core.middleware import request_id
from zaidao.core.models import Delivery, Message, Schedule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.heard("organisations.moved")  # the modules' own listeners are registered by now, and set aside
    monkeypatch.setattr(outbox, "HANDLERS", defaultdict(dict))


def _named(name: str, handler: Callable[[Message], None]) -> None:
    handler.__qualname__ = name
    outbox.on("organisations.moved")(handler)


def _due_again() -> None:
    Delivery.objects.update(next_at=timezone.now())


def test_news_reaches_every_handler_once_with_the_whole_tree_in_sight() -> None:
    seen: list[tuple[str, int, object, str]] = []

    def hear(message: Message) -> None:
        assert isinstance(scope.active(), scope.System)
        seen.append(("first", message.subject, message.data["from"], request_id.get()))

    _named("first", hear)
    _named("second", lambda message: seen.append(("second", message.subject, None, "")))
    message = outbox.announce("organisations.moved", 7, **{"from": 3})
    outbox.announce("organisations.renamed", 7)
    assert [outbox.dispatch() for _ in range(2)] == [2, 0]
    assert seen == [("first", 7, 3, f"news-{message.pk}"), ("second", 7, None, "")]
    with pytest.raises(scope.NoScope):
        scope.active()


def test_news_of_an_act_that_was_rolled_back_reaches_nobody() -> None:
    _named("never", lambda message: pytest.fail("heard"))

    @transaction.atomic
    def act() -> None:
        outbox.announce("organisations.moved", 7)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        act()
    assert outbox.dispatch() == 0


def test_a_handler_that_fails_leaves_nothing_and_hinders_no_other() -> None:
    good: list[int] = []

    def fail(message: Message) -> None:
        Schedule.objects.create(name="half", next_at=timezone.now())
        raise ZeroDivisionError("13812345678")

    _named("bad", fail)
    _named("good", lambda message: good.append(message.subject))
    outbox.announce("organisations.moved", 7)
    assert outbox.dispatch() == 2
    assert good == [7]
    assert not Schedule.objects.filter(name="half").exists()
    bad = Delivery.objects.get(done_at=None)
    assert (bad.attempts, bad.error, bad.gave_up) == (1, "ZeroDivisionError", False)
    assert bad.next_at > timezone.now()
    assert outbox.dispatch() == 0  # not before its time


def test_a_handler_that_recovers_is_done() -> None:
    calls: list[int] = []

    def at_second(message: Message) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise LookupError

    _named("later", at_second)
    outbox.announce("organisations.moved", 7)
    outbox.dispatch()
    _due_again()
    outbox.dispatch()
    delivery = Delivery.objects.get()
    assert delivery.done_at
    assert (delivery.error, len(calls)) == ("", 2)


def test_waiting_grows_and_in_the_end_it_is_given_up_and_can_be_tried_anew() -> None:
    calls: list[int] = []

    def fail(message: Message) -> None:
        calls.append(1)
        raise LookupError

    _named("bad", fail)
    outbox.announce("organisations.moved", 7)
    waits = []
    for _ in range(outbox.ATTEMPTS + 2):
        outbox.dispatch()
        waits.append(Delivery.objects.get().next_at - timezone.now())
        _due_again()
    assert len(calls) == outbox.ATTEMPTS
    assert waits[4] > 2 * waits[2] > timedelta(seconds=50)
    stuck = outbox.stuck()
    assert [(d.message.topic, d.message.subject, d.error) for d in stuck] == [("organisations.moved", 7, "LookupError")]
    outbox.again(stuck[0].pk)
    assert outbox.stuck() == []
    assert outbox.dispatch() == 1


def test_a_handler_that_takes_the_process_down_each_time_is_given_up_too() -> None:
    """Nothing is written after the call then: only the attempts, before it."""
    _named("deadly", lambda message: pytest.fail("called once more"))
    outbox.announce("organisations.moved", 7)
    outbox.route()
    Delivery.objects.update(attempts=outbox.ATTEMPTS)
    assert outbox.dispatch() == 0
    assert len(outbox.stuck()) == 1


def test_a_delivery_taken_by_another_worker_is_left_to_it() -> None:
    _named("once", lambda message: pytest.fail("called twice"))
    outbox.announce("organisations.moved", 7)
    outbox.route()
    seen = Delivery.objects.select_related("message").get()
    Delivery.objects.update(attempts=1)
    assert not outbox._deliver(seen)


def test_routing_twice_delivers_once() -> None:
    _named("once", lambda message: None)
    outbox.announce("organisations.moved", 7)
    outbox.route()
    Message.objects.update(routed=False)
    outbox.route()
    assert Delivery.objects.count() == 1


def test_of_what_nobody_hears_of_nothing_is_handed_out_and_of_many_nothing_written(django_assert_num_queries: Any) -> None:
    _named("somebody", lambda message: None)
    for number in range(3):
        outbox.announce("organisations.renamed", number)
    with django_assert_num_queries(5):  # is there any; those nobody hears of; are there others, in a savepoint
        assert outbox.route() == 0
    assert not Message.objects.filter(routed=False).exists()
    outbox.announce_many("organisations.renamed", [1, 2])
    outbox.announce_many("organisations.moved", [1, 2])
    assert Message.objects.filter(topic="organisations.renamed").count() == 3
    assert outbox.dispatch() == 2


def test_a_round_of_much_news_leaves_the_rest_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(outbox.time, "monotonic", lambda: clock[0])

    def hear(message: Message) -> None:
        clock[0] += 0.6 * outbox.ROUND

    _named("slow", hear)
    outbox.announce_many("organisations.moved", range(5))
    assert [outbox.dispatch() for _ in range(4)] == [2, 2, 1, 0]


def test_old_news_goes_once_everybody_has_it() -> None:
    _named("good", lambda message: None)
    now = timezone.now()
    for age in (40, 40, 5):
        outbox.announce("organisations.moved", age)
    outbox.announce("organisations.renamed", 40)  # nobody listens
    Message.objects.filter(subject=40).update(created_at=now - timedelta(days=40))
    outbox.dispatch()
    owed = Delivery.objects.filter(message__subject=40).first()
    assert owed
    Delivery.objects.filter(pk=owed.pk).update(done_at=None, gave_up=True)
    assert outbox.prune(now) == 2
    assert set(Message.objects.values_list("pk", "subject")) == {(owed.message_id, 40), (Message.objects.get(subject=5).pk, 5)}
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("many", [1, 30])
def test_nothing_new_costs_two_queries(many: int, django_assert_num_queries: Callable[[int], object]) -> None:
    _named("good", lambda message: None)
    for n in range(many):
        outbox.announce("organisations.moved", n)
    assert outbox.dispatch() == many
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        outbox.dispatch()
