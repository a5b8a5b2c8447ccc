"""The life of the keys, the loss of them included."""

import json
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.conf import LazySettings
from django.db import connection

from tests import world
from zaidao.accounts.models import User
from zaidao.core import audit, crypto, keys, masks, seal
from zaidao.core.crypto import KeyMissing
from zaidao.core.errors import Refused
from zaidao.core.fields import UNREADABLE
from zaidao.core.models import KeyMark
from zaidao.core.scope import system_scope
from zaidao.organisations.models import Person

pytestmark = pytest.mark.django_db
ID, PHONE = "110101199001011237", "13912345678"
VERB = "people.reveal"


@pytest.fixture
def place(tmp_path: Path, settings: LazySettings) -> Path:
    """An installation without keys."""
    settings.KEYS = tmp_path / "keys"
    return tmp_path / "keys" / crypto.FILE


def with_phone(n: int = 1) -> User:
    user = User(work_no=f"U{n}", name="甲")
    user.set_phone(PHONE)
    user.save()
    return user


def names() -> set[str]:
    return set(KeyMark.objects.values_list("name", flat=True))


def test_an_empty_database_gets_its_keys_once(place: Path) -> None:
    assert keys.check()
    keys.ensure()
    made = place.read_bytes()
    assert names() == {"k1", "index", "audit"}
    keys.ensure()
    assert (place.read_bytes(), keys.check()) == (made, [])
    kept = json.dumps(list(KeyMark.objects.values_list("check_value", flat=True)))
    assert not any(key in kept for key in json.loads(made)["fields"].values())


def test_keys_that_lie_there_already_are_taken_and_marked(place: Path) -> None:
    crypto.create()
    before = place.read_bytes()
    keys.ensure()
    assert (place.read_bytes(), names()) == (before, {"k1", "index", "audit"})


def test_a_database_whose_keys_are_lost_never_gets_new_ones(place: Path) -> None:
    keys.ensure()
    place.unlink()
    with pytest.raises(KeyMissing, match=r"keyring\.json.*docs/how-to/keys\.md"):
        keys.ensure()
    assert not place.exists()


def test_what_is_encrypted_without_a_mark_is_never_given_up(place: Path) -> None:
    crypto.create()
    with_phone()
    place.unlink()
    with pytest.raises(KeyMissing, match="找不到密钥文件"):
        keys.ensure()
    assert not place.exists()


def test_the_keys_of_another_database_are_told_apart(place: Path) -> None:
    keys.ensure()
    place.unlink()
    crypto.create()
    assert len(keys.check()) == 3
    with pytest.raises(KeyMissing, match="不是这个数据库的密钥"):
        keys.ensure()
    with pytest.raises(KeyMissing):
        keys.rotate()


def test_an_older_copy_that_lacks_a_key_is_told_apart(place: Path) -> None:
    keys.ensure()
    old = place.read_bytes()
    assert keys.rotate() == "k2"
    place.write_bytes(old)
    assert keys.check() == [f"数据库需要密钥 k2,密钥文件 {place} 中没有。{crypto.ADVICE}"]
    with pytest.raises(KeyMissing):
        keys.ensure()


def test_a_rotation_cut_off_after_the_file_is_made_good(place: Path) -> None:
    keys.ensure()
    crypto.rotate()
    assert "k2" not in names()
    keys.ensure()
    assert "k2" in names()


def test_a_file_that_others_can_read_is_told(place: Path) -> None:
    keys.ensure()
    place.chmod(0o640)
    with pytest.raises(KeyMissing, match="chmod 600"):
        keys.ensure()


def test_after_a_rotation_everything_reads_and_is_rewritten_in_chunks(place: Path) -> None:
    keys.ensure()
    for n in range(5):
        with_phone(n)
    User.objects.create(work_no="empty")
    assert keys.waiting() == 0
    keys.rotate()
    assert {u.phone for u in User.objects.all()} == {PHONE, ""}
    assert keys.waiting() == 5
    told: list[int] = []
    assert keys.rewrite(batch=2, tell=told.append) == (5, 0)
    assert (told, keys.waiting(), keys.rewrite()) == ([2, 4, 5], 0, (0, 0))
    assert {u.phone for u in User.objects.all()} == {PHONE, ""}
    assert raw_phones() == ["", *["k2:"] * 5]


def raw_phones() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_user ORDER BY phone")
        return sorted(value[:3] for (value,) in cursor.fetchall())


def test_a_rewriting_that_was_stopped_goes_on(place: Path) -> None:
    keys.ensure()
    for n in range(5):
        with_phone(n)
    keys.rotate()

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keys.rewrite(batch=2, tell=stop)
    assert keys.waiting() == 3
    assert keys.rewrite(batch=2) == (3, 0)


def test_what_somebody_changes_meanwhile_stays_theirs(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.ensure()
    user = with_phone()
    keys.rotate()
    encrypt = crypto.encrypt

    def beside(text: str, purpose: str) -> str:
        monkeypatch.setattr(crypto, "encrypt", encrypt)
        User.objects.filter(pk=user.pk).update(phone="13800000000")
        return encrypt(text, purpose)

    monkeypatch.setattr(crypto, "encrypt", beside)
    assert keys.rewrite() == (0, 0)
    assert User.objects.get().phone == "13800000000"


def test_every_encrypted_column_is_known_to_the_rewriting() -> None:
    found = {f"{model._meta.label_lower}.{field.attname}" for model, field in keys.encrypted()}
    assert {"accounts.user.phone", "core.planrow.fields", "core.planrow.undo"} <= found
    assert {"organisations.person.id_no", "organisations.person.phone"} <= found


def test_the_loss_of_all_keys_rehearsed(place: Path) -> None:
    """No start, no new keys; all that is not sensitive reads and is edited; with the copy of the keys all is as before."""
    keys.ensure()
    made, copy = world.build(), place.with_suffix(".copy")
    person = made.people["at_branch"]
    person.set_id_no(ID)
    person.save()
    audit.record(made.users["head"], VERB, person)
    crypto.copy(copy)
    place.unlink()
    with pytest.raises(KeyMissing):
        keys.ensure()
    with system_scope("rehearsal"):
        found = Person.objects.select_related("organisation").get(pk=person.pk)
        assert (found.name, found.organisation.name, masks.shown(found, "id_no")) == (person.name, "机关支部", UNREADABLE)
        found.occupation = "钳工"
        found.save()
    with pytest.raises(Refused, match="密钥缺失"):
        masks.reveal(actor=made.users["head"], verb=VERB, obj=found, fields=["id_no"], reason="核对档案", confirmed=True)
    with pytest.raises(KeyMissing):
        seal.verify()
    copy.rename(place)
    keys.ensure()
    with system_scope("rehearsal"):
        assert (Person.objects.get(pk=person.pk).id_no, Person.objects.get(pk=person.pk).occupation) == (ID, "钳工")
    assert seal.verify() == []


def test_secrets_of_second_factors_are_rewritten_as_well(place: Path) -> None:
    keys.ensure()
    user = with_phone()
    Authenticator.objects.create(user=user, type="totp", data={"secret": encrypt("JBSWY3DPEHPK3PXP")})
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": encrypt("seed"), "used_mask": 5})
    keys.rotate()
    assert keys.waiting() == 3
    assert (keys.rewrite(), keys.waiting()) == ((3, 0), 0)
    totp, codes = Authenticator.objects.order_by("-type")
    assert (decrypt(totp.data["secret"]), decrypt(codes.data["seed"]), codes.data["used_mask"]) == ("JBSWY3DPEHPK3PXP", "seed", 5)
    assert totp.data["secret"].startswith("k2:")
    Authenticator.objects.filter(pk=totp.pk).update(data={"secret": "k9:AAAA"})
    assert keys.rewrite() == (0, 1)
