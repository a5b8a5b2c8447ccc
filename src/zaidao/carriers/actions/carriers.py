"""Verbs of carriers (载体): begun and ended."""

import secrets
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.carriers import access
from zaidao.carriers.actions.base import clean
from zaidao.carriers.models import Carrier
from zaidao.core import access as core_access
from zaidao.core import audit, locks, outbox
from zaidao.core.errors import Refused
from zaidao.engine.schema import CARRIER_KINDS, CARRIER_ORIGINS

FACTS = ("name", "kind", "origin", "directive_no", "started_on", "ended_on", "end_reason", "aim")


def facts(carrier: Carrier) -> dict[str, Any]:
    return {name: getattr(carrier, name) for name in FACTS}


@transaction.atomic
def begin(
    *, actor: Any, organisation: Any, name: str, kind: str, origin: str, started_on: date, directive_no: str = "", aim: str = "",
    token: str = "",
) -> Carrier:
    """Register a carrier; one by directive (`mandated`) names its number. `token`: of the form, sent twice done once. Raises Denied,
    Refused."""
    grant = core_access.require(actor, access.CARRY, organisation.path)
    locks.hold(f"carriers.carry:{organisation.pk}")
    before = Carrier.everything.filter(token=token, made_by=actor, organisation=organisation).first() if token else None
    if before:
        return before
    _may_begin(organisation, kind, origin, started_on, directive_no)
    row = Carrier.everything.create(
        organisation=organisation, name=clean(name, 120, "载体名称"), kind=kind, origin=origin, started_on=started_on, token=token,
        directive_no=clean(directive_no, 80, "部署文号", needed=False), aim=clean(aim, 300, "目的", needed=False), made_by=actor,
        code=secrets.token_hex(16),
    )
    row.code = f"ZT{row.pk:06d}"
    row.save(update_fields=["code"])
    audit.record(actor, access.CARRY, row, path=organisation.path, changes=audit.changed({}, facts(row)), grant=grant)
    outbox.announce("carriers.begun", row.pk)
    return row


def _may_begin(organisation: Any, kind: str, origin: str, started_on: date, directive_no: str) -> None:
    if organisation.dissolved_on is not None:
        raise Refused("该组织已撤销。")
    if kind not in CARRIER_KINDS or origin not in CARRIER_ORIGINS:
        raise Refused("请选择载体的类别和发起方式。")
    if started_on > timezone.localdate():
        raise Refused("开始日期不能晚于今天。")
    if origin == "mandated" and not directive_no.strip():
        raise Refused("上级部署的载体,请填写部署文号。")


@transaction.atomic
def end(*, actor: Any, carrier: Carrier, on: date, reason: str) -> Carrier:
    """End a carrier on a day, with the reason. Raises Denied, Refused."""
    rows = Carrier.everything.select_for_update(of=("self",), no_key=True).select_related("organisation")
    row: Carrier = rows.get(pk=carrier.pk)
    grant = core_access.require(actor, access.CARRY, row.organisation.path)
    if row.ended_on is not None:
        raise Refused("这个载体已经结束。")
    if not row.started_on <= on <= timezone.localdate():
        raise Refused("结束日期应在开始日期之后,且不晚于今天。")
    before, why = facts(row), clean(reason, 300, "结束的原因")
    row.ended_on, row.end_reason, row.version = on, why, row.version + 1
    row.save()
    audit.record(actor, access.CARRY, row, path=row.organisation.path, changes=audit.changed(before, facts(row)), reason=why, grant=grant)
    outbox.announce("carriers.ended", row.pk)
    return row
