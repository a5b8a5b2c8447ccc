"""Which organisations have not yet: a page of rows of one subject, and the text to paste."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from zaidao.carriers.forms_out.sheets import Cell, Page
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


def text(chosen: Tally, month: date, opened: Sequence[int], today: date, days: Calendar) -> str:
    """The polite words for those that have not yet (`opened`, in the tree's order); "" where all have. Two queries."""
    if not opened:
        return ""
    found = duties.named(month, chosen.subject, opened[:NAMED])
    planned = queries.planned_for([pk for pk, *_ in found])
    named = [Asked(name, until - timedelta(days=1), pk in planned) for pk, name, until, _ in found]
    cited = {basis for *_, basis in found}
    standing = decisions.Standing(chosen.subject, month, cited.pop() if len(cited) == 1 else "", chosen.owed, chosen.done, chosen.open)
    return decisions.asking(standing, named, today, days)


COUNTED = ("事项", "应办", "已办", "宽限期内补办", "已说明顺延", "待办", "其中逾期未见记录", "不适用(另计)")
LISTED = (("组织", True), ("周期", False), ("期限", False), ("最迟", False), ("情况", False), ("已安排", False), ("说明", True))


def counted(tallies: Iterable[Tally]) -> Page:
    """The counts by subject as a sheet."""
    lines: Iterable[list[Cell]] = ([t.subject, t.owed, t.kept, t.late, t.moved, t.open, t.past, t.exempt] for t in tallies)
    return Page("按事项", [(header, False) for header in COUNTED], lines)


def listed(subject: str, rows: Iterable[tuple[board.Line, bool, Any]]) -> Page:
    """The organisations of one subject as a sheet; names of organisations alone."""
    return Page(subject, LISTED, (_cells(*row) for row in rows))


def _cells(line: board.Line, planned: bool, at: Any) -> list[Cell]:
    return [line.due.name, line.period, line.ends, line.last, line.words, _planned(at) if planned else None, line.due.why]


def _planned(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "时间未定"
