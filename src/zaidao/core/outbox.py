"""News upwards: `announce` inside the transaction of the act; the worker hands it to whoever registered (`on`), at least once each.

Handlers live in the `reactions.py` of upper modules and must bear being called twice.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from zaidao.core.models import Message

Handler = Callable[[Message], None]
HANDLERS: dict[str, dict[str, Handler]] = defaultdict(dict)


def announce(topic: str, subject: int, **data: Any) -> Message:
    """Say what happened to one object: a topic in the past tense, its number, and keys or dates. Nothing sensitive."""
    return Message.objects.create(topic=topic, subject=subject, data=data)


def on(topic: str) -> Callable[[Handler], Handler]:
    """Register a handler of a topic, by its name."""

    def register(function: Handler) -> Handler:
        HANDLERS[topic][f"{function.__module__}.{function.__qualname__}"] = function
        return function

    return register
