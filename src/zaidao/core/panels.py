"""Parts that upper modules add to pages of lower ones, and to the home page: registered by slot, rendered by `{% panels slot obj %}`."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from zaidao.core import access

SLOTS = ("home", "organisation", "person", "account")
Build = Callable[[HttpRequest, Any], Mapping[str, Any] | None]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Panel:
    """A template and the function that gives what it shows. `verb`: who may see it at all.

    `later`: what stands in its place until the browser has fetched it apart from the page (""): panels that ask a lot. Without
    JavaScript the words are a link. `only`: the objects of which it asks a lot; of others it comes with the page.
    """

    slot: str
    template: str
    order: int
    verb: str | None
    build: Build
    later: str = ""
    only: Callable[[Any], bool] = bool

    def apart(self, obj: Any) -> bool:
        """Whether it is fetched apart from the object's page."""
        return bool(self.later) and self.only(obj)

    @property
    def key(self) -> str:
        """What an address calls it."""
        return self.name.replace(".", "-")

    @property
    def name(self) -> str:
        return f"{self.build.__module__}.{self.build.__name__}"


_panels: list[Panel] = []


def panel(
    slot: str, template: str, *, order: int = 50, verb: str | None = None, later: str = "", only: Callable[[Any], bool] = bool,
) -> Callable[[Build], Build]:
    """Register `f(request, obj)`: the template's values, or None where there is nothing to show. On the home page `obj` is the user.

    Raises ValueError for a slot that no page has.
    """
    if slot not in SLOTS:
        raise ValueError(f"{slot}: the slots are {SLOTS}")

    def register(build: Build) -> Build:
        _panels.append(Panel(slot, template, order, verb, build, later, only))
        return build

    return register


def _oneself(user: Any, pk: int) -> Any:
    """The home page is about whoever looks at it, nobody else."""
    if user.pk != pk:
        raise Http404("没有这一部分")
    return user


_found: dict[str, Callable[[Any, int], Any]] = {"home": _oneself}


def found_by(slot: str, find: Callable[[Any, int], Any]) -> None:
    """Say how the object of a slot is found by a person and a number; `find` raises Http404 or Denied for what is not theirs to see."""
    _found[slot] = find


def one(user: Any, slot: str, key: str, pk: int) -> tuple[Panel, Any] | None:
    """A panel that is fetched apart, and its object; None for an address that names none."""
    each = next((p for p in of(slot) if p.later and p.key == key), None) if slot in _found else None
    return (each, _found[slot](user, pk)) if each else None


def of(slot: str) -> list[Panel]:
    """The panels of a slot in their order."""
    return sorted((p for p in _panels if p.slot == slot), key=lambda p: p.order)


def allowed(each: Panel, request: HttpRequest, obj: Any) -> bool:
    """Whether the person may see it: at the object's place, or anywhere where the object has none."""
    if each.verb is None:
        return True
    held = access.holder(request.user)
    return held.may(each.verb, access.path_of(obj)) if hasattr(obj, "scope_path") else held.may_somewhere(each.verb)


def values(each: Panel, request: HttpRequest, obj: Any) -> Mapping[str, Any] | None:
    """What the panel's template shows; None where there is nothing, or nothing for this person."""
    try:
        return each.build(request, obj) if allowed(each, request, obj) else None
    except PermissionDenied:
        return None


def broken(each: Panel) -> None:
    """Write down that a panel failed, with the error in hand; the page goes on."""
    log.exception("panel %s of slot %s failed", each.name, each.slot)
