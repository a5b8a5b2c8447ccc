"""Places in the tree by what they are called, dissolved ones included: for the audit."""

from django.db.models import Q

from zaidao.organisations.models import Organisation

MOST = 50  # a word that fits more says nothing


def called(text: str) -> list[str]:
    """The paths of the organisations whose name holds the text, or whose code it is. Past every scope: the audit asks who may."""
    found = Organisation.everything.filter(Q(name__icontains=text) | Q(code=text) | Q(namings__name__icontains=text))
    return list(found.values_list("path", flat=True).distinct().order_by("path")[:MOST])
