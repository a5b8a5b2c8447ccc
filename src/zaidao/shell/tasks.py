"""Background work of the shell: the demo world."""

from zaidao.core.tasks import Tell, task
from zaidao.shell.demo import world


@task(world.TASK, isolated=True, attempts=5)
def bring_in(_argument: int, tell: Tell) -> None:
    world.bring_in(tell)
