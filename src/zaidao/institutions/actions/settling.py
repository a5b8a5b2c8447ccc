"""Duties agree with the records that are on file: who keeps what is judged anew, and what differs is written down."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from zaidao.core import bulk, rulebook
from zaidao.engine.catalogue import Catalogue
from zaidao.institutions.decisions.judging import Asked, Told, Verdict, judge
from zaidao.institutions.models import Duty, Exemption, Fulfilment, Record

Pair = tuple[int, str]  # organisation, subject
OTHERWISE = "由其他记录办结"
BACK = 1  # whole years before the first day in question: what lies further back serves other periods


@dataclass
class _Scene:
    """Duties, records and what keeps them, of the pairs in question."""

    duties: dict[Pair, list[Duty]] = field(default_factory=lambda: defaultdict(list))
    records: dict[Pair, list[Record]] = field(default_factory=lambda: defaultdict(list))
    kept: dict[int, dict[int, Fulfilment]] = field(default_factory=lambda: defaultdict(dict))  # duty -> record -> fulfilment
    put_off: dict[int, date] = field(default_factory=dict)


def settle(pairs: Collection[Pair], since: date, *, actor: Any = None, why: str = "") -> set[int]:
    """Judge the duties of these organisations and subjects that end after the year before `since`. Gives the numbers of those that
    changed. `why`: the reason of a withdrawal. Five queries and at most three writes. The caller holds what locks are wanted."""
    if not pairs:
        return set()
    scene = _scene(pairs, date(since.year - BACK, 1, 1))
    known, changed = rulebook.on(timezone.localdate()), set()
    verdicts: dict[int, Verdict] = {}
    for pair in scene.duties:
        verdicts |= verdict_of(scene.duties[pair], scene.records[pair], scene.put_off, known)
    new, gone = _differences(scene, verdicts, actor)
    Fulfilment.everything.filter(pk__in=[f.pk for f in gone]).update(withdrawn_at=timezone.now(), withdrawn_why=why or OTHERWISE)
    bulk.add(new)
    changed |= {f.duty_id for f in (*new, *gone)}
    return changed | _write(scene, verdicts)


def verdict_of(duties: Iterable[Duty], records: Iterable[Record], put_off: dict[int, date], known: Catalogue) -> dict[int, Verdict]:
    """The verdicts on the duties of one organisation and subject; none on those that are exempt."""
    asked = [
        Asked(d.pk, d.period_start, d.period_end, d.grace_days, d.times, put_off.get(d.pk)) for d in duties if d.state != Duty.State.EXEMPT
    ]
    return judge(asked, [told(r) for r in records], known)


def told(record: Record) -> Told:
    return Told(record.pk, record.held_on, record.planned_for, record.stated)


def _scene(pairs: Collection[Pair], since: date) -> _Scene:
    scene = _Scene()
    orgs, subjects = {org for org, _ in pairs}, {subject for _, subject in pairs}
    these = Q(organisation__in=orgs, subject__in=subjects)
    for record in Record.everything.filter(these, withdrawn_at=None, held_on__gte=since).order_by("held_on", "kind", "number"):
        scene.records[record.organisation_id, record.subject].append(record)
    for duty in Duty.everything.filter(these, period_end__gt=since).order_by("period_start", "pk"):
        if (duty.organisation_id, duty.subject) in pairs:
            scene.duties[duty.organisation_id, duty.subject].append(duty)
    theirs = Q(duty__organisation__in=orgs, duty__subject__in=subjects, duty__period_end__gt=since, withdrawn_at=None)
    for kept in Fulfilment.everything.filter(theirs):
        scene.kept[kept.duty_id][kept.record_id] = kept
    postponed = Exemption.everything.filter(theirs, kind=Exemption.Kind.POSTPONE)
    scene.put_off = dict(postponed.order_by("until").values_list("duty", "until"))  # type: ignore[arg-type]
    return scene


def _differences(scene: _Scene, verdicts: dict[int, Verdict], actor: Any) -> tuple[list[Fulfilment], list[Fulfilment]]:
    records = {r.pk: r for found in scene.records.values() for r in found}
    new: list[Fulfilment] = []
    gone: list[Fulfilment] = []
    for duty in (d for found in scene.duties.values() for d in found):
        by = dict(verdicts[duty.pk].by) if duty.pk in verdicts else {}
        had = scene.kept[duty.pk]
        gone += [f for record, f in had.items() if by.get(record) != f.how or not _same(f, records[record])]
        new += [
            _fulfilment(duty, records[record], how, actor) for record, how in by.items()
            if record not in had or had[record].how != how or not _same(had[record], records[record])
        ]
    return new, gone


def _same(kept: Fulfilment, record: Record) -> bool:
    return (kept.held_on, kept.filed_on) == (record.held_on, record.filed_on)


def _fulfilment(duty: Duty, record: Record, how: str, actor: Any) -> Fulfilment:
    return Fulfilment(
        duty=duty, record=record, kind=record.kind, number=record.number, held_on=record.held_on, filed_on=record.filed_on, how=how,
        recorded_by=actor,
    )


def _write(scene: _Scene, verdicts: dict[int, Verdict]) -> set[int]:
    changed = []
    for duty in (d for found in scene.duties.values() for d in found):
        verdict = verdicts.get(duty.pk)
        state, done = (verdict.state, len(verdict.by)) if verdict else (duty.state, 0)
        if (duty.state, duty.done) != (state, done):
            duty.state, duty.done = state, done
            changed.append(duty)
    bulk.change(changed, ["state", "done"])
    return {duty.pk for duty in changed}
