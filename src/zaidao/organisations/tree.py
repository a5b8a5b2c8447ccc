"""The tree from its dated links: where everything stood when, rebuilt in the transaction that changes a link.

`Link` is the truth. `rebuild` makes `Place` (every day) and `Organisation.path` (today) agree with it, for the subtrees that changed,
and refuses a cycle on any day. A dissolved organisation has no place any more; its path follows the superior it stood under last, so
that whoever answers for that superior today finds it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from zaidao.core import locks
from zaidao.core.errors import Refused
from zaidao.core.scope import WIDTH, after, segment, system_scope
from zaidao.organisations.models import Link, Organisation, Place

LOCK = "organisations.tree"
ALWAYS = date.min  # the start of what began on a day that nobody knows
OPEN = date.max  # stands for no end while intervals are cut
DEEPEST = Organisation._meta.get_field("path").max_length // WIDTH  # type: ignore[operator]  # levels that a path can hold
MANY = 5000  # numbers in one list of a query; above it everything is loaded

Row = tuple[int, int | None, date, date | None]  # child, parent, since, until


@dataclass(frozen=True)
class Stretch:
    """A path that holds from `since` until before `until`."""

    path: str
    since: date
    until: date


class Tree:
    """Links in memory. `known`: stretches of organisations outside, taken as they stand; `paths`: their paths of today."""

    def __init__(self, rows: Iterable[Row], known: dict[int, list[Stretch]] | None = None, paths: dict[int, str] | None = None) -> None:
        self.of: dict[int, list[tuple[int | None, date, date]]] = defaultdict(list)
        for child, parent, since, until in rows:
            self.of[child].append((parent, since, until or OPEN))
        self.known, self.paths = known or {}, dict(paths or {})

    def stretches(self, number: int) -> list[Stretch]:
        """Where an organisation stood when, in order. Raises Refused where it stood below itself on some day."""
        return joined(sorted(self._cut(number, ALWAYS, OPEN, ()), key=lambda s: s.since))

    def _cut(self, number: int, since: date, until: date, trail: tuple[int, ...]) -> Iterator[Stretch]:
        """The stretches inside a window of days. The windows only narrow on the way up: whoever is met twice is a cycle on those days."""
        _check(number, trail)
        if number in self.known:
            yield from _clipped(self.known[number], since, until)
            return
        for parent, start, end in self.of.get(number, ()):
            low, high = max(since, start), min(until, end)
            if low < high and parent is None:
                yield Stretch(segment(number), low, high)
            elif low < high and parent is not None:
                for above in self._cut(parent, low, high, (*trail, number)):
                    yield Stretch(above.path + segment(number), above.since, above.until)

    def path(self, number: int, trail: tuple[int, ...] = ()) -> str:
        """The path of today: below the superior of the last link. Raises Refused for a cycle."""
        _check(number, trail)
        if number not in self.paths:
            parent = max(self.of[number], key=lambda link: link[1])[0] if self.of.get(number) else None
            above = "" if parent is None else self.path(parent, (*trail, number))
            self.paths[number] = above + segment(number)
        return self.paths[number]


def _check(number: int, trail: tuple[int, ...]) -> None:
    if number in trail:
        raise Refused("不能把组织调整到它自己的下级之中。")
    if len(trail) >= DEEPEST:
        raise Refused(f"组织层级不能超过 {DEEPEST} 级。")


def _clipped(stretches: list[Stretch], since: date, until: date) -> Iterator[Stretch]:
    for s in stretches:
        low, high = max(s.since, since), min(s.until, until)
        if low < high:
            yield Stretch(s.path, low, high)


def joined(stretches: list[Stretch]) -> list[Stretch]:
    """Neighbouring stretches of one path as one."""
    found: list[Stretch] = []
    for s in stretches:
        if found and found[-1].path == s.path and found[-1].until == s.since:
            found[-1] = Stretch(s.path, found[-1].since, s.until)
        else:
            found.append(s)
    return found


def rebuild(tops: Collection[int]) -> int:
    """Make places and paths of these subtrees agree with the links; returns how many organisations changed.

    Takes the tree's lock, so that two moves cannot make a cycle between them. Raises Refused for a cycle. What stands outside the
    subtrees is taken to agree already.
    """
    locks.hold(LOCK)
    with system_scope("the tree is rebuilt as a whole"):
        wanted = _below(tops)
        tree = _load(wanted)
        changed = _store_places({number: tree.stretches(number) for number in wanted})
        return len(changed | _store_paths({number: tree.path(number) for number in wanted}))


def _below(tops: Collection[int]) -> set[int]:
    """The organisations and everything that ever stood below them: one query a level."""
    found = set(tops)
    if len(found) > MANY:
        return set(Link.everything.values_list("child_id", flat=True)) | found
    level = found
    while level:
        children = {c for part in _parts(sorted(level)) for c in _children(part)}
        level = children - found
        found |= level
    return found


def _parts(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Lists short enough for one query."""
    whole = list(numbers)
    return (whole[start:start + MANY] for start in range(0, len(whole), MANY))


def _children(parents: Collection[int]) -> Iterable[int]:
    return Link.everything.filter(parent_id__in=parents).values_list("child_id", flat=True)


def _load(numbers: set[int]) -> Tree:
    """The links of these organisations, and the places of the superiors outside."""
    rows: list[Row] = [row for part in _parts(sorted(numbers)) for row in _links(part)]
    outside = {parent for _, parent, _, _ in rows if parent is not None} - numbers
    paths = {pk: path for part in _parts(sorted(outside)) for pk, path in _paths(part)}
    return Tree(rows, {number: list(found) for number, found in _places(outside).items()}, paths)


def _links(numbers: Collection[int]) -> Iterable[Row]:
    return Link.everything.filter(child_id__in=numbers).values_list("child_id", "parent_id", "since", "until").order_by()


def _paths(numbers: Collection[int]) -> Iterable[tuple[int, str]]:
    return Organisation.everything.filter(pk__in=numbers).values_list("pk", "path")


def _places(numbers: Collection[int]) -> dict[int, dict[Stretch, int]]:
    """Organisation -> its stretches, in order, with the number of each row."""
    held: dict[int, dict[Stretch, int]] = {number: {} for number in numbers}
    for part in _parts(sorted(numbers)):
        rows = Place.everything.filter(organisation_id__in=part).order_by("organisation_id", "since")
        for pk, number, path, since, until in rows.values_list("pk", "organisation_id", "path", "since", "until"):
            held[number][Stretch(path, since, until or OPEN)] = pk
    return held


def _store_places(wanted: dict[int, list[Stretch]]) -> set[int]:
    """Make the stored places these, touching only rows that differ; returns whose."""
    held = _places(wanted)
    gone = {pk for number, rows in held.items() for stretch, pk in rows.items() if stretch not in wanted[number]}
    new = [(number, s) for number, stretches in sorted(wanted.items()) for s in stretches if s not in held[number]]
    changed = {number for number, _ in new} | {n for n, rows in held.items() if not gone.isdisjoint(rows.values())}
    new = _shortened(held, gone, new)
    for part in _parts(sorted(gone)):
        Place.everything.filter(pk__in=part).delete()
    Place.everything.bulk_create([
        Place(organisation_id=n, path=s.path, since=s.since, until=None if s.until == OPEN else s.until) for n, s in new
    ], batch_size=1000)
    return changed


def _shortened(held: dict[int, dict[Stretch, int]], gone: set[int], new: list[tuple[int, Stretch]]) -> list[tuple[int, Stretch]]:
    """Rows of which only the end differs get it by one statement an end: the usual case of a move. Returns what is new still."""
    starts = {(n, s.path, s.since): pk for n, rows in held.items() for s, pk in rows.items() if pk in gone}
    ends: dict[date, list[int]] = defaultdict(list)
    rest = []
    for number, s in new:
        pk = starts.get((number, s.path, s.since))
        if pk is None:
            rest.append((number, s))
        else:
            ends[s.until].append(pk)
            gone.discard(pk)
    for end, pks in ends.items():
        for part in _parts(pks):
            Place.everything.filter(pk__in=part).update(until=None if end == OPEN else end)
    return rest


def _store_paths(wanted: dict[int, str]) -> set[int]:
    """Make the paths of today these: whole subtrees by one statement each, single rows where that does not fit; returns whose."""
    held = {pk: path for part in _parts(sorted(wanted)) for pk, path in _paths(part)}
    changed = {number for number, path in wanted.items() if held.get(number) != path}
    left = set(changed)
    for number in sorted(changed, key=lambda n: (held.get(n, ""), n)):
        if number in left and held.get(number):
            left -= _carry(held[number], wanted[number], held, wanted)
    Organisation.everything.bulk_update([Organisation(pk=n, path=wanted[n]) for n in sorted(left)], ["path"], batch_size=500)
    return changed


def _carry(old: str, new: str, held: dict[int, str], wanted: dict[int, str]) -> set[int]:
    """Give the subtree of a path another beginning, where that is right for every organisation in it; returns whom it served."""
    inside = {n for n, path in held.items() if path.startswith(old)}
    if any(wanted[n] != new + held[n][len(old):] for n in inside):
        return set()
    Organisation.everything.filter(path__gte=old, path__lt=after(old)).update(path=Concat(Value(new), Substr(F("path"), len(old) + 1)))
    return inside
