"""Whether a duty may be let off or put off."""

from datetime import date, timedelta

from zaidao.core import written
from zaidao.engine.catalogue import Catalogue

OPEN, EXEMPT = "open", "exempt"


def exempt(*, state: str, reason: str) -> tuple[str, ...]:
    """Why it cannot be let off; empty where it can."""
    return (*_standing(state), *_told(reason))


def postpone(
    *, state: str, until: date, due_on: date, period_end: date, reason: str, today: date, superior: bool, known: Catalogue,
) -> tuple[str, ...]:
    """Why it cannot be put off to that day; empty where it can. `superior`: decided by one who may also let it off."""
    out = [*_standing(state), *_told(reason)]
    if until <= due_on:
        out.append(f"延至的日期应晚于现在的办结期限({written.day(due_on)})。")
    if until < today:
        out.append("延至的日期已经过去。")
    most = known.param("duties.moved_days")
    last = period_end + timedelta(days=most - 1)
    if not superior and until > last:
        out.append(f"本组织自行顺延最多到期满后{most}天({written.day(last)}),更晚的请上级决定。")
    return tuple(out)


def withdraw(*, withdrawn: bool, why: str) -> tuple[str, ...]:
    return (*(("这项决定已经撤回。",) if withdrawn else ()), *_told(why))


def due_on(period_end: date, grace_days: int) -> date:
    """The last day, grace included."""
    return period_end + timedelta(days=grace_days - 1)


def _standing(state: str) -> tuple[str, ...]:
    if state == EXEMPT:
        return ("这一事项已列为不适用。",)
    return () if state == OPEN else ("这一事项已有办理记录,不需要免办或延期。",)


def _told(reason: str) -> tuple[str, ...]:
    return () if reason.strip() else ("请写明原因。",)
