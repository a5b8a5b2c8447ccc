"""The backup file: a zip with a manifest, one file of rows a table, and the files under ZAIDAO_VAR that belong to them. Never keys."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

FORMAT = 1
KEPT = ("uploads", "runs", "imports")  # folders under ZAIDAO_VAR; keys, database and logs are not among them
MANIFEST = "manifest.json"


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
    """(name in the archive, file) of everything kept, links followed, in order."""
    for top in KEPT:
        for path in sorted((var / top).rglob("*")):
            if path.is_file():
                yield f"files/{path.relative_to(var).as_posix()}", path


def pieces(path: Path, size: int = 1 << 20) -> Iterator[bytes]:
    with path.open("rb") as source:
        while piece := source.read(size):
            yield piece


def manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """What the backup says of itself. Raises Damaged for another file or format."""
    try:
        told: dict[str, Any] = json.loads(archive.read(MANIFEST))
    except (KeyError, ValueError) as error:
        raise Damaged("这不是载道的备份文件(没有清单)。") from error
    if told.get("format") != FORMAT:
        raise Damaged(f"备份的格式是 {told.get('format')},这个版本只认识 {FORMAT}。请用做备份的版本恢复。")
    return told


def check(archive: zipfile.ZipFile, told: dict[str, Any]) -> None:
    """Every member there, with the content that the manifest says. Raises Damaged."""
    for name, expected in told["members"].items():
        digest = hashlib.sha256()
        try:
            with archive.open(name) as source:
                while piece := source.read(1 << 20):
                    digest.update(piece)
        except (KeyError, zipfile.BadZipFile) as error:
            raise Damaged(f"备份不完整:缺少 {name} 或它已损坏。") from error
        if digest.hexdigest() != expected:
            raise Damaged(f"备份已损坏:{name} 的内容与清单不符。")
