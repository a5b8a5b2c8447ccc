"""What a structural change is asked as, and what is known of the organisations it concerns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from zaidao.core import written


@dataclass(frozen=True)
class Part:
    """One of the organisations that a split makes, and who and what goes to it (numbers of persons, posts, subordinate organisations)."""

    name: str
    people: tuple[int, ...] = ()
    posts: tuple[int, ...] = ()
    children: tuple[int, ...] = ()


@dataclass(frozen=True)
class Order:
    """A change as it is asked. `kind`: of `models.Change`.

    `organisations`: whom it is about; several for a merge only. `target`: the superior of an establishment or a move, the successor of
    a merge or a dissolution. `name`, `org_kind`, `form`: of what is established, renamed, set up anew. `parent`: where a merge
    establishes the new one. `keep`: the organisation that is split goes on.
    """

    kind: str
    effective_on: date
    document_no: str
    organisations: tuple[int, ...] = ()
    target: int | None = None
    name: str = ""
    org_kind: str = ""
    form: str = ""
    parent: int | None = None
    parts: tuple[Part, ...] = ()
    keep: bool = False

    @property
    def ending(self) -> tuple[int, ...]:
        """The organisations that are no more afterwards."""
        ends = self.kind in ("merge", "dissolve") or (self.kind == "split" and not self.keep)
        return self.organisations if ends else ()


@dataclass(frozen=True)
class Child:
    """A subordinate organisation."""

    pk: int
    name: str
    kind: str
    form: str


@dataclass(frozen=True)
class Subject:
    """One organisation at the moment of a change.

    `since`: its establishment (None: unknown); `first_on`: from when it stands in the tree; `linked_on`: under its superior of today;
    `changed_on`: its latest change; `used_on`: the latest fact about people, posts, letters, terms, children. `people`: number ->
    category; `posts`: number -> title; `ties`: of a split, the Party posts that its people hold in it and below, as (person, post,
    number of the subordinate it stands in or below, 0 for its own); `in_office`: appointments; `sent`, `incoming`: open transfers;
    `below`, `people_below`: its whole subtree. `mark`: a digest of exactly who and what.
    """

    pk: int
    name: str
    kind: str
    form: str
    path: str
    parent: int | None
    standing: bool
    since: date | None
    first_on: date
    linked_on: date
    changed_on: date
    used_on: date | None = None
    people: Mapping[int, str] = field(default_factory=dict)
    posts: Mapping[int, str] = field(default_factory=dict)
    ties: tuple[tuple[int, int, int], ...] = ()
    in_office: int = 0
    sent: int = 0
    incoming: int = 0
    children: tuple[Child, ...] = ()
    term_open: bool = False
    below: int = 0
    people_below: int = 0
    mark: str = ""


def said(day: date) -> str:
    return written.day(day)
