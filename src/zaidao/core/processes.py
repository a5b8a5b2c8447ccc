"""Processes that live no longer than the one that started them."""

import os
import signal
import threading
import time

LOOK_EVERY = 1.0  # seconds


def end_with(parent: int, number: signal.Signals) -> None:
    """Send this process `number` once `parent` is gone, also where it was killed. Works wherever a process knows its parent."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY)
        os.kill(os.getpid(), number)

    threading.Thread(target=watch, daemon=True).start()
