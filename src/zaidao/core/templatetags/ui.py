"""Small words for templates: numbers, days, shares. Unknown reads 未知 or —, never zero."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils.timezone import is_aware, localtime

register = template.Library()
UNKNOWN = "—"


@register.filter
def share(value: float | None) -> str:
    """A share in [0, 1] as whole percent."""
    return UNKNOWN if value is None else f"{round(value * 100)}%"


@register.filter
def figure(value: float | None) -> str:
    """A number without needless decimals (at most two)."""
    if value is None:
        return UNKNOWN
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


@register.filter
def day(value: date | None) -> str:
    """2026年3月5日; local time for moments."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime) and is_aware(value):
        value = localtime(value)
    return f"{value.year}年{value.month}月{value.day}日"


@register.filter
def moment(value: datetime | None) -> str:
    if value is None:
        return UNKNOWN
    if is_aware(value):
        value = localtime(value)
    return f"{value:%Y-%m-%d %H:%M}"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or None."""
    return mapping.get(key) if mapping else None


@register.filter
def shade(gap: float | None) -> str:
    """The class of a cell's tint: five steps of one neutral hue. Nothing is judged by it; the text says the numbers."""
    if gap is None:
        return "shade-unknown"
    return f"shade-{sum(gap > step for step in (0.1, 0.25, 0.4, 0.6))}"


INTERVAL_WIDTH = 200  # units of the little picture of an interval


@register.filter
def scaled(value: float | None) -> str:
    """A share as a place on the picture of an interval."""
    return f"{(value or 0.0) * INTERVAL_WIDTH:.1f}"


@register.filter
def span(row: Any) -> str:
    """The width of the interval of a row with `low` and `high`."""
    return f"{max(((row['high'] or 0.0) - (row['low'] or 0.0)) * INTERVAL_WIDTH, 1.0):.1f}"
