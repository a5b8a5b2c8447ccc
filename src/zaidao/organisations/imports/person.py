"""The sheet 人员 into the roster: registering new people, editing, steps of category, corrected dates, transfers inside one's scope."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import F
from django.utils import timezone

from zaidao.core import access, crypto
from zaidao.core.crypto import KeyMissing
from zaidao.core.errors import Refused
from zaidao.core.plans import Applied, Given, Planned, PlanRow, Work, compare
from zaidao.organisations import access as verbs
from zaidao.organisations.actions import people, people_many, standing, transfers
from zaidao.organisations.columns import SHEETS
from zaidao.organisations.decisions import people as judge
from zaidao.organisations.imports import base, foreseen, memory
from zaidao.organisations.imports.base import Outcome, Spot
from zaidao.organisations.imports.foreseen import STEP_DATE
from zaidao.organisations.imports.guards import leaves_last_manager
from zaidao.organisations.models import Absence, Appointment, HandOver, Membership, Organisation, Person, Step, Transfer
from zaidao.organisations.models.people import ID_NO

WHY = "台账导入"
EDITED = ("name", "gender", "ethnicity", "born_on", "id_no", "phone", "education", "occupation")
DATES = ("joined_on", "full_since")
CODE = "这个编号不能使用:它可能已在别处登记,或不在您的管理范围内。"
CODE_REMEDY = "请核对编号,或与上级党务部门联系。"
GONE = "这位同志已不在册,导入不能更改。"
GONE_REMEDY = "如回到本组织,请在名册页办理转入。"
MOVING_OUT = "党员转出须办理组织关系转接,不能用导入办理。"
MOVING_OUT_REMEDY = "请在人员页面办理转接,并删去这里的转出日期。"
NO_DAY = "改变所在组织须填写转入新组织的日期。"
NO_STEP_DAY = "变更人员类别须填写相应日期。"
TAKEN = "该号码已登记在另一个编号下。"
TAKEN_REMEDY = "请核对是不是同一位同志;是的,请沿用原来的编号。"
KEY_LOST = "密钥缺失,无法核对身份号码和电话,暂不能导入人员。请联系系统管理员。"
NOT_CLEARED = "这一栏不能清空。"
HAS_ACCOUNT = "导入之后已为这位同志开通账号,没有撤销。"
FIELD_OF = {"organisation": "org_id", "since": "moved_in_on", "until": "moved_out_on", "code": "person_id", "on": "moved_in_on"}


class PersonImporter(base.Base):
    """One row a person, by code."""

    sheet = next(s for s in SHEETS if s.name == "person")
    model = Person
    verb = verbs.PEOPLE_EDIT
    order = ("organisations.handover", "organisations.appointment", "organisations.transfer", "organisations.step",
             "organisations.membership", "organisations.person")

    def arrange(self, rows: list[Given], work: Work) -> list[Given]:  # noqa: ARG002
        base.mark_repeats(rows, lambda g: base.key(g.get("person_id")) if g.get("person_id") else None)
        return rows

    def plan(self, rows: Sequence[Given], work: Work) -> list[Planned]:
        held = {base.key(p.code): p for p in _by_code(rows)}
        kept = self.kept(list(held.values()))
        taken = _numbers(rows)
        return [self._plan(g, held.get(base.key(g.get("person_id") or "")), kept, taken, work) for g in rows]

    def _plan(self, given: Given, person: Person | None, kept: dict[int, Any], taken: dict[str, Person], work: Work) -> Planned:
        code = str(given.get("person_id") or "")
        if given.repeat:
            return compare.repeated(given, code)
        base.guard(given, self.sheet)
        before = None
        if person is not None and not _visible(kept[person.pk], work):
            given.error("person_id", CODE, CODE_REMEDY)
        elif person is not None:
            before = kept[person.pk]
        _dialled(given, before)
        spot = base.standing_at(given, "org_id", work, verbs.REGISTER if before is None else verbs.PEOPLE)
        _same_number(given, person, taken, work)
        if person is None:
            self._judge_new(given, spot, work)
        elif before is not None:
            _judge_change(given, before, person, spot, work)
        planned = compare.planned(given, self.sheet, before, key=code, object_id=person.pk if before is not None and person else None)
        _remember(planned, before, spot, work)
        return planned

    def _judge_new(self, given: Given, spot: Spot | None, work: Work) -> None:
        if spot is None and "org_id" not in given.doubts:
            given.error("org_id", "“所在组织编号”为空。", "请补填后重新提供。")
        facts = people.filled({k: given.get(k) for k in (*EDITED, *DATES, "category") if given.get(k) is not None})
        for name, reason in people.own_flaws(facts, None, given.get("moved_in_on"), work.day).items():
            given.error(FIELD_OF.get(name, name), reason)
        _times(given, work.day)

    def kept(self, objects: Sequence[Any]) -> dict[int, dict[str, Any]]:
        last: dict[int, Membership] = {}
        rows = Membership.everything.filter(person__in=[p.pk for p in objects]).select_related("organisation")
        for row in rows.order_by("person_id", F("since").asc(nulls_first=True), "pk"):
            if row.person_id not in last or last[row.person_id].until is not None:
                last[row.person_id] = row
        try:
            return {p.pk: _facts(p, last.get(p.pk)) for p in objects}
        except KeyMissing:
            raise Refused(KEY_LOST) from None

    def path(self, obj: Any) -> str:
        if obj.organisation is not None:
            return str(obj.organisation.path)
        last = Membership.everything.filter(person=obj).select_related("organisation").order_by("-until").first()
        return str(last.organisation.path) if last else ""

    def asked(self, row: PlanRow, obj: Any) -> list[tuple[str, str]]:
        """Whoever goes back to another organisation is received there again."""
        old = row.undo.get("before", {}).get("organisations.person", {}).get(str(obj.pk), {}).get("organisation_id")
        if old in (None, obj.organisation_id) or obj.organisation_id is None:
            return super().asked(row, obj)
        paths = Organisation.everything.filter(pk__in=(old, obj.organisation_id)).values_list("path", flat=True)
        return super().asked(row, obj) + [(verbs.TRANSFER, path) for path in paths]

    def barred(self, row: PlanRow, obj: Any, going: Sequence[PlanRow], work: Work) -> str:  # noqa: ARG002
        """Whoever has an account stays; nobody goes back to an organisation that is dissolved, nor gets a number that another has."""
        if self._is_new(row):
            return HAS_ACCOUNT if obj.user_id else ""
        old = row.undo.get("before", {}).get("organisations.person", {}).get(str(obj.pk), {})
        place = old.get("organisation_id")
        if place not in (None, obj.organisation_id) and Organisation.everything.filter(pk=place).exclude(dissolved_on=None).exists():
            return base.NO_WAY_BACK + "原来所在的组织已经撤销。"
        mark = old.get("id_no_index")
        others = Person.everything.filter(id_no_index=mark).exclude(pk__in=[obj.pk, *(r.object_id for r in going)])
        return base.NO_WAY_BACK + "原来的身份号码已登记给另一位同志。" if mark and mark != obj.id_no_index and others.exists() else ""

    def objects(self, numbers: Any) -> list[Any]:
        rows = Person.everything.select_for_update(of=("self",)).select_related("organisation")
        return list(rows.filter(pk__in=[n for n in numbers if n is not None]).order_by("pk"))

    def create(self, rows: Sequence[PlanRow], work: Work) -> list[Applied]:
        """All new people of the chunk together."""
        said = [compare.changes(r, self.sheet) for r in rows]
        numbers = dict(Organisation.objects.filter(code__in={s["org_id"] for s in said}).values_list("code", "pk"))
        entries = [
            people_many.Entry(
                numbers.get(s["org_id"], 0), s["person_id"], {k: v for k, v in s.items() if k in (*EDITED, *DATES, "category")},
                s.get("moved_in_on"), s.get("moved_out_on"), WHY,
            ) for s in said
        ]
        made = people_many.register_many(actor=work.actor, entries=entries) if entries else []
        return [Applied(Outcome.REFUSED, str(m)) if isinstance(m, Refused) else _registered(m) for m in made]

    def change(self, row: PlanRow, obj: Any, work: Work) -> Applied:
        before = memory.snapshot(_parts(obj))
        _carry_out(obj, compare.changes(row, self.sheet), row, work)
        obj = Person.everything.select_related("organisation").get(pk=obj.pk)
        undo = memory.undo_of(before, memory.snapshot(_parts(obj)), compare.stamp(self.kept([obj])[obj.pk]))
        return Applied(Outcome.APPLIED, "", obj.pk, undo)


def _registered(belongs: Membership) -> Applied:
    """What undoes a registration, with the digest of somebody as they were written."""
    person = belongs.person
    made = {"organisations.person": [person.pk], "organisations.membership": [belongs.pk]}
    return Applied(Outcome.APPLIED, "", person.pk, {"made": made, "stamp": compare.stamp(_facts(person, belongs))})


def _by_code(rows: Sequence[Given]) -> list[Person]:
    codes = {str(c) for g in rows for c in (g.get("person_id"), g.raw.get("person_id")) if c is not None}
    return list(Person.everything.filter(code__in=codes).select_related("organisation"))


def _facts(person: Person, last: Membership | None) -> dict[str, Any]:
    gone = person.organisation is None
    return {name: getattr(person, name) for name in (*EDITED, *DATES, "category", "version")} | {
        "person_id": person.code, "org_id": last.organisation.code if last else None, "moved_in_on": last.since if last else None,
        "moved_out_on": last.until if last and gone else None, "_path": last.organisation.path if last else "", "gone": gone,
    }


def _visible(kept: dict[str, Any], work: Work) -> bool:
    return access.holder(work.actor).may(verbs.PEOPLE, kept["_path"])


def _numbers(rows: Sequence[Given]) -> dict[str, Person]:
    """Who has the identity numbers of these rows, by their digest."""
    marks = {crypto.blind(str(g.get("id_no")), ID_NO) for g in rows if g.get("id_no")}
    return {p.id_no_index: p for p in Person.everything.filter(id_no_index__in=marks).select_related("organisation")}


def _dialled(given: Given, before: dict[str, Any] | None) -> None:
    """A telephone number as it is kept; the same one in other signs says nothing new."""
    if given.get("phone"):
        said, kept = judge.dialled(given.get("phone")), before["phone"] if before else ""
        given.values["phone"] = kept if kept and judge.dialled(kept) == said else said


def _same_number(given: Given, person: Person | None, taken: dict[str, Person], work: Work) -> None:
    """One number under two codes, in the system or in the file."""
    number = given.get("id_no")
    if not number:
        return
    mark = crypto.blind(str(number), ID_NO)
    other, mine = taken.get(mark), base.key(given.get("person_id") or "")
    if other is not None and (person is None or other.pk != person.pk):
        given.error("id_no", people.taken(work.actor, other), TAKEN_REMEDY)
    elif work.shared.setdefault("numbers", {}).setdefault(mark, mine) != mine:
        given.error("id_no", TAKEN, TAKEN_REMEDY)


def _judge_change(given: Given, before: dict[str, Any], person: Person | None, spot: Spot | None, work: Work) -> None:
    """What stands against changing somebody who is known; what cannot be cleared."""
    holder = access.holder(work.actor)
    for name in given.cleared & {"category", "name", "moved_out_on"}:
        given.error(name, NOT_CLEARED)
    differs = {n for n, v in given.values.items() if not compare.same(compare.plain(before.get(n)), compare.plain(v))} | given.cleared
    if not differs:
        return
    if before["gone"]:
        given.error("person_id", GONE, GONE_REMEDY)
    elif not holder.may(verbs.PEOPLE_EDIT, before["_path"]):
        given.error("person_id", base.NOT_HERE, base.NOT_HERE_REMEDY)
    _judge_move(given, before, spot, differs, work)
    if "category" in differs and given.get("category") in STEP_DATE and not given.get(STEP_DATE[given.get("category")]):
        given.error("category", NO_STEP_DAY, "请在“入党日期”或“转正日期”中填写。")
    _times(given, work.day)
    if person is not None and not given.faulty:
        foreseen.person(given, person, before["moved_in_on"], spot, differs, WHY, work)


def _judge_move(given: Given, before: dict[str, Any], spot: Spot | None, differs: set[str], work: Work) -> None:
    holder = access.holder(work.actor)
    if "org_id" in differs and spot is not None:
        if not (holder.may(verbs.TRANSFER, before["_path"]) and holder.may(verbs.TRANSFER, spot.authority)):
            given.error("org_id", base.NOT_HERE, "转入、转出两个组织都在您的管理范围内才能用导入办理;否则请办理转接。")
        if not given.get("moved_in_on") or "moved_in_on" not in differs:
            given.error("moved_in_on", NO_DAY, "请填写转入新组织的日期。")
    if "moved_out_on" in differs and given.get("moved_out_on") and (given.get("category") or before["category"]) != "employee":
        given.error("moved_out_on", MOVING_OUT, MOVING_OUT_REMEDY)


def _times(given: Given, day: date) -> None:
    since, until = given.get("moved_in_on"), given.get("moved_out_on")
    if until and until > day:
        given.error("moved_out_on", "转出日期晚于今天,请核对。")
    elif since and until and until < since:
        given.error("moved_out_on", "转出日期早于转入日期,请核对。")


def _remember(planned: Planned, before: dict[str, Any] | None, spot: Spot | None, work: Work) -> None:
    """Whom the sheet 任职 may name: known people and those that this import will register."""
    given = planned.given
    if planned.state == compare.State.ERROR and before is None:
        work.shared.setdefault("refused_people", set()).add(base.key(given.get("person_id") or ""))
    elif spot is not None or before is not None:
        work.shared.setdefault("people", {})[base.key(given.get("person_id") or "")] = (given, before, spot)


def _carry_out(person: Person, changes: dict[str, Any], row: PlanRow, work: Work) -> None:
    """The acts of one row, each the one of its page."""
    actor, reason = work.actor, WHY
    edited = {n: v if v is not None or n == "born_on" else "" for n, v in changes.items() if n in EDITED}
    if edited:
        people.edit(actor=actor, person=person, changes=edited, version=None, reason=reason)
    if "category" in changes:
        to = changes["category"]
        on = typed_date(row, STEP_DATE.get(to)) or timezone.localdate()
        standing.step(actor=actor, person=person, to=to, on=on, basis=reason, reason=reason)
    if "org_id" in changes:
        _move(person, changes, work)
    person.refresh_from_db()
    dates: dict[str, Any] = {n: changes[n] for n in DATES if n in changes and getattr(person, n) != changes[n]}
    if "moved_in_on" in changes and "org_id" not in changes:
        dates["since"] = changes["moved_in_on"]
    if dates:
        standing.correct_dates(actor=actor, person=person, dates=dates, reason=reason)
    if changes.get("moved_out_on"):
        leaves_last_manager(work, Appointment.everything.filter(person=person))
        standing.leave(actor=actor, person=person, on=changes["moved_out_on"], why="left_unit", reason=reason)


def _move(person: Person, changes: dict[str, Any], work: Work) -> None:
    receiver = Organisation.objects.filter(code=changes["org_id"]).first()
    if receiver is None:
        raise Refused(base.UNKNOWN_ORG)
    leaves_last_manager(work, Appointment.everything.filter(person=person, post__organisation__path__startswith=people.place(person)))
    transfers.move(actor=work.actor, person=person, receiver=receiver, on=changes["moved_in_on"], reason=WHY)


def typed_date(row: PlanRow, name: str | None) -> date | None:
    """A date that the row states, changed or not."""
    after = row.fields.get(name, {}).get("after") if name else None
    return date.fromisoformat(after) if after else None


def _parts(person: Person) -> list[Any]:
    """Every row that an act on a person may touch."""
    return [
        Person.everything.filter(pk=person.pk), Membership.everything.filter(person=person), Step.everything.filter(person=person),
        Transfer.everything.filter(person=person), Appointment.everything.filter(person=person), Absence.everything.filter(person=person),
        HandOver.everything.filter(appointment__person=person),
    ]
