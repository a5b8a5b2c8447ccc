"""What stands around one organisation today, for its page."""

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Length

from zaidao.core.scope import WIDTH, after, parents
from zaidao.organisations.models import Change, Organisation

FIRST = 20  # subordinate organisations shown on the page; the tree lists them all
LATEST = 5


@dataclass(frozen=True)
class Kin:
    """Superiors from the top down, and the first of the subordinate organisations in their order; both as far as they are in scope."""

    above: list[Organisation]
    children: list[Organisation]
    more: bool


def kin(about: Organisation) -> Kin:
    """One query."""
    below = Q(path__gt=about.path, path__lt=after(about.path), dissolved_on=None, length=len(about.path) + WIDTH)
    rows = Organisation.objects.annotate(length=Length("path")).filter(Q(path__in=parents(about.path)) | below)
    found = list(rows.order_by("length", "position", "path")[:len(parents(about.path)) + FIRST + 1])
    above = [o for o in found if o.path < about.path]
    children = [o for o in found if o.path > about.path]
    return Kin(above, children[:FIRST], len(children) > FIRST)


def changes(about: Organisation) -> list[Change]:
    """The latest structural changes. One query."""
    return list(about.changes.all()[:LATEST])


def paths(wanted: set[str]) -> dict[str, str]:
    """Path -> name, for those who may see the entries that name them. One query."""
    return dict(Organisation.everything.filter(path__in=wanted).values_list("path", "name"))
