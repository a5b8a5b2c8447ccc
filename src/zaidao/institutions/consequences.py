"""What becomes of duties when organisations change: said before it is confirmed, done by `reactions`."""

from collections.abc import Iterable

from django.db.models import Count, Q

from zaidao.institutions.models import Duty
from zaidao.organisations import consequences
from zaidao.organisations.decisions.structure_facts import Order

ANEW = {
    "rename": "应办事项不变。",
    "rekind": "应办事项自本月起按新的类型列出;以往月份的和已办的照旧。",
    "move": "上级制度规定的应办事项自本月起按新上级的制度列出;以往月份的和已办的照旧。",
}


@consequences.told
def duties(order: Order) -> Iterable[str]:
    """Of those that end, how many open duties fall away and how many stay. At most one query."""
    if order.kind in ANEW:
        return [ANEW[order.kind]]
    if not order.ending:
        return ["原组织的应办事项照旧;新组织的自本月起列出。"] if order.kind == "split" else []
    rows = Duty.everything.filter(organisation__in=order.ending, state=Duty.State.OPEN)
    after = Q(period_end__gt=order.effective_on)
    found = rows.aggregate(after=Count("pk", filter=after), before=Count("pk", filter=~after))
    told = [f"{found['after']} 项待办的周期到生效日还没有结束,不再要求。"] if found["after"] else []
    return [*told, f"之前的 {found['before']} 项待办照旧记在原组织编号下。"] if found["before"] else told
