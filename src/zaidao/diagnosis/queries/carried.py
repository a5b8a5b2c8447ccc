"""The duties of an organisation as something that can be handed over: what each takes a month, and who has carried it so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from zaidao.carriers.queries.hands import Hands, hands
from zaidao.core import rulebook
from zaidao.engine.load import Post, bare
from zaidao.institutions.queries.running import Running, running

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Carried:
    """One subject of duty, with the meetings of that kind in the year before."""

    duty: Running
    meetings: Hands = field(default_factory=Hands)

    def each(self, held_share: float | None) -> float | None:
        """Hours each time: as the clause says, else the usual length of the meetings, with preparing and recording added by the share of
        holding them in a post's hours (None: not added). None where neither is known."""
        if self.duty.hours is not None:
            return self.duty.hours
        usual = self.meetings.usual
        return usual if usual is None or not held_share else usual / held_share

    def a_month(self, held_share: float | None) -> float | None:
        """Hours a month; None where unknown."""
        each = self.each(held_share)
        return None if each is None else each * self.duty.a_month

    def by(self, person: str) -> int:
        """How many of the meetings the person chaired or recorded."""
        return self.meetings.by[int(person)] if person else 0


def carried(organisation: Any, day: date) -> list[Carried]:
    """By subject. Two queries."""
    held = hands(organisation, day - YEAR, day + timedelta(days=1))
    return [Carried(duty, held.get(duty.subject, Hands())) for duty in running(organisation, day)]


def held_share(post: Post, kind: str | None, day: date) -> float | None:
    """Which part of a post's standard hours goes into holding meetings, the rest being preparing and recording; None where the catalogue
    does not divide them."""
    rows = [r for r in rulebook.on(day).hours if (r["domain"], r["post"]) == (post.domain, bare(post.post))]
    row = next((r for r in rows if r["organisation_kind"] == kind), rows[0] if rows else None)
    return _holding(row) if row else None


def _holding(row: Mapping[str, str]) -> float | None:
    shares = row["prepare_hold_record_share"].split("/")
    return float(shares[1]) if len(shares) > 1 else None
