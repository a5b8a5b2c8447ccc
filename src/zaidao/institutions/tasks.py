"""Background work: duties of the running periods and the coming quarter. Begun again it goes through all once more and changes nothing
twice."""

from datetime import time

from zaidao.core.scope import system_scope
from zaidao.core.tasks import Tell, schedule, task
from zaidao.institutions.actions import relaying
from zaidao.organisations.queries import bound


@schedule(relaying.EVERYBODY, at=time(0, 20), isolated=True)
def lay_out(_slot: int, tell: Tell) -> None:
    """Every organisation's."""
    with system_scope("duties are laid out by night"):
        relaying.relay_in_parts(bound.numbers(), tell)


@task(relaying.BELOW, isolated=True)
def lay_out_below(organisation: int, tell: Tell) -> None:
    with system_scope("duties follow a rule that was adopted or repealed"):
        relaying.relay_in_parts(bound.whole([organisation]), tell)


@task(relaying.BACK, isolated=True)
def lay_out_back(institution: int, tell: Tell) -> None:
    with system_scope("duties follow a rule with a date in the past"):
        relaying.lay_back(institution, tell)


@task(relaying.SOON)
def catch_up(_: int, _tell: Tell) -> None:
    with system_scope("duties follow what happened to organisations"):
        relaying.catch_up()
