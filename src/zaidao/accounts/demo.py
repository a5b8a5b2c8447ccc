"""Persons whom visitors of a demonstration may enter as. Other rooms offer them; without DEMO nobody is offered and no page is there."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from zaidao.accounts.models import User


@dataclass(frozen=True)
class Offer:
    """A person of the demonstration: who they are, and what their view shows."""

    label: str
    description: str
    work_no: str


_offers: dict[str, Offer] = {}
_places: list[Callable[[], bool]] = []


def offer(label: str, description: str, work_no: str) -> None:
    """Let visitors enter as this person. The same work number again replaces what was said."""
    _offers[work_no] = Offer(label, description, work_no)


def only_where(check: Callable[[], bool]) -> None:
    """Offer nobody where the check says no: a database that is no demonstration's, though the setting says so."""
    _places.append(check)


def offers() -> list[Offer]:
    """Everybody offered who has an account, in the order of offering; nobody outside a demonstration."""
    if not here():
        return []
    known = set(User.objects.filter(work_no__in=_offers, is_active=True).values_list("work_no", flat=True))
    return [offer for offer in _offers.values() if offer.work_no in known]


def offered(work_no: str) -> bool:
    return here() and work_no in _offers


def here() -> bool:
    """Whether this is a demonstration: by its setting, and by its database too."""
    return settings.DEMO and all(check() for check in _places)


def forget() -> None:
    """Withdraw every offer: for tests."""
    _offers.clear()
