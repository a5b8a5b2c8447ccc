"""Values at rest: sealed, bound to their column, found by digest only."""

import json
import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from zaidao.core import crypto
from zaidao.core.crypto import KeyMissing

ID = "110101199001011237"
WHERE = "organisations.person.id_no"


@pytest.fixture
def place(tmp_path: Path, settings: LazySettings) -> Path:
    """A place without keys."""
    settings.KEYS = tmp_path / "keys"
    return tmp_path / "keys" / crypto.FILE


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_can_be_read_and_does_not_show(text: str) -> None:
    stored = crypto.encrypt(text, WHERE)
    assert crypto.decrypt(stored, WHERE) == text
    assert stored != crypto.encrypt(text, WHERE)
    assert len(text) < 4 or text not in stored


def test_a_value_cannot_be_moved_to_another_column() -> None:
    with pytest.raises(KeyMissing):
        crypto.decrypt(crypto.encrypt(ID, WHERE), "organisations.person.phone")


@pytest.mark.parametrize("spoiled", ["", "k1:", "k1:AAAA", "k1:not base64!", "k1:5L2g5aW9", ID, f"{ID}:x", "k9:AAAA"])
def test_what_is_no_value_is_refused_without_being_quoted(spoiled: str) -> None:
    with pytest.raises(KeyMissing) as refusal:
        crypto.decrypt(spoiled, WHERE)
    assert ID not in str(refusal.value)


def test_every_changed_character_is_noticed() -> None:
    name, _, body = crypto.encrypt("密", WHERE).partition(":")
    for n in range(len(body.rstrip("=")) - 1):
        with pytest.raises(KeyMissing):
            crypto.decrypt(f"{name}:{body[:n]}{'A' if body[n] != 'A' else 'B'}{body[n + 1:]}", WHERE)


def test_digests_are_equal_for_equal_texts_of_one_purpose_only() -> None:
    assert crypto.blind(ID, "a") == crypto.blind(ID, "a")
    assert len({crypto.blind(ID, "a"), crypto.blind(ID, "b"), crypto.blind(ID[:-1] + "X", "a"), crypto.mac(ID)}) == 4


def test_a_ring_is_made_once_and_for_its_owner_alone(place: Path) -> None:
    with pytest.raises(KeyMissing, match=r"docs/how-to/keys\.md"):
        crypto.ring()
    crypto.create()
    assert (place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    before = place.read_bytes()
    with pytest.raises(FileExistsError):
        crypto.create()
    assert place.read_bytes() == before


def test_a_rotated_ring_writes_with_the_new_key_and_reads_with_all(place: Path) -> None:
    crypto.create()
    old, digest, mac = crypto.encrypt(ID, WHERE), crypto.blind(ID, "a"), crypto.mac("row")
    place.with_suffix(".new").write_text("left by a rotation that was killed")
    assert [crypto.rotate(), crypto.rotate()] == ["k2", "k3"]
    assert crypto.encrypt(ID, WHERE).startswith("k3:")
    assert crypto.decrypt(old, WHERE) == ID
    assert (crypto.blind(ID, "a"), crypto.mac("row")) == (digest, mac)
    assert place.stat().st_mode & 0o777 == 0o600
    assert os.listdir(place.parent) == [crypto.FILE]


def test_a_copy_opens_everything_and_replaces_nothing(place: Path, tmp_path: Path, settings: LazySettings) -> None:
    crypto.create()
    stored, copy = crypto.encrypt(ID, WHERE), tmp_path / "other" / crypto.FILE
    copy.parent.mkdir()
    crypto.copy(copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        crypto.copy(copy)
    settings.KEYS = copy.parent
    assert crypto.decrypt(stored, WHERE) == ID


@pytest.mark.parametrize("spoiled", ["", "{", "[]", "null", '{"active": "k1"}', '{"active":"k1","fields":{"k1":"!"},"index":"","audit":3}'])
def test_a_spoiled_file_is_told_without_its_content(place: Path, spoiled: str) -> None:
    place.parent.mkdir()
    place.write_text(spoiled)
    with pytest.raises(KeyMissing, match="已损坏") as refusal:
        crypto.ring()
    assert refusal.value.__cause__ is None


def test_a_new_file_in_its_place_is_noticed(place: Path) -> None:
    crypto.create()
    first = crypto.ring()
    held = json.loads(place.read_text())
    held["active"] = held["active"]
    place.unlink()
    crypto.create()
    assert crypto.ring() != first
