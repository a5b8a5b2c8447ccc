"""The catalogue of a day is read once a request or job, and anew after something was set."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from tests import world
from zaidao.core import rulebook, tasks
from zaidao.core.models import Job
from zaidao.engine import catalogue
from zaidao.institutions import actions

pytestmark = pytest.mark.django_db
KEY = "duties.moved_days"
JUNE, JULY = date(2026, 6, 30), date(2026, 7, 1)


@pytest.fixture
def asked() -> Iterator[list[Any]]:
    """How often the values are read: one entry each time."""
    found: list[Any] = []
    kept = rulebook._reader[:]
    rulebook.told_by(lambda: found.append(None) or kept[0]())  # type: ignore[func-returns-value]
    yield found
    rulebook.told_by(kept[0])


def test_without_anything_set_the_package_holds() -> None:
    assert rulebook.on(JULY) is catalogue.load()


def test_values_are_read_once_and_anew_after_one_was_set(asked: list[Any]) -> None:
    made = world.build()
    with rulebook.read_once():
        assert [rulebook.on(day).param(KEY) for day in (JUNE, JULY, JULY)] == [45, 45, 45]
        assert len(asked) == 1
        actions.set_value(actor=made.users["head"], key=KEY, value=30, since=JULY, reason="本单位规定")
        assert [rulebook.on(day).param(KEY) for day in (JUNE, JULY, JULY)] == [45, 30, 30]
        assert len(asked) <= 3  # laying out is a job, which reads for itself
    asked.clear()
    for _ in range(2):
        rulebook.on(JULY)
    assert len(asked) == 2


def test_a_request_and_a_job_read_at_most_once(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    client = world.signed_in(made.users["head"])
    for address in ("/", *map(reverse, ("organisations:terms", "institutions:values", "carriers:month"))):
        asked.clear()
        assert client.get(address).status_code == 200
        assert len(asked) <= 1, address
    asked.clear()
    monkeypatch.setitem(tasks.REGISTRY, "test.judges", lambda *_: [rulebook.on(JUNE), rulebook.on(JULY)])
    tasks.perform(Job.objects.create(task="test.judges", argument=1))
    assert len(asked) == 1
