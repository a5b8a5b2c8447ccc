"""The organisation, person and appointment tables of the engine's contract, streamed from the database to Parquet.

Sensitive fields are not in the contract's schema and are never read here. One query a table, chunked: memory does not grow with it.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db.models import F, OuterRef, Subquery

from zaidao.core.parquet import stream
from zaidao.organisations.models import Appointment, Link, Membership, Organisation, Term

CHUNK = 5_000  # rows in memory at once

Row = tuple[Any, ...]


def write(folder: Path) -> dict[str, int]:
    """Write the three tables; returns how many rows each has. Call it inside `system_scope`, best in one transaction."""
    return {name: stream(folder, name, rows, CHUNK) for name, rows in (
        ("organisation", organisations()), ("person", people()), ("appointment", appointments()),
    )}


def organisations() -> Iterator[Row]:
    """Every organisation, standing or dissolved, with the superior and the term it has or had last."""
    link = Link.everything.filter(child=OuterRef("pk")).order_by(F("until").desc(nulls_first=True), "-since")
    term = Term.everything.filter(organisation=OuterRef("pk")).order_by("-started_on")
    rows = Organisation.everything.order_by("path", "pk").annotate(
        parent_code=Subquery(link.values("parent__code")[:1]), term_started=Subquery(term.values("started_on")[:1]),
        term_length=Subquery(term.values("years")[:1]), term_extended=Subquery(term.values("extended_to")[:1]),
    ).values_list(
        "code", "name", "kind", "parent_code", "unit", "established_on", "dissolved_on", "term_started", "term_length", "headcount", "form",
        "term_extended",
    )
    for row in rows.iterator(CHUNK):
        yield (*row[:4], row[4] or None, *row[5:8], None if row[8] is None else float(row[8]), *row[9:])


def people() -> Iterator[Row]:
    """Everybody who belongs or belonged somewhere, once, where they belong now or belonged last."""
    rows = Membership.everything.order_by("person_id", F("until").asc(nulls_last=True), F("since").asc(nulls_first=True)).values_list(
        "person__code", "person__name", "organisation__code", "person__category", "person__gender", "person__ethnicity",
        "person__born_on", "person__education", "person__occupation", "person__joined_on", "person__full_since", "since", "until",
    )
    for _, memberships in groupby(rows.iterator(CHUNK), key=lambda row: row[0]):
        *_, last = memberships
        yield tuple(value if value != "" else None for value in last)


def appointments() -> Iterator[Row]:
    """Every appointment, in office or ended."""
    rows = Appointment.everything.order_by("post__organisation__path", "pk").values_list(
        "person__code", "post__organisation__code", "post__title", "post__domain", "full_time", "since", "until", "basis", "tenure",
    )
    for row in rows.iterator(CHUNK):
        yield tuple(value if value != "" else None for value in row)
