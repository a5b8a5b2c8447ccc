"""Functions of the field (catalogue/data/functions.csv) and which rules cover them (light to import)."""

import re
from collections.abc import Iterator, Mapping


def required(functions: tuple[Mapping[str, str], ...], kind: str | None) -> list[Mapping[str, str]]:
    """The functions that an organisation of a kind must have a rule for; a branch those that reach down to general branches."""
    level = {"committee": "committee", "general_branch": "general_branch", "branch": "general_branch"}.get(kind or "")
    return [f for f in functions if level in f["rule_required_of"].split(";")]


def functions_of(functions: tuple[Mapping[str, str], ...], subjects: list[str], title: str) -> Iterator[str]:
    """Functions whose typical subject is a clause's subject or stands in the rule's title."""
    for function in functions:
        words = [*function["typical_subject"].split(";"), *re.split(r"[(),、与]", function["function"])]
        if any(w and (w in title or any(w in s for s in subjects)) for w in words):
            yield function["function"]
