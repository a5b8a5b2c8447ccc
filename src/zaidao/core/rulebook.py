"""The catalogue as it holds here on a day: the packaged one, with what the office has set for itself in place of its values.

The module that keeps such values says how they are read (`told_by`); without one the packaged catalogue holds. Within a request or a
job they are read once (`read_once`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from django.utils import timezone

from zaidao.engine.catalogue import Catalogue, load

OfDay = Callable[[date], Catalogue]
Reader = Callable[[], OfDay]

_reader: list[Reader] = []
_held: ContextVar[list[OfDay] | None] = ContextVar("rulebook", default=None)


def told_by(reader: Reader) -> None:
    """Say how the office's values are read: at most one query for the catalogue of any day. Of several the last holds."""
    _reader[:] = [reader]


def on(day: date) -> Catalogue:
    """The catalogue with the office's values in force on a day. One query, none where they were read already in this request or job."""
    return _read()(day)


def today() -> Catalogue:
    """What holds today, for pages and acts about now. As `on`."""
    return on(timezone.localdate())


@contextmanager
def read_once() -> Iterator[None]:
    """Within, the office's values are read at most once."""
    token = _held.set([])
    try:
        yield
    finally:
        _held.reset(token)


def forget() -> None:
    """Values were set: what was read in this request or job holds no more."""
    held = _held.get()
    if held is not None:
        held.clear()


def _read() -> OfDay:
    held = _held.get()
    if held:
        return held[0]
    found = _reader[0]() if _reader else _packaged
    if held is not None:
        held.append(found)
    return found


def _packaged(day: date) -> Catalogue:  # noqa: ARG001
    return load()
