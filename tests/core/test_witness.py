"""What is told beside the database: a row that is removed before its seal, and a cut end, are found out; nothing waits for it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from zaidao.accounts.models import User
from zaidao.core import audit, seal, triggers, witness
from zaidao.core.models import Entry, Seal, Sealed

pytestmark = pytest.mark.django_db(transaction=True)
USER = User(pk=900, work_no="U900")


@pytest.fixture(autouse=True)
def place(settings: LazySettings, tmp_path: Path) -> None:
    """Nothing was told here before."""
    settings.VAR = tmp_path


def act(n: int = 0) -> Entry:
    return audit.record(USER, "accounts.own", USER, changes={"name": [f"旧{n}", f"新{n}"]})


def told() -> list[str]:
    return [line for file in sorted(witness.folder().glob("*.log")) for line in file.read_text().split("\n") if line]


def remove(*numbers: int) -> None:
    with triggers.removed(connection):
        Entry.objects.filter(pk__in=numbers).delete()


def test_a_row_removed_before_its_seal_is_missed_however_it_was_written() -> None:
    one = act()
    audit.record_many(USER, "accounts.own", [(USER, "", {"name": [None, str(n)]}) for n in range(3)])
    many = list(Entry.objects.exclude(pk=one.pk).values_list("pk", flat=True))
    assert (len(told()), seal.verify()) == (4, [])
    remove(one.pk, many[1])
    seal.seal()
    assert {(f.kind, f.number) for f in seal.verify()} == {("witness", one.pk), ("witness", many[1])}


def test_an_end_that_was_cut_off_with_its_seals_is_missed() -> None:
    first = act().pk
    seal.seal()
    last = act(1).pk
    seal.seal()
    with triggers.removed(connection):
        Sealed.objects.filter(entry=last).delete()
        Seal.objects.order_by("-pk")[0].delete()
        Entry.objects.filter(pk=last).delete()
    found = seal.verify()
    assert {f.kind for f in found} == {"witness"}
    assert found[0].number == last
    assert (len(found), Entry.objects.get().pk) == (2, first)


def test_a_sealed_row_that_is_removed_is_told_once() -> None:
    number = act().pk
    seal.seal()
    remove(number)
    assert [(f.kind, f.number) for f in seal.verify()] == [("entry", number)]


def test_a_row_is_missed_though_its_number_was_given_out_anew() -> None:
    """Whoever removes the newest may turn the counter of numbers back, so that an honest act fills the gap."""
    number = act(1).pk
    remove(number)
    audit.record(USER, "accounts.own", USER)  # with the next number, put under the old one as the counter would have
    values = Entry.objects.values().get()
    remove(values["id"])
    told_of = Entry(**values | {"id": number})
    Entry.objects.bulk_create([told_of])
    witness.entries([told_of])
    assert number in {f.number for f in seal.verify() if "编号又用了一次" in f.text}


def test_a_row_that_takes_the_number_of_another_is_found() -> None:
    one, two = act(1), act(2)
    values = Entry.objects.filter(pk=two.pk).values().get()
    remove(one.pk, two.pk)
    Entry.objects.bulk_create([Entry(**values | {"id": one.pk})])
    assert {f.number for f in seal.verify()} == {one.pk, two.pk}


@pytest.mark.parametrize("inner", [True, False])
def test_what_is_rolled_back_is_never_told(inner: bool) -> None:
    """A lower number of the same transaction, or the number again, is then no loss."""
    with transaction.atomic():
        with transaction.atomic():
            act(1)
            transaction.set_rollback(True)
        if not inner:
            act(2)
            transaction.set_rollback(True)
        assert told() == []
    again = act(3)
    assert [line.split()[1] for line in told()] == [str(again.pk)]
    assert seal.verify() == []


def test_lines_that_the_program_did_not_write_are_named() -> None:
    act()
    file = next(witness.folder().glob("*.log"))
    genuine = told()[0]
    file.write_text(f"{file.read_text()}\n{genuine.replace(genuine.split()[1], '77')}\n{genuine[:20]}\ne \x00乱\n", encoding="utf-8")
    found = seal.verify()
    assert [f.kind for f in found] == ["witness"] * 3
    assert all("不是由程序写入" in f.text for f in found)


def test_an_act_is_done_though_nothing_can_be_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    act()
    monkeypatch.undo()
    assert Entry.objects.count() == 1
    assert any("beside the database" in record.getMessage() for record in caplog.records)
    assert seal.verify() == []  # a missing line says nothing


def test_only_its_owner_reads_it() -> None:
    act()
    file = next(witness.folder().glob("*.log"))
    assert (file.stat().st_mode & 0o777, witness.folder().stat().st_mode & 0o777) == (0o600, 0o700)


def test_what_was_told_of_a_database_that_is_no_more_is_kept_and_asked_no_more() -> None:
    number = act().pk
    witness.set_aside()
    remove(number)
    assert seal.verify() == []
    kept = [folder for folder in witness.folder().parent.glob("audit-until-*") if any(folder.glob("*.log"))]
    assert kept
    witness.set_aside()  # nothing there: nothing happens


def test_two_processes_write_side_by_side() -> None:
    """Lines stay whole: each process adds by one write."""
    script = (
        "import os, sys; f = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)\n"
        "for _ in range(2000): os.write(f, sys.argv[2].encode())"
    )
    act()
    file, line = next(witness.folder().glob("*.log")), f"\n{told()[0]}"
    others = [subprocess.Popen([sys.executable, "-c", script, str(file), line]) for _ in range(2)]
    assert [other.wait(30) for other in others] == [0, 0]
    assert len(told()) == 4001
    assert seal.verify() == []
