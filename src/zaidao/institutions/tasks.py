"""Background work: duties of the running periods and the coming quarter."""

from datetime import time

from zaidao.core.scope import system_scope
from zaidao.core.tasks import Tell, schedule, task
from zaidao.institutions.actions import relaying
from zaidao.organisations.queries import bound


@schedule(relaying.EVERYBODY, at=time(0, 20))
def lay_out(_slot: int, tell: Tell) -> None:
    """Every organisation's; begun again it goes through all once more and changes nothing twice."""
    tell(0.0, "正在列出应办事项")
    with system_scope("duties are laid out by night"):
        relaying.relay(None)


@task(relaying.BELOW)
def lay_out_below(organisation: int, tell: Tell) -> None:
    tell(0.0, "正在列出应办事项")
    with system_scope("duties follow a rule that was adopted or repealed"):
        relaying.relay(bound.whole([organisation]))
