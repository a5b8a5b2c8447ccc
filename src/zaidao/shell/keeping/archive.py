"""The backup file: a zip with a manifest, one file of rows a table, and the files under ZAIDAO_VAR that belong to them. Never keys."""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

FORMAT = 1
KEPT = ("uploads", "runs", "imports")  # folders under ZAIDAO_VAR; keys, database and logs are not among them
MANIFEST = "manifest.json"
TOLD = {"version", "at", "rows", "migrations", "members", "audit"}
# What reading a member raises where bytes of the file were changed, or it is encrypted or packed in a way of others.
BROKEN = (KeyError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)

UNOPENED = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError)  # what opening raises for other files, and for changed ones


class Damaged(Exception):
    """The file is no backup of ours, or not whole; what it says is Chinese."""


class Digested:
    """Writes to a zip member and knows its digest."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out, self.digest = out, hashlib.sha256()

    def write(self, data: bytes) -> None:
        self.digest.update(data)
        self.out.write(data)


def put(archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> str:
    """Write one member; returns its SHA-256."""
    with archive.open(name, "w", force_zip64=True) as out:
        member = Digested(out)
        for chunk in chunks:
            member.write(chunk)
    return member.digest.hexdigest()


def files(var: Path) -> Iterator[tuple[str, Path]]:
    """(name in the archive, file) of everything kept, in order. Raises OSError for a folder that may not be read."""
    for top in KEPT:
        for folder, within, names in os.walk(var / top, onerror=_unless_gone):
            within.sort()
            for path in (Path(folder) / name for name in sorted(names)):
                yield f"files/{path.relative_to(var).as_posix()}", path


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def put_file(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    """`put` of a file. Raises FileNotFoundError before anything is written where it is gone by now."""
    with path.open("rb") as source:
        return put(archive, name, iter(lambda: source.read(1 << 20), b""))


def opened(source: Path) -> zipfile.ZipFile:
    """The file, to be read. Raises Damaged for one that is no zip, or of which the list of members was changed; OSError."""
    try:
        return zipfile.ZipFile(source)
    except UNOPENED as error:
        raise Damaged(f"{source} 不是备份文件,或没有下载完整,或已损坏。") from error


def manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """What the backup says of itself. Raises Damaged for another file or format."""
    try:
        told: dict[str, Any] = json.loads(archive.read(MANIFEST))
    except (*BROKEN, ValueError) as error:
        raise Damaged("这不是载道的备份文件,或已损坏(没有清单)。") from error
    if not isinstance(told, dict) or (told.get("format") == FORMAT and not set(told) >= TOLD):
        raise Damaged("备份的清单不完整。")
    if told.get("format") != FORMAT:
        raise Damaged(f"备份的格式是 {told.get('format')},这个版本只认识 {FORMAT}。请用做备份的版本恢复。")
    return told


def check(archive: zipfile.ZipFile, told: dict[str, Any]) -> None:
    """Every member there, with the content that the manifest says, and none that would lie elsewhere than we put files. Raises Damaged."""
    for name, expected in told["members"].items():
        top, *within = PurePosixPath(name).parts
        if top == "files" and (".." in within or not set(within[:1]) & set(KEPT)):  # keys, settings and database lie beside them
            raise Damaged(f"备份中的文件名不合规:{name}")
        digest = hashlib.sha256()
        try:
            with archive.open(name) as source:
                while piece := source.read(1 << 20):
                    digest.update(piece)
        except BROKEN as error:
            raise Damaged(f"备份不完整:缺少 {name} 或它已损坏。") from error
        if digest.hexdigest() != expected:
            raise Damaged(f"备份已损坏:{name} 的内容与清单不符。")
