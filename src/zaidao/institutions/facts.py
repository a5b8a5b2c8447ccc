"""The institution and clause tables of the engine's contract, streamed from the database to Parquet. One query a table, chunked.

Each adopted edition is an institution of its own: the last one under the institution's code, those before as `Z001@1`, so that the
engine sees what was in force when. Drafts bind nobody and are left out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import Max, OuterRef, Subquery

from zaidao.core.parquet import stream
from zaidao.institutions.models import Clause, Edition
from zaidao.institutions.queries.sources import facts_code, last_edition

CHUNK = 5_000  # rows in memory at once

Row = tuple[Any, ...]


def write(folder: Path) -> dict[str, int]:
    """Write both tables; returns how many rows each has. Call it inside `system_scope`, best in one transaction."""
    return {name: stream(folder, name, rows, CHUNK) for name, rows in (("institution", institutions()), ("clause", clauses()))}


def institutions() -> Iterator[Row]:
    """Every adopted edition, in force or not any more."""
    adopted = Edition.everything.filter(institution=OuterRef("institution"), since__isnull=False).order_by()
    last = Subquery(adopted.values("institution").annotate(last=Max("number")).values("last"))
    rows = Edition.everything.filter(since__isnull=False).annotate(last=last).order_by("institution__code", "number").values_list(
        "institution__code", "number", "last", "institution__title", "institution__organisation__code", "institution__origin", "since",
        "until", "document_no", "institution__idea_code",
    )
    for code, number, latest, *row in rows.iterator(CHUNK):
        yield facts_code(code, number, latest), *(value if value != "" else None for value in row)


def clauses() -> Iterator[Row]:
    """The clauses of those editions."""
    rows = Clause.everything.filter(edition__since__isnull=False).annotate(last=last_edition()).order_by(
        "edition__institution__code", "edition__number", "article",
    ).values_list(
        "edition__institution__code", "edition__number", "last", "article", "subject", "applies_to", "every", "at_least", "evidence",
        "grace_days",
    )
    for code, number, latest, *row in rows.iterator(CHUNK):
        yield facts_code(code, number, latest), *(value if value != "" else None for value in row)
