"""Which organisations have not yet: a page of rows of one subject, and the text to paste."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from zaidao.carriers.month import board, decisions, queries
from zaidao.carriers.month.decisions import NAMED, Asked
from zaidao.core.calendar import Calendar
from zaidao.institutions.queries import month as duties
from zaidao.institutions.queries.month import SHOWN, Tally


def total(chosen: Tally, show: str) -> int:
    """How many rows there are of a kind: what the counts say already."""
    return chosen.owed + chosen.exempt if show == "all" else int(getattr(chosen, show))


def tabs(chosen: Tally, show: str, **where: str) -> list[dict[str, Any]]:
    """The kinds of rows with their counts; `where`: what stands in the address beside."""
    kept = urlencode({name: value for name, value in where.items() if value} | {"subject": chosen.subject})
    return [
        {"text": text, "href": f"?{kept}&show={each}", "here": each == show, "count": total(chosen, each)} for each, text in SHOWN.items()
    ]


def page(rows: Iterable[Any], today: date, days: Calendar) -> list[tuple[board.Line, bool, Any]]:
    """Duties in words, whether a meeting is planned for each open one, and when. Two queries."""
    found = duties.told(rows)
    planned = queries.planned_for([due.pk for due in found if due.open])
    return [(board.line(due, None, today, days), due.pk in planned, planned.get(due.pk)) for due in found]


def text(chosen: Tally, month: date, under: str, today: date, days: Calendar) -> str:
    """The polite words for those that have not yet; "" where all have. Two queries."""
    if not chosen.open:
        return ""
    found = duties.told(duties.of_subject(month, chosen.subject, "open", today, under)[:NAMED])
    planned = queries.planned_for([due.pk for due in found])
    named = [Asked(due.name, due.ends_on, due.pk in planned) for due in found]
    cited = {due.basis for due in found}
    standing = decisions.Standing(chosen.subject, month, cited.pop() if len(cited) == 1 else "", chosen.owed, chosen.done, chosen.open)
    return decisions.asking(standing, named, today, days)
