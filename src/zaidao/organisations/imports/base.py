"""What the three importers share: organisations as rows may name them, guards on what stands where, and what undoes a row."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from zaidao.core import access, audit, scrub
from zaidao.core.crypto import KeyMissing
from zaidao.core.errors import Refused
from zaidao.core.plans import Applied, Given, Importer, PlanRow, Work, compare, undoing
from zaidao.organisations import access as verbs
from zaidao.organisations.imports import memory
from zaidao.organisations.models import Appointment, Organisation, Person, Post
from zaidao.sheets import identity
from zaidao.sheets.flaw import normal
from zaidao.sheets.spec import Sheet

Outcome = PlanRow.Outcome
UNKNOWN_ORG = "查不到这个组织,或它不在您的管理范围内。"
UNKNOWN_ORG_REMEDY = "请核对编号;写名称的,须与系统中的名称一致且不重名。"
NOT_HERE = "您现在的岗位不能在这个组织办理这一行的内容。"
NOT_HERE_REMEDY = "请交给有权限的组织导入。"
STALE = "这一行核对之后,系统中的记录又被改动过,没有导入。请重新上传核对。"
FAILED_BEFORE = "这一行所依据的另一行没有导入。请先改正那一行。"
SINCE_CHANGED = "导入之后又被改动过,没有撤销。"
IN_USE = "导入之后已有其他资料用到它,没有撤销。"
NO_WAY_BACK = "导入之后情况有变,不能恢复原状,没有撤销:"
NOT_UNDONE_HERE = "您现在的岗位不能在这里撤销这一行。"
NUMBERS_HERE = "这一栏里像是身份号码或电话,不能填在这里。"
NUMBERS_REMEDY = "请删去号码;身份号码、电话只填在各自的列里。"
BROKEN = "程序内部出错({name}),这一行没有导入。请把服务窗口里的出错信息交给维护人员。"
TWICE = "同一编号在文件里出现了两次,内容不同,后一行不能导入。"
TWICE_REMEDY = "请核对哪一行正确,删去另一行。"
TOO_LONG, TOO_LONG_REMEDY = "这一栏最多 {most} 个字。", "请缩短后重新提供。"
KEPT_IN: dict[str, dict[str, tuple[Any, str]]] = {  # table -> column -> where its text is kept
    "organisation": {"org_id": (Organisation, "code"), "name": (Organisation, "name"), "unit": (Organisation, "unit")},
    "person": {"person_id": (Person, "code")} | {n: (Person, n) for n in ("name", "ethnicity", "education", "occupation")},
    "appointment": {"post": (Post, "title"), "basis": (Appointment, "basis")},
}
log = logging.getLogger(__name__)


def key(text: Any) -> str:
    """A code or name as it is compared: width and spaces mean nothing."""
    return normal(str(text)).replace(" ", "").lstrip("'")


@dataclass(frozen=True)
class Spot:
    """An organisation that a row may name. `pk` None: this import will make it. `line`: its place as a text of which those below
    begin; `authority`: the path at which rights are asked (of the nearest organisation that stands already)."""

    pk: int | None
    code: str
    name: str
    kind: str
    form: str
    line: str
    authority: str
    standing: bool = True


class Places:
    """The organisations that the actor sees, and those that this import will make, by code and by name."""

    def __init__(self) -> None:
        self._codes: dict[str, Spot] = {}
        self._names: dict[str, list[Spot]] = {}
        for row in Organisation.objects.order_by().values_list("pk", "code", "name", "kind", "form", "path", "dissolved_on"):
            pk, code, name, kind, form, path, dissolved_on = row
            self.add(Spot(pk, code, name, kind, form, path, path, dissolved_on is None))

    def add(self, spot: Spot) -> None:
        self._codes[key(spot.code)] = spot
        if spot.standing:
            self._names.setdefault(key(spot.name), []).append(spot)

    def find(self, said: str | None) -> Spot | None:
        """By code, else by a name that only one bears."""
        if said is None:
            return None
        named = self._names.get(key(said), [])
        return self._codes.get(key(said)) or (named[0] if len(named) == 1 else None)


def places(work: Work) -> Places:
    """The organisations of this import; read once."""
    held = work.shared.get("places")
    if held is None:
        held = work.shared["places"] = Places()
    return held  # type: ignore[no-any-return]


def standing_at(given: Given, name: str, work: Work, verb: str) -> Spot | None:
    """The organisation that a field names, where the actor may do `verb`; what is wrong is put on the field. The value becomes the code."""
    said = given.get(name)
    if said is None:
        return None
    spot = places(work).find(said)
    if spot is None:
        given.error(name, UNKNOWN_ORG, UNKNOWN_ORG_REMEDY)
        return None
    given.values[name] = spot.code
    if not access.holder(work.actor).may(verb, spot.authority):
        given.error(name, NOT_HERE, NOT_HERE_REMEDY)
    elif not spot.standing:
        given.error(name, "这个组织已经撤销。", "请改填现在的组织编号。")
    return spot


def guard(given: Given, sheet: Sheet) -> None:
    """No text longer than what keeps it (one database would cut the import short, the other keep megabytes); no identity number and no
    phone outside their own columns."""
    for name, (model, kept) in KEPT_IN[sheet.name].items():
        most = model._meta.get_field(kept).max_length
        if len(str(given.values.get(name) or "")) > most:
            given.error(name, TOO_LONG.format(most=most), TOO_LONG_REMEDY)
    for column in sheet.columns:
        value = given.values.get(column.name)
        if not isinstance(value, str) or column.sensitive or column.kind != "text":
            continue
        whole = value.upper()
        if column.is_code and not (identity.is_shaped(whole) and identity.is_valid(whole)):
            continue
        if column.is_code or scrub.numbers(value) != value:
            given.error(column.name, NUMBERS_HERE, NUMBERS_REMEDY)


def mark_repeats(rows: Sequence[Given], keys: Callable[[Given], Any]) -> None:
    """Mark the rows that say exactly what an earlier one said; those that contradict an earlier one get an error."""
    seen: dict[Any, Given] = {}
    for given in rows:
        mark = keys(given)
        if mark is None:
            continue
        first = seen.setdefault(mark, given)
        if first is given:
            continue
        if first.values == given.values and first.cleared == given.cleared:
            given.repeat = True
        else:
            given.error(next(iter(given.cells), ""), TWICE, TWICE_REMEDY)


class Base(Importer):
    """The shape of an importer of this module. `model`; `verb` that undoing asks for; `order`: models whose rows a row makes, those
    that refer to others first; `passing`: models whose rows keep nothing from being undone (that somebody looked)."""

    model: Any
    verb: str
    order: tuple[str, ...] = ()
    passing: tuple[str, ...] = ("organisations.reading",)

    def kept(self, objects: Sequence[Any]) -> dict[int, dict[str, Any]]:
        """What is kept of each object, by primary key: the sheet's fields and what else tells that it changed."""
        raise NotImplementedError

    def objects(self, numbers: Iterable[int]) -> list[Any]:
        """The objects, locked."""
        rows = self.model.everything.select_for_update(of=("self",))
        return list(rows.filter(pk__in=[n for n in numbers if n is not None]).order_by("pk"))

    def path(self, obj: Any) -> str:
        return access.path_of(obj)

    def apply(self, rows: Sequence[PlanRow], work: Work) -> list[Applied]:
        """Rows of new objects together where they can be; the others one by one, each alone refused with its reason."""
        held = {o.pk: o for o in self.objects(r.object_id for r in rows if r.object_id)}
        kept = self.kept(list(held.values()))
        done: dict[int, Applied] = {}
        fresh = []
        for row in rows:
            if row.object_id is None:
                fresh.append(row)
            elif row.object_id not in held or compare.stamp(kept[row.object_id]) != row.stamp:
                done[row.pk] = Applied(Outcome.REFUSED, STALE)
            else:
                done[row.pk] = alone(self.change, row, held[row.object_id], work)
        done |= dict(zip((r.pk for r in fresh), self.create(fresh, work), strict=True))
        return [done[r.pk] for r in rows]

    def create(self, rows: Sequence[PlanRow], work: Work) -> list[Applied]:
        """New objects, one by one unless an importer knows better."""
        return [alone(self.add, row, None, work) for row in rows]

    def add(self, row: PlanRow, _: None, work: Work) -> Applied:
        raise NotImplementedError

    def change(self, row: PlanRow, obj: Any, work: Work) -> Applied:
        raise NotImplementedError

    def undo(self, rows: Sequence[PlanRow], work: Work) -> list[Applied]:
        held = {o.pk: o for o in self.objects(r.object_id or 0 for r in rows)}
        kept = self.kept(list(held.values()))
        stays = {row.pk: reason for row in rows if (reason := self._stays(row, held, kept, work))}
        stays |= dict.fromkeys(memory.changed_beside([r for r in rows if r.pk not in stays]), SINCE_CHANGED)
        while more := self._kept_back([r for r in rows if r.pk not in stays], held, work):  # what stays keeps others from going
            stays |= more
        stays |= self._take_back([r for r in rows if r.pk not in stays], held, work)
        return [Applied(Outcome.APPLIED, stays[r.pk]) if r.pk in stays else Applied(Outcome.UNDONE) for r in rows]

    def _kept_back(self, rows: Sequence[PlanRow], held: Mapping[int, Any], work: Work) -> dict[int, str]:
        """Rows that cannot go while the others go: something refers to what they made, or the world has no place left for what was."""
        barred = {r.pk: reason for r in rows if (reason := self.barred(r, held[r.object_id or 0], rows, work))}
        return barred | dict.fromkeys(self._used(rows, held), IN_USE)

    def barred(self, row: PlanRow, obj: Any, going: Sequence[PlanRow], work: Work) -> str:  # noqa: ARG002
        """Why what stood before cannot stand again, `going` being undone with it; "" where it can."""
        return ""

    def _used(self, rows: Sequence[PlanRow], held: Mapping[int, Any]) -> list[int]:
        """The rows whose new object something refers to that would not go with them."""
        fresh = {r.object_id: r.pk for r in rows if r.object_id and self._is_new(r)}
        return [fresh[n] for n in undoing.used_elsewhere([held[n] for n in fresh], memory.all_made(rows), but=self.passing)]

    def _is_new(self, row: PlanRow) -> bool:
        return row.object_id in row.undo.get("made", {}).get(self.model._meta.label_lower, ())

    def _stays(self, row: PlanRow, held: Mapping[int, Any], kept: Mapping[int, Any], work: Work) -> str:
        """Why a row is not undone; "" where it is."""
        number = row.object_id or 0
        if number not in held or compare.stamp(kept[number]) != row.undo.get("stamp"):
            return SINCE_CHANGED
        holder = access.holder(work.actor)
        return "" if all(holder.may(verb, path) for verb, path in self.asked(row, held[number])) else NOT_UNDONE_HERE

    def asked(self, row: PlanRow, obj: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Which verbs undoing a row asks for, and where: as of now, not as of the import."""
        return [(verbs.IMPORT, self.path(obj)), (self.verb, self.path(obj))]

    def _take_back(self, rows: Sequence[PlanRow], held: Mapping[int, Any], work: Work) -> dict[int, str]:
        """Remove what was made, then put back what stood before (only one of both can be open); one audit row each. Returns the rows of
        which the database says that what stood before cannot stand again."""
        stood = [(r, held[r.object_id or 0], self.path(held[r.object_id or 0])) for r in rows]
        undoing.remove(memory.all_made([r for r in rows if not r.undo.get("before")]), self.order)
        stays = {r.pk: SINCE_CHANGED for r in rows if r.undo.get("before") and not self._put_back(r)}
        self._tell([each for each in stood if each[0].pk not in stays], work)
        return stays

    def _put_back(self, row: PlanRow) -> bool:
        """One row that changed something; False where its place is taken, and then nothing of it is undone."""
        try:
            with transaction.atomic():
                undoing.remove(memory.all_made([row]), self.order)
                for label, old in row.undo["before"].items():
                    memory.put_back(label, old, row.undo.get("after", {}).get(label, {}))
        except IntegrityError:
            return False
        return True

    def _tell(self, undone: Sequence[tuple[PlanRow, Any, str]], work: Work) -> None:
        """The undone rows on record, each where its object was."""
        grants = {path: access.holder(work.actor).grant_for(self.verb, path) for _, _, path in undone}
        acts = [(obj, path, {"undone": sorted(compare.changes(row, self.sheet))}) for row, obj, path in undone]
        audit.record_many(work.actor, verbs.IMPORT, acts, reason="撤销导入", grants=grants)


def alone(act: Callable[..., Applied], row: PlanRow, obj: Any, work: Work) -> Applied:
    """One row in its own savepoint: refused alone, with the reason, and nothing of it stays."""
    try:
        with transaction.atomic():
            return act(row, obj, work)
    except (Refused, access.Denied) as refusal:
        return Applied(Outcome.REFUSED, str(refusal))
    except (OperationalError, InterfaceError, KeyMissing):  # the machine's trouble, not the row's: tried again as a whole
        raise
    except Exception as error:  # one row that nobody foresaw must not keep thousands from going on, nor the import from its end
        log.exception("row %s of import %s failed", row.n, row.plan_id)
        return Applied(Outcome.REFUSED, BROKEN.format(name=type(error).__name__))
