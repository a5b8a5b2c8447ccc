"""The tree from its dated links: where everything stood when, rebuilt in the transaction that changes a link.

`Link` is the truth. `rebuild` makes `Place` (every day) and `Organisation.path` (today, or the last place of a dissolved one) agree
with it, for the subtrees that changed, and refuses a cycle on any day.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from zaidao.core import locks
from zaidao.core.errors import Refused
from zaidao.core.scope import segment, system_scope
from zaidao.organisations.models import Link, Organisation, Place

LOCK = "organisations.tree"
OPEN = date.max  # stands for no end while intervals are cut


@dataclass(frozen=True)
class Stretch:
    """A path that holds from `since` until before `until`."""

    path: str
    since: date
    until: date


class Tree:
    """All links in memory: children at any time, and every organisation's stretches."""

    def __init__(self, links: Iterable[tuple[int, int | None, date, date | None]]) -> None:
        self.of: dict[int, list[tuple[int | None, date, date]]] = defaultdict(list)
        self.children: dict[int, set[int]] = defaultdict(set)
        self._made: dict[int, list[Stretch]] = {}
        self._open: set[int] = set()
        for child, parent, since, until in links:
            self.of[child].append((parent, since, until or OPEN))
            if parent is not None:
                self.children[parent].add(child)

    @classmethod
    def load(cls) -> "Tree":
        return cls(Link.everything.values_list("child_id", "parent_id", "since", "until").order_by("child_id", "since"))

    def below(self, tops: Collection[int]) -> set[int]:
        """The organisations and everything that ever stood below them."""
        found, todo = set(tops), list(tops)
        while todo:
            for child in self.children.get(todo.pop(), ()):
                if child not in found:
                    found.add(child)
                    todo.append(child)
        return found

    def stretches(self, number: int) -> list[Stretch]:
        """Where an organisation stood when, in order. Raises Refused where it stands below itself on some day."""
        if number in self._made:
            return self._made[number]
        if number in self._open:
            raise Refused("不能把组织调整到它自己的下级之中。")
        self._open.add(number)
        found: list[Stretch] = []
        for parent, since, until in self.of.get(number, ()):
            above = [Stretch("", since, until)] if parent is None else self.stretches(parent)
            for over in above:
                start, end = max(since, over.since), min(until, over.until)
                if start < end:
                    found.append(Stretch(over.path + segment(number), start, end))
        self._open.discard(number)
        self._made[number] = joined(sorted(found, key=lambda s: s.since))
        return self._made[number]


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

    Takes the tree's lock, so that two moves cannot make a cycle between them. Raises Refused for a cycle.
    """
    locks.hold(LOCK)
    with system_scope("the tree is rebuilt as a whole"):
        tree = Tree.load()
        wanted = {number: tree.stretches(number) for number in tree.below(tops)}
        changed = _store_places(wanted)
        _store_paths({n: s[-1].path for n, s in wanted.items() if s and n in changed})
    return len(changed)


def _store_places(wanted: dict[int, list[Stretch]]) -> set[int]:
    """Replace the places of organisations whose stretches differ; returns which."""
    held: dict[int, list[Stretch]] = defaultdict(list)
    rows = Place.everything.filter(organisation_id__in=wanted) if len(wanted) < 500 else Place.everything.all()
    for number, path, since, until in rows.order_by("organisation_id", "since").values_list("organisation_id", "path", "since", "until"):
        if number in wanted:
            held[number].append(Stretch(path, since, until or OPEN))
    changed = {number for number, stretches in wanted.items() if held.get(number, []) != stretches}
    for part in _parts(sorted(changed)):
        Place.everything.filter(organisation_id__in=part).delete()
    Place.everything.bulk_create([
        Place(organisation_id=n, path=s.path, since=s.since, until=None if s.until == OPEN else s.until)
        for n in sorted(changed) for s in wanted[n]
    ], batch_size=1000)
    return changed


def _store_paths(paths: dict[int, str]) -> None:
    moved = [Organisation(pk=number, path=path) for number, path in sorted(paths.items())]
    Organisation.everything.bulk_update(moved, ["path"], batch_size=500)


def _parts(numbers: list[int], size: int = 500) -> Iterable[list[int]]:
    return (numbers[start:start + size] for start in range(0, len(numbers), size))
