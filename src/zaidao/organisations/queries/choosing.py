"""Organisations to choose from in forms of changes: standing ones that the person manages. One query each, short lists only."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from zaidao.organisations import access
from zaidao.organisations.models import Link, Organisation

MOST = 200  # suggestions of a field; others are found by their code


def _managed() -> QuerySet[Any]:
    return Organisation.objects.within(access.ESTABLISH).filter(dissolved_on=None)  # type: ignore[no-any-return]


def by_code_or_name(text: str) -> list[Organisation]:
    """The one with this code, else those with this whole name; at most two."""
    return list(_managed().filter(code=text)) or list(_managed().filter(name=text)[:2])


def of_kinds(kinds: Sequence[str], *, but: Organisation) -> list[Organisation]:
    """Organisations of some kinds outside the subtree of one."""
    return list(_managed().filter(kind__in=kinds).exclude(path__startswith=but.path).order_by("path")[:MOST])


def beside(about: Organisation) -> list[Organisation]:
    """Organisations of the same kind under the same superior."""
    under = Link.everything.filter(parent=superior(about), until=None).exclude(child=about).values("child")
    return list(_managed().filter(pk__in=under, kind=about.kind).order_by("position", "path")[:MOST])


def superior(about: Organisation) -> int | None:
    """The number of the superior of today."""
    return Link.everything.filter(child=about, until=None).values_list("parent_id", flat=True).first()


def children(about: Organisation) -> list[tuple[int, str]]:
    """Number and name of what stands under it."""
    links = Link.objects.filter(parent=about, until=None).order_by("child__position", "child__path")
    return list(links.values_list("child_id", "child__name"))


def tops() -> list[Organisation]:
    """The organisations at the top that stand, for the administrator who registers them. Unscoped."""
    return list(Organisation.everything.filter(links__parent=None, links__until=None, dissolved_on=None).order_by("position", "path"))


def top(pk: int) -> Organisation | None:
    """One of them. Unscoped."""
    return Organisation.everything.filter(pk=pk, links__parent=None, links__until=None).first()
