"""投诉建议: one's own, and those that wait for an answer."""

from django.db.models import QuerySet

from zaidao.accounts.access import SUGGESTIONS_ANSWER
from zaidao.accounts.models import Suggestion, User
from zaidao.core import access, scope
from zaidao.core.access import Grant


def answering(user: User) -> Grant | None:
    """The grant that lets somebody answer: keeping the system, or the office of the whole organisation; none further down the tree."""
    roles = access.VERBS[SUGGESTIONS_ANSWER].roles
    held = (g for g in access.holder(user).grants if g.role in roles and len(g.path) <= scope.WIDTH)
    return min(held, key=lambda g: g.on_behalf_of is not None, default=None)


def all_of_them(*, open_only: bool) -> "QuerySet[Suggestion]":
    """Everybody's, the ones due first before those answered."""
    rows = Suggestion.objects.select_related("user", "answered_by").order_by("answered_at", "due_on", "pk")
    return rows.filter(answered_at=None) if open_only else Suggestion.objects.select_related("user", "answered_by")


def own(user: User) -> "QuerySet[Suggestion]":
    return Suggestion.objects.filter(user=user).select_related("answered_by")
