"""Sensitive values at rest: AES-256-GCM with a named key per value, and a keyed digest for finding equal ones.

Keys lie in `ZAIDAO_KEYS/keyring.json` (readable by its owner alone), outside the database and outside every backup of it. The ring
holds `fields` (name -> key; the newest named `active` writes, all of them read), `index` (blind index) and `audit` (row digests).
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

FILE = "keyring.json"
NONCE = 12  # bytes, as GCM asks
LONGEST_NAME = 8  # of a key, as an error repeats it: what was not encrypted at all must not be quoted
ADVICE = "请从单独保管的密钥备份中恢复(见 docs/how-to/keys.md);没有密钥,已加密的内容无法读出。"


class KeyMissing(Exception):
    """The key that a value was written with is not in the ring, or is another one."""


@dataclass(frozen=True)
class Ring:
    """The keys in use."""

    active: str
    fields: dict[str, bytes]
    index: bytes
    audit: bytes


def path() -> Path:
    """Where the ring lies."""
    return Path(settings.KEYS) / FILE


@lru_cache(maxsize=4)
def _load(file: str, _stamp: tuple[int, int, int]) -> Ring:
    held = json.loads(Path(file).read_text(encoding="utf-8"))
    keys = {name: base64.b64decode(key) for name, key in held["fields"].items()}
    return Ring(held["active"], keys, base64.b64decode(held["index"]), base64.b64decode(held["audit"]))


_one: ContextVar[Ring | None] = ContextVar("one_ring", default=None)


@contextmanager
def one_ring() -> Iterator[None]:
    """Work with the keys as they are now to the end of the block, for thousands of values that are written as one."""
    token = _one.set(ring())
    try:
        yield
    finally:
        _one.reset(token)


def ring() -> Ring:
    """The keys. Raises KeyMissing where there is no ring or it cannot be read: `create` makes one, only ever for an empty database."""
    return _one.get() or _read()


def _read() -> Ring:
    file = f"{settings.KEYS}/{FILE}"
    try:
        seen = os.stat(file)
        return _load(file, (seen.st_mtime_ns, seen.st_size, seen.st_ino))  # another process may have put a new ring in its place
    except FileNotFoundError:
        raise KeyMissing(f"找不到密钥文件 {file}。{ADVICE}") from None
    except (ValueError, KeyError, TypeError, AttributeError):  # not `from` the error: it would quote the file
        raise KeyMissing(f"密钥文件 {file} 已损坏。{ADVICE}") from None


def create() -> None:
    """A new ring. Raises FileExistsError where there is one already."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(file, Ring("k1", {"k1": _random()}, _random(), _random()))


def rotate() -> str:
    """Put a new field key into the ring, for all that is written from now on; its name. The others stay, to read with.

    The new file takes the place of the old one in one step, so that no moment is without keys.
    """
    held = ring()
    number = max(int(re.sub(r"\D", "", name) or 0) for name in held.fields) + 1
    name, file = f"k{number}", path()
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)  # left by a rotation that was killed
    _write(fresh, replace(held, active=name, fields=held.fields | {name: _random()}))
    fresh.replace(file)
    return name


def copy(target: Path) -> None:
    """Write the ring to another file, readable by its owner alone. Raises FileExistsError where there is something already."""
    _write(target, ring())


def _write(file: Path, keys: Ring) -> None:
    told = {
        "active": keys.active, "fields": {name: _text(key) for name, key in keys.fields.items()}, "index": _text(keys.index),
        "audit": _text(keys.audit),
    }
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(told, out)
        out.flush()
        os.fsync(out.fileno())  # a key that wrote a value must survive the machine


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _random() -> bytes:
    return os.urandom(32)


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def encrypt(text: str, purpose: str) -> str:
    """`key name:base64(nonce, ciphertext)`; `purpose` (model.field) is bound in, so values cannot be moved between columns."""
    keys, nonce = ring(), os.urandom(NONCE)
    sealed = _cipher(keys.fields[keys.active]).encrypt(nonce, text.encode(), purpose.encode())
    return f"{keys.active}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(value: str, purpose: str) -> str:
    """The text. Raises KeyMissing for a key that is not in the ring, is another one, or where the value was tampered with."""
    name, _, rest = value.partition(":")
    key = ring().fields.get(name)
    if key is None:
        raise KeyMissing(f"密钥 {name[:LONGEST_NAME]} 不在密钥文件中。{ADVICE}")
    try:
        raw = base64.b64decode(rest)
        return _cipher(key).decrypt(raw[:NONCE], raw[NONCE:], purpose.encode()).decode()
    except (InvalidTag, binascii.Error, ValueError):
        raise KeyMissing(f"密钥 {name} 不对,或内容被改动过。") from None


def blind(text: str, purpose: str) -> str:
    """A digest that is equal for equal texts and tells nothing else without the index key: for equality searches only."""
    return hmac.new(ring().index, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def mac(text: str) -> str:
    """The keyed digest of an audit row."""
    return hmac.new(ring().audit, text.encode(), hashlib.sha256).hexdigest()
