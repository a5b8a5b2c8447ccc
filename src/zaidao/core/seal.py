"""Seals over the audit rows: each batch is chained to the one before by a keyed digest, so that what is changed, removed or put in
afterwards is found out.

The sealer runs on its own, every minute. It holds one named lock that nothing else takes and reads committed rows only, so no request
waits for it. On PostgreSQL numbers are given out before they are committed: a lower number may appear after a higher one was sealed.
It is then sealed with a later batch, by its number; only the order inside one batch is that of the numbers.

What a chain cannot show: rows removed before they were sealed, and its own newest end cut off together with the rows. Both are told
beside the database (`core.witness`), and the head in the log, the digest and each backup: `contains` says whether the chain holds it.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet, Subquery, Sum, Window
from django.utils import timezone

from zaidao.core import audit, crypto, locks, triggers, witness
from zaidao.core.models import Check, Entry, Seal, Sealed

LOCK = "core.seal"
BATCH = 1000  # entries of one seal
LOOK_BACK = 20_000  # numbers below the highest sealed one that the minute's run looks at; the night's run looks at all
READ = 2000  # rows in memory at once while verifying

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written. `kind`: entry, seal, witness or guard; `text` says it in Chinese."""

    kind: str
    number: int
    text: str


@dataclass(frozen=True)
class Head:
    """The newest seal, how many entries the chain holds in all, whether it holds a head that was told before, and how many faults the last
    verification found (None where there was none)."""

    number: int
    digest: str
    at: datetime
    entries: int
    holds: bool = True
    found: int | None = None


def seal(*, everything: bool = False, batch: int = BATCH) -> int:
    """Seal what is not sealed yet; how many entries that was. `everything`: also what was committed very late."""
    total = 0
    for late in (False, True) if everything else (False,):
        while _waiting(late).exists() and (count := _seal_one(batch, late)):  # asked first without a lock: most minutes bring nothing
            total += count
    return total


@transaction.atomic
def _seal_one(batch: int, late: bool) -> int:
    locks.hold(LOCK)
    lines = list(_waiting(late).order_by("pk").values_list("pk", "mac")[:batch])
    if not lines:
        return 0
    before, at = Seal.objects.last(), timezone.now()
    previous = before.digest if before else ""
    made = Seal.objects.create(at=at, count=len(lines), previous=previous, digest=digest(previous, at, lines))
    Sealed.objects.bulk_create([Sealed(entry=number, seal=made) for number, _ in lines])
    witness.seal(made)
    log.info("audit rows sealed", extra={"facts": {"seal": made.pk, "count": made.count, "digest": made.digest}})
    return len(lines)


def _waiting(late: bool = True) -> "QuerySet[Entry]":
    """Entries without a seal; without the late ones only those that the minute's run looks at."""
    start = 0 if late else (Sealed.objects.aggregate(last=Max("entry"))["last"] or 0) - LOOK_BACK
    return Entry.objects.filter(~Exists(Sealed.objects.filter(entry=OuterRef("pk"))), pk__gt=start)


def unsealed() -> int:
    """How many entries wait for their seal."""
    return _waiting().count()


def digest(previous: str, at: datetime, lines: Iterable[tuple[int, str]]) -> str:
    """The keyed digest of a seal: over the one before, its moment, and number and digest of each entry in order of the numbers."""
    return crypto.mac("\n".join([previous, f"{at.timestamp():.6f}", *(f"{number} {mac}" for number, mac in lines)]))


def head(known: str = "") -> Head | None:
    """Where the chain stands: told in the digest and kept with each backup. None where nothing is sealed. `known`: a head told before."""
    held = Exists(Seal.objects.filter(digest=known))
    found = Subquery(Check.objects.exclude(ended_at=None).order_by("-ended_at").values("found")[:1])
    last = Seal.objects.annotate(total=Window(Sum("count")), held=held, found=found).order_by("-pk").first()
    return Head(last.pk, last.digest, last.at, last.total, last.held or not known, last.found) if last else None


def contains(known: str) -> bool:
    """Whether the chain still holds a head that was told before: it does not where its end was cut off since."""
    return Seal.objects.filter(digest=known).exists()


def verify(limit: int | None = None) -> list[Fault]:
    """What was changed, removed or put in past the program; nothing where all is as written. `limit`: only about as many newest entries.

    What was told beside the database is looked at with the whole chain only. Raises KeyMissing without the audit key.
    """
    return list(faults(limit))


def faults(limit: int | None = None) -> Iterator[Fault]:
    """`verify`, one by one."""
    first = _first_seal(limit)
    yield from (Fault("guard", 0, f"数据库中缺少防改动的触发器 {name},审计记录可能被直接改动过。") for name in triggers.missing(connection))
    yield from _wrong_entries(_first_entry(first))
    if first == 1:
        yield from _doubles()
        yield from (Fault("witness", number, text) for number, text in witness.lost())
    yield from _wrong_seals(first)


def _first_seal(limit: int | None) -> int:
    """The number of the seal from which on to look."""
    if limit is None:
        return 1
    held = 0
    for number, count in Seal.objects.order_by("-pk").values_list("pk", "count").iterator(READ):
        held += count
        if held >= limit:
            return number
    return 1


def _first_entry(first: int) -> int:
    """The lowest entry among the seals looked at."""
    return 0 if first == 1 else Sealed.objects.filter(seal__gte=first).aggregate(n=Min("entry"))["n"] or 0


def _wrong_entries(start: int) -> Iterator[Fault]:
    for entry in Entry.objects.filter(pk__gte=start).order_by("pk").iterator(READ):
        if crypto.mac(audit.canonical(entry)) != entry.mac:
            yield Fault("entry", entry.pk, f"第 {entry.pk} 号审计记录与写入时不一致:内容被改动过,或不是由程序写入的。")


def _doubles() -> Iterator[Fault]:
    """A genuine row copied under another number has a right digest, but not one of its own."""
    twice = Entry.objects.values("mac").annotate(n=Count("pk"), copy=Max("pk")).filter(n__gt=1).order_by("copy")
    for found in twice.values_list("copy", "n").iterator(READ):
        yield Fault("entry", found[0], f"第 {found[0]} 号审计记录是另一条记录的复制(相同的共 {found[1]} 条),不是由程序写入的。")


def _wrong_seals(first: int) -> Iterator[Fault]:
    before = Seal.objects.filter(pk__lt=first).last()
    previous = before.digest if before else ""
    for each in Seal.objects.filter(pk__gte=first).order_by("pk").iterator(READ):
        if each.previous != previous:
            yield Fault("seal", each.pk, f"第 {each.pk} 号封存与前一号接不上:其间有封存被删除、插入或改动过。")
        yield from _wrong_members(each)
        previous = each.digest


def _wrong_members(each: Seal) -> Iterator[Fault]:
    mac = Entry.objects.filter(pk=OuterRef("entry")).values("mac")
    members = list(Sealed.objects.filter(seal=each).order_by("entry").annotate(mac=Subquery(mac)).values_list("entry", "mac"))
    gone = [number for number, mac in members if mac is None]
    yield from (Fault("entry", number, f"第 {number} 号审计记录已封存(第 {each.pk} 号封存),现在不见了:被删除过。") for number in gone)
    if len(members) != each.count:
        yield Fault("seal", each.pk, f"第 {each.pk} 号封存写明 {each.count} 条,现有 {len(members)} 条:封存的范围被改动过。")
    elif not gone and digest(each.previous, each.at, members) != each.digest:
        yield Fault("seal", each.pk, f"第 {each.pk} 号封存的摘要不符:其中的记录或封存本身被改动过。")
