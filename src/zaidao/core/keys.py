"""The life of the keys: made for an empty database, checked at every start, rotated, and told apart when one is lost.

`KeyMark` rows name the keys that a database was written with, so that a start with another ring, or with none, stops before anything
is written that nobody could read together with the rest.
"""

import hashlib
import hmac
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from zaidao.core import access, audit, crypto, locks
from zaidao.core.crypto import KeyMissing, Ring
from zaidao.core.fields import EncryptedTextField
from zaidao.core.models import KeyMark

LOCK = "core.keys"
BATCH = 500  # rows written anew in one transaction
ROTATE = access.verb("keys.rotate", "更换密钥")  # by command only: no role may
EXPORT = access.verb("keys.export", "另存密钥文件")
Tell = Callable[[int], None]


@transaction.atomic
def ensure() -> None:
    """Before anything is served: every key that the database needs is at hand; a database that needs none yet gets a ring.

    Raises KeyMissing with what to do, in Chinese, where a key is lost or is another one.
    """
    locks.hold(LOCK)
    if not crypto.path().exists() and not KeyMark.objects.exists() and not _anything_encrypted():
        crypto.create()
    wrong = check()
    if wrong:
        raise KeyMissing("".join(wrong))
    _mark(crypto.ring())


def _anything_encrypted() -> bool:
    return any(_filled(model, field).exists() for model, field in encrypted())


def check() -> list[str]:
    """What is wrong with the keys, in Chinese sentences; nothing where all is well. Writes nothing."""
    return against(KeyMark.objects.order_by("name"))


def against_told(marks: Iterable[Mapping[str, str]]) -> list[str]:
    """As `against`, for marks as a backup tells them."""
    return against(KeyMark(name=mark["name"], check_value=mark["check_value"]) for mark in marks)


def against(marks: Iterable[KeyMark]) -> list[str]:
    """`check` by marks that need not lie in the database yet, as those of a backup."""
    try:
        there = {name: _value(name, key) for name, key in _parts(crypto.ring())}
    except KeyMissing as missing:
        return [str(missing)]
    wrong = [_sentence(mark, there) for mark in marks]
    return [*filter(None, wrong), *_readable_by_others()]


def _sentence(mark: KeyMark, there: dict[str, str]) -> str:
    if mark.name not in there:
        return f"数据库需要密钥 {mark.name},密钥文件 {crypto.path()} 中没有。{crypto.ADVICE}"
    if not hmac.compare_digest(there[mark.name], mark.check_value):
        return f"密钥文件 {crypto.path()} 中的 {mark.name} 不是这个数据库的密钥。{crypto.ADVICE}"
    return ""


def _readable_by_others() -> list[str]:
    mode = crypto.path().stat().st_mode
    open_to_others = mode & (stat.S_IRWXG | stat.S_IRWXO)
    return [f"密钥文件 {crypto.path()} 可被其他用户读取,请执行 chmod 600。"] if open_to_others else []


def _parts(ring: Ring) -> Iterator[tuple[str, bytes]]:
    yield from ring.fields.items()
    yield from (("index", ring.index), ("audit", ring.audit))


def _value(name: str, key: bytes) -> str:
    """What the database keeps of a key: enough to know it again, nothing to get it from."""
    return hmac.new(key, f"zaidao key {name}".encode(), hashlib.sha256).hexdigest()


def _mark(ring: Ring) -> None:
    """Write down which keys this database needs; also one whose rotation was cut off after the file."""
    known = set(KeyMark.objects.values_list("name", flat=True))
    KeyMark.objects.bulk_create([KeyMark(name=n, check_value=_value(n, k)) for n, k in _parts(ring) if n not in known])


@transaction.atomic
def rotate() -> str:
    """A new field key for all that is written from now on; its name. Old ones go on reading. Back the file up anew right away.

    Raises KeyMissing where the keys at hand are not this database's.
    """
    locks.hold(LOCK)
    ensure()
    before, name = crypto.ring().active, crypto.rotate()
    _mark(crypto.ring())
    audit.record(None, ROTATE, KeyMark, changes={"name": [before, name]})
    return name


@transaction.atomic
def export(file: Path) -> None:
    """Copy the ring to a file of its owner alone, to be kept apart from the backups of the database; on record.

    Raises FileExistsError, and KeyMissing where the keys at hand are not this database's.
    """
    ensure()
    crypto.copy(file)
    audit.record(None, EXPORT, KeyMark, changes={"name": [None, crypto.ring().active]})


def encrypted() -> list[tuple[type[models.Model], EncryptedTextField]]:
    """Every encrypted column of the database."""
    return [
        (model, field) for model in apps.get_models() if model._meta.managed and not model._meta.proxy
        for field in model._meta.local_concrete_fields if isinstance(field, EncryptedTextField)
    ]


@dataclass(frozen=True)
class Elsewhere:
    """Values that lie encrypted inside of other columns. `rewrite` gives after each chunk how many were written anew, and how many no
    key at hand can read."""

    waiting: Callable[[], int]
    rewrite: Callable[[], Iterator[tuple[int, int]]]


_elsewhere: dict[str, Elsewhere] = {}


def also(name: str, *, waiting: Callable[[], int], rewrite: Callable[[], Iterator[tuple[int, int]]]) -> None:
    """Say of values that are no encrypted column of their own how many wait for the active key, and how they get it."""
    _elsewhere[name] = Elsewhere(waiting, rewrite)


def waiting() -> int:
    """How many values are still written with an older key."""
    return sum(_old(model, field).count() for model, field in encrypted()) + sum(e.waiting() for e in _elsewhere.values())


def rewrite(batch: int = BATCH, tell: Tell = lambda _done: None) -> tuple[int, int]:
    """Encrypt every value anew that an older key has written; returns how many were, and how many no key at hand can read.

    Chunk by chunk, each in a transaction of its own: it can be stopped and begun again, pages go on meanwhile, and a value that
    somebody changes in between stays as they wrote it. `tell` hears after each chunk how many are done.
    """
    done = lost = 0
    columns = (_chunks(model, field, batch) for model, field in encrypted())
    for rewritten, unreadable in chain(chain.from_iterable(columns), *(e.rewrite() for e in _elsewhere.values())):
        done, lost = done + rewritten, lost + unreadable
        tell(done)
    return done, lost


def _stored(model: type[models.Model], field: EncryptedTextField) -> "models.QuerySet[Any]":
    """The rows with the value as it is stored."""
    return model._base_manager.annotate(stored_text=Cast(field.attname, models.TextField()))


def _filled(model: type[models.Model], field: EncryptedTextField) -> "models.QuerySet[Any]":
    return _stored(model, field).exclude(stored_text="").exclude(stored_text=None)


def _old(model: type[models.Model], field: EncryptedTextField) -> "models.QuerySet[Any]":
    """The rows whose value another key than the active one has written."""
    return _filled(model, field).exclude(stored_text__startswith=f"{crypto.ring().active}:")


def _chunks(model: type[models.Model], field: EncryptedTextField, batch: int) -> Iterator[tuple[int, int]]:
    last: Any = None
    while True:
        rows = _old(model, field).order_by("pk")
        found = list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", "stored_text")[:batch])
        if not found:
            return
        last = found[-1][0]
        with transaction.atomic():
            results = [_anew(model, field, pk, stored) for pk, stored in found]
        yield results.count(True), results.count(None)


def _anew(model: type[models.Model], field: EncryptedTextField, pk: Any, stored: str) -> bool | None:
    """Whether the value was written anew: not where somebody changed it meanwhile; None where it cannot be read."""
    try:
        fresh = crypto.encrypt(crypto.decrypt(stored, field.purpose), field.purpose)
    except KeyMissing:
        return None
    same = _stored(model, field).filter(pk=pk, stored_text=stored)
    return bool(same.update(**{field.attname: models.Value(fresh, models.TextField())}))
