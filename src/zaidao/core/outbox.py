"""News upwards: `announce` inside the transaction of the act; the worker hands it to whoever registered (`on`), at least once each.

Handlers live in the `reactions.py` of upper modules, see the whole tree, and must bear being called twice. Each is called in a
transaction of its own; one that fails is tried again, later and later, and in the end given up (`stuck`).
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from zaidao.core import bulk
from zaidao.core.middleware import request_id
from zaidao.core.models import Delivery, Message
from zaidao.core.scope import system_scope

Handler = Callable[[Message], None]
HANDLERS: dict[str, dict[str, Handler]] = defaultdict(dict)
AT_ONCE = 100  # messages or deliveries of one round
ROUND = 1.0  # seconds after which a worker gets to its other work: somebody may wait for a job
ATTEMPTS = 10  # about four hours and a quarter in all
FIRST_WAIT = timedelta(seconds=15)
KEPT = timedelta(days=30)

log = logging.getLogger(__name__)


def announce(topic: str, subject: int, **data: Any) -> Message:
    """Say what happened to one object: a topic in the past tense, its number, and keys or dates. Nothing sensitive."""
    return Message.objects.create(topic=topic, subject=subject, data=data)


def announce_many(topic: str, subjects: Iterable[int], **data: Any) -> None:
    """Say the same of many objects, by one statement a thousand; nothing where no module listens: an import says it of thousands."""
    if not heard(topic):
        return
    bulk.add([Message(topic=topic, subject=subject, data=data) for subject in subjects])


def on(topic: str) -> Callable[[Handler], Handler]:
    """Register a handler of a topic, by its name."""

    def register(function: Handler) -> Handler:
        HANDLERS[topic][f"{function.__module__}.{function.__qualname__}"] = function
        return function

    return register


def heard(topic: str) -> bool:
    """Whether any module listens."""
    _all_listen()
    return bool(HANDLERS.get(topic))


@lru_cache(maxsize=1)
def _all_listen() -> None:
    autodiscover_modules("reactions")


def dispatch() -> int:
    """Hand over what is due, the oldest first, for a ROUND at most; returns how many handlers were called."""
    while route():
        pass
    due = Delivery.objects.filter(done_at=None, gave_up=False, next_at__lte=timezone.now())
    over = time.monotonic() + ROUND
    in_time = takewhile(lambda _: time.monotonic() < over, due.select_related("message").order_by("pk")[:AT_ONCE])
    return sum(map(_deliver, in_time))


def route() -> int:
    """Write one delivery for each handler of the oldest new messages; returns how many messages were routed."""
    new = Message.objects.filter(routed=False).order_by("pk")
    if not new.exists():
        return 0
    new.exclude(topic__in=[topic for topic, handlers in HANDLERS.items() if handlers]).update(routed=True)  # nobody hears of these
    with transaction.atomic():
        found = list(new.select_for_update(skip_locked=True)[:AT_ONCE])
        deliveries = [Delivery(message=m, handler=name) for m in found for name in sorted(HANDLERS.get(m.topic, ()))]
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        Message.objects.filter(pk__in=[m.pk for m in found]).update(routed=True)
    return len(found)


def _deliver(delivery: Delivery) -> bool:
    """Call one handler. The attempt is written down before: a handler that takes the process down with it is given up in the end too."""
    if delivery.attempts >= ATTEMPTS:
        Delivery.objects.filter(pk=delivery.pk, done_at=None).update(gave_up=True)
        return False
    mine = Delivery.objects.filter(pk=delivery.pk, done_at=None, gave_up=False, attempts=delivery.attempts)
    wait = FIRST_WAIT * 2**delivery.attempts
    if not mine.update(attempts=F("attempts") + 1, next_at=timezone.now() + wait):
        return False  # another worker was quicker
    delivery.attempts += 1
    try:
        _hand_over(delivery)
    except Exception as error:
        log.exception("delivery %s of %s failed", delivery.pk, delivery.message)
        failed = {"error": type(error).__name__[:120], "gave_up": delivery.attempts >= ATTEMPTS}
        Delivery.objects.filter(pk=delivery.pk, done_at=None).update(**failed)
    return True


def _hand_over(delivery: Delivery) -> None:
    message = delivery.message
    token = request_id.set(f"news-{message.pk}")
    try:
        with transaction.atomic(), system_scope(f"news {message.topic} for {delivery.handler}"):
            here = Delivery.objects.select_for_update().filter(pk=delivery.pk, done_at=None).first()
            if here is not None:
                HANDLERS[message.topic][delivery.handler](message)
                Delivery.objects.filter(pk=delivery.pk).update(done_at=timezone.now(), error="")
    finally:
        request_id.reset(token)


def stuck(most: int = 50) -> list[Delivery]:
    """What was given up, the latest first, with its message: for the health page."""
    return list(Delivery.objects.filter(gave_up=True).select_related("message").order_by("-pk")[:most])


def again(pk: int) -> None:
    """Try a delivery that was given up anew, from the beginning."""
    Delivery.objects.filter(pk=pk, gave_up=True).update(gave_up=False, attempts=0, next_at=timezone.now())


def prune(now: datetime) -> int:
    """Remove the messages that are older than 30 days and have reached everybody; returns how many. What was given up stays."""
    open_ones = Delivery.objects.filter(message=OuterRef("pk"), done_at=None)
    old = Message.objects.filter(~Exists(open_ones), routed=True, created_at__lt=now - KEPT)
    removed = 0
    while numbers := list(old.order_by("pk").values_list("pk", flat=True)[:1000]):
        Delivery.objects.filter(message__in=numbers).delete()
        removed += Message.objects.filter(pk__in=numbers).delete()[0]
    return removed
