"""Sums over everything below: each row is carried up to every superior, one by one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping


def superiors(org: str, parents: Mapping[str, str | None]) -> list[str]:
    """The organisation itself and all above it."""
    chain = [org]
    while (above := parents.get(chain[-1])) is not None:
        chain.append(above)
    return chain


def sums(rows: Iterable[tuple[str, float]], parents: Mapping[str, str | None]) -> dict[str, float]:
    """Organisation -> the sum of the values of itself and all below it."""
    total: dict[str, float] = defaultdict(float)
    for org, value in rows:
        for above in superiors(org, parents):
            total[above] += value
    return dict(total)
