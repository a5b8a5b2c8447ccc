"""Verdicts as actions use them: refusals stop, doubts stop until whoever acts has confirmed each by its code."""

from collections.abc import Collection

from zaidao.core.errors import Refused
from zaidao.organisations.decisions.posts import Doubt, Verdict


class Unconfirmed(Refused):
    """It can be done once these doubts are confirmed: the page shows them, and sends their codes back."""

    def __init__(self, doubts: tuple[Doubt, ...]) -> None:
        super().__init__(*(d.text for d in doubts))
        self.doubts = doubts


def settle(verdict: Verdict, confirmed: Collection[str]) -> list[str]:
    """The codes of the doubts that were confirmed. Raises Refused, or Unconfirmed where one is not."""
    if verdict.refusals:
        raise Refused(*verdict.refusals)
    open_ones = tuple(d for d in verdict.doubts if d.code not in confirmed)
    if open_ones:
        raise Unconfirmed(verdict.doubts)
    return [d.code for d in verdict.doubts]
