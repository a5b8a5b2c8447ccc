"""Who is expected at a meeting, by its kind: everybody on the roster, or the committee."""

from datetime import date
from typing import Any

from zaidao.carriers.decisions.gathering import Gathering, gathering
from zaidao.core import rulebook
from zaidao.organisations.queries import Row, committee_at, expected_at


def expected_for(organisation: Any, kind: str, day: date) -> list[Row]:
    """Everybody whom the tick list of the organisation shows, with the verdict: the committee first where it is the committee's meeting,
    the others as possible observers. In the active scope. Six queries, seven for a committee's meeting, where the
    office's values are read once."""
    rows = expected_at(organisation, day)
    if gathering(kind, organisation.kind, rulebook.on(day)) is not Gathering.COMMITTEE:
        return rows
    committee = committee_at(organisation, day)
    inside = {row.person.pk for row in committee}
    others = [Row(row.person, type(row.verdict)(counted=False, votes=False, reason="不是委员,可以列席。")) for row in rows]
    return [*committee, *(row for row in others if row.person.pk not in inside)]
