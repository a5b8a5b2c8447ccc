"""One file that holds everything but the keys: rows as of one moment, and the files that belong to them."""

import json
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from zaidao import __version__
from zaidao.core import crypto, seal
from zaidao.core.errors import Refused
from zaidao.core.moment import moment
from zaidao.core.scope import system_scope
from zaidao.shell.keeping import archive, tables

Tell = Callable[[str], None]
NOTE = "last-backup.json"


def write(target: Path, tell: Tell = lambda _said: None) -> dict[str, Any]:
    """Write the backup; returns its manifest. The file appears whole or not at all, readable by its owner alone.

    Raises OSError, and Refused for a place that is itself backed up.
    """
    if any(target.resolve().is_relative_to((Path(settings.VAR) / top).resolve()) for top in archive.KEPT):
        raise Refused(f"{target} 在要备份的文件夹里。请把备份写到别处,最好是别的磁盘。")
    _seal(tell)
    told: dict[str, Any] = {}
    with _whole(target) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        told = _contents(kept, tell)
        kept.writestr(archive.MANIFEST, json.dumps(told, ensure_ascii=False, indent=1))
    note = {"at": told["at"], "file": target.name, "audit": told["audit"]}
    with _whole(Path(settings.VAR) / NOTE) as out:
        out.write(json.dumps(note, ensure_ascii=False).encode())
    return told


@contextmanager
def _whole(target: Path) -> Iterator[IO[bytes]]:
    """A file of its owner alone, which takes its name once it is written and on the disk; nothing of it stays where that fails."""
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _seal(tell: Tell) -> None:
    """What waits is sealed first. Without the keys there is a backup all the same: it is then wanted more than ever."""
    try:
        if _seals():
            seal.seal(everything=True)
    except crypto.KeyMissing as missing:
        tell(f"{missing}备份照做,其中最新的审计记录没有封存。")


def _contents(kept: zipfile.ZipFile, tell: Tell) -> dict[str, Any]:
    members: dict[str, str] = {}
    rows: dict[str, int] = {}
    with system_scope("backup"), moment():
        head = seal.head() if _seals() else None
        migrations = sorted(MigrationRecorder(connections["default"]).applied_migrations())
        for model in tables.models_of(tables.state(migrations)):  # as the database is, which before an upgrade is older than the program
            label = model._meta.label_lower
            counted = _Counted(tables.lines(model))
            members[f"rows/{label}.jsonl"] = archive.put(kept, f"rows/{label}.jsonl", (line.encode() for line in counted))
            rows[label] = counted.n
        tell(f"已写出 {len(rows)} 张表、{sum(rows.values())} 行")
    for name, path in archive.files(Path(settings.VAR)):
        with suppress(FileNotFoundError):  # removed by whoever works meanwhile
            members[name] = archive.put_file(kept, name, path)
    return {
        "format": archive.FORMAT, "version": __version__, "at": timezone.localtime().isoformat(timespec="seconds"), "rows": rows,
        "migrations": migrations, "members": members, "audit": head.digest if head else "",
    }


def _seals() -> bool:
    """Whether the database has an audit chain: one of the first version has none."""
    return "core_seal" in connections["default"].introspection.table_names()


class _Counted:
    """Lines that are counted as they pass."""

    def __init__(self, source: Iterator[str]) -> None:
        self.source, self.n = source, 0

    def __iter__(self) -> Iterator[str]:
        for line in self.source:
            self.n += 1
            yield line
