"""Who holds which post now, for the load inside one organisation. The load of a person counts posts held elsewhere, without naming them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from zaidao.core import rulebook
from zaidao.diagnosis.decisions import what_if
from zaidao.engine.load import Post, Scale, bare, domain_of, held, predecessors, weigh
from zaidao.organisations import queries as organisations


@dataclass(frozen=True)
class Picture:
    """Posts of an organisation and of everybody who holds one, on a day. `own`: indices of the organisation's own, by post."""

    day: date
    posts: list[Post]
    keys: list[int]
    names: dict[str, str]
    kinds: dict[str, str | None]
    own: list[int]
    scale: Scale

    def rows(self) -> list[dict[str, Any]]:
        """One row a post of the organisation, in the catalogue's order of posts."""
        loads = what_if.loads(self.posts, self.kinds, self.scale, self.day)
        here, counted = {self.posts[i].org_id for i in self.own}, self._counted()
        return [{
            "key": self.keys[i], "post": p.post, "acting": p.acting, "full_time": p.full_time, "holder": self.names.get(p.person_id, ""),
            "hours": counted[i], "load": loads[p.person_id],
            "elsewhere": sum(o.person_id == p.person_id and o.org_id not in here for o in self.posts),
        } for i in self.own for p in (self.posts[i],)]

    def _counted(self) -> dict[int, float]:
        """The hours of every post as its holder's load counts them: nothing for the line job, and for what is only acted for."""
        of: dict[str, list[int]] = {}
        for i, post in enumerate(self.posts):
            of.setdefault(post.person_id, []).append(i)
        weighed = ((held, weigh([self.posts[i] for i in held], self.kinds, self.scale, self.day).hours) for held in of.values())
        return {i: hours for held, each in weighed for i, hours in zip(held, each, strict=True)}

    def index(self, key: int) -> int | None:
        """The post of an appointment, where it is one of the organisation's own."""
        return next((i for i in self.own if self.keys[i] == key), None)


def picture(organisation: Any, day: date) -> Picture:
    """Four queries, however many posts there are."""
    known = rulebook.on(day)
    scale = Scale.of(known)
    rows = organisations.posts_of_holders(organisation, day)
    left = predecessors(r for r in rows if r["until"])
    standing = [r for r in rows if (r["since"] is None or r["since"] <= day) and (r["until"] is None or r["until"] > day)]
    posts = [held(r | {"domain": domain_of(r)}, r["term"], left, scale) for r in standing]
    order = {row["post"]: n for n, row in reversed(list(enumerate(known.hours)))}
    own = [i for i, r in enumerate(standing) if r["org_id"] == str(organisation.pk)]
    own.sort(key=lambda i: (order.get(bare(posts[i].post), len(order)), posts[i].post, posts[i].person_id))
    return Picture(day, posts, [r["key"] for r in standing], _named(standing), {r["org_id"]: r["kind"] for r in standing}, own, scale)


def _named(rows: Iterable[dict[str, Any]]) -> dict[str, str]:
    return {r["person_id"]: r["name"] for r in rows}
