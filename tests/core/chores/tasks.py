"""Tasks that work, wait, and die."""

import os
import signal
import sys
import time

from zaidao.core import outbox
from zaidao.core.models import Message
from zaidao.core.tasks import Tell, task


@task("chores.note")
def note(argument: int, tell: Tell) -> None:
    outbox.announce("chore.done", argument)


@task("chores.note_apart", isolated=True)
def note_apart(argument: int, tell: Tell) -> None:
    outbox.announce("chore.done", argument)


@task("chores.parent", isolated=True)
def parent(argument: int, tell: Tell) -> None:
    outbox.announce("chore.parent", argument, pid=os.getpid(), parent=os.getppid(), loaded="zaidao.core.loaded" in sys.modules)


@task("chores.wait", isolated=True)
def wait(argument: int, tell: Tell) -> None:
    """Works for longer than any test."""
    outbox.announce("chore.begun", argument)
    for second in range(300):
        tell(second / 300, "还在做")
        time.sleep(1)


@task("chores.wait_here")
def wait_here(argument: int, tell: Tell) -> None:
    wait(argument, tell)


@task("chores.second_time", isolated=True)
def second_time(argument: int, tell: Tell) -> None:
    """Waits to be killed the first time, and ends the second."""
    if Message.objects.filter(topic="chore.begun", subject=argument).exists():
        outbox.announce("chore.done", argument)
    else:
        wait(argument, tell)


@task("chores.die", isolated=True)
def die(argument: int, tell: Tell) -> None:
    outbox.announce("chore.begun", argument)
    os.kill(os.getpid(), signal.SIGKILL)
