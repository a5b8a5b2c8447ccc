"""The empty SQLite database, migrated once for each state of the migrations and copied by every process since.

Sixty migrations take five seconds of computing, in each worker and each time a single file is run. What is copied goes through
`migrate` once more, which finds nothing to do, so a migration that the fingerprint overlooked would still be applied.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKE = ("src/zaidao/*/migrations/*.py", "src/zaidao/*/models/*.py", "src/zaidao/*/models.py", "src/zaidao/core/*.py", "tests/settings.py",
        "requirements-dev.txt")


def fingerprint() -> str:
    """Of everything that makes the tables: migrations, models, what they import, and the versions of what is installed."""
    seen = hashlib.sha256(sqlite3.sqlite_version.encode())
    for file in _files():
        seen.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return seen.hexdigest()[:24]


def _files() -> Iterator[Path]:
    return (file for pattern in MAKE for file in sorted(ROOT.glob(pattern)))


def kept(config: pytest.Config) -> Path:
    """Where the migrated database of today's migrations lies, or will."""
    cache = getattr(config, "cache", None)  # none where its plugin is off
    return Path(cache.mkdir("database")) / f"{fingerprint()}.sqlite3" if cache else Path(os.devnull)


def lay(file: Path, target: Path) -> None:
    """Put the kept database where the tests want theirs; without one, they begin with none."""
    if file.is_file():
        shutil.copyfile(file, target)


def keep(source: Path, file: Path) -> None:
    """Keep a database that has just been migrated, whole or not at all; those of other migrations go."""
    if file.is_file() or file == Path(os.devnull):
        return
    mine = file.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(source)) as database:
        database.execute("VACUUM INTO ?", [str(mine)])
    for other in file.parent.glob("*.sqlite3"):
        other.unlink(missing_ok=True)
    mine.replace(file)
