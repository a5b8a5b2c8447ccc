"""One at a time: a named lock that a transaction holds until it ends.

PostgreSQL keeps it as an advisory lock. SQLite lets one transaction write at a time anyway (`transaction_mode` IMMEDIATE).
"""

import hashlib

from django.db import connection


def hold(name: str) -> None:
    """Wait for the lock and keep it to the end of the transaction. Raises where there is no transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"lock {name} wants a transaction")
    if connection.vendor == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
