"""Encrypted fields: what lies in the database, and what a lost key closes."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import FieldError
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from tests import world
from zaidao.accounts.models import User
from zaidao.core import crypto
from zaidao.core.crypto import KeyMissing
from zaidao.core.fields import UNREADABLE, Unreadable
from zaidao.core.models import Plan, PlanRow

pytestmark = pytest.mark.django_db
PHONE = "13912345678"


@pytest.fixture
def user() -> User:
    user = User(work_no="U1", name="甲")
    user.set_phone(PHONE)
    user.save()
    return user


@pytest.fixture
def lost(user: User, tmp_path: Path, settings: LazySettings) -> None:
    """The keys are gone after the user was written."""
    settings.KEYS = tmp_path


def stored(user: User) -> str:
    """The column as it lies in the database."""
    return User.objects.annotate(raw=Cast("phone", TextField())).values_list("raw", flat=True).get(pk=user.pk)


def row_of(user: User) -> PlanRow:
    plan = Plan.objects.create(kind="people", title="t", owner=user)
    return PlanRow.objects.create(plan=plan, n=1, table="people", sheet="s", row=2, state="new", fields={"phone": {"after": PHONE}})


def test_the_database_holds_no_plain_text(user: User) -> None:
    assert User.objects.get().phone == PHONE
    assert stored(user).startswith("k1:")
    assert User.objects.by_phone(PHONE) == user
    assert PlanRow.objects.get(pk=row_of(user).pk).fields == {"phone": {"after": PHONE}}
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields FROM core_planrow")
        assert cursor.fetchone()[0].startswith("k1:")


def test_empty_stays_empty() -> None:
    user = User.objects.create(work_no="U2", name="乙")
    assert (stored(user), User.objects.get(pk=user.pk).phone) == ("", "")


@pytest.mark.parametrize("lookup", ["phone", "phone__contains", "phone__in", "phone__gt"])
def test_nobody_can_search_in_it(user: User, lookup: str) -> None:
    with pytest.raises(FieldError):
        User.objects.filter(**{lookup: PHONE}).exists()


def test_bulk_writes_are_encrypted_too(user: User) -> None:
    User.objects.filter(pk=user.pk).update(phone="13800000000")
    User.objects.bulk_create([User(work_no="U3", phone=PHONE)])
    user.phone = PHONE
    User.objects.bulk_update([user], ["phone"])
    assert {u.phone for u in User.objects.all()} == {PHONE}
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_user")
        assert all(value.startswith("k1:") for (value,) in cursor.fetchall())


def test_a_lost_key_closes_the_value_alone(user: User, lost: None) -> None:
    kept = User.objects.get(pk=user.pk)
    assert (kept.name, kept.work_no) == ("甲", "U1")
    with pytest.raises(KeyMissing, match="密钥"):
        _ = kept.phone
    given = User.objects.values_list("phone", flat=True).get()
    assert isinstance(given, Unreadable)
    assert (str(given), PHONE in repr(given)) == (UNREADABLE, False)


def test_a_row_can_be_changed_without_the_key_and_reads_again_with_it(user: User, tmp_path: Path, settings: LazySettings) -> None:
    with_keys, before = settings.KEYS, stored(user)
    settings.KEYS = tmp_path
    kept = User.objects.get(pk=user.pk)
    kept.name = "甲甲"
    kept.save()
    settings.KEYS = with_keys
    assert stored(user) == before
    assert (User.objects.get().name, User.objects.get().phone) == ("甲甲", PHONE)


def test_rows_of_plans_close_likewise(user: User, tmp_path: Path, settings: LazySettings) -> None:
    pk = row_of(user).pk
    with_keys = settings.KEYS
    settings.KEYS = tmp_path
    row = PlanRow.objects.get(pk=pk)
    assert row.sheet == "s"
    with pytest.raises(KeyMissing):
        _ = row.fields
    row.outcome = "applied"
    row.save()
    settings.KEYS = with_keys
    assert PlanRow.objects.get(pk=pk).fields == {"phone": {"after": PHONE}}


def test_deferred_values_are_read_when_asked_for(user: User) -> None:
    late = User.objects.defer("phone").get(pk=user.pk)
    assert "phone" not in late.__dict__
    assert late.phone == PHONE


def test_a_value_of_another_column_is_not_taken_for_this_one(user: User) -> None:
    made = world.person("P1", "甲", None)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET phone = %s", [crypto.encrypt("别处", "organisations.person.id_no")])
    with pytest.raises(KeyMissing):
        _ = User.objects.get(pk=user.pk).phone
    assert made.phone == ""
