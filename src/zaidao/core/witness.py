"""What is told of the audit beside the database: a line for each row and for each seal, in files under ZAIDAO_VAR, right after the commit.

A chain inside of a database cannot show that its newest end is gone, nor a row that was removed before it was sealed. These lines can:
whoever may write to the database alone does not reach them. A line is one short write to the end of a file; no act waits for another,
and none fails for want of it. A process that is killed between its commit and its line leaves that row without one: a missing line says
nothing, a missing row does.
"""

import logging
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from zaidao.core import crypto
from zaidao.core.models import Entry, Seal, Sealed

FOLDER = "audit"
ENTRY, SEAL, BROKEN = "e", "s", ""
SHORT = 32  # signs of a digest that a line repeats
READ = 2000  # lines in memory at once
LINE = re.compile(rf"([{ENTRY}{SEAL}]) (\d+) ([0-9a-f]{{{SHORT}}}) ([0-9a-f]{{{SHORT}}})")

log = logging.getLogger(__name__)

Noted = tuple[str, int, str]  # kind, number, beginning of the digest
Wrong = tuple[int, str]  # number, what is wrong in Chinese


def entries(rows: Sequence[Entry]) -> None:
    """Tell of rows once their transaction is committed; never of those that are rolled back (by `atomic`: a savepoint taken by hand
    Django knows nothing of)."""
    _later([(ENTRY, row.pk, row.mac) for row in rows])


def seal(made: Seal) -> None:
    """Tell of a seal, once it is committed."""
    _later([(SEAL, made.pk, made.digest)])


def _later(told: Iterable[Noted]) -> None:
    text = "".join(f"\n{_line(*each)}" for each in told)  # begins anew, so that a line that was cut off spoils no other
    transaction.on_commit(partial(_append, text), robust=True)


def _line(kind: str, number: int, digest: str) -> str:
    said = f"{kind} {number} {digest[:SHORT]}"
    return f"{said} {crypto.mac(f'witness {said}')[:SHORT]}"


def _append(text: str) -> None:
    """One write to the end of the month's file: writes of several processes do not mix."""
    try:
        folder().mkdir(mode=0o700, exist_ok=True)
        out = os.open(folder() / f"{timezone.localdate():%Y-%m}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(out, text.encode())
        finally:
            os.close(out)
    except OSError as error:
        log.error("audit rows were written without a line beside the database: %s", type(error).__name__)


def folder() -> Path:
    return Path(settings.VAR) / FOLDER


def set_aside() -> None:
    """The database was emptied or restored: what was told of the one before is kept under another name and asked no more."""
    if folder().exists():
        folder().rename(folder().with_name(f"{FOLDER}-until-{timezone.localtime():%Y%m%d-%H%M%S-%f}"))


def lost() -> Iterator[Wrong]:
    """What was told and is not so any more. Raises KeyMissing without the audit key."""
    for file in sorted(folder().glob("*.log")):
        with file.open(encoding="ascii", errors="replace") as lines:
            told = _read(lines)
            while chunk := list(islice(told, READ)):
                yield from ((at, f"库外记录 {file.name} 第 {at} 行不完整,或不是由程序写入的。") for at, _ in _of(chunk, BROKEN))
                yield from _gone(list(_of(chunk, ENTRY)))
                yield from _cut(list(_of(chunk, SEAL)))


def _read(lines: Iterable[str]) -> Iterator[Noted]:
    """The lines as they were told; BROKEN with its place for one that the program did not write, or wrote half."""
    for at, line in enumerate(lines, start=1):
        text = line.strip()
        found = LINE.fullmatch(text)
        if found and _line(found[1], int(found[2]), found[3]) == text:
            yield found[1], int(found[2]), found[3]
        elif text:
            yield BROKEN, at, ""


def _of(chunk: Iterable[Noted], kind: str) -> Iterator[tuple[int, str]]:
    return ((number, digest) for what, number, digest in chunk if what == kind)


def _gone(told: list[tuple[int, str]]) -> Iterator[Wrong]:
    """Rows that are not there or are others: a number may have been given out anew. Of those a seal still names the seal says so itself."""
    there = dict(Entry.objects.filter(pk__in=[number for number, _ in told]).values_list("pk", "mac"))
    missing = {number for number, _ in told if number not in there}
    named = set(Sealed.objects.filter(entry__in=missing).values_list("entry", flat=True))
    yield from ((n, f"第 {n} 号审计记录写入过(库外有记载),现在不见了:被删除过。") for n in sorted(missing - named))
    other = (n for n, mac in told if n in there and not there[n].startswith(mac))
    yield from ((n, f"第 {n} 号审计记录与库外的记载不符:被换过,或被删除后编号又用了一次。") for n in other)


def _cut(told: list[tuple[int, str]]) -> Iterator[Wrong]:
    there = dict(Seal.objects.filter(pk__in=[number for number, _ in told]).values_list("pk", "digest"))
    wrong = (number for number, digest in told if not there.get(number, "").startswith(digest))
    yield from ((n, f"第 {n} 号封存写入过(库外有记载),现在不见了或被换过:其后的记录可能被整段截掉。") for n in wrong)
