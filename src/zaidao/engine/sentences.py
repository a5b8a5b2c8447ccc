"""The Chinese sentence of a finding: the card's template filled from the finding's own row, so that every number equals a field.

A template is text with `{field}` or `{field:form}`. Forms: none (text, or a number as short as it is), `count` (whole number),
`one` (one decimal), `percent` (whole-number %), `months` (whole months), `day` (2026年3月5日). A field is a column of the row or,
where the row has none of that name, a parameter of the card. Digits outside of fields are refused: nobody could trace them.
A part in square brackets is left out where one of its fields is null.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from string import Formatter
from typing import Any

UNKNOWN = "未知"
NUMBER = re.compile(r"\d+(?:\.\d+)?%?")
OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


class TemplateError(ValueError):
    """A card's template names a field that the result lacks, an unknown form, or writes a number by hand."""


def plain(value: Any) -> str:
    """Text as it is; lists joined by 、; numbers without needless decimals (at most two)."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, date):
        return day(value)
    if isinstance(value, list | tuple):
        return "、".join(plain(v) for v in value)
    return str(value)


def count(value: float) -> str:
    return f"{round(value)}"


def one(value: float) -> str:
    return f"{value:.1f}"


def percent(value: float) -> str:
    """A share in [0, 1] as whole percent."""
    return f"{round(value * 100)}%"


def months(value: float) -> str:
    return f"{round(value)}个月"


def day(value: date) -> str:
    """2026年6月10日"""
    return f"{value.year}年{value.month}月{value.day}日"


FORMS: Mapping[str, Callable[[Any], str]] = {"": plain, "count": count, "one": one, "percent": percent, "months": months, "day": day}


def show(value: Any, form: str = "") -> str:
    """One value in one form; null reads 未知. Raises TemplateError for an unknown form."""
    if form not in FORMS:
        raise TemplateError(f"unknown form {form!r}; known: {', '.join(f for f in FORMS if f)}")
    return UNKNOWN if value is None else FORMS[form](value)


def parts(template: str) -> list[tuple[str, str | None, str]]:
    """The template as (literal, field or None, form)."""
    return [(literal, field, form or "") for literal, field, form, _ in Formatter().parse(template)]


def fields(template: str) -> set[str]:
    """The names of the fields that a template asks for."""
    return {field for _, field, _ in parts(template) if field}


def check(card: Mapping[str, Any], columns: Iterable[str]) -> None:
    """Refuse a card whose sentence cannot be filled from these columns. Raises TemplateError naming card and field."""
    code, template = card.get("code", "?"), card["sentence"]
    lacking = fields(template) - set(columns) - set(card.get("params", {}))
    if lacking:
        raise TemplateError(f"{code}: the sentence asks for {', '.join(sorted(lacking))}, which the result lacks")
    for literal, _, form in parts(template):
        if NUMBER.search(literal):
            raise TemplateError(f"{code}: write {NUMBER.search(literal).group()!r} as a field, so that it can be traced")  # type: ignore[union-attr]
        show(None, form)


def values(card: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """Every field of the sentence as it is shown, in order: where each number of the sentence is found."""
    return [show(_value(card, row, field), form) for _, field, form in parts(_spoken(card, row)) if field]


def render(card: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """The sentence of one finding. Raises TemplateError for a field that neither row nor card has."""
    shown = iter(values(card, row))
    return "".join(literal + (next(shown) if field else "") for literal, field, _ in parts(_spoken(card, row)))


def _spoken(card: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """The template without the bracketed parts of which something is unknown."""

    def known(part: re.Match[str]) -> str:
        return part[1] if all(_value(card, row, field) is not None for field in fields(part[1])) else ""

    return OPTIONAL.sub(known, card["sentence"])


def _value(card: Mapping[str, Any], row: Mapping[str, Any], field: str) -> Any:
    if field in row:
        return row[field]
    try:
        return card["params"][field]["v"]
    except KeyError:
        raise TemplateError(f"{card.get('code', '?')}: no field {field!r} in the result or the card") from None
