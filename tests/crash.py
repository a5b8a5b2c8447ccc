"""Die in the middle: after so many writes to the database, where nothing catches it."""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from zaidao.core import bulk

WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)


POINTS = 50


class Killed(BaseException):
    """What a killed process would leave: no handler of the code under test catches it."""


@contextmanager
def killed_after(writes: int) -> Iterator[list[int]]:
    """Let so many writes through, then raise Killed before the next. Gives a list whose length is the number of writes seen."""
    seen: list[int] = []

    def one() -> None:
        if len(seen) >= writes:
            raise Killed
        seen.append(1)

    def count(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if WRITE.match(sql):
            one()
        return execute(sql, params, many, context)

    def copy(*rows: Any) -> None:  # passes by the wrappers of the connection
        one()
        copied(*rows)

    copied = bulk._copy
    with connection.execute_wrapper(count), patch.object(bulk, "_copy", copy):
        yield seen


def points(writes: int) -> list[int]:
    """Fifty random ones of so many writes; all where there are fewer."""
    if writes <= POINTS:
        return list(range(writes))
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    return random.Random(seed).sample(range(writes), POINTS)


def killed_at_fifty_points(act: Callable[[], Any], state: Callable[[], str], *, least: int) -> None:
    """Kill an act of at least so many writes after fifty random ones of them: nothing of it stays; afterwards it can be done whole."""
    before = state()
    with transaction.atomic(), killed_after(10**9) as seen:
        act()
        done = state()
        transaction.set_rollback(True)
    assert done != before
    assert len(seen) >= least
    for point in points(len(seen)):
        with pytest.raises(Killed), killed_after(point):
            act()
        assert state() == before, f"killed after {point} of {len(seen)} writes"
    act()
    assert state() == done
