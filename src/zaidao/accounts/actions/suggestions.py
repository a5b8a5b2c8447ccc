"""投诉建议: said by anybody, answered by who keeps the system, within a term."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from zaidao.accounts.access import SUGGEST, SUGGESTIONS_ANSWER
from zaidao.accounts.models import Suggestion, User
from zaidao.accounts.queries import suggestions as queries
from zaidao.core import access, audit
from zaidao.core.errors import Refused


@transaction.atomic
def suggest(*, actor: User | None, text: str, page: str, due_on: date) -> Suggestion:
    """Say something about the system; `actor` None: before sign-in. The record says that something was said, not what."""
    grant = access.require(actor, SUGGEST) if actor else None
    made = Suggestion.objects.create(user=actor, text=text, page=page, due_on=due_on)
    audit.record(actor, SUGGEST, made, changes={"due_on": [None, due_on]}, grant=grant)
    return made


@transaction.atomic
def answer(*, actor: User, pk: int, text: str) -> Suggestion:
    """Answer once, for good. Raises Denied, and Refused where it is answered already or one's own."""
    grant = queries.answering(actor)
    if grant is None:
        raise access.Denied(f"您现在的岗位不能“{access.VERBS[SUGGESTIONS_ANSWER].label}”。")
    said = Suggestion.objects.select_for_update().filter(pk=pk).first()
    if said is None or said.answered_at:
        raise Refused("这条意见不存在,或已经答复")
    if said.user_id == actor.pk:
        raise Refused("不能答复自己提出的意见,请由另一位办理")
    said.answer, said.answered_by, said.answered_at = text, actor, timezone.now()
    said.save(update_fields=["answer", "answered_by", "answered_at"])
    audit.record(actor, SUGGESTIONS_ANSWER, said, changes={"answer": audit.HIDDEN}, grant=grant)
    return said
