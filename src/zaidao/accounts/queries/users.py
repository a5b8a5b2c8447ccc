"""The list of accounts."""

from django.db.models import Count, Prefetch, Q, QuerySet

from zaidao.accounts.models import AdminDuty, User


def found(*, q: str = "", state: str = "") -> "QuerySet[User]":
    """Accounts by work number or name and by state (as in `forms.Find`), with the duties in force."""
    rows = User.objects.order_by("work_no").prefetch_related(in_force())
    if q:
        rows = rows.filter(Q(work_no__icontains=q) | Q(name__icontains=q))
    states = {
        "in": Q(is_active=True, activated_at__isnull=False), "new": Q(is_active=True, activated_at=None), "out": Q(is_active=False),
        "keeper": Q(pk__in=AdminDuty.objects.filter(until=None).values("user_id")),
    }
    return rows.filter(states[state]) if state in states else rows


def in_force() -> "Prefetch":
    return Prefetch("duties", queryset=AdminDuty.objects.filter(until=None), to_attr="current_duties")


def holding_several() -> "QuerySet[User]":
    """Who holds more than one of the administrators' duties: where they are kept apart, those of before that wish."""
    several = AdminDuty.objects.filter(until=None).values("user").annotate(n=Count("pk")).filter(n__gt=1)
    return User.objects.filter(pk__in=several.values("user")).order_by("work_no")


def state_of(user: User) -> tuple[str, str]:
    """What the state pill says of an account, and its kind."""
    if not user.is_active:
        return "已停用", "off"
    return ("已启用", "done") if user.activated_at else ("尚未启用", "wait")
