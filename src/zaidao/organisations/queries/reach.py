"""Organisations for modules above: rows of the active scope, in the tree's order. Nothing is read before they are."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Length

from zaidao.core import scope
from zaidao.core.scope import WIDTH, ScopedQuerySet
from zaidao.organisations.models import Organisation


def standing(verb: str, under: str = "") -> ScopedQuerySet:
    """The organisations that stand and where the active scope may do `verb`, in the subtree of a path where one is given."""
    rows: Any = Organisation.objects.within(verb).filter(dissolved_on=None).under(under).order_by("path")
    return rows  # type: ignore[no-any-return]


def called(verb: str, text: str) -> list[Any]:
    """Those of `standing` with this code, else with this whole name; at most two. At most two queries."""
    rows = standing(verb)
    return list(rows.filter(code=text)) or list(rows.filter(name=text)[:2])


def called_each(verb: str, texts: Collection[str]) -> dict[str, list[Any]]:
    """The same of many texts: each with what it calls. One query."""
    rows = list(standing(verb).filter(Q(code__in=texts) | Q(name__in=texts))) if texts else []
    return {text: [o for o in rows if o.code == text] or [o for o in rows if o.name == text][:2] for text in texts}


def below(verb: str, path: str) -> ScopedQuerySet:
    """Those of `standing` directly under a path."""
    rows: Any = standing(verb, path).annotate(length=Length("path")).filter(length=len(path) + WIDTH).order_by("position", "path")
    return rows  # type: ignore[no-any-return]


def tops(verb: str) -> ScopedQuerySet:
    """Those of `standing` where the active scope's part of the tree begins."""
    reach = scope.active().reach(verb)
    if "" in reach.subtrees:
        rows: Any = standing(verb).annotate(length=Length("path")).filter(length=WIDTH)
        return rows  # type: ignore[no-any-return]
    found: Any = standing(verb).filter(path__in=[*scope.tops(reach.subtrees), *reach.nodes])
    return found  # type: ignore[no-any-return]


def kinds(verb: str, under: str, wanted: Collection[str] = ()) -> dict[str, int]:
    """Kind -> how many of `standing` there are in a subtree. One query."""
    rows = standing(verb, under).filter(Q(kind__in=wanted) if wanted else Q())
    return dict(rows.order_by().values_list("kind").annotate(n=Count("*")))


def names(paths: Collection[str]) -> dict[str, str]:
    """Path -> name, for those who may know of what stands there. One query."""
    return dict(Organisation.everything.filter(path__in=paths).values_list("path", "name"))
