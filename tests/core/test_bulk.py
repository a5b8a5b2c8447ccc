"""Many rows written at once stand as if each had been saved, on either database."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.world import build
from zaidao.core import bulk, crypto
from zaidao.core.models import Entry, Message, Plan, PlanRow
from zaidao.organisations.models import Membership, Person

pytestmark = pytest.mark.django_db
ODD = "制表\t换行\n回车\r反斜杠\\N“引号”' \" 𠮷"


@pytest.fixture
def plan() -> Plan:
    return Plan.objects.create(kind="x", title="批", owner=build().users["office"])


def _rows(plan: Plan, count: int) -> list[PlanRow]:
    return [
        PlanRow(plan=plan, n=n, table="person", sheet=ODD[:20], row=n, state=PlanRow.State.NEW, fields={"name": {"after": f"{ODD}{n}"}},
                reason=ODD if n % 2 else "")
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_new_rows_have_their_numbers_and_say_what_they_were_given(plan: Plan, count: int, django_assert_num_queries: Any) -> None:
    rows = _rows(plan, count)
    bulk.add(rows, numbered=True)
    held = list(PlanRow.objects.filter(plan=plan).order_by("n"))
    assert [h.pk for h in held] == [r.pk for r in rows]
    again = _rows(plan, count)
    for row in again:
        row.n += 100
    with django_assert_num_queries(1):  # without their numbers
        bulk.add(again)
    assert PlanRow.objects.filter(plan=plan).count() == 2 * count
    assert [(h.sheet, h.state, h.fields, h.reason, h.object_id) for h in held] == [
        (ODD[:20], "new", {"name": {"after": f"{ODD}{n}"}}, ODD if n % 2 else "", None) for n in range(1, count + 1)
    ]


def test_what_is_encrypted_lies_encrypted(plan: Plan) -> None:
    bulk.add(_rows(plan, 1))
    bulk.change([PlanRow(pk=PlanRow.objects.get().pk, plan=plan, n=1, row=1, undo={"made": ODD})], ["undo"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields, undo, reason FROM core_planrow")
        stored = cursor.fetchone()
    assert all(text.startswith("k1:") for text in stored)


def test_times_json_and_empty_columns(plan: Plan) -> None:
    at = timezone.now()
    data = {"text": ODD, "list": [1, None, True]}
    bulk.add([Message(topic="a.b", subject=1, data=data, created_at=at), Message(topic="c.d", subject=2, data={})])
    first, second = Message.objects.order_by("pk")
    assert (first.created_at, first.data, first.routed) == (at, data, False)
    assert second.data == {}
    entry = Entry(verb="x", object_type="y", object_id="1", changes={"a": [None, ODD]}, mac="m")
    bulk.add([entry], numbered=True)
    assert Entry.objects.get(pk=entry.pk).changes == {"a": [None, ODD]}
    assert Entry.objects.get(pk=entry.pk).actor is None


def test_a_row_that_is_taken_is_an_integrity_error_and_nothing_of_the_others_stays(plan: Plan) -> None:
    bulk.add(_rows(plan, 2))
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.add([PlanRow(plan=plan, n=9, table="t", sheet="s", row=9, state="new"), *_rows(plan, 1)])
    assert PlanRow.objects.count() == 2


def test_rows_that_refer_to_each_other() -> None:
    place = next(iter(build().orgs.values()))
    people = [Person(code=f"B{n}", name="单", organisation=place, category="full", id_no=f"号{n}", id_no_index=crypto.blind(str(n), "x"),
                     born_on=date(1990, 1, n)) for n in (1, 2)]
    bulk.add(people, numbered=True)
    bulk.add([Membership(person=p, organisation=place, since=date(2020, 1, 1)) for p in people])
    held = Person.everything.filter(code__startswith="B").order_by("code")
    assert [(p.id_no, p.born_on, p.user, p.version) for p in held] == [
        ("号1", date(1990, 1, 1), None, 1), ("号2", date(1990, 1, 2), None, 1),
    ]
    assert Membership.everything.filter(person__in=people).count() == 2
    people[0].name = "改"
    people[0].save()  # a row that was written is saved again, not written twice
    assert Person.everything.filter(code="B1").count() == 1


def test_a_change_writes_what_is_named_and_nothing_else(plan: Plan, django_assert_num_queries: Any) -> None:
    rows = _rows(plan, 3)
    bulk.add(rows, numbered=True)
    changed = [PlanRow(pk=r.pk, plan=plan, n=r.n, row=r.row, outcome="applied", object_id=7, undo={"n": r.n}) for r in rows[:2]]
    with django_assert_num_queries(1):
        bulk.change(changed, ["outcome", "object_id", "undo"])
    held = list(PlanRow.objects.filter(plan=plan).order_by("n"))
    assert [(h.outcome, h.object_id, h.undo, h.sheet) for h in held] == [
        ("applied", 7, {"n": 1}, ODD[:20]), ("applied", 7, {"n": 2}, ODD[:20]), ("", None, {}, ODD[:20]),
    ]


def test_nothing_is_written_for_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        bulk.add([])
        bulk.change([], ["n"])
