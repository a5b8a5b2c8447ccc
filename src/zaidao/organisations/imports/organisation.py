"""The sheet 组织 into the tree: entering organisations that stand already, renaming, moving, editing, registering the running term."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from zaidao.core import access
from zaidao.core.errors import Refused
from zaidao.core.plans import Applied, Given, Planned, PlanRow, Work, compare
from zaidao.organisations import access as verbs
from zaidao.organisations import tree
from zaidao.organisations.actions import establish, move, rename, terms
from zaidao.organisations.columns import SHEETS
from zaidao.organisations.imports import base, judged, memory
from zaidao.organisations.imports.base import Outcome, Spot
from zaidao.organisations.models import Change, Link, Naming, Organisation, Place, Term

WHY = "台账导入"
EDITED = ("unit", "headcount")
CODE = "这个编号不能使用:它可能已在别处登记,或不在您的管理范围内。"
CODE_REMEDY = "请核对编号,或与上级党务部门联系。"
CIRCLE = "上级关系成环。"
RESTRUCTURES = "restructures"  # the confirmation asks for the document
ASK_DOCUMENT = "更名、改设、调整隶属须在确认导入时填写依据文号。"


class OrganisationImporter(base.Base):
    """One row an organisation, by code; superiors before their subordinates."""

    sheet = next(s for s in SHEETS if s.name == "organisation")
    model = Organisation
    verb = verbs.EDIT
    order = ("organisations.term", "organisations.change", "organisations.place", "organisations.naming", "organisations.link",
             "organisations.organisation")

    def arrange(self, rows: list[Given], work: Work) -> list[Given]:  # noqa: ARG002
        base.mark_repeats(rows, lambda g: base.key(g.get("org_id")) if g.get("org_id") else None)
        by_code = {base.key(g.get("org_id")): g for g in rows if g.get("org_id") and not g.repeat}
        names: dict[str, list[Given]] = {}
        for given in by_code.values():
            names.setdefault(base.key(given.get("name") or ""), []).append(given)
        above: dict[int, Given | None] = {}
        for given in rows:
            said = base.key(given.get("parent_id") or "")
            one = names.get(said, [])
            parent = by_code.get(said) or (one[0] if said and len(one) == 1 else None)
            above[id(given)] = parent
            if parent is not None:
                given.values["parent_id"] = parent.get("org_id")
        return list(_downwards(rows, above))

    def plan(self, rows: Sequence[Given], work: Work) -> list[Planned]:
        codes = {str(c) for g in rows for c in (g.get("org_id"), g.raw.get("org_id")) if c is not None}
        held = {base.key(o.code): o for o in Organisation.everything.filter(code__in=codes)}
        kept = self.kept(list(held.values()))
        return [self._plan(g, held.get(base.key(g.get("org_id") or "")), kept, work) for g in rows]

    def _plan(self, given: Given, row: Organisation | None, kept: dict[int, Any], work: Work) -> Planned:
        code = str(given.get("org_id") or "")
        if given.repeat:
            return compare.repeated(given, code)
        base.guard(given, self.sheet)
        before = None
        if row is not None and not access.holder(work.actor).may(verbs.VIEW, row.path):
            given.error("org_id", CODE, CODE_REMEDY)
        elif row is not None:
            before = _seen(kept[row.pk], given, work)
        above = judged.superior(given, before, work)
        if row is None:
            judged.new(given, work)
        elif before is not None:
            judged.change(given, before, row, above, work)
        planned = compare.planned(given, self.sheet, before, key=code, object_id=row.pk if before is not None and row else None)
        planned.stamp = compare.stamp(kept[row.pk]) if before is not None and row else ""
        if row is not None and any(planned.fields.get(n, {}).get("differs") for n in ("name", "parent_id", *judged.SHAPE)):
            planned.flag = RESTRUCTURES
        if row is None and planned.state != compare.State.ERROR:
            _announce(given, above, work)
        return planned

    def kept(self, objects: Sequence[Any]) -> dict[int, dict[str, Any]]:
        numbers = [o.pk for o in objects]
        above = dict(Link.everything.filter(child__in=numbers, until=None).values_list("child_id", "parent__code"))
        running = {t.organisation_id: t for t in Term.everything.filter(organisation__in=numbers, ended_on=None)}
        return {o.pk: _facts(o, above.get(o.pk), running.get(o.pk)) for o in objects}

    def objects(self, numbers: Any) -> list[Any]:
        rows = Organisation.everything.select_for_update(no_key=True)
        return list(rows.filter(pk__in=[n for n in numbers if n is not None]).order_by("pk"))

    def add(self, row: PlanRow, _: None, work: Work) -> Applied:
        said = compare.changes(row, self.sheet)
        parent = _parent(said.get("parent_id"))
        made = establish.enter(
            actor=work.actor, name=said["name"], kind=said["kind"], parent=parent, established_on=said.get("established_on"),
            form=said.get("form") or "固定", code=said["org_id"], unit=said.get("unit") or "", headcount=said.get("headcount"),
            document_no=_document(work) or WHY,
        )
        self._term(made, said, work)
        undo = memory.undo_of({}, memory.snapshot(_parts(made.pk)), compare.stamp(self.kept([made])[made.pk]))
        return Applied(Outcome.APPLIED, "", made.pk, undo)

    def change(self, row: PlanRow, obj: Any, work: Work) -> Applied:
        before = memory.snapshot(_parts(obj.pk))
        changes = compare.changes(row, self.sheet)
        _restructure(obj, changes, work)
        edited: dict[str, Any] = {n: v if v is not None or n == "headcount" else "" for n, v in changes.items() if n in EDITED}
        if edited:
            establish.edit(actor=work.actor, organisation=obj.pk, **edited)
        self._term(obj, changes, work)
        obj.refresh_from_db()
        undo = memory.undo_of(before, memory.snapshot(_parts(obj.pk)), compare.stamp(self.kept([obj])[obj.pk]))
        return Applied(Outcome.APPLIED, "", obj.pk, undo)

    def _term(self, organisation: Organisation, changes: dict[str, Any], work: Work) -> None:
        if not set(changes) & set(judged.TERM):
            return
        running = Term.everything.filter(organisation=organisation, ended_on=None).first()
        now: dict[str, Any] = {field: changes.get(name, getattr(running, field, None)) for name, field in judged.TERM.items()}
        terms.correct(
            actor=work.actor, organisation=organisation, today=work.day, started_on=now["started_on"], years=now["years"],
            extended_to=now["extended_to"], basis=running.basis if running else "", reason=WHY,
        )

    def asked(self, row: PlanRow, obj: Any) -> list[tuple[str, str]]:
        """A name, kind or place that comes back is decided by the superior, as it was."""
        before = row.undo.get("before", {})
        if self._is_new(row) or not {"organisations.link", "organisations.naming"} & before.keys():
            return super().asked(row, obj)
        parents = {link["parent_id"] for link in before.get("organisations.link", {}).values()} - {None}
        above = Organisation.everything.filter(pk__in=parents).values_list("path", flat=True)
        decides = (verbs.RESTRUCTURE, obj.path) if obj.depth else (verbs.TOP, "")
        return [*super().asked(row, obj), decides, *((verbs.ESTABLISH, path) for path in above)]

    def barred(self, row: PlanRow, obj: Any, going: Sequence[PlanRow], work: Work) -> str:  # noqa: ARG002
        """Nothing goes back under a superior that is dissolved or stands below it by now, nor to a name that another bears there."""
        before = row.undo.get("before", {})
        if self._is_new(row) or not {"organisations.link", "organisations.naming"} & before.keys():
            return ""
        now = Link.everything.get(child=obj, until=None).parent_id
        old: Any = next((link["parent_id"] for link in before.get("organisations.link", {}).values() if link["until"] is None), now)
        above = Organisation.everything.filter(pk=old).first()
        if above is not None and old != now and (above.dissolved_on or above.path.startswith(obj.path)):
            return base.NO_WAY_BACK + ("原来的上级组织已经撤销。" if above.dissolved_on else "原来的上级组织现在是它的下级。")
        name = before.get("organisations.organisation", {}).get(str(obj.pk), {}).get("name", obj.name)
        beside = Organisation.everything.filter(links__parent=old, links__until=None, name=name, dissolved_on=None)
        taken = (old != now or name != obj.name) and beside.exclude(pk__in=[obj.pk, *(r.object_id for r in going)]).exists()
        return base.NO_WAY_BACK + "同一上级之下已有同名的组织。" if taken else ""

    def _take_back(self, rows: Sequence[PlanRow], held: Any, work: Work) -> dict[int, str]:
        """As elsewhere, and the tree agrees with its links again."""
        stays = super()._take_back(rows, held, work)
        moved = {r.object_id for r in rows if "organisations.link" in r.undo.get("before", {}) and not self._is_new(r)}
        if moved:
            tree.rebuild([n for n in moved if n])
        access.forget(work.actor)
        return stays


def _downwards(rows: Sequence[Given], above: dict[int, Given | None]) -> Iterator[Given]:
    """Each row after the row of its superior; rows in a circle get an error and come last."""
    done: set[int] = set()
    for start in rows:
        chain: list[Given] = []
        node: Given | None = start
        while node is not None and id(node) not in done and node not in chain:
            chain.append(node)
            node = above.get(id(node))
        if node is not None and node in chain:
            for given in chain[chain.index(node):]:
                given.error("parent_id", CIRCLE, "请改正为真正的上级组织编号。")
        for given in reversed(chain):
            done.add(id(given))
            yield given


def _facts(row: Organisation, above: str | None, term: Term | None) -> dict[str, Any]:
    return {
        "org_id": row.code, "name": row.name, "kind": row.kind, "parent_id": above, "unit": row.unit, "established_on": row.established_on,
        "dissolved_on": row.dissolved_on, "headcount": row.headcount, "form": row.form, "version": row.version,
    } | {name: getattr(term, field, None) for name, field in judged.TERM.items()}


def _seen(kept: dict[str, Any], given: Given, work: Work) -> dict[str, Any]:
    """What is kept, without a superior that the actor does not see; a ledger that names it all the same says nothing new."""
    above = kept["parent_id"]
    if above is None or base.places(work).find(above) is not None:
        return kept
    if given.get("parent_id") == above:
        del given.values["parent_id"]
        given.doubts.pop("parent_id", None)
    return kept | {"parent_id": None}


def _announce(given: Given, above: Spot | None, work: Work) -> None:
    """Let later rows name what this import will make."""
    code = given.get("org_id")
    line = (above.line if above else "") + f"<{base.key(code)}>"
    authority = above.authority if above else ""
    base.places(work).add(Spot(None, code, given.get("name"), given.get("kind"), given.get("form") or "固定", line, authority))


def _parent(code: str | None) -> int | None:
    if code is None:
        return None
    row = Organisation.objects.filter(code=code).first()
    if row is None:
        raise Refused(base.FAILED_BEFORE)
    return int(row.pk)


def _document(work: Work) -> str:
    return str(work.options.get("document_no") or "").strip()


def _effective(work: Work) -> date:
    said = work.options.get("effective_on")
    return date.fromisoformat(said) if said else work.day


def _restructure(row: Any, changes: dict[str, Any], work: Work) -> None:
    """Changes that take a document: name, kind, form, superior."""
    if not set(changes) & {"name", "parent_id", *judged.SHAPE}:
        return
    document, day = _document(work), _effective(work)
    if not document:
        raise Refused(ASK_DOCUMENT)
    if set(changes) & set(judged.SHAPE):
        rename.rekind(
            actor=work.actor, organisation=row.pk, kind=changes.get("kind") or row.kind, form=changes.get("form") or row.form,
            name=changes.get("name") or "", effective_on=day, document_no=document, reason=WHY,
        )
    elif "name" in changes:
        rename.rename(actor=work.actor, organisation=row.pk, name=changes["name"], effective_on=day, document_no=document, reason=WHY)
    if "parent_id" in changes:
        parent = _parent(changes["parent_id"])
        move.move(actor=work.actor, organisation=row.pk, parent=parent, effective_on=day, document_no=document, reason=WHY)


def _parts(pk: int) -> list[Any]:
    """Every row that an act on an organisation may touch."""
    return [
        Organisation.everything.filter(pk=pk), Link.everything.filter(child=pk), Naming.everything.filter(organisation=pk),
        Place.everything.filter(organisation=pk), Change.everything.filter(organisation=pk), Term.everything.filter(organisation=pk),
    ]


