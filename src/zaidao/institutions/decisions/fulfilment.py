"""What a record's days must be."""

from datetime import date, timedelta

from zaidao.core import written
from zaidao.engine.catalogue import Catalogue


def refusals(held_on: date, filed_on: date, *, today: date, period: tuple[date, date] | None, known: Catalogue) -> tuple[str, ...]:
    """Why a record with these days cannot be told; empty where it can. `period`: of the duty it is told for, half-open."""
    out = []
    if held_on > today:
        out.append("办理日期在今天之后,只能先存为草稿。")
    if filed_on < held_on:
        out.append("归档日期早于办理日期,请核对。")
    early = known.param("duties.early_days")
    if period and held_on < period[0] - timedelta(days=early):
        out.append(f"办理日期比本期开始({written.day(period[0])})早{early}天以上,不能登记为本期事项。")
    return tuple(out)
