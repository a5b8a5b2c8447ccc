"""The eight sheets as offices keep them: the contract's fields with the other names, labels and units that people use."""

import tomllib
from importlib import resources
from typing import Any

from zaidao.engine.schema import TABLES, Field, Table
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


def labels(table: Table, field: Field) -> dict[str, str]:
    """What may be written in an enum's cell -> the code kept."""
    also = WORDS["labels"].get(table.name, {}).get(field.name, {})
    own = {written: code for code, label in field.enum.items() for written in (label, code)}
    return own | {written: code for code, words in also.items() for written in words}


def column(table: Table, field: Field) -> Column:
    """The reading side of one field of the contract."""
    path = f"{table.name}.{field.name}"
    least, most = BOUNDS.get(path, (None, None))
    return Column(
        name=field.name,
        header=field.header,
        kind=field.kind,
        synonyms=tuple(WORDS["headers"][table.name].get(field.name, ())),
        labels=labels(table, field) if field.kind == "enum" else {},
        choices=tuple(field.enum.values()),
        required=field.required,
        sensitive=field.sensitive,
        optional=field.optional,
        is_code=field.name in CODES,
        identity=field.name == "id_no",
        least=least,
        most=most,
        scales=SCALES.get(path, {}),
        example=WORDS["examples"].get(field.name, ""),
    )


SHEETS: tuple[Sheet, ...] = tuple(
    Sheet(t.name, t.sheet, t.key, tuple(column(t, f) for f in t.fields), tuple(WORDS["sheets"][t.name])) for t in TABLES.values()
)
