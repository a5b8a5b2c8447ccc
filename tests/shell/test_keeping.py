"""Backup, restore and upgrade: everything comes back, encrypted as it lay; nothing is overwritten; a damaged file is found out."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from tests import world
from zaidao.core import audit, crypto, keys, seal, triggers
from zaidao.core.errors import Refused
from zaidao.core.scope import system_scope
from zaidao.organisations.models import Organisation, Person
from zaidao.shell.keeping import archive, backup, health, restore, tables, upgrade

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
def test_with_other_keys_the_restore_says_so(place: Path, tmp_path: Path, settings: LazySettings) -> None:
    _fill()
    backup.write(tmp_path / "b.zip")
    _emptied(place)
    settings.KEYS = tmp_path / "other"
    crypto.create()
    with pytest.raises(Refused, match="密钥"):
        restore.read(tmp_path / "b.zip")


@pytest.mark.django_db(transaction=True)
def test_a_tampered_row_in_a_resealed_file_is_found_by_the_audit_chain(place: Path, tmp_path: Path) -> None:
    """Somebody who mends the checksums as well still cannot change an audit row without its key."""
    _fill()
    backup.write(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as kept:
        told: dict[str, Any] = json.loads(kept.read(archive.MANIFEST))
        rows = kept.read("rows/core.entry.jsonl").replace(b"people.edit", b"people.read")
    import hashlib

    told["members"]["rows/core.entry.jsonl"] = hashlib.sha256(rows).hexdigest()
    changed = _with(tmp_path / "b.zip", tmp_path / "c.zip", "rows/core.entry.jsonl", rows)
    changed = _with(changed, tmp_path / "d.zip", archive.MANIFEST, json.dumps(told).encode())
    _emptied(place)
    with pytest.raises(Refused):
        restore.read(changed)


@pytest.mark.django_db(transaction=True)
def test_upgrade_backs_up_first_and_then_changes_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill()
    assert upgrade.run() is None
    monkeypatch.setattr(upgrade, "waiting", lambda: ["organisations.0002_x"])
    made = upgrade.run()
    assert made
    with zipfile.ZipFile(made) as kept:
        assert archive.manifest(kept)["rows"]["organisations.organisation"] == 6


@pytest.mark.django_db
def test_health_says_what_to_do_and_survives_a_check_that_fails(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {line.name: line for line in health.look()}
    assert lines["后台工作"].state == health.WRONG
    assert "zaidao worker" in lines["后台工作"].advice
    assert lines["数据库结构"].state == health.GOOD
    assert lines["备份"].state == health.LOOK
    monkeypatch.setattr(health.keys, "check", lambda: 1 / 0)
    failing = [line for line in health.look() if line.state == health.WRONG and "ZeroDivisionError" in line.said]
    assert len(failing) == 1
    assert connection.vendor in lines["程序"].said


@pytest.mark.django_db
def test_the_health_page_is_for_administrators_and_ping_tells_nothing(place: Path) -> None:
    made = world.build()
    for key in ("head", "office", "secretary", "member", "nobody"):
        assert world.signed_in(made.users[key]).get("/health/").status_code == 403
    made.users["nobody"].duties.create(duty="system")
    page = world.signed_in(made.users["nobody"]).get("/health/")
    assert page.status_code == 500  # no worker runs here: a supervisor sees it too
    assert "zaidao worker" in page.content.decode()
    assert Client(HTTP_HOST="127.0.0.1").get("/ping/").content == b"ok"
