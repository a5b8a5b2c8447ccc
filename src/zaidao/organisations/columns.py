"""The sheets 组织, 人员, 任职 as offices keep them: the contract's fields with the other names, labels and units that people use.

`sheet` builds the reading side of any table of the contract from a list of such words; upper modules use it for their tables.
No Django: the readers of ledgers load this too.
"""

import tomllib
from importlib import resources
from typing import Any

from zaidao.engine.schema import APPOINTMENT, ORGANISATION, PERSON, Field, Table
from zaidao.sheets.spec import Column, Sheet

WORDS: dict[str, Any] = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))

# Bounds inside which a number can be meant at all; outside it is a slip of the pen, not a fact.
BOUNDS: dict[str, tuple[float | None, float | None]] = {
    "organisation.term_years": (0.5, 10),
    "activity.hours": (0, 240),
    "activity.rating": (1, 5),
}
SCALES: dict[str, dict[str, float]] = {"activity.hours": {"分钟": 1 / 60}}
CODES = frozenset(
    {
        "org_id",
        "parent_id",
        "person_id",
        "institution_id",
        "idea_id",
        "carrier_id",
        "activity_id",
        "recorder_id",
        "host_id",
        "proposer_id",
        "id_no",
        "phone",
    }
)


def labels(table: Table, field: Field, words: dict[str, Any]) -> dict[str, str]:
    """What may be written in an enum's cell -> the code kept."""
    also = words["labels"].get(table.name, {}).get(field.name, {})
    own = {written: code for code, label in field.enum.items() for written in (label, code)}
    return own | {written: code for code, said in also.items() for written in said}


def column(table: Table, field: Field, words: dict[str, Any]) -> Column:
    """The reading side of one field of the contract."""
    path = f"{table.name}.{field.name}"
    least, most = BOUNDS.get(path, (None, None))
    return Column(
        name=field.name,
        header=field.header,
        kind=field.kind,
        synonyms=tuple(words["headers"][table.name].get(field.name, ())),
        labels=labels(table, field, words) if field.kind == "enum" else {},
        choices=tuple(field.enum.values()),
        required=field.required,
        sensitive=field.sensitive,
        optional=field.optional,
        is_code=field.name in CODES,
        identity=field.name == "id_no",
        least=least,
        most=most,
        scales=SCALES.get(path, {}),
        example=words["examples"].get(field.name, ""),
    )


def sheet(table: Table, words: dict[str, Any]) -> Sheet:
    """The reading side of one table."""
    columns = tuple(column(table, field, words) for field in table.fields)
    return Sheet(table.name, table.sheet, table.key, columns, tuple(words["sheets"][table.name]))


SHEETS: tuple[Sheet, ...] = tuple(sheet(table, WORDS) for table in (ORGANISATION, PERSON, APPOINTMENT))
