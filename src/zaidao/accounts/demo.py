"""Persons whom visitors of a demonstration may enter as. Other rooms offer them; without DEMO nobody is offered and no page is there."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Offer:
    """A person of the demonstration: who they are, and what their view shows."""

    label: str
    description: str
    work_no: str


_offers: dict[str, Offer] = {}


def offer(label: str, description: str, work_no: str) -> None:
    """Let visitors enter as this person. The same work number again replaces what was said."""
    _offers[work_no] = Offer(label, description, work_no)


def offers() -> list[Offer]:
    """Everybody offered, in the order of offering; nobody outside a demonstration."""
    return list(_offers.values()) if settings.DEMO else []


def offered(work_no: str) -> bool:
    return settings.DEMO and work_no in _offers


def forget() -> None:
    """Withdraw every offer: for tests."""
    _offers.clear()
