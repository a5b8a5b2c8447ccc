"""What somebody says about what is kept on them, and the answer: within working days, on record, never by the person asked about."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.core import access, audit, calendar, outbox
from zaidao.core.errors import Refused
from zaidao.organisations import access as verbs
from zaidao.organisations.actions.people import hold, place
from zaidao.organisations.actions.refusals import Flawed
from zaidao.organisations.actions.standing import clocks
from zaidao.organisations.models import Objection


@transaction.atomic
def ask(*, actor: Any, field: str, text: str) -> Objection:
    """Ask for a correction of, or object to, something kept on oneself. The answer is due in working days of the catalogue."""
    own = getattr(actor, "person", None)
    if own is None:
        raise Refused("您的账号没有对应的名册人员;请用“投诉建议”反映。")
    person = hold(own.pk)
    access.require(actor, verbs.OBJECT, place(person))
    if not text.strip():
        raise Flawed({"text": "请写明哪里不对、应当是什么。"})
    if Objection.everything.filter(person=person, field=field, outcome="").exists():
        raise Flawed({"field": "这一项已有未答复的请求,请等候答复。"})
    due_on = calendar.add_working_days(timezone.localdate(), clocks().objection_days)
    made = Objection.everything.create(person=person, field=field, text=text.strip(), due_on=due_on)
    audit.record(actor, verbs.OBJECT, made, path=place(person), changes={"field": [None, field], "due_on": [None, due_on]})
    outbox.announce("organisations.objection_made", made.pk, person=person.pk, due_on=str(due_on))
    return made


@transaction.atomic
def answer(*, actor: Any, objection: Objection, outcome: str, text: str) -> Objection:
    """Answer it once. The person asked about cannot, nor whoever stands in for them: their superior's keeper does."""
    person = hold(objection.person_id)
    row = Objection.everything.select_for_update().get(pk=objection.pk)
    grant = access.require(actor, verbs.ANSWER, place(person))
    if person.user_id is not None and person.user_id in (actor.pk, grant.on_behalf_of if grant else None):
        raise Refused("关于本人的请求由上级党务部门答复。")
    if row.outcome:
        raise Refused("这项请求已经答复过。")
    if outcome not in Objection.Outcome.values or not text.strip():
        raise Flawed({"answer": "请选择处理结果并写明理由。"})
    row.outcome, row.answer, row.answered_by, row.answered_at = outcome, text.strip(), actor, timezone.now()
    row.save(update_fields=["outcome", "answer", "answered_by", "answered_at"])
    audit.record(actor, verbs.ANSWER, row, path=place(person), changes={"outcome": [None, row.get_outcome_display()]}, grant=grant)
    outbox.announce("organisations.objection_answered", row.pk, person=person.pk)
    return row
