"""Background work of imports; each may be killed and begun again."""

from datetime import time

from zaidao.core.plans import actions
from zaidao.core.tasks import Tell, schedule, task

ATTEMPTS = 5  # each try goes on where the one before was cut short


@task("plans.make", isolated=True, awaited=True)
def make(plan: int, tell: Tell) -> None:
    actions.work("make", plan, tell)


@task("plans.commit", isolated=True, awaited=True, attempts=ATTEMPTS)
def commit(plan: int, tell: Tell) -> None:
    actions.work("commit", plan, tell)


@task("plans.undo", isolated=True, awaited=True, attempts=ATTEMPTS)
def undo(plan: int, tell: Tell) -> None:
    actions.work("undo", plan, tell)


@schedule("plans.sweep", at=time(3, 40))
def sweep(_: int, _tell: Tell) -> None:
    actions.sweep()
