"""Transfers as each side sees them: the old organisation's by the sender's place, the new one's by the receiver's."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from zaidao.core.scope import active
from zaidao.organisations.models import Organisation, Transfer

VERB = "people.transfer"
SHORTEST, MOST = 2, 20  # of what is typed into the search for a receiver, and of what it offers
WITH = ("person", "sender", "receiver")


@dataclass(frozen=True)
class Seen:
    """A transfer and on which sides of it the person who looks acts."""

    transfer: Transfer
    sends: bool
    receives: bool


def visible(state: str = "") -> "QuerySet[Transfer]":
    """Transfers of which the active scope may act on either side, the newest first."""
    reach = active().reach(VERB)
    rows = Transfer.everything.filter(reach.q("sender__path") | reach.q("receiver__path"))
    return (rows.filter(state=state) if state else rows.exclude(state=Transfer.State.ASKED)).order_by("-issued_on", "-pk")


def waiting() -> tuple[list[Transfer], list[Transfer]]:
    """(to be received here, asked by us and to be received elsewhere), the letter that runs out first in front. Two queries."""
    reach, order = active().reach(VERB), ("valid_until", "pk")
    rows = _shown(Transfer.everything.filter(state=Transfer.State.ASKED)).order_by(*order)
    coming = list(rows.filter(reach.q("receiver__path"))[:MOST_WAITING])
    both = {row.pk for row in coming}  # inside one's own part of the tree it waits once
    return coming, [row for row in rows.filter(reach.q("sender__path"))[:MOST_WAITING] if row.pk not in both]


def of_numbers(numbers: list[int]) -> list[Transfer]:
    """Transfers in the order of their numbers, as lists show them. One query, none for nothing."""
    rows = _shown(Transfer.everything.filter(pk__in=numbers)).in_bulk() if numbers else {}
    return [rows[n] for n in numbers if n in rows]


def _shown(rows: "QuerySet[Transfer]") -> "QuerySet[Transfer]":
    """With what lists name, and nothing else of the person and of either side: a page holds some hundred rows."""
    own = ("state", "issued_on", "valid_until", "outside")
    return rows.select_related(*WITH).only(*own, "person__name", "person__category", "sender__name", "receiver__name")


MOST_WAITING = 100


def find(pk: int) -> Seen | None:
    """One transfer with the sides on which the active scope acts; None where it acts on none. One query."""
    row = Transfer.everything.select_related(*WITH).filter(pk=pk).first()
    reach = active().reach(VERB)
    sides = [bool(o and reach.covers(o.path)) for o in (row.sender, row.receiver)] if row else [False, False]
    return Seen(row, *sides) if row and any(sides) else None


def receivers(term: str) -> list[dict[str, str]]:
    """Names and codes of standing organisations of the whole system that fit, for choosing a receiver; nothing else of them."""
    term = term.strip()
    if len(term) < SHORTEST:
        return []
    rows = Organisation.everything.filter(Q(name__contains=term) | Q(code__startswith=term), dissolved_on=None)
    return [{"name": name, "code": code} for name, code in rows.order_by("path").values_list("name", "code")[:MOST]]
