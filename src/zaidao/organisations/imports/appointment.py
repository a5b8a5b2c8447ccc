"""The sheet 任职 into posts and appointments: posts are set up where they are lacking, appointments made, ended or corrected.

The same judgement as on the page decides at planning, with everything in the file and in the system in view; doubts are shown as 提醒
and count as confirmed once the plan is confirmed.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from zaidao.core import access, rulebook
from zaidao.core.errors import Refused
from zaidao.core.plans import Applied, Given, Planned, PlanRow, Work, compare
from zaidao.organisations import access as verbs
from zaidao.organisations.actions import appointments, posts
from zaidao.organisations.columns import SHEETS
from zaidao.organisations.decisions import posts as judge
from zaidao.organisations.decisions.posts import Ask, Span
from zaidao.organisations.imports import base, memory
from zaidao.organisations.imports.base import Outcome, Spot
from zaidao.organisations.imports.guards import LAST, OWN_POST, OWN_POST_REMEDY, gives_up, is_last_manager, is_own_last, leaves_last_manager
from zaidao.organisations.imports.scene import Known, Scene
from zaidao.organisations.models import Appointment, HandOver, Organisation, Person, Post

WHY = "台账导入"
NO_PERSON = "查不到这位同志,或其组织关系不在您的管理范围内。"
NO_PERSON_REMEDY = "请核对人员编号;新同志请先在“人员”表登记。"
SEVERAL = "职务名称里有几个职务或附注,系统只按整个名称认。一人几职请分行填写;兼职、主持工作请填在“专兼职”“任职性质”列。"
OWN = "own_post"  # the confirmation asks whether the actor's own leaving is meant
EXTRA = "_"  # a hidden entry of a row's fields: seats of a post to be set up, and the doubts that were shown


class AppointmentImporter(base.Base):
    """One row an appointment: by person, organisation, post and, where somebody held it twice, its first day."""

    sheet = next(s for s in SHEETS if s.name == "appointment")
    model = Appointment
    verb = verbs.APPOINT
    order = ("organisations.handover", "organisations.appointment", "organisations.post")

    def arrange(self, rows: list[Given], work: Work) -> list[Given]:
        """Codes for names, repeats, how many hold each post at once by the file; whoever leaves comes before whoever follows."""
        for given in rows:
            spot = base.places(work).find(given.get("org_id"))
            if spot is not None:
                given.values["org_id"] = spot.code
        base.mark_repeats(rows, _mark)
        spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
        for given in (g for g in rows if not g.repeat):
            spans[given.get("org_id"), given.get("post")].append(Span(given.get("since"), given.get("until")))
        work.shared["seats"] = {k: judge.most_at_once(v, Span(None, None))[0] for k, v in spans.items()}
        work.shared |= {"asked": defaultdict(list), "revised": set()}
        return sorted(rows, key=lambda g: g.get("until") is None)

    def plan(self, rows: Sequence[Given], work: Work) -> list[Planned]:
        scene = Scene.read(rows, work)
        kept = self.kept(list(scene.held.values()))
        return [self._plan(g, scene, kept, work) for g in rows]

    def _plan(self, given: Given, scene: Scene, kept: dict[int, Any], work: Work) -> Planned:
        code = " ".join(str(given.get(n) or "") for n in ("person_id", "org_id", "post"))
        if given.repeat:
            return compare.repeated(given, code)
        base.guard(given, self.sheet)
        spot = base.standing_at(given, "org_id", work, verbs.VIEW)
        who = _person(given, scene, work)
        old = scene.match(given, spot, who)
        before = kept[old.pk] if old else None
        extra = self._judge(given, spot, who, old, scene, work)
        planned = compare.planned(given, self.sheet, before, key=code, object_id=old.pk if old else None)
        planned.fields[EXTRA] = {"state": compare.State.UNCHANGED} | extra
        planned.flag = OWN if any(d.reason == OWN_POST for d in given.doubts.values()) else ""
        return planned

    def _judge(
        self, given: Given, spot: Spot | None, who: Known | None, old: Appointment | None, scene: Scene, work: Work,
    ) -> dict[str, Any]:
        """Rights, rules and doubts; returns what committing needs to know beside the fields."""
        if spot is None or who is None or not given.get("post") or given.faulty:
            return {}
        if old is not None and not _differs(given, old):
            return {}
        if not access.holder(work.actor).may(verbs.APPOINT, spot.authority):
            given.error("org_id", base.NOT_HERE, base.NOT_HERE_REMEDY)
            return {}
        if old is not None:
            _guard_end(given, old, work)
        seats = work.shared["seats"][given.get("org_id"), given.get("post")]
        work.shared["revised"] |= {old.pk} if old else set()
        held = scene.others(given, spot, who, work) + scene.asked(given, spot, work)
        verdict = judge.weigh(_ask(given, old), scene.seat(given, spot, seats), who.somebody(spot), held, rulebook.today())
        if verdict.refusals:
            given.error("post", "".join(verdict.refusals))
        elif verdict.doubts or (old is None and judge.several(given.get("post"))):
            told = "".join(d.text for d in verdict.doubts) + (SEVERAL if old is None and judge.several(given.get("post")) else "")
            given.doubt("post", "warning", told, "确认导入即表示已核对。")
        scene.ask(given, spot, work)
        return {"seats": seats, "confirmed": [d.code for d in verdict.doubts]}

    def kept(self, objects: Sequence[Any]) -> dict[int, dict[str, Any]]:
        return {
            a.pk: {
                "person_id": a.person.code, "org_id": a.post.organisation.code, "post": a.post.title, "domain": a.post.domain,
                "full_time": a.full_time, "since": a.since, "until": a.until, "basis": a.basis, "tenure": a.tenure, "version": a.version,
            } for a in objects
        }

    def objects(self, numbers: Any) -> list[Any]:
        rows = Appointment.everything.select_for_update(of=("self",)).select_related("post__organisation", "person__user")
        return list(rows.filter(pk__in=[n for n in numbers if n is not None]).order_by("pk"))

    def barred(self, row: PlanRow, obj: Any, going: Sequence[PlanRow], work: Work) -> str:
        """A post is held again only where it stands, somebody on a roster would hold it, and no one else does by now."""
        old = row.undo.get("before", {}).get("organisations.appointment", {}).get(str(obj.pk))
        if old is None:
            return LAST if self._is_new(row) and is_last_manager(work, obj) else ""
        since, until = (date.fromisoformat(old[n]) if old[n] else None for n in ("since", "until"))
        if until is None and obj.until is not None and obj.person.organisation_id is None:
            return base.NO_WAY_BACK + "这位同志已不在册。"
        ask = Ask(Span(since, until), old["full_time"] or "", old["tenure"] or "", old["basis"] or "", old["approval"] or "", entered=True)
        gone = [obj.pk, *(r.object_id for r in going if r.object_id)]
        verdict = appointments.consider(actor=work.actor, post=obj.post, person=obj.person, ask=ask, but=gone)
        return base.NO_WAY_BACK + "".join(verdict.refusals) if verdict.refusals else ""

    def add(self, row: PlanRow, _: None, work: Work) -> Applied:
        said = compare.changes(row, self.sheet)
        organisation = Organisation.objects.filter(code=said["org_id"]).first()
        person = Person.everything.filter(code=said["person_id"]).first()
        if organisation is None or person is None:
            raise Refused(base.FAILED_BEFORE)
        made: dict[str, list[int]] = {}
        extra = row.fields.get(EXTRA, {})
        set_up = {compare.bare(p.title): p for p in Post.everything.filter(organisation=organisation).order_by("-pk")}
        post = set_up.get(compare.bare(said["post"]))
        if post is None:
            domain, seats = said.get("domain") or "", extra.get("seats", 1)
            post = posts.create(actor=work.actor, organisation=organisation, title=said["post"], domain=domain, seats=seats)
            made["organisations.post"] = [post.pk]
        appointment = appointments.appoint(
            actor=work.actor, post=post, person=person, since=said.get("since"), until=said.get("until"),
            full_time=said.get("full_time") or "", tenure=said.get("tenure") or "", basis=said.get("basis") or "",
            end_reason=WHY if said.get("until") else "", confirmed=extra.get("confirmed", ()), entered=True,
        )
        made["organisations.appointment"] = [appointment.pk]
        stamp = compare.stamp(self.kept([appointment])[appointment.pk])
        return Applied(Outcome.APPLIED, "", appointment.pk, {"made": made, "stamp": stamp})

    def change(self, row: PlanRow, obj: Any, work: Work) -> Applied:
        changes = compare.changes(row, self.sheet)
        before = memory.snapshot(_parts(obj))
        if name := gives_up(obj, changes, work.day):
            beside = {"post": obj.post_id} if name == "domain" else {"pk": obj.pk}  # another domain is one for all who hold the post
            leaves_last_manager(work, Appointment.everything.filter(**beside))
        self._carry_out(obj, changes, row, work)
        obj = self.objects([obj.pk])[0]
        undo = memory.undo_of(before, memory.snapshot(_parts(obj)), compare.stamp(self.kept([obj])[obj.pk]))
        return Applied(Outcome.APPLIED, "", obj.pk, undo)

    def _carry_out(self, obj: Any, changes: dict[str, Any], row: PlanRow, work: Work) -> None:
        if "domain" in changes:
            posts.change(actor=work.actor, post=obj.post, seats=obj.post.seats, on=work.day, domain=changes["domain"] or "", reason=WHY)
        own = {n: v for n, v in changes.items() if n in ("since", "until", "full_time", "tenure", "basis")}
        if set(own) == {"until"} and own["until"] and obj.until is None:
            appointments.end(actor=work.actor, appointment=obj, until=own["until"], reason=WHY)
        elif own:
            now = {n: own.get(n, getattr(obj, n)) for n in ("since", "until", "full_time", "tenure", "basis")}
            appointments.correct(
                actor=work.actor, appointment=obj, version=obj.version, since=now["since"], until=now["until"],
                full_time=now["full_time"] or "", tenure=now["tenure"] or "", basis=now["basis"] or "", approval=obj.approval, reason=WHY,
                end_reason=obj.end_reason or WHY, confirmed=row.fields.get(EXTRA, {}).get("confirmed", ()), entered=True,
            )


def _mark(given: Given) -> Any:
    parts = [base.key(given.get(n) or "") for n in ("person_id", "org_id", "post")]
    return (*parts, given.get("since")) if all(parts) else None


def _person(given: Given, scene: Scene, work: Work) -> Known | None:
    code = given.get("person_id")
    who = scene.people.get(base.key(code)) if code else None
    if code and who is None:
        waits = base.key(code) in work.shared.get("refused_people", ())
        given.error("person_id", base.FAILED_BEFORE if waits else NO_PERSON, "" if waits else NO_PERSON_REMEDY)
    return who


def _differs(given: Given, old: Appointment) -> bool:
    now = {n: getattr(old, n) for n in ("since", "until", "full_time", "basis", "tenure")} | {"domain": old.post.domain}
    said = {n: given.get(n) for n in now if n in given.values or n in given.cleared}
    return any(not compare.same(compare.plain(now[n]), compare.plain(v)) for n, v in said.items())


def _ask(given: Given, old: Appointment | None) -> Ask:
    def said(name: str) -> Any:
        if name in given.values or name in given.cleared or old is None:
            return given.get(name)
        return getattr(old, name)

    span, approval = Span(said("since"), said("until")), old.approval if old else ""
    return Ask(span, said("full_time") or "", said("tenure") or "", said("basis") or "", approval, entered=True)


def _guard_end(given: Given, old: Appointment, work: Work) -> None:
    """Ends that an import may not bring about, or only with a word."""
    said: dict[str, Any] = {n: given.get(n) for n in ("since", "until", "domain", "tenure") if n in given.values or n in given.cleared}
    name = gives_up(old, said, work.day)
    if not name:
        return
    ended = work.shared.setdefault("ended", set())
    if is_last_manager(work, old):
        given.error(name, LAST)
    elif is_own_last(work, old, ended):
        given.doubt(name, "warning", OWN_POST, OWN_POST_REMEDY)
    ended.add(old.pk)


def _parts(obj: Appointment) -> list[Any]:
    lists = HandOver.everything.filter(appointment=obj.pk)
    return [Appointment.everything.filter(pk=obj.pk), Post.everything.filter(pk=obj.post_id), lists]
