"""Looks for a text wherever the system may have left it: the database, files, logs, mail, sessions. For the doors that write it.

    with canary.listening() as logs:
        …enter a number through a door…
        assert canary.find_plain(ID, canary.places(logs)) == []
"""

import base64
import io
import logging
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection

from zaidao.core import logs

Place = tuple[str, bytes]  # what it is called, and what stands there


def find_plain(text: str, places: Iterable[Place]) -> list[str]:
    """The places in which the text stands, readable by anybody: plain, in UTF-16, or in base64."""
    wanted = [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), *_base64(text)]
    return [name for name, content in places if any(form in content for form in wanted)]


def _base64(text: str) -> list[bytes]:
    """The three ways in which a text may stand inside longer base64, without the characters that its neighbours touch."""
    whole = [base64.b64encode(b"x" * shift + text.encode()).rstrip(b"=") for shift in range(3)]
    return [coded[(0, 2, 3)[shift]:-1] for shift, coded in enumerate(whole)]


def places(written: io.StringIO | None = None) -> Iterator[Place]:
    """Everywhere: `written` is what `listening` gave."""
    yield from database()
    yield from folder(Path(settings.VAR))
    yield from sessions()
    yield from (("mail", m.message().as_bytes()) for m in getattr(mail, "outbox", []))
    yield ("cache", repr(getattr(cache, "_cache", "")).encode())
    if written is not None:
        yield ("logs", written.getvalue().encode())


def database() -> Iterator[Place]:
    """Every row of every table as text; of SQLite also the bytes of its file, where removed rows linger."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield (f"table {table}", b"\0".join(v.tobytes() if isinstance(v, memoryview) else str(v).encode() for v in row))
    if connection.vendor == "sqlite":
        yield ("sqlite image", connection.connection.serialize())
        yield from folder(Path(settings.VAR), "*.sqlite3*")


def folder(place: Path, pattern: str = "*") -> Iterator[Place]:
    """Every file below a folder, the keys left out; of workbooks and archives also what is packed inside."""
    for file in sorted(place.rglob(pattern)):
        if file.is_file() and Path(settings.KEYS) not in file.parents:
            content = contents(file)
            yield (f"file {file.name}", content)
            yield from _packed(file.name, content)


def contents(file: Path) -> bytes:
    """Read by a process of its own: whoever closes a file lets go of every lock that their process holds on it, and SQLite's connection of
    the tests would no longer be known to other processes, which spoils the database."""
    return subprocess.run(["cat", file], capture_output=True, check=True).stdout


def _packed(name: str, content: bytes) -> Iterator[Place]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from ((f"file {name}:{member}", archive.read(member)) for member in archive.namelist())


def answer(response: object, name: str = "answer") -> Iterator[Place]:
    """A page or a download, for doors through which the text must not come out; workbooks unpacked."""
    content = b"".join(response.streaming_content) if getattr(response, "streaming", False) else response.content  # type: ignore[attr-defined]
    yield (name, content)
    yield (f"{name} headers", repr(dict(response.headers)).encode())  # type: ignore[attr-defined]
    yield from _packed(name, content)


def sessions() -> Iterator[Place]:
    """What sessions hold: messages, drafts; packed in the table."""
    for row in Session.objects.all():
        yield ("session", repr(SessionStore().decode(row.session_data)).encode())


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """What the logging writes as it is configured, every logger at its most talkative."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(logs.Private())
    handler.setFormatter(logs.Lines())
    loggers = [logging.getLogger(name) for name in ("", "zaidao", "django", "django.request", "django.db.backends", "axes", "allauth")]
    before = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield out
    finally:
        loggers[0].removeHandler(handler)
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
