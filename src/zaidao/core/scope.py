"""Which part of the tree a piece of work may see. Managers of scoped models raise where no scope is active: a forgotten filter is
an error, never a leak.

A node's path is the row of its ancestors' numbers and its own, each `WIDTH` digits: a subtree is one range of strings in any
collation. What a person may see follows from grants (`core.access`); jobs say why they may see everything (`system_scope`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from django.db import models
from django.db.models import Q

WIDTH = 8  # digits of one number in a path


class NoScope(Exception):
    """A scoped model was asked for without an active scope."""


@dataclass(frozen=True)
class Reach:
    """A part of the tree: whole subtrees, and single nodes. An empty path among `subtrees` is the whole tree."""

    subtrees: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()

    def covers(self, path: str) -> bool:
        return path in self.nodes or any(path.startswith(top) for top in self.subtrees)

    def q(self, field: str) -> Q:
        """The rows whose `field` (a path) lies inside; Q that matches nothing where there is nothing."""
        if "" in self.subtrees:
            return Q()
        ranges = [Q(**{f"{field}__gte": top, f"{field}__lt": after(top)}) for top in tops(self.subtrees)]
        single = [path for path in sorted(self.nodes) if not path.startswith(tuple(self.subtrees))]
        if single:
            ranges.append(Q(**{f"{field}__in": single}))
        if not ranges:
            return Q(pk__in=())
        whole = ranges[0]
        for part in ranges[1:]:
            whole |= part
        return whole


EVERYTHING = Reach(frozenset({""}))


class Seer(Protocol):
    """Whatever knows what it may see: a person's grants, or a job."""

    def reach(self, verb: str) -> Reach: ...


@dataclass(frozen=True)
class System:
    """A job or command that sees the whole tree, and why."""

    reason: str

    def reach(self, verb: str) -> Reach:  # noqa: ARG002
        return EVERYTHING


_active: ContextVar[Seer | None] = ContextVar("scope", default=None)


def active() -> Seer:
    """The scope in force. Raises NoScope where there is none."""
    seer = _active.get()
    if seer is None:
        raise NoScope("没有数据范围:请经登录的请求,或用 system_scope 说明理由。")
    return seer


@contextmanager
def scope(seer: Seer | None) -> Iterator[None]:
    """Work inside what `seer` may see; None closes everything."""
    token = _active.set(seer)
    try:
        yield
    finally:
        _active.reset(token)


@contextmanager
def system_scope(reason: str) -> Iterator[None]:
    """Work on the whole tree, for a stated reason: jobs, commands, actions that must look past the actor's own part."""
    if not reason:
        raise ValueError("system_scope wants a reason")
    with scope(System(reason)):
        yield


def after(path: str) -> str:
    """The least path that lies behind the whole subtree of `path`."""
    return str(int(path) + 1).zfill(len(path))


def segment(number: int) -> str:
    return str(number).zfill(WIDTH)


def parents(path: str) -> list[str]:
    """The paths above, from the root down, the node's own left out."""
    return [path[:end] for end in range(WIDTH, len(path), WIDTH)]


def numbers(path: str) -> list[int]:
    """The nodes of a path, from the root down, its own last."""
    return [int(path[start:start + WIDTH]) for start in range(0, len(path), WIDTH)]


def tops(paths: Iterable[str]) -> list[str]:
    """The paths that no other of them covers."""
    found: list[str] = []
    for path in sorted(paths):
        if not found or not path.startswith(found[-1]):
            found.append(path)
    return found


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows inside the active scope. A model says by `scope_path` where its path stands and by `scope_verb` which verb shows it."""

    def within(self, verb: str) -> "ScopedQuerySet":
        """Only what the active scope may do `verb` to."""
        return self.filter(active().reach(verb).q(self.model.scope_path))

    def under(self, path: str) -> "ScopedQuerySet":
        """Only the subtree of a node, itself included."""
        return self.filter(**{f"{self.model.scope_path}__gte": path, f"{self.model.scope_path}__lt": after(path)}) if path else self


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """Every query starts inside the active scope."""

    def get_queryset(self) -> ScopedQuerySet:
        return ScopedQuerySet(self.model, using=self._db).within(self.model.scope_verb)  # type: ignore[no-any-return]


class Scoped(models.Model):
    """A row that belongs to a place in the tree. `objects` is scoped; `everything` is for foreign keys, migrations and checks of
    uniqueness, and for code that has already asked `core.access`."""

    scope_path: ClassVar[str] = "organisation__path"
    scope_verb: ClassVar[str] = "organisations.view"

    objects = ScopedManager()
    everything = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "everything"
