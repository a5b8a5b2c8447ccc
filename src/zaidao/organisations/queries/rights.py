"""Whose rights end with an organisation: of accounts by its posts, and of those who stand in for them."""

from collections.abc import Iterable

from django.utils import timezone

from zaidao.accounts.models import Delegation
from zaidao.organisations import consequences
from zaidao.organisations.decisions.roles import role_of
from zaidao.organisations.decisions.structure_facts import Order
from zaidao.organisations.models import Appointment
from zaidao.organisations.queries.posts import in_office


@consequences.told
def rights(order: Order) -> Iterable[str]:
    """Two queries where organisations end and all their posts with them, none else."""
    if not order.ending or order.kind == "split":
        return []
    today = timezone.localdate()
    held = Appointment.everything.filter(in_office(today), post__organisation__in=order.ending, person__user__is_active=True)
    facts = held.values_list("person__user", "post__title", "post__domain", "post__organisation__kind", "tenure")
    users = {user for user, *post in facts if role_of(*post)}
    handed = Delegation.objects.filter(giver__in=users, ended_at=None, until__gt=today).count() if users else 0
    told = f"{len(users)} 个账号出自这些任职的权限,确认后即终止"
    return [told + (f";{handed} 项代办委托中相应的部分一并失效。" if handed else "。")] if users else []
