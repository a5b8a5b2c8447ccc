"""Whom a meeting gathers, and what its numbers are once frozen. Values in, values out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from zaidao.engine.catalogue import Catalogue


class Gathering(StrEnum):
    """By whom 应到 is made up."""

    ROSTER = "roster"  # everybody on the roster, person by person
    COMMITTEE = "committee"  # those in committee posts
    OPEN = "open"  # whoever takes part: nobody is expected by a rule


@dataclass(frozen=True)
class Came:
    """One person as told, and as the list of the day has them."""

    state: str
    counted: bool
    votes: bool


@dataclass(frozen=True)
class Numbers:
    """应到, of them with a vote, 实到, of them with a vote. None: this kind of meeting expects nobody by a rule."""

    eligible: int | None
    voting: int | None
    present: int
    voting_present: int | None


def gathering(kind: str, org_kind: str, known: Catalogue) -> Gathering:
    """Whom a meeting of this kind gathers in an organisation of this kind."""
    if kind in known.param("living.committee_meetings") or (org_kind == "committee" and kind in known.param("living.leaders_meetings")):
        return Gathering.COMMITTEE
    return Gathering.ROSTER if kind in known.param("living.roster_meetings") else Gathering.OPEN


def settled(state: str, whom: Gathering, *, counted: bool) -> str:
    """The state as it is frozen: whoever came without being expected observed."""
    return "observer" if state == "present" and not counted and whom is not Gathering.OPEN else state


def numbers(came: Iterable[Came], whom: Gathering) -> Numbers:
    """The numbers of those told."""
    rows = list(came)
    present = [r for r in rows if r.state == "present"]
    if whom is Gathering.OPEN:
        return Numbers(None, None, len(present), None)
    expected = [r for r in rows if r.counted]
    return Numbers(
        len(expected), sum(r.votes for r in expected), sum(r.counted for r in present), sum(r.counted and r.votes for r in present),
    )
