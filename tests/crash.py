"""Die in the middle: after so many writes to the database, where nothing catches it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)


class Killed(BaseException):
    """What a killed process would leave: no handler of the code under test catches it."""


@contextmanager
def killed_after(writes: int) -> Iterator[list[int]]:
    """Let so many writes through, then raise Killed before the next. Gives a list whose length is the number of writes seen."""
    seen: list[int] = []

    def count(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if WRITE.match(sql):
            if len(seen) >= writes:
                raise Killed
            seen.append(1)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield seen
