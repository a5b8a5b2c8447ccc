"""Audit rows: what they say, and that they are only ever added."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests import world
from zaidao.accounts.models import User
from zaidao.core import audit, crypto, triggers
from zaidao.core.access import Grant
from zaidao.core.models import Entry, Seal, Sealed

pytestmark = pytest.mark.django_db
ID, PHONE = "110101199001011237", "13912345678"


@pytest.fixture
def user() -> User:
    return User.objects.create(work_no="U1", name="甲")


def act(user: User, **more: object) -> Entry:
    return audit.record(user, "accounts.own", user, **more)  # type: ignore[arg-type]


def test_a_row_says_who_did_what_for_whom_and_where(user: User) -> None:
    grant = Grant("office", "00000001", "d:1", on_behalf_of=7)
    entry = act(user, path="00000001", changes={"name": ["甲", "乙"]}, reason="改名", grant=grant)
    entry.refresh_from_db()
    assert (entry.actor, entry.on_behalf_of, entry.verb, entry.object_type) == (user.pk, 7, "accounts.own", "accounts.user")
    assert (entry.object_id, entry.path, entry.changes, entry.reason) == (str(user.pk), "00000001", {"name": ["甲", "乙"]}, "改名")
    assert entry.mac == crypto.mac(audit.canonical(entry))


def test_an_act_of_the_system_on_a_whole_table_has_no_actor_and_no_number() -> None:
    entry = audit.record(None, "accounts.read_audit", Entry)
    assert (entry.actor, entry.object_type, entry.object_id) == (None, "core.entry", "")


@pytest.mark.parametrize("value", [0.1, 1e30, -1.5e-9, float("nan"), Decimal("1.50"), 10**30, None, True, "a\0b", "\ud800", {"x": [1.0]}])
def test_the_digest_holds_after_the_database_has_kept_the_row(user: User, value: object) -> None:
    made = act(user, changes={"x": [None, value]}, reason="a\0b\ud800")
    kept = Entry.objects.get(pk=made.pk)
    assert kept.mac == crypto.mac(audit.canonical(kept))


def test_two_equal_acts_give_two_different_rows(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = audit.timezone.now()
    monkeypatch.setattr(audit.timezone, "now", lambda: moment)
    assert act(user).mac != act(user).mac


def test_numbers_that_people_type_into_reasons_do_not_stay(user: User) -> None:
    entry = act(user, reason=f"核对{ID},电话{PHONE}", changes={"note": ["", f"身份证{ID}"], "deep": [None, {"k": [PHONE]}]})
    entry.refresh_from_db()
    kept = f"{entry.reason}{entry.changes}"
    assert ID not in kept
    assert PHONE not in kept
    assert entry.reason == "核对***,电话***"


def test_only_that_a_hidden_field_changed_is_kept() -> None:
    before, after = {"name": "甲", "phone": PHONE, "same": 1}, {"name": "乙", "phone": "13800000000", "same": 1}
    assert audit.changed(before, after, hidden=("phone",)) == {"name": ["甲", "乙"], "phone": audit.HIDDEN}


def rows(user: User) -> dict[type, int]:
    entry = act(user)
    seal = Seal.objects.create(count=1, digest="d")
    return {Entry: entry.pk, Seal: seal.pk, Sealed: Sealed.objects.create(entry=entry.pk, seal=seal).pk}


WAYS = ("update", "delete", "save", "replace")


@pytest.mark.parametrize("model", [Entry, Seal, Sealed])
@pytest.mark.parametrize("way", WAYS)
def test_rows_are_never_changed_or_removed(user: User, model: type, way: str) -> None:
    pk = rows(user)[model]
    kept = model.objects.filter(pk=pk)  # type: ignore[attr-defined]
    before = kept.values().get()
    with pytest.raises(DatabaseError), transaction.atomic():
        try_to(way, kept)
    assert kept.values().get() == before


def try_to(way: str, kept: object) -> None:
    row = kept.get()  # type: ignore[attr-defined]
    if way == "update":
        kept.update(id=row.pk)  # type: ignore[attr-defined]
    elif way == "delete":
        kept._raw_delete("default")  # type: ignore[attr-defined]
    elif way == "save":
        row.save()
    else:
        put_again(row)


def put_again(row: object) -> None:
    """Insert a row with the same number: SQLite would take the old one away without asking the trigger on DELETE."""
    table, pk = row._meta.db_table, row.pk  # type: ignore[attr-defined]
    columns = [f.column for f in row._meta.concrete_fields if not f.primary_key]  # type: ignore[attr-defined]
    verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    with connection.cursor() as cursor:
        cursor.execute(f"{verb} INTO {table} (id, {', '.join(columns)}) SELECT id, {', '.join(columns)} FROM {table} WHERE id = %s", [pk])


@pytest.mark.parametrize("table", sorted(triggers.TABLES))
def test_a_table_is_never_emptied(user: User, table: str) -> None:
    rows(user)
    connection.check_constraints()  # PostgreSQL empties no table while it still has to look at a foreign key
    word = "TRUNCATE" if connection.vendor == "postgresql" else "DELETE FROM"
    tail = " CASCADE" if connection.vendor == "postgresql" else ""
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{word} {table}{tail}")


def test_an_act_that_fails_leaves_no_row(user: User) -> None:
    def fail() -> None:
        with transaction.atomic():
            act(user)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not Entry.objects.exists()


def test_taken_off_triggers_are_named() -> None:
    assert triggers.missing(connection) == []
    with transaction.atomic():
        triggers.remove(connection)
        assert {name.partition("_no_")[0] for name in triggers.missing(connection)} == set(triggers.TABLES)
        transaction.set_rollback(True)
    assert triggers.missing(connection) == []


@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth() -> None:
    target = [("core", "0002_living_system")]
    executor = MigrationExecutor(connection)
    now = executor.loader.graph.leaf_nodes()
    try:
        executor.migrate(target)
        assert len(triggers.missing(connection)) >= 6
    finally:
        MigrationExecutor(connection).migrate(now)
    assert triggers.missing(connection) == []
    world.build()  # and the tables stand as before
