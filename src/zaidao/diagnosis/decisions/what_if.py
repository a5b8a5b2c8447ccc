"""What would change if a post, a part of it or one kind of duty went from one person to another: hours a month, before and after.

The engine's own weighing (`engine.load.weigh`) is asked twice, so what is shown here is what the next diagnosis would say. Stand-ins
are told in the order of their posts, never by hours.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from zaidao.engine.load import Holder, Post, Scale, weigh


@dataclass(frozen=True)
class Load:
    """One person's load: hours a month with bounds, posts held at once, hours that can be given. None where unknown."""

    hours: float
    low: float
    high: float
    at_once: int
    capacity: float

    @property
    def over(self) -> bool:
        """Surely above what can be given, the uncertainty of standard hours allowed for."""
        return self.low > self.capacity


@dataclass(frozen=True)
class Move:
    """Whoever holds the post at `index` of all posts hands over to `taker`: the post itself, or `share` of its hours (below 1.0), or a
    duty that takes so many `hours` a month."""

    index: int
    taker: str
    share: float = 1.0
    hours: float | None = None


@dataclass(frozen=True)
class Changed:
    """One person's load before and after."""

    person: str
    before: Load
    after: Load


def loads(posts: Sequence[Post], kinds: Mapping[str, str | None], scale: Scale, day: date) -> dict[str, Load]:
    """Person -> load, from all posts that each of them holds."""
    return {person: _load(weigh(list(held), kinds, scale, day)) for person, held in _by_person(posts).items()}


def _by_person(posts: Iterable[Post]) -> dict[str, list[Post]]:
    found: dict[str, list[Post]] = defaultdict(list)
    for post in posts:
        found[post.person_id].append(post)
    return found


def _load(holder: Holder) -> Load:
    return Load(holder.total, holder.low, holder.high, holder.at_once, holder.capacity)


def changes(posts: Sequence[Post], move: Move, kinds: Mapping[str, str | None], scale: Scale, day: date) -> list[Changed]:
    """The loads of giver and taker before and after. A post moves with all it asks; a share or a duty moves its hours alone."""
    giver, before = posts[move.index].person_id, loads(posts, kinds, scale, day)
    idle = Load(0.0, 0.0, 0.0, 0, scale.beside)
    if move.hours is not None or move.share < 1.0:
        hours = move.hours
        if hours is None:
            hours = scale.of_post(posts[move.index], kinds.get(posts[move.index].org_id)) * move.share
        after = before | {giver: _plus(before[giver], -hours), move.taker: _plus(before.get(move.taker, idle), hours)}
    else:
        moved = [replace(p, person_id=move.taker) if i == move.index else p for i, p in enumerate(posts)]
        after = loads(moved, kinds, scale, day)
    none = {p: replace(idle, capacity=before.get(p, idle).capacity) for p in (giver, move.taker)}
    return [Changed(p, before.get(p, idle), after.get(p, none[p])) for p in (giver, move.taker)]


def _plus(load: Load, hours: float) -> Load:
    """The load with some hours more or fewer; its bounds move along."""
    return replace(load, hours=max(load.hours + hours, 0.0), low=max(load.low + hours, 0.0), high=max(load.high + hours, 0.0))


def stand_ins(posts: Sequence[Post], move: Move, kinds: Mapping[str, str | None], scale: Scale, day: date) -> list[Changed]:
    """Who else holds a Party post in the same organisation, with their load if they took over what `move` says, whoever takes it there;
    in the order of their posts."""
    wanted = posts[move.index]
    others = dict.fromkeys(
        p.person_id for p in posts if p.org_id == wanted.org_id and p.domain == "party" and p.person_id != wanted.person_id
    )
    return [changes(posts, replace(move, taker=person), kinds, scale, day)[1] for person in others]
