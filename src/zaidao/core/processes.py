"""Processes that live no longer than the one that started them, and that look for garbage where there may be some."""

import gc
import os
import signal
import threading
import time

LOOK_EVERY = 1.0  # seconds
GARBAGE = 20_000  # new objects between two searches for cycles; Python's 700 is meant for small programs


def end_with(parent: int, number: signal.Signals) -> None:
    """Send this process `number` once `parent` is gone, also where it was killed. Works wherever a process knows its parent."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY)
        os.kill(os.getpid(), number)

    threading.Thread(target=watch, daemon=True).start()


def settle() -> None:
    """Leave what is loaded by now out of every later search for cycles, and search less often: for a process that begins to serve or to
    work. Without it a fifth of an import and a tenth of a page go into searching the program itself, again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 20, 20)
