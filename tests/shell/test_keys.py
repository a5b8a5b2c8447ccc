"""`zaidao keys` and starts without keys, as the operator sees them."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from openpyxl import load_workbook

from tests import world
from zaidao.accounts.models import User
from zaidao.core import crypto, keys
from zaidao.core.models import Entry
from zaidao.diagnosis import intake
from zaidao.shell import cli, web

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(tmp_path: Path, settings: LazySettings) -> Path:
    settings.KEYS = tmp_path / "keys"
    keys.ensure()
    user = User(work_no="U1")
    user.set_phone("13912345678")
    user.save()
    return tmp_path / "keys" / crypto.FILE


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = cli.main(["keys", *words])
    return code, capsys.readouterr().err


def test_keys_are_checked_rotated_rewritten_and_kept_apart(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "check")[0] == 0
    code, text = said(capsys, "rotate")
    assert (code, "k2" in text, "另存" in text) == (0, True, True)
    assert "待重新加密 1 处" in said(capsys, "check")[1]
    code, text = said(capsys, "rewrite")
    assert (code, "重新加密 1 处" in text) == (0, True)
    copy = tmp_path / "copy.json"
    assert said(capsys, "export", str(copy))[0] == 0
    assert copy.read_bytes() == place.read_bytes()
    assert said(capsys, "export", str(copy))[0] == 64
    assert [e.verb for e in Entry.objects.all()] == ["keys.rotate", "keys.export"]


@pytest.mark.parametrize("words", [["check"], ["rotate"], ["rewrite"], ["export", "x.json"]])
def test_lost_keys_are_told_and_nothing_is_done(place: Path, words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    place.unlink()
    code, text = said(capsys, *words)
    assert (code, str(place) in text, "docs/how-to/keys.md" in text) == (1, True, True)
    assert not place.exists()
    assert not (tmp_path / "x.json").exists()
    assert not Entry.objects.exists()


def test_what_no_key_reads_is_counted_and_left(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys.rotate()
    User.objects.filter(work_no="U1").update(phone=crypto_of_another_column())
    code, text = said(capsys, "rewrite")
    assert (code, "1 处现有密钥读不出" in text) == (1, True)


def test_what_can_be_read_is_rescued_where_all_keys_are_lost(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The workbook is one that a new database takes: nothing in it is unreadable, and nobody gets round the export while keys are there."""
    made, target = world.build(), tmp_path / "rescued.xlsx"
    person = made.people["at_branch"]
    person.set_id_no("999999199001010018")
    person.save()
    code, text = said(capsys, "rescue", str(target))
    assert (code, "会记入审计" in text, target.exists()) == (1, True, False)
    place.unlink()
    assert said(capsys, "rescue", str(target))[0] == 0
    assert target.stat().st_mode & 0o777 == 0o600
    read = intake.read([target])
    assert (read.errors, {c.sheet: (c.used, c.refused) for c in read.counts}["人员"]) == ([], (len(made.people), 0))
    cells = [str(c) for sheet in load_workbook(target) for row in sheet.values for c in row if c is not None]
    assert person.name in cells
    assert not [c for c in cells if "99999919" in c or "无法读取" in c or "*" in c]


def crypto_of_another_column() -> object:
    from django.db.models import TextField, Value

    return Value(crypto.encrypt("13912345678", "other.column").replace("k2:", "k1:"), TextField())


@pytest.mark.parametrize("command", ["run", "worker"])
def test_nothing_starts_without_the_keys(place: Path, command: str, capsys: pytest.CaptureFixture[str],
                                         monkeypatch: pytest.MonkeyPatch) -> None:
    place.unlink()
    monkeypatch.setattr(web, "worker_beside", lambda: pytest.fail("a worker was started"))
    assert cli.main([command, *(["--port", "8139"] if command == "run" else [])]) == 1
    assert str(place) in capsys.readouterr().err
    assert not place.exists()
