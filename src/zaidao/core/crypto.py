"""Sensitive values at rest: AES-256-GCM with a named key per value, and a keyed digest for finding equal ones.

Keys lie in `ZAIDAO_KEYS/keyring.json` (readable by its owner alone), outside the database and outside every backup of it. The ring
holds `fields` (name -> key; the newest named `active` writes, all of them read), `index` (blind index) and `audit` (row digests).
"""

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

FILE = "keyring.json"
NONCE = 12  # bytes, as GCM asks


class KeyMissing(Exception):
    """The key that a value was written with is not in the ring, or is another one."""


@dataclass(frozen=True)
class Ring:
    """The keys in use."""

    active: str
    fields: dict[str, bytes]
    index: bytes
    audit: bytes


def _path() -> Path:
    return Path(settings.KEYS) / FILE


@lru_cache(maxsize=4)
def _load(path: Path, _stamp: float) -> Ring:
    held = json.loads(path.read_text(encoding="utf-8"))
    keys = {name: base64.b64decode(key) for name, key in held["fields"].items()}
    return Ring(held["active"], keys, base64.b64decode(held["index"]), base64.b64decode(held["audit"]))


def ring() -> Ring:
    """The keys. Raises KeyMissing where there is no ring: `create` makes one, only ever for an empty database."""
    path = _path()
    try:
        return _load(path, path.stat().st_mtime)
    except FileNotFoundError:
        raise KeyMissing(f"找不到密钥文件 {path}。请从单独保管的密钥备份中恢复;没有密钥,已加密的内容无法读出。") from None


def create() -> None:
    """A new ring. Raises FileExistsError where there is one already."""
    new = {"active": "k1", "fields": {"k1": _random()}, "index": _random(), "audit": _random()}
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(new, out)


def _random() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def encrypt(text: str, purpose: str) -> str:
    """`key name:base64(nonce, ciphertext)`; `purpose` (model.field) is bound in, so values cannot be moved between columns."""
    keys, nonce = ring(), os.urandom(NONCE)
    sealed = AESGCM(keys.fields[keys.active]).encrypt(nonce, text.encode(), purpose.encode())
    return f"{keys.active}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(value: str, purpose: str) -> str:
    """The text. Raises KeyMissing for a key that is not in the ring, is another one, or where the value was tampered with."""
    name, _, rest = value.partition(":")
    key = ring().fields.get(name)
    if key is None:
        raise KeyMissing(f"密钥 {name} 不在密钥文件中。")
    raw = base64.b64decode(rest)
    try:
        return AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], purpose.encode()).decode()
    except InvalidTag:
        raise KeyMissing(f"密钥 {name} 不对,或内容被改动过。") from None


def blind(text: str, purpose: str) -> str:
    """A digest that is equal for equal texts and tells nothing else without the index key: for equality searches only."""
    return hmac.new(ring().index, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def mac(text: str) -> str:
    """The keyed digest of an audit row."""
    return hmac.new(ring().audit, text.encode(), hashlib.sha256).hexdigest()
