"""Who may do what, where. Nothing is allowed unless a verb names the role and a grant in force covers the place.

Modules declare roles and verbs at import (`role`, `verb`) and say where grants come from (`source`). One registry serves actions,
buttons, menus and the test that walks every address.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404

from zaidao.core import scope
from zaidao.core.scope import Reach


class Where(StrEnum):
    """How far a verb reaches from the node of the grant."""

    HERE = "here"  # the node alone
    BELOW = "below"  # the node and everything below
    UNDER = "under"  # what lies below, not the node itself: decided by the superior


@dataclass(frozen=True)
class Verb:
    """One thing that can be done. `roles`: role -> how far. `anyone`: every signed-in person, everywhere (own matters). `looks`: it
    leaves the thing as it is."""

    name: str
    label: str
    roles: dict[str, Where] = field(hash=False)
    anyone: bool = False
    looks: bool = False


@dataclass(frozen=True)
class Grant:
    """A role at a node while something is held. `path` "" is the whole system. `source`: kind and number of what gives it."""

    role: str
    path: str
    source: str
    title: str = ""
    on_behalf_of: int | None = None


ROLES: dict[str, str] = {}
VERBS: dict[str, Verb] = {}
Source = Callable[[Any], Iterable[Grant]]
_posts: list[Source] = []
_others: list[Source] = []


def role(name: str, label: str) -> str:
    ROLES[name] = label
    return name


def verb(
    name: str, label: str, *, here: Iterable[str] = (), below: Iterable[str] = (), under: Iterable[str] = (), anyone: bool = False,
    looks: bool = False,
) -> str:
    """Declare a verb and which roles may do it how far. Raises ValueError for a role nobody declared or a verb declared twice."""
    roles = dict.fromkeys(under, Where.UNDER) | dict.fromkeys(here, Where.HERE) | dict.fromkeys(below, Where.BELOW)
    unknown = set(roles) - set(ROLES)
    if unknown or name in VERBS:
        raise ValueError(f"{name}: unknown roles {sorted(unknown)}" if unknown else f"{name} is declared twice")
    VERBS[name] = Verb(name, label, roles, anyone, looks)
    return name


def source(*, posts: bool = False) -> Callable[[Source], Source]:
    """Register where grants come from: a function of the user that gives those in force today. `posts`: they may be handed over."""

    def register(function: Source) -> Source:
        (_posts if posts else _others).append(function)
        return function

    return register


def post_grants(user: Any) -> list[Grant]:
    """The grants of the posts that somebody holds: what they could hand over."""
    return [grant for give in _posts for grant in give(user)]


class Denied(PermissionDenied):
    """No grant covers it. `verb` and `path`: what was asked where, for the page that says who could do it."""

    def __init__(self, message: str = "", *, verb: str = "", path: str = "") -> None:
        super().__init__(message)
        self.verb, self.path = verb, path


@dataclass
class Holder:
    """A signed-in person with the grants in force, read once: the scope of a request."""

    user: Any

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        if not self.user.is_active:  # work that was asked for before the account was closed finds no rights any more
            return ()
        with scope.system_scope("grants of the person who asks"):
            return tuple(post_grants(self.user)) + tuple(g for give in _others for g in give(self.user))

    def reach(self, verb: str) -> Reach:
        """Where the person may do it. UNDER grants are kept apart by `may`; for lists they count as the subtree."""
        known = VERBS[verb]
        subtrees, nodes = set(), set()
        for grant in self.grants:
            how = known.roles.get(grant.role)
            if how is Where.HERE and grant.path:
                nodes.add(grant.path)
            elif how is not None:
                subtrees.add(grant.path)
        return Reach(frozenset(subtrees), frozenset(nodes))

    def grant_for(self, verb: str, path: str) -> Grant | None:
        """The grant that allows it there; one's own before one that is held for somebody else."""
        known = VERBS[verb]
        for grant in sorted(self.grants, key=lambda g: g.on_behalf_of is not None):
            how = known.roles.get(grant.role)
            if how is not None and _reaches(how, grant.path, path):
                return grant
        return None

    def grant_somewhere(self, verb: str) -> Grant | None:
        """A grant that allows it in some place; one's own before one that is held for somebody else."""
        return min((g for g in self.grants if g.role in VERBS[verb].roles), key=lambda g: g.on_behalf_of is not None, default=None)

    def may(self, verb: str, path: str = "") -> bool:
        return VERBS[verb].anyone or self.grant_for(verb, path) is not None

    def may_somewhere(self, verb: str) -> bool:
        known = VERBS[verb]
        return known.anyone or any(g.role in known.roles for g in self.grants)


def _reaches(how: Where, top: str, path: str) -> bool:
    if how is Where.HERE or not path:
        return path == top
    return path.startswith(top) and (how is Where.BELOW or path != top or not top)


def holder(user: Any) -> Holder:
    """The person's grants, read once per user object."""
    held = getattr(user, "_holder", None)
    if held is None:
        held = user._holder = Holder(user)
    return held  # type: ignore[no-any-return]


def forget(user: Any) -> None:
    """Read the grants anew at the next question: for actions that have just changed them."""
    user.__dict__.pop("_holder", None)


def require(user: Any, verb: str, path: str = "") -> Grant | None:
    """The grant that allows the verb at the node (None where anyone may). Raises Denied."""
    if not VERBS[verb].anyone and holder(user).grant_for(verb, path) is None:
        raise Denied(f"您现在的岗位不能在这里“{VERBS[verb].label}”。", verb=verb, path=path)
    return holder(user).grant_for(verb, path)


def require_somewhere(user: Any, verb: str) -> None:
    """Raises Denied where no grant allows the verb anywhere."""
    if not holder(user).may_somewhere(verb):
        raise Denied(f"您现在的岗位不能“{VERBS[verb].label}”。", verb=verb)


def get_for(user: Any, verb: str, model: Any, pk: Any, rows: Any = None) -> Any:
    """The row, fetched and authorised in one step. Raises Http404 for what the person cannot see, Denied for what may be seen only.

    `rows`: scoped rows of the model that read something along with it.
    """
    found, related = model.objects if rows is None else rows, _relation(model)
    row = (found.select_related(*related) if related else found).filter(pk=pk).first()
    if row is None:
        raise Http404("没有找到")
    require(user, verb, path_of(row))
    return row


def _relation(model: Any) -> tuple[str, ...]:
    head = model.scope_path.rpartition("__")[0]
    return (head,) if head else ()


def path_of(row: Any) -> str:
    """Where in the tree a scoped row stands; "" for one that stands nowhere, which only grants of the whole system cover."""
    value = row
    for part in row.scope_path.split("__"):
        if value is None:
            return ""
        value = getattr(value, part)
    return str(value)
