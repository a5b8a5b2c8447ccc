"""Finding things by words, inside the scope of whoever asks.

A module says by `source` what of its own can be found. The index holds tokens and numbers alone; whoever asks gets rows of the module's
own scoped table, cut to the verb that shows them, in the same statement. So a thing that moved, or a right that ended, is never answered
from an old copy: only which words find it can be late, and is not, for `audit.record` brings the words up to date in the transaction of
the act. What was written without an act (restored, loaded) is made good by `rebuild`: at night, after an upgrade, after a restore.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Case, OuterRef, Subquery, When

from zaidao.core import fulltext, outbox, tokens
from zaidao.core.models import SearchEntry
from zaidao.core.tokens import Asked

CHUNK = 1000  # rows of one statement
AT_ONCE = 200  # rows of one act that are brought up to date within it
LATER = "core.search_later"
MANY = 2000  # entries, from which on rows are asked one after another
MARK = "·"  # between kind and token: neither database takes it for the end of a word
Numbers = Iterable[int]
Rows = Callable[[], "models.QuerySet[Any]"]


@dataclass(frozen=True)
class Hit:
    """What is told of something found: its name, where it belongs, where it is read. Nothing of its content."""

    title: str
    place: str = ""
    href: str = ""


@dataclass(frozen=True)
class Source:
    """One kind of thing. `find(asked, start, end, many)`: hits of the active scope in a fixed order, `many`: the index holds thousands;
    `verb`: who is offered the kind at all."""

    kind: str
    name: str
    order: int
    verb: str | None
    find: Callable[[tuple[Asked, ...], int, int, bool], list[Hit]]


@dataclass(frozen=True)
class Indexed:
    """What of a kind is kept in the index. `words`: what finds a row ("" for one that is never to be found)."""

    kind: str
    rows: Rows
    words: Callable[[Any], str]


SOURCES: dict[str, Source] = {}
INDEXED: dict[str, Indexed] = {}
_touching: dict[str, list[tuple[Indexed, Callable[[Sequence[int]], Numbers]]]] = {}


def source(made: Source) -> Source:
    """Register a kind. Raises ValueError where it is there already."""
    if made.kind in SOURCES:
        raise ValueError(f"{made.kind} is registered twice")
    SOURCES[made.kind] = made
    return made


def indexed(
    kind: str, name: str, model: Any, *, order: int, verb: str, words: Callable[[Any], str], rows: Rows, found: Rows,
    hit: Callable[[Any], Hit], follows: Mapping[str, Callable[[Sequence[int]], Numbers]] | None = None,
) -> None:
    """Register a model. `rows`: all of its rows with what `words` reads; `found`: those that the active scope may find, in their order,
    with what `hit` reads, so that no row asks by itself; `follows`: label of another model -> the rows that acts on these of it change.
    Raises ValueError where the kind is there already."""

    def find(asked: tuple[Asked, ...], start: int, end: int, many: bool) -> list[Hit]:
        return [hit(row) for row in _among(found(), kind, asked_of(kind, asked), many=many)[start:end]]

    source(Source(kind, name, order, verb, find))
    made = INDEXED[kind] = Indexed(kind, rows, words)
    _touching.setdefault(model._meta.label_lower, []).append((made, lambda changed: changed))
    for label, of in (follows or {}).items():
        _touching.setdefault(label, []).append((made, of))


def _among(rows: Any, kind: str, asked: tuple[Asked, ...], *, many: bool) -> Any:
    """The rows that fit. Few are taken by their numbers; where many fit, each row is asked in its turn, so that the first ones are found
    without reading all that fit: the database itself takes words that always stand together for independent, and many for few."""
    if many:
        held = SearchEntry.objects.filter(kind=kind, number=OuterRef("pk")).values("tokens")[:1]
        fits = Case(When(held__matches=asked, then=True), default=False)  # taken for a half, the words by themselves for one in 200
        return rows.alias(held=Subquery(held)).alias(fits=fits).filter(fits=True)
    return rows.filter(pk__in=SearchEntry.objects.filter(kind=kind, tokens__matches=asked).values("number"))


def common(question: str) -> frozenset[str]:
    """The kinds of which the index holds more than some thousand that fit, inside the scope or outside. One query; none on SQLite, which
    holds no more than one office writes."""
    asked = tokens.ask(question)
    if not asked or not INDEXED or connection.vendor != "postgresql":
        return frozenset()
    beyond = [SearchEntry.objects.filter(kind=kind, tokens__matches=asked_of(kind, asked)).order_by().values_list("kind")[MANY:MANY + 1]
              for kind in INDEXED]
    return frozenset(kind for (kind,) in beyond[0].union(*beyond[1:], all=True))


def kinds(may: Callable[[str], bool]) -> list[Source]:
    """The kinds that somebody may find anything of, in their order."""
    return sorted((s for s in SOURCES.values() if s.verb is None or may(s.verb)), key=lambda s: s.order)


def find(kind: Source, question: str, start: int, end: int, *, many: bool = False) -> list[Hit]:
    """A stretch of what a question finds inside the active scope; nothing for one without words. `many`: whether the kind is among what
    `common` says of the question, which finds the same, the first of many sooner. One query."""
    asked = tokens.ask(question)
    return kind.find(asked, start, end, many) if asked else []


def touched(objects: Iterable[Any]) -> None:
    """Bring up to date what finds these rows, in the caller's transaction. Three queries a kind, none for rows that nobody looks for.

    Of many at once (an import) it is asked for instead, by the news of the same transaction, and done some seconds later: whoever waits
    for thousands of rows does not wait for their words too.
    """
    by_label: dict[str, list[int]] = {}
    for each in objects:
        label = each._meta.label_lower
        if label in _touching and not isinstance(each, type) and each.pk is not None:
            by_label.setdefault(label, []).append(each.pk)
    for label, numbers in by_label.items():
        if len(numbers) > AT_ONCE:
            outbox.announce(LATER, 0, label=label, numbers=numbers)
        else:
            touch(label, numbers)


def touch(label: str, numbers: Sequence[int]) -> None:
    """Bring up to date what finds these rows of a model."""
    for of_kind, concerned in _touching.get(label, ()):
        bring_up(of_kind, sorted(set(concerned(numbers))))


@outbox.on(LATER)
def touch_later(message: Any) -> None:
    touch(message.data["label"], message.data["numbers"])


def asked_of(kind: str, asked: Iterable[Asked]) -> tuple[Asked, ...]:
    """A question as the entries of one kind hold it. Each token bears its kind, so that the database knows how common a word is there:
    one that stands in every decision and in no name is looked for by two different ways."""
    return tuple(replace(a, token=f"{kind}{MARK}{a.token}") for a in asked)


def bring_up(kind: Indexed, numbers: Sequence[int]) -> int:
    """Make the entries of these rows agree with them; returns how many did not."""
    changed = 0
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start:start + CHUNK]
        held = dict(SearchEntry.objects.filter(kind=kind.kind, number__in=part).values_list("number", "tokens"))
        wanted = {row.pk: _entry(kind, row) for row in kind.rows().filter(pk__in=part)}
        changed += _write(kind.kind, held, {number: text for number, text in wanted.items() if text})
    return changed


def _entry(kind: Indexed, row: Any) -> str:
    return " ".join(f"{kind.kind}{MARK}{token}" for token in tokens.cut(kind.words(row)))


def _write(kind: str, held: Mapping[int, str], wanted: Mapping[int, str]) -> int:
    new = [SearchEntry(kind=kind, number=n, tokens=text) for n, text in sorted(wanted.items()) if held.get(n) != text]
    gone = [n for n in held if n not in wanted]
    if new:
        SearchEntry.objects.bulk_create(
            new, batch_size=CHUNK, update_conflicts=True, unique_fields=["kind", "number"], update_fields=["tokens"],
        )
    if gone:
        SearchEntry.objects.filter(kind=kind, number__in=gone).delete()
    return len(new) + len(gone)


def rebuild(tell: Callable[[float, str], None] = lambda _share, _said: None) -> int:
    """Make the whole index agree with the rows; returns how many entries did not. Each thousand by itself, beside other work."""
    if fulltext.missing(connection):
        with transaction.atomic():
            fulltext.install(connection)
    changed = _forget_kinds()
    for place, of_kind in enumerate(INDEXED.values()):
        tell(place / len(INDEXED), f"正在整理检索({place + 1}/{len(INDEXED)})")
        changed += _rebuild(of_kind)
    return changed


def _forget_kinds() -> int:
    return SearchEntry.objects.exclude(kind__in=INDEXED).delete()[0]


def _rebuild(of_kind: Indexed) -> int:
    """By stretches of numbers, entries without a row among them."""
    changed, last = 0, 0
    rows = of_kind.rows().order_by("pk").values_list("pk", flat=True)
    entries = SearchEntry.objects.filter(kind=of_kind.kind).order_by("number").values_list("number", flat=True)
    while numbers := sorted({*rows.filter(pk__gt=last)[:CHUNK], *entries.filter(number__gt=last)[:CHUNK]})[:CHUNK]:
        last = numbers[-1]
        with transaction.atomic():
            changed += bring_up(of_kind, numbers)
    return changed
