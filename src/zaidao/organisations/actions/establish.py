"""Establish an organisation, and edit what needs no document."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.core import access, audit, locks, outbox, scrub
from zaidao.core.errors import Refused
from zaidao.organisations import access as verbs
from zaidao.organisations import tree
from zaidao.organisations.actions import structure
from zaidao.organisations.actions.structure import Work
from zaidao.organisations.decisions.placement import placement
from zaidao.organisations.decisions.structure_facts import Order
from zaidao.organisations.models import Change, Link, Naming, Organisation
from zaidao.organisations.queries import changes as facts

EDITABLE = ("unit", "headcount", "form", "position")


@transaction.atomic
def establish(
    *, actor: Any, name: str, kind: str, parent: int | None, effective_on: date, document_no: str, form: str = "固定", code: str = "",
    unit: str = "", headcount: int | None = None, reason: str = "", token: str = "",
) -> Organisation:
    """Establish an organisation under a superior (None: at the top). An empty code is made. `token`: of the form, sent twice done once."""
    locks.hold(tree.LOCK)
    before = structure.made(actor, token)
    if before:
        return before.organisation
    order = Order("establish", effective_on, document_no, target=parent, name=scrub.visible(name), org_kind=kind, form=form)
    work = structure.begin(actor, order, reason=reason, token="")
    row = found(order.name, kind, form, parent, effective_on, code=code, unit=unit, headcount=headcount)
    return _told(work, row, token)


def _told(work: Work, row: Organisation, token: str) -> Organisation:
    access.forget(work.actor)
    Change.everything.create(
        organisation=row, kind="establish", effective_on=work.day, document_no=work.order.document_no, reason=work.reason, token=token,
        detail={"parent": work.order.target}, made_by=work.actor,
    )
    told = {name: getattr(row, name) for name in ("name", "kind", "form", "code", "established_on")}
    structure.log(work, row, audit.changed({}, told), path=row.path, verb=verbs.ESTABLISH)
    outbox.announce("organisations.established", row.pk, on=str(work.day))
    return row


@transaction.atomic
def enter(
    *, actor: Any, name: str, kind: str, parent: int | None, established_on: date | None, form: str = "固定", code: str = "",
    unit: str = "", headcount: int | None = None, document_no: str = "台账导入", reason: str = "",
) -> Organisation:
    """Enter an organisation that stands already, from a ledger: its day may be unknown or lie before its superior's, and it stands where
    it stands even where the rules would have it elsewhere (the structure is judged afterwards). It has no place before its superior's.
    """
    day = established_on or tree.ALWAYS
    order = Order("establish", day, document_no, target=parent, name=scrub.visible(name), org_kind=kind, form=form)
    rows = structure.hold(order)
    grant = access.require(actor, verbs.ESTABLISH, rows[parent].path) if parent else access.require(actor, verbs.TOP)
    flaws = _entry_flaws(order, rows[parent] if parent else None, timezone.localdate())
    if flaws:
        raise Refused(*flaws)
    row = found(order.name, kind, form, parent, established_on, code=code, unit=unit, headcount=headcount)
    return _told(Work(actor, grant, order, reason, "", rows), row, "")


def _entry_flaws(order: Order, above: Organisation | None, today: date) -> list[str]:
    found = [] if order.name else ["请填写名称。"]
    if order.effective_on > today:
        found.append("成立日期不能晚于今天。")
    if above and above.dissolved_on:
        found.append(f"上级组织{above.name}已撤销。")
    return found


def found(
    name: str, kind: str, form: str, parent: int | None, since: date | None, *, code: str = "", unit: str = "",
    headcount: int | None = None,
) -> Organisation:
    """Write a new organisation with its first link, name and place, under the tree's lock. Raises Refused for a code in use."""
    code = code.strip() or new_code()
    if Organisation.everything.filter(code=code).exists():
        raise Refused(f"组织编号 {code} 已在使用,请换一个或留空由系统编。")
    row = Organisation.everything.create(
        code=code, name=name, kind=kind, form=form, unit=unit, headcount=headcount, established_on=since,
    )
    start = since or tree.ALWAYS
    Link.everything.create(child=row, parent_id=parent, since=start)
    Naming.everything.create(organisation=row, name=name, kind=kind, since=start)
    tree.rebuild([row.pk])
    row.refresh_from_db()
    return row


def new_code() -> str:
    """A code that is not in use; the tree's lock keeps others from taking it."""
    number = (Organisation.everything.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    while Organisation.everything.filter(code=f"ZZ{number:06d}").exists():
        number += 1
    return f"ZZ{number:06d}"


@transaction.atomic
def edit(*, actor: Any, organisation: int, version: int | None = None, **values: Any) -> Organisation:
    """Change `EDITABLE` facts, which need no document. `version`: of what the person saw. Raises Refused where it changed meanwhile."""
    row = Organisation.everything.select_for_update(no_key=True).get(pk=organisation)
    grant = access.require(actor, verbs.EDIT, row.path)
    if set(values) - set(EDITABLE):
        raise ValueError(f"not editable: {sorted(set(values) - set(EDITABLE))}")
    if version is not None and version != row.version:
        raise Refused("您打开之后,这份资料已被别人改过。请核对现在的内容,再改一次。")
    flaws = _edit_flaws(row, values)
    if flaws:
        raise Refused(*flaws)
    changes = audit.changed({name: getattr(row, name) for name in values}, values)
    if changes:
        structure.write(row, **values)
        audit.record(actor, verbs.EDIT, row, path=row.path, changes=changes, grant=grant)
        outbox.announce("organisations.edited", row.pk)
    return row


def _edit_flaws(row: Organisation, values: dict[str, Any]) -> list[str]:
    if row.dissolved_on:
        return [f"{row.name}已撤销,不能再改。"]
    if values.get("form", row.form) == row.form:
        return []
    order = Order("edit", timezone.localdate(), "—", organisations=(row.pk,))
    seen = facts.world(order, order.effective_on).subjects
    above = seen.get(seen[row.pk].parent or 0)
    found = placement(row.kind, values["form"], above.kind if above else "", above.form if above else "", name=row.name)
    return found + [r for c in seen[row.pk].children for r in placement(c.kind, c.form, row.kind, values["form"], name=c.name)]
