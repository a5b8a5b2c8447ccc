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
from zaidao.organisations.imports import base, foreseen, memory
from zaidao.organisations.imports.base import Outcome, Spot
from zaidao.organisations.models import Change, Link, Naming, Organisation, Place, Term

WHY = "台账导入"
EDITED = ("unit", "headcount")
SHAPE = ("kind", "form")
TERM = {"term_started_on": "started_on", "term_years": "years", "extended_to": "extended_to"}
CODE = "这个编号不能使用:它可能已在别处登记,或不在您的管理范围内。"
CODE_REMEDY = "请核对编号,或与上级党务部门联系。"
NO_NAME, NO_KIND = "新设的组织须填写名称。", "新设的组织须填写类型。"
CIRCLE = "上级关系成环。"
TOP_ONLY = "“上级组织编号”为空表示最上级组织,您现在的岗位不能登记最上级组织。"
TOP_REMEDY = "请填写上级组织编号。"
KEPT_DATE = "成立日期不能用导入更改,仍按系统中的日期。"
DISSOLVING = "撤销须先安排好人员、岗位和下级组织,不能用导入办理。"
DISSOLVING_REMEDY = "请在组织页面办理撤销,并删去这里的撤销日期。"
GONE = "这个组织已经撤销,导入不能更改。"
NO_TERM = "填写任期或延期,须同时填写本届开始日期。"
GROUP_TERM = "党小组不设任期,这几栏不导入。"
NOT_CLEARED = "这一栏不能清空。"
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
        above = _superior(given, before, work)
        if row is None:
            _judge_new(given, work)
        elif before is not None:
            _judge_change(given, before, row, above, work)
        planned = compare.planned(given, self.sheet, before, key=code, object_id=row.pk if before is not None and row else None)
        planned.stamp = compare.stamp(kept[row.pk]) if before is not None and row else ""
        if row is not None and any(planned.fields.get(n, {}).get("differs") for n in ("name", "parent_id", *SHAPE)):
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
        if not set(changes) & set(TERM):
            return
        running = Term.everything.filter(organisation=organisation, ended_on=None).first()
        now: dict[str, Any] = {field: changes.get(name, getattr(running, field, None)) for name, field in TERM.items()}
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
    } | {name: getattr(term, field, None) for name, field in TERM.items()}


def _seen(kept: dict[str, Any], given: Given, work: Work) -> dict[str, Any]:
    """What is kept, without a superior that the actor does not see; a ledger that names it all the same says nothing new."""
    above = kept["parent_id"]
    if above is None or base.places(work).find(above) is not None:
        return kept
    if given.get("parent_id") == above:
        del given.values["parent_id"]
        given.doubts.pop("parent_id", None)
    return kept | {"parent_id": None}


def _superior(given: Given, before: dict[str, Any] | None, work: Work) -> Spot | None:
    """The superior that the row names; only where that changes anything is a right there asked for."""
    said = given.get("parent_id")
    same = before is not None and said is not None and compare.same(before["parent_id"], said)
    return base.places(work).find(said) if same else base.standing_at(given, "parent_id", work, verbs.ESTABLISH)


def _judge_new(given: Given, work: Work) -> None:
    if not given.get("name"):
        given.error("name", NO_NAME)
    if not given.get("kind"):
        given.error("kind", NO_KIND)
    if given.get("dissolved_on"):
        given.error("dissolved_on", "已撤销的组织不导入,只在台账中留存。", "如需登记,请删去撤销日期,登记后在组织页面办理撤销。")
    if given.get("parent_id") is None and "parent_id" not in given.doubts and not access.holder(work.actor).may(verbs.TOP):
        given.error("parent_id", TOP_ONLY, TOP_REMEDY)
    if given.get("established_on") and given.get("established_on") > work.day:
        given.error("established_on", "成立日期不能晚于今天。")
    _judge_term(given, given.get("kind"), given.get("term_started_on"))


def _judge_term(given: Given, kind: str | None, started_on: date | None) -> None:
    said = [n for n in TERM if given.get(n) is not None]
    if kind == "group" and said:
        for name in said:
            given.doubt(name, "warning", GROUP_TERM)
            del given.values[name]
    elif said and started_on is None:
        given.error(said[0], NO_TERM, "请补填“本届开始日期”。")


def _judge_change(given: Given, before: dict[str, Any], row: Organisation, above: Spot | None, work: Work) -> None:
    """What stands against changing an organisation that stands."""
    for name in given.cleared & {"name", "kind", "form", "parent_id", "established_on", "dissolved_on", "term_started_on"}:
        given.error(name, NOT_CLEARED)
    said = {n: v for n, v in given.values.items() if not compare.same(compare.plain(before.get(n)), compare.plain(v))}
    if "established_on" in said:
        given.doubt("established_on", "warning", KEPT_DATE, "确有错误的,请联系系统管理员。")
        del given.values["established_on"]
    if "dissolved_on" in said:
        given.error("dissolved_on", DISSOLVING, DISSOLVING_REMEDY)
    _judge_term(given, before["kind"], given.get("term_started_on") or before["term_started_on"])
    differs = (set(said) | given.cleared) - {"established_on"}
    if before["dissolved_on"] and differs:
        given.error("org_id", GONE)
    for name in differs:
        _ask_right(given, name, row, work)
    if not given.faulty and differs & set(TERM):
        foreseen.term(given, row, before, work)
    if not given.faulty and differs & {"name", "parent_id", *SHAPE}:
        foreseen.change(given, row, above, differs, work)


def _ask_right(given: Given, name: str, row: Organisation, work: Work) -> None:
    holder, superior = access.holder(work.actor), name in ("name", "parent_id", *SHAPE)
    if superior:
        allowed = holder.may(verbs.RESTRUCTURE, row.path) if row.depth else holder.may(verbs.TOP)
    else:
        allowed = holder.may(verbs.TERM if name in TERM else verbs.EDIT, row.path)
    if not allowed:
        given.error(name, base.NOT_HERE, "更名、改设、调整隶属由上级组织办理。" if superior else base.NOT_HERE_REMEDY)


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
    if not set(changes) & {"name", "parent_id", *SHAPE}:
        return
    document, day = _document(work), _effective(work)
    if not document:
        raise Refused(ASK_DOCUMENT)
    if set(changes) & set(SHAPE):
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


