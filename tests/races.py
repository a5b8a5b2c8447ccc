"""Two at once: acts in threads that begin together, and what became of each; the same with every lock taken away."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import QuerySet

from zaidao.core import locks

WAIT = 20  # seconds


def race(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that begin together; what each gave or raised, in their order."""
    gate, came = threading.Barrier(len(acts), timeout=WAIT), [None] * len(acts)

    def run(n: int) -> None:
        try:
            gate.wait()
            came[n] = acts[n]()
        except Exception as wrong:
            came[n] = wrong
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * WAIT)
    return came


def names(came: list[Any]) -> list[str]:
    """What became of each, by the name of its type."""
    return sorted(type(one).__name__ for one in came)


def without_locks(monkeypatch: pytest.MonkeyPatch, *, meet: list[tuple[Any, str]]) -> None:
    """Take every lock away, and let two threads wait for each other once they have read what `meet` (object, name of a function) gives:
    both decide before either writes. Skips where the database lets one transaction write at a time whatever we lock."""
    if connection.vendor != "postgresql":
        pytest.skip("the locks are PostgreSQL's; SQLite takes writers one by one")
    gate = threading.Barrier(2, timeout=WAIT)
    monkeypatch.setattr(locks, "hold", lambda _: None)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
    for where, name in meet:
        monkeypatch.setattr(where, name, _then(getattr(where, name), gate))


def _then(read: Callable[..., Any], gate: threading.Barrier) -> Callable[..., Any]:
    def met(*args: Any, **more: Any) -> Any:
        try:
            return read(*args, **more)
        finally:
            gate.wait()

    return met
