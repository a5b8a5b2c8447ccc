"""Checks across the rows of the fact tables: what no single cell can show to be wrong.

Pure and the same for every kind of input. A `Breach` names the stored row (from 0) and what follows for it:
refuse (the row is not used), repeat (an exact repeat, used once), null (the row is used without this value), keep (used, but said).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

import pyarrow as pa

from zaidao.engine.checks.base import LIMITS, Breach, Limits, Scene, last_activity, present_day
from zaidao.engine.checks.links import circular_parents, orphan_clauses, participants, references, unknown_organisations, unknown_parents
from zaidao.engine.checks.repeats import duplicates
from zaidao.engine.checks.rows import attendance, births, conditions, dates, enums, keyless, negatives, periods

__all__ = ["LIMITS", "Breach", "Limits", "find", "last_activity", "present_day"]


def find(
    tables: Mapping[str, pa.Table],
    *,
    also_known: Mapping[str, set[str]] | None = None,
    today: date | None = None,
    limits: Limits = LIMITS,
) -> list[Breach]:
    """All breaches, in order of the checks; one row is refused once, and a refused row is not checked further.

    `tables` are stored rows without sensitive columns; `also_known` the codes of rows refused before (table -> codes);
    `today` is the present day of the data where it is known from elsewhere.
    """
    scene = Scene(tables, also_known or {}, limits, present_day(tables, limits) or today)
    checks: tuple[Callable[[Scene], Iterator[Breach]], ...] = (
        keyless,
        duplicates,
        enums,
        dates,
        births,
        unknown_parents,
        circular_parents,
        unknown_organisations,
        orphan_clauses,
        conditions,
        periods,
        attendance,
        negatives,
        references,
        participants,
    )
    return [scene.note(breach) for check in checks for breach in check(scene)]
