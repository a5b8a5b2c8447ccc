"""The database as of one moment, for whoever reads many tables that have to agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction


@contextmanager
def moment() -> Iterator[None]:
    """A connection of its own, in this thread, that sees the database as of one moment, keeps nobody from writing and writes nothing.

    Inside a transaction the caller's connection stays: what it has written must be seen.
    """
    own = connections["default"]
    if own.in_atomic_block:
        yield
        return
    reader: Any = own.copy()
    if own.vendor == "sqlite":
        reader.settings_dict = {**own.settings_dict, "OPTIONS": {**own.settings_dict["OPTIONS"], "transaction_mode": "DEFERRED"}}
        reader.transaction_mode = "DEFERRED"
    connections["default"] = reader
    try:
        with transaction.atomic():
            if own.vendor == "postgresql":
                with reader.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    finally:
        reader.close()
        connections["default"] = own
