"""What becomes of plans, follow-ups and carriers when an organisation ends: said before it is confirmed, done by `actions.ending`."""

from collections.abc import Iterable

from zaidao.carriers.actions import ending
from zaidao.carriers.models import FollowUp
from zaidao.organisations import consequences
from zaidao.organisations.decisions.structure_facts import Order

State = FollowUp.State


@consequences.told
def meetings(order: Order) -> Iterable[str]:
    """Four queries where organisations end, none else."""
    if not order.ending:
        return []
    ended, day = order.ending, order.effective_on
    counts = (
        ("自生效日起的 {n} 次会议和活动计划取消。", ending.coming(ended, day)),
        ("生效日以前计划、还没有归档的 {n} 次会议和活动,由上级补办归档或取消。", ending.unfiled(ended, day)),
        ("{n} 项没有办结的决议落实事项仍由责任人办理,由上级确认办结。",
         FollowUp.everything.filter(organisation__in=ended, state__in=(State.OPEN, State.DONE))),
        ("{n} 个载体于生效日结束。", ending.running(ended)),
    )
    return [words.format(n=n) for words, rows in counts if (n := rows.count())]
