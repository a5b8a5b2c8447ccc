"""Pages of long lists."""

from typing import Any

from django.http import HttpRequest

MOST_DIGITS, KEY_DIGITS = 6, 18
MOST = 1000  # rows of a search that pages are offered of; whoever finds more narrows it


def number(text: str | None, otherwise: int) -> int:
    """A whole number from a query string; anything else is `otherwise`."""
    return _whole(text, otherwise, MOST_DIGITS)


def key(text: str | None) -> int:
    """The number of a thing from a query string: there are millions of some; 0, which nothing has, for anything else."""
    return _whole(text, 0, KEY_DIGITS)


def _whole(text: str | None, otherwise: int, digits: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= digits else otherwise


def page_of(request: HttpRequest) -> int:
    """The page asked for, from 1."""
    return max(number(request.GET.get("page"), 1), 1)


def paging(page: int, size: int, total: int) -> dict[str, Any]:
    """What the pager shows: the page, how many there are, the ones before and after (None at the ends)."""
    return {
        "page": page, "total": total, "pages": max(-(-total // size), 1), "before": page - 1 if page > 1 else None,
        "after_page": page + 1 if page * size < total else None,
    }


def searched(request: HttpRequest, rows: Any, size: int) -> tuple[list[Any], dict[str, Any]]:
    """The keys of a page of a search, and what the pager shows; of a search that finds more than MOST rows only those. One query.

    For rows that no index finds in order: counting them all costs as much as finding them, and nobody turns a thousand pages.
    """
    page, keys = page_of(request), list(rows.values_list("pk", flat=True)[:MOST + 1])
    found = keys[:MOST]
    return found[(page - 1) * size:page * size], paging(page, size, len(found)) | {"beyond": len(keys) > MOST}
