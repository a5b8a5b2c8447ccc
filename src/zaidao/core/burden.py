"""The burden meter: how many fields people filled in and how many files they took out, by organisation and month.

Counters alone. Nobody's name, no time, nothing of a month that still runs is ever shown, and nothing of an organisation in which fewer
people worked than the catalogue asks for. Which few these were is known only by marks that fade (docs/decisions/017).
"""

import logging
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from zaidao.core import access, crypto
from zaidao.core.access import Grant
from zaidao.core.crypto import KeyMissing
from zaidao.core.models import BurdenCount
from zaidao.core.scope import numbers
from zaidao.engine import catalogue

PURPOSE = "core.burden"
MARK = 16  # hexadecimal digits
ACCEPTED = (200, 204, 302, 303)
# What a form carries along that nobody filled in.
CARRIED = ("csrfmiddlewaretoken", "token", "once", "version", "next", "page", "query")
MANAGED = ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
BLANK = ("template", "blank", "errors")  # names of addresses whose files say nothing of anybody: forms to fill in, what to correct

log = logging.getLogger(__name__)
_acts: ContextVar[list[Grant | None] | None] = ContextVar("acts", default=None)
Ask = Callable[[Collection[int], date, date], Mapping[int, int]]


@dataclass(frozen=True)
class Counted:
    """A month of a place that may be shown."""

    node: int
    month: date
    filled: int
    exports: int


def acted(grant: Grant | None) -> None:
    """Note that the request did something, and by which post; outside of requests nothing is noted."""
    held = _acts.get()
    if held is not None:
        held.append(grant)


def counted(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Count what a request filled in or took out, after it was answered. A count that fails is written to the log and nothing else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = _acts.set([])
        try:
            response = get_response(request)
            _count(request, response, _acts.get() or [])
            return response
        finally:
            _acts.reset(token)

    return middleware


def _count(request: HttpRequest, response: HttpResponse, acts: list[Grant | None]) -> None:
    filled = typed(request) if request.method == "POST" and acts and response.status_code in ACCEPTED else 0
    exports = int(is_export(request, response))
    if not (filled or exports) or not request.user.is_authenticated:
        return
    try:
        node = place(access.holder(request.user), acts)
        if node is not None:
            add(node, timezone.localdate().replace(day=1), request.user.pk, filled=filled, exports=exports)
    except (DatabaseError, KeyMissing):
        log.exception("what was filled in is not counted")


def typed(request: HttpRequest) -> int:
    """How many fields of the form came filled in, files among them."""
    texts = sum(
        1 for name, values in request.POST.lists() if not name.endswith(CARRIED + MANAGED) for value in values if str(value).strip()
    )
    return texts + sum(len(files) for _, files in request.FILES.lists())


def is_export(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a file was given that holds anything."""
    name = request.resolver_match.url_name or "" if request.resolver_match else ""
    return response.status_code == 200 and response.get("Content-Disposition", "").startswith("attachment") and not name.endswith(BLANK)


def place(holder: access.Holder, acts: list[Grant | None]) -> int | None:
    """The organisation whose post the work was done by, else the first in which the person holds anything; None where there is none."""
    by_act = (g.path for g in acts if g and g.path)
    own = (g.path for g in holder.grants if g.path and g.on_behalf_of is None)
    path = next(by_act, "") or next(own, "")
    return numbers(path)[-1] if path else None


def least() -> int:
    """How many people must have worked in an organisation in a month before anything of it is shown."""
    return int(catalogue.load().param("living.burden_least_people"))


@transaction.atomic
def add(node: int, month: date, person: int, *, filled: int = 0, exports: int = 0) -> None:
    """Count on."""
    row, _ = BurdenCount.objects.select_for_update().get_or_create(node=node, month=month)
    wanted = least()
    if row.reached < wanted:
        row.marks = sorted({*row.marks, mark(node, month, person)})
        row.reached = max(row.reached, min(len(row.marks), wanted))
        row.marks = [] if row.reached >= wanted else row.marks
    row.filled, row.exports = row.filled + filled, row.exports + exports
    row.save(update_fields=["filled", "exports", "reached", "marks"])


def mark(node: int, month: date, person: int) -> str:
    """What tells a person apart from the others who worked there in that month; another one in every month and every place."""
    return crypto.blind(f"{node}|{month}|{person}", PURPOSE)[:MARK]


def fade(today: date) -> int:
    """Forget the marks of months that are over; returns of how many rows."""
    return BurdenCount.objects.filter(month__lt=today.replace(day=1)).exclude(marks=[]).update(marks=[])


def may_be_shown(today: date) -> Any:
    """Rows of months that are over, of places in which enough people worked: nothing else is ever read for a page."""
    return BurdenCount.objects.filter(month__lt=today.replace(day=1), reached__gte=least())


def nodes(month: date, today: date) -> Any:
    """The places of which something is shown in a month, as part of another query."""
    return may_be_shown(today).filter(month=month).values("node")


def shown(of: Collection[int], today: date, *, month: date | None = None, months: int = 0) -> list[Counted]:
    """What may be shown of these places: in one month, or of the latest `months`, the newest first. One query. The caller has asked
    whether the places may be seen."""
    rows = may_be_shown(today).filter(node__in=of).order_by("-month", "node")
    rows = rows.filter(month=month) if month else rows[:months]
    return [Counted(r.node, r.month, r.filled, r.exports) for r in rows]


_asked: dict[str, Ask] = {}


def asked(name: str) -> Callable[[Ask], Ask]:
    """Register what superiors asked of organisations: a function of their numbers and of a month's first day and the next one's, that
    gives how often, by number. One query."""

    def register(function: Ask) -> Ask:
        _asked[name] = function
        return function

    return register


def names() -> tuple[str, ...]:
    """What can be asked of organisations, in the order of registration."""
    return tuple(_asked)


def asks(nodes: Collection[int], month: date) -> dict[str, Mapping[int, int]]:
    """Name -> number of an organisation -> how often it was asked in the month. One query a name."""
    end = after(month)
    return {name: count(nodes, month, end) for name, count in _asked.items()}


def after(month: date) -> date:
    """The first day of the month behind."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def before(month: date) -> date:
    """The first day of the month in front."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
