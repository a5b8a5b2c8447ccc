"""Pages of long lists."""

from typing import Any

from django.http import HttpRequest

MOST_DIGITS = 6


def number(text: str | None, otherwise: int) -> int:
    """A whole number from a query string; anything else is `otherwise`."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else otherwise


def page_of(request: HttpRequest) -> int:
    """The page asked for, from 1."""
    return max(number(request.GET.get("page"), 1), 1)


def paging(page: int, size: int, total: int) -> dict[str, Any]:
    """What the pager shows: the page, how many there are, the ones before and after (None at the ends)."""
    return {
        "page": page, "total": total, "pages": max(-(-total // size), 1), "before": page - 1 if page > 1 else None,
        "after_page": page + 1 if page * size < total else None,
    }
