"""The chain over the audit rows: whatever is changed, removed or put in past the program is found out."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zaidao.accounts.models import User
from zaidao.core import audit, crypto, seal, triggers
from zaidao.core.models import Entry, Seal, Sealed

pytestmark = pytest.mark.django_db
ACTS, BATCH = 14, 4


def act(n: int, user: User | None = None) -> Entry:
    who = user or User(pk=900 + n, work_no=f"U{n}")
    return audit.record(who, "accounts.own", who, changes={"name": [f"旧{n}", f"新{n}"]}, path="00000001", reason=f"第{n}次")


def chain(sealed: int = ACTS) -> list[int]:
    """That many entries in a chain of seals of four, and two more that wait."""
    numbers = [act(n).pk for n in range(sealed)]
    assert seal.seal(batch=BATCH) == sealed
    return numbers + [act(n).pk for n in range(sealed, sealed + 2)]


def test_all_is_well_where_nothing_was_touched() -> None:
    assert (seal.verify(), seal.head(), seal.seal()) == ([], None, 0)
    chain()
    assert seal.verify() == []
    assert seal.unsealed() == 2
    head = seal.head()
    assert head is not None
    assert (head.entries, Seal.objects.count()) == (ACTS, 4)
    assert seal.contains(head.digest)
    seal.seal()
    assert (seal.verify(), seal.unsealed(), seal.contains(head.digest)) == ([], 0, True)


def test_what_is_committed_late_is_sealed_later_and_what_very_late_at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL gives a number before the row is committed."""
    numbers = chain()
    with triggers.removed(connection):
        kept = list(Entry.objects.filter(pk__in=numbers[:2]).values())
        Sealed.objects.all().delete()
        Seal.objects.all().delete()
        Entry.objects.filter(pk__in=numbers[:2]).delete()
    assert seal.seal() == ACTS
    Entry.objects.bulk_create([Entry(**row) for row in kept])
    monkeypatch.setattr(seal, "LOOK_BACK", 3)
    assert seal.seal() == 0
    assert seal.seal(everything=True) == 2
    assert seal.verify() == []


@pytest.mark.parametrize("limit", [1, 4, 5, 100])
def test_a_limited_look_finds_what_is_new(limit: int) -> None:
    numbers = chain()
    with triggers.removed(connection):
        Entry.objects.filter(pk=numbers[ACTS - 1]).update(reason="另写")
    assert {f.number for f in seal.verify(limit)} == {numbers[ACTS - 1]}


def test_a_limited_look_leaves_out_what_is_old() -> None:
    numbers = chain()
    with triggers.removed(connection):
        Entry.objects.filter(pk=numbers[0]).update(reason="另写")
    assert seal.verify(4) == []
    assert [f.number for f in seal.verify()] == [numbers[0]]


# Ways to tamper: each takes the numbers of the entries and a choice, and changes the database past the program.
Tamper = Callable[[list[int], "Any"], None]
FIELDS: dict[str, Any] = {
    "at": F("at") + timedelta(seconds=1), "actor": None, "on_behalf_of": 3, "verb": "people.edit", "object_type": "accounts.code",
    "object_id": "77", "path": "00000002", "changes": {"name": ["旧", "伪"]}, "reason": "伪", "request_id": "r",
    "nonce": "0" * 16, "mac": "0" * 64,
}


def change(numbers: list[int], draw: Any) -> None:
    field = draw(st.sampled_from(sorted(FIELDS)))
    Entry.objects.filter(pk=draw(st.sampled_from(numbers))).update(**{field: FIELDS[field]})


def remove(numbers: list[int], draw: Any) -> None:
    Entry.objects.filter(pk=draw(st.sampled_from(numbers[:ACTS]))).delete()


def remove_with_its_mark(numbers: list[int], draw: Any) -> None:
    number = draw(st.sampled_from(numbers[:ACTS]))
    Entry.objects.filter(pk=number).delete()
    Sealed.objects.filter(entry=number).delete()


def insert(numbers: list[int], draw: Any) -> None:
    row = Entry.objects.filter(pk=draw(st.sampled_from(numbers))).values().get()
    row |= {"id": max(numbers) + 5, "reason": "补写", "mac": draw(st.sampled_from([row["mac"], "f" * 64]))}
    Entry.objects.bulk_create([Entry(**row)])


def copy(numbers: list[int], draw: Any) -> None:
    row = Entry.objects.filter(pk=draw(st.sampled_from(numbers))).values().get()
    Entry.objects.bulk_create([Entry(**row | {"id": max(numbers) + 5})])


def swap(numbers: list[int], draw: Any) -> None:
    one, two = draw(st.lists(st.sampled_from(numbers[:ACTS]), min_size=2, max_size=2, unique=True))
    rows = {pk: Entry.objects.filter(pk=pk).values().get() for pk in (one, two)}
    for here, there in ((one, two), (two, one)):
        Entry.objects.filter(pk=here).update(**{k: v for k, v in rows[there].items() if k != "id"})


def change_seal(numbers: list[int], draw: Any) -> None:
    values = {"at": F("at") + timedelta(seconds=1), "count": F("count") + 1, "previous": "1" * 64, "digest": "2" * 64}
    field = draw(st.sampled_from(sorted(values)))
    Seal.objects.filter(pk=draw(seals())).update(**{field: values[field]})


def remove_seal(numbers: list[int], draw: Any) -> None:
    """Not the last one: a cut-off end is found out by the head that was told before."""
    number = draw(st.sampled_from(list(Seal.objects.values_list("pk", flat=True))[:-1]))
    if draw(st.booleans()):
        Entry.objects.filter(pk__in=Sealed.objects.filter(seal=number).values("entry")).delete()
    Sealed.objects.filter(seal=number).delete()
    Seal.objects.filter(pk=number).delete()


def move_member(numbers: list[int], draw: Any) -> None:
    one = Sealed.objects.get(entry=draw(st.sampled_from(numbers[:ACTS])))
    other = draw(st.sampled_from([s for s in Seal.objects.values_list("pk", flat=True) if s != one.seal_id]))
    Sealed.objects.filter(pk=one.pk).update(seal=other)


def add_member(numbers: list[int], draw: Any) -> None:
    Sealed.objects.create(entry=numbers[-1], seal_id=draw(seals()))


def insert_seal(numbers: list[int], draw: Any) -> None:
    Seal.objects.create(count=0, previous="3" * 64, digest="4" * 64)


def seals() -> "st.SearchStrategy[int]":
    return st.sampled_from(list(Seal.objects.values_list("pk", flat=True)))


TAMPERS: tuple[Tamper, ...] = (
    change, remove, remove_with_its_mark, insert, copy, swap, change_seal, remove_seal, move_member, add_member, insert_seal,
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tamper=st.sampled_from(TAMPERS), data=st.data(), goes_on=st.booleans())
def test_tampering_is_found_out(tamper: Tamper, data: st.DataObject, goes_on: bool, db: None) -> None:
    with transaction.atomic():
        numbers = chain()
        with triggers.removed(connection):
            tamper(numbers, data.draw)
        if goes_on:  # the sealer does not cover it up
            act(99)
            seal.seal(batch=BATCH)
        found = seal.verify()
        assert found
        assert all(f.text.endswith("。") for f in found)
        transaction.set_rollback(True)


def test_an_end_cut_off_is_found_out_by_the_head_told_before() -> None:
    chain()
    head = seal.head()
    assert head is not None
    with triggers.removed(connection):
        Entry.objects.filter(pk__in=Sealed.objects.filter(seal=head.number).values("entry")).delete()
        Sealed.objects.filter(seal=head.number).delete()
        Seal.objects.filter(pk=head.number).delete()
    assert seal.verify() == []
    assert not seal.contains(head.digest)


def test_nobody_without_the_key_can_chain_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is rewritten with digests of another key: rows, macs and seals agree among themselves."""
    numbers = chain()
    with triggers.removed(connection), monkeypatch.context() as patch:
        patch.setattr(crypto, "mac", lambda text, key=b"other": __import__("hmac").new(key, text.encode(), "sha256").hexdigest())
        Sealed.objects.all().delete()
        Seal.objects.all().delete()
        for entry in Entry.objects.all():
            Entry.objects.filter(pk=entry.pk).update(mac=crypto.mac(audit.canonical(entry)))
        seal.seal()
        triggers.install(connection)
        assert seal.verify() == []
    assert {f.number for f in seal.verify()} >= set(numbers)


def test_missing_triggers_are_a_fault() -> None:
    triggers.remove(connection)
    assert {f.kind for f in seal.verify()} == {"guard"}


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_make_one_chain() -> None:
    for n in range(30):
        act(n)
    start, failed = threading.Barrier(2), []

    def work() -> None:
        try:
            start.wait(10)
            seal.seal(batch=3)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert failed == []
    assert (seal.verify(), seal.unsealed(), Sealed.objects.count()) == ([], 0, 30)


@pytest.mark.django_db(transaction=True)
def test_a_request_that_has_not_committed_does_not_hold_up_the_sealer() -> None:
    """Nor does the sealer hold up the request: on PostgreSQL both go on side by side, the open act is sealed afterwards."""
    if connection.vendor != "postgresql":
        return  # SQLite has one writer at a time: there is no open act beside the sealer
    with transaction.atomic():
        open_act = act(1)
        beside = threading.Thread(target=lambda: (act(2), seal.seal(), connection.close()))
        beside.start()
        beside.join(10)
        assert not beside.is_alive()
    assert list(Sealed.objects.values_list("entry", flat=True)) != [open_act.pk]
    assert seal.seal() == 1
    assert seal.verify() == []
