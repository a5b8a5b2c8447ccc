"""The files of an import, encrypted while they are needed, gone afterwards."""

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from zaidao.core import crypto
from zaidao.core.models import Plan

UNSAFE = re.compile(r"[\\/\x00-\x1f:*?\"<>|]")
LONG_NUMBER = re.compile(r"\d{11,}[\dXx]?")  # a phone or an identity number in a file's name is not repeated


class Incoming(Protocol):
    """A file that comes with a request."""

    name: str | None

    def chunks(self) -> Iterable[bytes]: ...


@dataclass(frozen=True)
class Sealed:
    """One kept file, read as a path would be."""

    place: Path
    name: str
    purpose: str

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix

    def read_bytes(self) -> bytes:
        """The content. Raises KeyMissing where the key is another one or the file was tampered with."""
        key, _, rest = self.place.read_bytes().partition(b":")
        held = crypto.ring().fields.get(key.decode("ascii", "replace"))
        if held is None:
            raise crypto.KeyMissing("导入文件所用的密钥不在密钥文件中。")
        try:
            return AESGCM(held).decrypt(rest[:crypto.NONCE], rest[crypto.NONCE:], self.purpose.encode())
        except InvalidTag:
            raise crypto.KeyMissing("导入文件被改动过,或密钥不对。") from None


def top() -> Path:
    """Where the folders of all imports lie."""
    return Path(settings.VAR) / "imports"


def folder(plan: Plan) -> Path:
    return top() / plan.options["folder"]


def store(plan: Plan, files: Sequence[Incoming]) -> None:
    """Keep the files; their names and their folder go into the plan's options (not saved here)."""
    plan.options = plan.options | {"files": [safe(f.name or "") for f in files], "folder": secrets.token_hex(16)}
    top().mkdir(parents=True, exist_ok=True, mode=0o700)
    place = folder(plan)
    place.mkdir(mode=0o700)
    for number, file in enumerate(files):
        _seal(place / f"{number}.sealed", b"".join(file.chunks()), _purpose(plan, number))


def _seal(target: Path, data: bytes, purpose: str) -> None:
    keys, nonce = crypto.ring(), os.urandom(crypto.NONCE)
    sealed = AESGCM(keys.fields[keys.active]).encrypt(nonce, data, purpose.encode())
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(keys.active.encode() + b":" + nonce + sealed)


def _purpose(plan: Plan, number: int) -> str:
    return f"import.{plan.options['folder']}.{number}"


def sources(plan: Plan) -> list[Sealed]:
    """The kept files, in order; none after they were removed."""
    place = folder(plan)
    return [
        Sealed(place / f"{i}.sealed", name, _purpose(plan, i)) for i, name in enumerate(plan.options.get("files", []))
        if (place / f"{i}.sealed").exists()
    ]


def remove(plan: Plan) -> None:
    shutil.rmtree(folder(plan), ignore_errors=True)


def orphans(before: float) -> list[Path]:
    """Folders that no plan names and that were made before a moment (seconds): left by an upload that was cut short."""
    known = {o.get("folder") for o in Plan.objects.values_list("options", flat=True)}
    places = top().iterdir() if top().exists() else ()
    return [p for p in places if p.name not in known and p.stat().st_mtime < before]


def safe(name: str) -> str:
    """The last part of a file's name, without signs that a file system minds and without long numbers."""
    last = UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")[-100:]
    return LONG_NUMBER.sub("…", last) or "未命名"
