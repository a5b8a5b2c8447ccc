"""Background work of the shell: the demo world."""

from zaidao.core.tasks import Tell, task
from zaidao.shell.demo import answers, world


@task(world.TASK, isolated=True, attempts=5)
def bring_in(_argument: int, tell: Tell) -> None:
    world.bring_in(tell)


@task(answers.TASK)
def answer(run: int, _tell: Tell) -> None:
    answers.give(run)
