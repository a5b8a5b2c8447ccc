"""Which category somebody had on an earlier day, from what is kept today."""

from datetime import date

MEMBERS = ("full", "probationary")


def category_then(
    category: str, day: date, *, joined_on: date | None, full_since: date | None, activist_since: date | None, before: str | None = None,
) -> str:
    """The category on a day. `before`: what the first change of category after the day says it was; it outranks the dates.

    A date that nobody knows speaks for the category of today.
    """
    if before:
        return before
    if category in MEMBERS and _by(joined_on, day):
        return "full" if category == "full" and _by(full_since, day) else "probationary"
    if category == "candidate" and _by(activist_since, day):
        return "candidate"
    known = activist_since is not None and activist_since <= day
    return "activist" if known or (category == "activist" and activist_since is None) else "employee"


def _by(begun: date | None, day: date) -> bool:
    """Whether it had begun by the day; unknown counts as long ago."""
    return begun is None or begun <= day
