"""Organisation codes for modules that speak of organisations by code (facts and their results)."""

from collections.abc import Iterable
from typing import Any

from zaidao.core import access
from zaidao.organisations.models import Organisation


def one(user: Any, verb: str, pk: int) -> Organisation:
    """The organisation, where this person may do `verb` to it. Raises Http404 or Denied."""
    return access.get_for(user, verb, Organisation, pk)  # type: ignore[no-any-return]


def codes(verb: str) -> frozenset[str]:
    """The codes of organisations where the active scope may do `verb`. One query."""
    return frozenset(Organisation.objects.within(verb).values_list("code", flat=True))


def at(paths: Iterable[str]) -> Any:
    """The codes of the organisations at exactly these paths, as part of another query."""
    return Organisation.everything.filter(path__in=[p for p in paths if p]).values("code")


def path_of_code(code: str) -> str | None:
    """Where an organisation of this code stands; None where there is none. One query."""
    return Organisation.everything.filter(code=code).values_list("path", flat=True).first()
