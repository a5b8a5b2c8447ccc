"""Backup, restore and upgrade: everything comes back, encrypted as it lay; nothing is overwritten; a damaged file is found out."""

import hashlib
import json
import random
import shutil
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection

from tests import world
from zaidao.core import audit, crypto, keys, seal, triggers
from zaidao.core.errors import Refused
from zaidao.core.scope import system_scope
from zaidao.organisations.models import Organisation, Person
from zaidao.shell import web
from zaidao.shell.keeping import archive, backup, restore, tables, unfinished, upgrade

ID_NO = "999999199001010018"


@pytest.fixture
def place(settings: LazySettings, tmp_path: Path) -> Path:
    settings.VAR = tmp_path / "var"
    (settings.VAR / "uploads/1/files").mkdir(parents=True)
    (settings.VAR / "uploads/1/files/台账.csv").write_text("组织编号\nO1\n", encoding="utf-8")
    return settings.VAR


def _fill() -> world.World:
    keys.ensure()  # as every start does
    made = world.build()
    with system_scope("test"):
        person = Person.everything.get(code="P-branch")
        person.set_id_no(ID_NO)
        person.save()
        audit.record(None, "people.edit", person, path=made.orgs["branch"].path)
    return made


def _emptied(place: Path) -> None:
    with triggers.removed(connection):  # an empty place has no audit rows
        call_command("flush", verbosity=0, interactive=False)
    shutil.rmtree(place / "uploads")


def _all_rows() -> dict[str, list[str]]:
    from django.apps import apps

    with system_scope("test"):
        return {m._meta.label_lower: list(tables.lines(m)) for m in tables.models_of(apps)}


@pytest.mark.django_db(transaction=True)
def test_what_was_backed_up_comes_back_row_by_row_and_file_by_file(place: Path, tmp_path: Path) -> None:
    _fill()
    told = backup.write(tmp_path / "b.zip")
    before = _all_rows()
    _emptied(place)
    assert Organisation.everything.count() == 0
    restore.read(tmp_path / "b.zip")
    after = _all_rows()
    assert {k: v for k, v in after.items() if v != before[k]} == {}
    assert sum(told["rows"].values()) > 40
    assert (place / "uploads/1/files/台账.csv").read_text(encoding="utf-8") == "组织编号\nO1\n"
    assert Person.everything.get(code="P-branch").id_no == ID_NO
    assert seal.verify() == []
    made = Organisation.everything.create(code="neu", name="新", kind="branch")
    assert made.pk > max(json.loads(line)["id"] for line in before["organisations.organisation"])


@pytest.mark.django_db(transaction=True)
def test_the_file_holds_neither_keys_nor_open_identity_numbers(place: Path, tmp_path: Path) -> None:
    _fill()
    backup.write(tmp_path / "b.zip")
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0
    secrets = [ID_NO.encode(), crypto.path().read_bytes(), *(json.loads(crypto.path().read_text())["fields"]["k1"].encode(),)]
    with zipfile.ZipFile(tmp_path / "b.zip") as kept:
        for name in kept.namelist():
            content = kept.read(name)
            assert not [s for s in secrets if s in content], name
        people = kept.read("rows/organisations.person.jsonl")
    assert b"k1:" in people


@pytest.mark.django_db(transaction=True)
def test_a_place_with_anything_in_it_is_not_restored_over(place: Path, tmp_path: Path) -> None:
    _fill()
    backup.write(tmp_path / "b.zip")
    before = _all_rows()
    with pytest.raises(Refused, match="已有数据"):
        restore.read(tmp_path / "b.zip")
    assert _all_rows() == before
    _emptied(place)
    keys.export(tmp_path / "copy.json")  # on record: from then on the place is an office's
    with pytest.raises(Refused, match="已有数据"):
        restore.read(tmp_path / "b.zip")


def _with(source: Path, target: Path, name: str, content: bytes | None) -> Path:
    """The archive with one member changed, or left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.namelist():
            if member != name or content is not None:
                new.writestr(member, old.read(member) if member != name else content or b"")
    return target


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("member", ["rows/organisations.person.jsonl", "files/uploads/1/files/台账.csv"])
@pytest.mark.parametrize("content", [b"", None])
def test_a_damaged_file_is_refused_before_anything_is_written(place: Path, tmp_path: Path, member: str, content: bytes | None) -> None:
    _fill()
    backup.write(tmp_path / "b.zip")
    _emptied(place)
    with pytest.raises(archive.Damaged):
        restore.read(_with(tmp_path / "b.zip", tmp_path / "c.zip", member, content))
    assert Organisation.everything.count() == 0


@pytest.mark.django_db(transaction=True)
def test_without_its_keys_nothing_is_restored_and_with_them_it_is(place: Path, tmp_path: Path, settings: LazySettings) -> None:
    """The place stays empty, so that the right keys are all that is missing."""
    _fill()
    backup.write(tmp_path / "b.zip")
    right, settings.KEYS = settings.KEYS, tmp_path / "other"
    _emptied(place)
    with pytest.raises(Refused, match="找不到密钥文件"):
        restore.read(tmp_path / "b.zip")
    crypto.create()
    with pytest.raises(Refused, match="不是这个数据库的密钥"):
        restore.read(tmp_path / "b.zip")
    assert (Organisation.everything.count(), (place / "uploads").exists(), unfinished.what()) == (0, False, "")
    settings.KEYS = right
    restore.read(tmp_path / "b.zip")
    assert Organisation.everything.count() == 6


@pytest.mark.django_db(transaction=True)
def test_a_tampered_row_in_a_resealed_file_is_found_by_the_audit_chain(place: Path, tmp_path: Path) -> None:
    """Somebody who mends the checksums as well still cannot change an audit row without its key."""
    _fill()
    backup.write(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as kept:
        told: dict[str, Any] = json.loads(kept.read(archive.MANIFEST))
        rows = kept.read("rows/core.entry.jsonl").replace(b"people.edit", b"people.read")
    told["members"]["rows/core.entry.jsonl"] = hashlib.sha256(rows).hexdigest()
    changed = _with(tmp_path / "b.zip", tmp_path / "c.zip", "rows/core.entry.jsonl", rows)
    changed = _with(changed, tmp_path / "d.zip", archive.MANIFEST, json.dumps(told).encode())
    _emptied(place)
    with pytest.raises(Refused):
        restore.read(changed)
    for start in (web._require_up_to_date, upgrade.run):  # and nobody may go on with it as if it were whole
        with pytest.raises((web.NotReady, Refused), match="没有通过核对"):
            start()


@pytest.mark.django_db(transaction=True)
def test_a_file_of_anywhere_else_is_not_written(place: Path, tmp_path: Path) -> None:
    """A backup made by somebody else cannot put keys or settings in the place of those here."""
    told = backup.write(tmp_path / "b.zip")
    content = b"mine"
    for name in ("files/keys/keyring.json", "files/uploads/../secret_key"):
        told["members"][name] = hashlib.sha256(content).hexdigest()
        with zipfile.ZipFile(tmp_path / "c.zip", "w") as new, zipfile.ZipFile(tmp_path / "b.zip") as old:
            for member in old.namelist():
                new.writestr(member, old.read(member) if member != archive.MANIFEST else json.dumps(told))
            new.writestr(name, content)
        with pytest.raises(archive.Damaged, match="文件名不合规"):
            restore.read(tmp_path / "c.zip")
        del told["members"][name]


@pytest.mark.django_db(transaction=True)
def test_bytes_turned_anywhere_are_found_out_in_words(place: Path, tmp_path: Path) -> None:
    """Damaged, however the zip notices: by its own sums, while unpacking, or by ours."""
    _fill()
    backup.write(tmp_path / "b.zip")
    whole, turn = (tmp_path / "b.zip").read_bytes(), random.Random(5)
    for each in range(60):
        at = turn.randrange(len(whole))
        bad = whole[:at] if each % 3 == 0 else whole[:at] + bytes([whole[at] ^ (1 << turn.randrange(8))]) + whole[at + 1:]
        (tmp_path / "c.zip").write_bytes(bad)
        with suppress(archive.Damaged), archive.opened(tmp_path / "c.zip") as kept:  # nothing else may come
            archive.check(kept, archive.manifest(kept))


def test_bytes_turned_in_the_list_of_members_are_found_out_in_words(tmp_path: Path) -> None:
    """Some raise what `zipfile` does not call a bad file: a version it does not know, a name that is no text."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("清单.json", "{}")
    whole = (tmp_path / "a.zip").read_bytes()
    for at in range(whole.index(b"PK\x01\x02"), len(whole)):
        for mask in (0x01, 0x40, 0xFF):
            (tmp_path / "c.zip").write_bytes(whole[:at] + bytes([whole[at] ^ mask]) + whole[at + 1:])
            with suppress(archive.Damaged), archive.opened(tmp_path / "c.zip"):
                pass
    version = whole.index(b"PK\x01\x02") + 6
    (tmp_path / "c.zip").write_bytes(whole[:version] + b"\x6d" + whole[version + 1:])
    with pytest.raises(archive.Damaged, match="已损坏"):
        archive.opened(tmp_path / "c.zip")


def test_a_backup_that_fails_leaves_nothing_and_the_file_before_it_stays(tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    target.write_bytes(b"before")

    def fill_the_disk() -> None:
        with backup._whole(target) as out:
            out.write(b"half")
            raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        fill_the_disk()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("b.zip", b"before")]


@pytest.mark.django_db(transaction=True)
def test_a_backup_bears_files_that_go_meanwhile_and_keys_that_are_lost(
        place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    _fill()
    gone = ("files/uploads/1/gone.csv", place / "uploads/1/gone.csv")
    there = list(archive.files(place))
    monkeypatch.setattr(archive, "files", lambda _var: [gone, *there])
    settings.KEYS = tmp_path / "nowhere"
    said: list[str] = []
    told = backup.write(tmp_path / "b.zip", said.append)
    assert [n for n in told["members"] if n.startswith("files/")] == ["files/uploads/1/files/台账.csv"]
    assert "没有封存" in said[0]
    with pytest.raises(Refused, match="在要备份的文件夹里"):
        backup.write(place / "uploads/b.zip")


def test_two_do_not_upgrade_or_restore_at_once(place: Path) -> None:
    with unfinished.marked(unfinished.UPGRADE), pytest.raises(Refused, match="正在进行"), unfinished.marked(unfinished.RESTORE):
        pytest.fail("a second one began")
    assert unfinished.what() == ""


@pytest.mark.django_db(transaction=True)
def test_an_upgrade_that_was_cut_off_is_not_served_and_goes_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill()
    monkeypatch.setattr(upgrade, "waiting", lambda: ["organisations.0002_x"])
    monkeypatch.setattr(upgrade.search, "rebuild", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        upgrade.run()
    with pytest.raises(web.NotReady, match="没有正在运行的 zaidao upgrade 时,请再运行一次"):
        web._require_up_to_date()
    done: list[str] = []
    monkeypatch.setattr(upgrade, "waiting", list)
    monkeypatch.setattr(upgrade.search, "rebuild", lambda: done.append("search"))
    assert upgrade.run() is None
    assert (done, unfinished.what()) == (["search"], "")
    upgrade.run()
    assert done == ["search"]  # nothing is left to do


@pytest.mark.django_db(transaction=True)
def test_upgrade_backs_up_first_and_then_changes_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill()
    assert upgrade.run() is None
    monkeypatch.setattr(upgrade, "waiting", lambda: ["organisations.0002_x"])
    made = upgrade.run()
    assert made
    with zipfile.ZipFile(made) as kept:
        assert archive.manifest(kept)["rows"]["organisations.organisation"] == 6
