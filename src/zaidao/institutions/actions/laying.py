"""Duties are laid out: the rows of a span agree with what asks, for whom, and under which conditions."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from zaidao.core import bulk, locks
from zaidao.engine.duties import clauses
from zaidao.engine.window import add_months
from zaidao.institutions.actions.settling import settle
from zaidao.institutions.decisions.laying import Owed, owed
from zaidao.institutions.models import Duty, Exemption, Fulfilment
from zaidao.institutions.queries.bodies import Placed, placed
from zaidao.institutions.queries.sources import Sources, sources, stable_key
from zaidao.organisations.queries import bound

CHUNK = 500  # organisations of one transaction
LOCK = "institutions.duties"  # whoever lays out, tells a record or lets off: what is judged is judged of one state
NO_SOURCE = "依据已变更,不再要求"
TERMS = ("source", "clause_id", "every", "due_on", "grace_days", "times", "state", "why")

Key = tuple[int, str, date, date]


@dataclass
class Laid:
    """How many rows are new, changed and gone."""

    new: int = 0
    changed: int = 0
    gone: int = 0

    def add(self, other: "Laid") -> None:
        self.new, self.changed, self.gone = self.new + other.new, self.changed + other.changed, self.gone + other.gone


@dataclass(frozen=True)
class Past:
    """What of the periods that are over is laid out: those of the subjects that an institution asks for, where it does or did. `prefix` of
    its sources; `came`: organisation -> since when it stands below the maker, where it stood elsewhere before."""

    prefix: str
    first: date
    came: Mapping[int, date]

    def bears_on(self, key: Key) -> bool:
        return key[2] >= max(self.first, self.came.get(key[0], self.first))


@dataclass
class _Work:
    """One chunk: what is wanted and what is there."""

    wanted: dict[Key, Owed]
    there: dict[Key, Any]  # duties with what is annotated: kept, let_off, put_off
    sources: Sources
    touched: set[tuple[int, str]] = field(default_factory=set)


def lay_out(
    organisations: Collection[int] | None, from_month: date, months: int, *, subjects: Collection[str] | None = None,
    past: Past | None = None,
) -> dict[str, int]:
    """Lay out the duties of these organisations (None: of all) whose periods touch `months` months from `from_month`.

    Called twice it changes nothing. Open rows whose source holds no more go; rows with a record or an exemption stay, and one that
    something else was planned for stays as 不适用. `subjects`: only these; `past`: only what an institution bears on. Gives how many rows
    are `new`, `changed` and `gone`. Call it under `system_scope`. A dozen queries and a few writes for 500 organisations, each in a
    transaction of its own.
    """
    first, until = from_month.replace(day=1), add_months(from_month, months)
    everybody = bound.numbers() if organisations is None else sorted(set(organisations))
    found, whole = sources(timezone.localdate()), Laid()
    clauses.resolve.cache_clear()  # sources of an earlier run are not kept alive
    segments = cache(clauses.segments)
    for start in range(0, len(everybody), CHUNK):
        whole.add(_chunk(everybody[start:start + CHUNK], _Span(first, until, subjects, past), found, segments))
    return {"new": whole.new, "changed": whole.changed, "gone": whole.gone}


@dataclass(frozen=True)
class _Span:
    """What is laid out: [first, until), and only these subjects and what these bear on where they are given."""

    first: date
    until: date
    subjects: Collection[str] | None
    past: Past | None


@transaction.atomic
def _chunk(numbers: Sequence[int], span: _Span, found: Sources, segments: Any) -> Laid:
    locks.hold(LOCK)
    orgs = placed(numbers, timezone.localdate(), found.known)
    wanted = {
        (org.bound.pk, row.subject, row.start, row.end): row for org in orgs for row in _owed(org, found, segments, span)
        if span.subjects is None or row.subject in span.subjects
    }
    work = _Work(*_borne_on(wanted, _there(numbers, span), span.past), found)
    made = Laid(_add(work), _change(work), _remove(work))
    settle(work.touched & {(org.bound.pk, subject) for org in orgs for subject in org.body.files}, since=span.first)
    return made


def _borne_on(wanted: dict[Key, Owed], there: dict[Key, Any], past: Past | None) -> tuple[dict[Key, Owed], dict[Key, Any]]:
    """Of both only what an institution bears on, where periods are over: the organisations and subjects that it asks or asked for."""
    if past is None:
        return wanted, there
    asks = {key[:2] for key, row in wanted.items() if stable_key(row.source.key).startswith(past.prefix) and past.bears_on(key)}
    asked = {key[:2] for key, duty in there.items() if duty.source.startswith(past.prefix)}
    return tuple({k: v for k, v in rows.items() if k[:2] in asks | asked and past.bears_on(k)} for rows in (wanted, there))  # type: ignore[return-value]


def _owed(org: Placed, found: Sources, segments: Any, span: _Span) -> Iterator[Owed]:
    first, until = span.first, span.until
    holds = segments(clauses.levels(org.bound.kind, org.above, found.made))
    last = until - timedelta(days=1)
    return (row for row in owed(org.body, holds, first.year, last.year, found.known) if row.end > first and row.start < until)


def _there(numbers: Collection[int], span: _Span) -> dict[Key, Any]:
    rows = Duty.everything.select_for_update(of=("self",)).filter(
        organisation__in=numbers, period_end__gt=span.first, period_start__lt=span.until)
    rows = rows if span.subjects is None else rows.filter(subject__in=span.subjects)
    kept = Fulfilment.everything.filter(duty=OuterRef("pk"), withdrawn_at=None)
    let_off = Exemption.everything.filter(duty=OuterRef("pk"), withdrawn_at=None)
    put_off = let_off.filter(kind="postpone").order_by("-until").values("until")[:1]
    found = rows.order_by("pk").annotate(kept=Exists(kept), let_off=Exists(let_off.filter(kind="exempt")), put_off=put_off)
    return {(d.organisation_id, d.subject, d.period_start, d.period_end): d for d in found}


def _terms(row: Owed, found: Sources) -> dict[str, Any]:
    """The columns that a duty takes from what asks for it."""
    return {
        "source": stable_key(row.source.key), "clause_id": found.clause.get(row.source.key), "every": row.source.every,
        "due_on": row.due_on, "grace_days": row.source.grace, "times": row.source.at_least,
        "state": Duty.State.EXEMPT if row.why else Duty.State.OPEN, "why": row.reason,
    }


def _add(work: _Work) -> int:
    new = [key for key in work.wanted if key not in work.there]
    rows = [
        Duty(organisation_id=org, subject=subject, period_start=start, period_end=end, **_terms(work.wanted[org, subject, start, end],
                                                                                               work.sources))
        for org, subject, start, end in new
    ]
    bulk.add(rows)
    work.touched |= {key[:2] for key in new}
    return len(rows)


def _change(work: _Work) -> int:
    changed = [duty for key, duty in work.there.items() if key in work.wanted and _adopts(duty, _terms(work.wanted[key], work.sources))]
    bulk.change(changed, TERMS)
    work.touched |= {(duty.organisation_id, duty.subject) for duty in changed}
    return len(changed)


def _adopts(duty: Any, terms: dict[str, Any]) -> bool:
    """Give a duty its terms; False where it has them. An exemption stands, a postponed day stays, what is kept is judged afterwards."""
    if duty.put_off:
        terms["due_on"] = max(terms["due_on"], duty.put_off)
    if duty.let_off or (terms["state"] == Duty.State.OPEN and duty.state != Duty.State.EXEMPT):
        terms |= {"state": duty.state, "why": duty.why}
    if all(getattr(duty, name) == value for name, value in terms.items()):
        return False
    for name, value in terms.items():
        setattr(duty, name, value)
    return True


def _remove(work: _Work) -> int:
    """Open rows that nothing asks for any more."""
    stale = [duty for key, duty in work.there.items() if key not in work.wanted and not duty.kept and not duty.let_off and not duty.put_off]
    held = _referred(duty.pk for duty in stale)
    Duty.everything.filter(pk__in=[duty.pk for duty in stale if duty.pk not in held]).delete()
    left = [duty.pk for duty in stale if duty.pk in held and duty.state != Duty.State.EXEMPT]
    Duty.everything.filter(pk__in=left).update(state=Duty.State.EXEMPT, why=NO_SOURCE)
    work.touched |= {(duty.organisation_id, duty.subject) for duty in stale}
    return len(stale) - len(held) + len(left)


def _referred(numbers: Iterable[int]) -> set[int]:
    """Which of these duties a row of any module stands on: a plan, a withdrawn record."""
    wanted, found = list(numbers), set()
    for relation in Duty._meta.get_fields(include_hidden=True):
        if wanted and relation.auto_created and relation.is_relation and not relation.concrete:
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": wanted})  # type: ignore[union-attr]
            found |= set(rows.values_list(relation.field.attname, flat=True))  # type: ignore[union-attr]
    return found
