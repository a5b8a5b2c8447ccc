"""What adopting an edition would ask of whom, before it is done."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from typing import Any

from django.utils import timezone

from zaidao.core.scope import numbers
from zaidao.engine.duties import clauses
from zaidao.engine.duties.clauses import Segment, Source
from zaidao.institutions.decisions import editions as decisions
from zaidao.institutions.decisions.laying import met
from zaidao.institutions.models import Article, Clause, Edition, Institution
from zaidao.institutions.queries import past
from zaidao.institutions.queries.bodies import placed
from zaidao.institutions.queries.sources import Sources, clause_rows, named, sources
from zaidao.institutions.queries.values import own_values
from zaidao.organisations.queries import bound

NO_RHYTHM = "本条没有明确周期,不产生应办事项"
EVERY_TERM = "每届一次,不按月列出应办事项"
NOBODY = "现在没有适用的组织"


@dataclass(frozen=True)
class Asked:
    """One clause: `times` a year for `organisations` organisations of these kinds (kind -> number), `hours` each a year (None: not told).
    `decorative`: why no duty comes of it, or "". `conflict`: what of a firm rule it asks less than, or "". `displaces`: (title or rule,
    article) that held before for some of them."""

    article: str
    subject: str
    times: int
    organisations: int
    kinds: dict[str, int]
    hours: float | None
    decorative: str
    conflict: str
    displaces: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Preview:
    """`duties`: how many a year in all for `organisations`; `most`: a year for one organisation at most, in `hours` (None: not told).
    `back`: the first month that is laid out of those that are over, where the day lies in the past, and `over`: how many duties that are
    over come of it. `token` names exactly this preview."""

    since: date
    clauses: tuple[Asked, ...]
    organisations: int
    duties: int
    most: int
    hours: float | None
    refusals: tuple[str, ...]
    token: str
    back: date | None = None
    over: int = 0


@dataclass(frozen=True)
class _Place:
    pk: int
    path: str
    kind: str


@dataclass
class _Reach:
    """Key of a source -> who is bound by it, and what bound them before."""

    bound: dict[str, list[_Place]]
    before: dict[str, set[Source]]


@dataclass(frozen=True)
class _Draft:
    """The draft as it stands: its institution, texts and clauses."""

    edition: Edition
    institution: Institution
    texts: list[tuple[str, str]]
    rows: list[Clause]

    @property
    def keys(self) -> set[str]:
        return {key_of(row, self.institution) for row in self.rows}


def preview(edition: Edition, since: date) -> Preview:
    """What the draft would ask if it held from `since` on, against what holds now. Seven queries for an edition with its institution at
    hand, six more where clauses set conditions, one more where the day lies in the past."""
    draft, now = _read(edition), clause_rows()
    before, after = _sources(draft, now, since)
    reach, titles = _reach(draft, before, after, since), _titles(now)
    told = tuple(_asked(row, key_of(row, draft.institution), after, reach, titles) for row in draft.rows)
    each, back = _each(draft, told, reach), past.first_of(since, after.known)
    over = 0 if back is None else _over(draft, after, reach, max(back, since))
    return Preview(
        since, told, len(each), sum(n for n, _ in each.values()), max((n for n, _ in each.values()), default=0), _hours(each),
        _refusals(draft, since), _token(draft, told, (since, back, over)), back, over,
    )


def _read(edition: Edition) -> _Draft:
    texts = list(Article.everything.filter(edition=edition).order_by("position").values_list("label", "text"))
    rows = list(Clause.everything.filter(edition=edition).order_by("pk"))
    return _Draft(edition, edition.institution, texts, rows)


def _sources(draft: _Draft, now: list[dict[str, Any]], since: date) -> tuple[Sources, Sources]:
    """What asks now, and what would ask with the draft in force and the edition before ended."""
    code, today, values = draft.institution.code, timezone.localdate(), own_values()
    others = [_closed(r, since) if r["institution_id"] == code else r for r in now]
    later = [*others, *(_row(row, draft.institution, since) for row in draft.rows)]
    return sources(today, now, values), sources(today, later, values)


def _refusals(draft: _Draft, since: date) -> tuple[str, ...]:
    former = Edition.everything.filter(institution=draft.institution, since__isnull=False).order_by("-number").first()
    return decisions.adopt(
        is_draft=draft.edition.since is None, repealed=draft.institution.repealed_on is not None,
        dissolved=draft.institution.organisation.dissolved_on is not None, articles=len(draft.texts), since=since,
        former_since=former.since if former else None,
    )


def _token(draft: _Draft, told: Sequence[Asked], when: tuple[date, date | None, int]) -> str:
    shown = [draft.edition.pk, *when, draft.texts, [asdict(t) for t in told], [_told(row) for row in draft.rows]]
    return hashlib.sha256(json.dumps(shown, default=str, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def key_of(row: Clause, institution: Institution) -> str:
    return f"clause:{institution.code}|{row.article}"


def _told(row: Clause) -> list[Any]:
    return [row.article, row.subject, row.applies_to, row.every, row.at_least, row.evidence, row.grace_days, row.who, row.hours]


def _row(row: Clause, institution: Institution, since: date) -> dict[str, Any]:
    return {
        "pk": row.pk, "institution_id": institution.code, "article": row.article, "subject": row.subject or None,
        "org_id": str(institution.organisation_id), "applies_to": row.applies_to or None, "every": row.every, "at_least": row.at_least,
        "grace_days": row.grace_days, "adopted_on": since, "repealed_on": None,
    }


def _closed(row: Mapping[str, Any], since: date) -> dict[str, Any]:
    """The edition before, as it will be called and end."""
    until = min(row["repealed_on"] or date.max, since)
    return {**row, "institution_id": f"{row['institution_id']}@0", "repealed_on": max(until, row["adopted_on"])}


def _reach(draft: _Draft, before: Sources, after: Sources, since: date) -> _Reach:
    """Who would be bound by which of the clauses, from that day on."""
    top, keys = draft.institution.organisation.path, draft.keys
    places = [_Place(pk, path, kind) for pk, _, path, kind in bound.places(top)]
    clauses.resolve.cache_clear()
    segments, found = cache(clauses.segments), _Reach(defaultdict(list), defaultdict(set))
    for place in places:
        above = [str(n) for n in reversed(numbers(place.path))]
        held = {s.source.subject: s.source for s in _on(segments(clauses.levels(place.kind, above, before.made)), since)}
        for segment in _on(segments(clauses.levels(place.kind, above, after.made)), since):
            if segment.source.key in keys:
                found.bound[segment.source.key].append(place)
                found.before[segment.source.key] |= {held[segment.source.subject]} if segment.source.subject in held else set()
    _without_unmet(found, after, since)
    return found


def _on(segments: Iterable[Segment], day: date) -> list[Segment]:
    return [s for s in segments if s.since <= day < s.until and s.tier == 0]


def _without_unmet(reach: _Reach, after: Sources, since: date) -> None:
    """Leave out those whose conditions do not hold."""
    asks = {s.key: s for made in after.made.values() for s in made}
    wanted = {place.pk for key, there in reach.bound.items() if asks[key].conditions for place in there}
    bodies = {org.bound.pk: org.body for org in placed(wanted, timezone.localdate(), after.known)} if wanted else {}
    for key, there in reach.bound.items():
        conditions = asks[key].conditions
        reach.bound[key] = [
            p for p in there if all(met(condition, since, bodies[p.pk], after.known) is not False for condition in conditions)
        ] if conditions else there


def _titles(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Key of a local source -> (title of its institution, article). One query."""
    codes = {row["institution_id"].partition("@")[0] for row in rows}
    names = dict(Institution.everything.filter(code__in=codes).values_list("code", "title"))
    return {f"clause:{r['institution_id']}|{r['article']}": (names[r["institution_id"].partition("@")[0]], r["article"]) for r in rows}


def _asked(row: Clause, key: str, after: Sources, reach: _Reach, titles: Mapping[str, tuple[str, str]]) -> Asked:
    there = reach.bound.get(key, [])
    source = next((s for made in after.made.values() for s in made if s.key == key), None)
    conflict = _conflict(source, after) if source else ""
    times = source.at_least * 12 // source.months if source else 0
    hours = float(row.hours) * times if row.hours is not None and there else None
    displaced = {_said(s, titles, after) for s in reach.before.get(key, ())}
    return Asked(
        row.article, named(row.subject) or "", times, len(there), dict(Counter(p.kind for p in there)), hours,
        _decorative(row, source, there, conflict), conflict, tuple(sorted(displaced)),
    )


def _decorative(row: Clause, source: Source | None, there: Sequence[_Place], conflict: str) -> str:
    if row.every == "term":
        return EVERY_TERM
    if source is None:
        return NO_RHYTHM
    return "" if there or conflict else NOBODY


def _conflict(source: Source, after: Sources) -> str:
    found = clauses.conflicts([source], after.known).to_pylist()
    return "".join(f"{c['source']}{c['article_of_rule']}:{c['rule_asks']};本条{c['clause_asks']},按上位规定计" for c in found)


def _said(source: Source, titles: Mapping[str, tuple[str, str]], after: Sources) -> tuple[str, str]:
    if source.level == "local":
        return titles[source.key]
    rule = after.known.rule(source.key.removeprefix("rule:"))
    return rule.source, rule.article


def _each(draft: _Draft, told: Sequence[Asked], reach: _Reach) -> dict[int, tuple[int, float | None]]:
    """Organisation -> duties and hours a year."""
    each: dict[int, tuple[int, float | None]] = {}
    for row, clause in zip(draft.rows, told, strict=True):
        for place in reach.bound.get(key_of(row, draft.institution), ()):
            n, hours = each.get(place.pk, (0, 0.0))
            each[place.pk] = (n + clause.times, None if hours is None or clause.hours is None else hours + clause.hours)
    return each


def _over(draft: _Draft, after: Sources, reach: _Reach, first: date) -> int:
    """How many duties of the draft lie in whole periods from a day on that are over."""
    running, asks = timezone.localdate().replace(day=1), [s for made in after.made.values() for s in made if s.key in draft.keys]
    return sum(s.at_least * _periods(s.months, first, running) * len(reach.bound.get(s.key, ())) for s in asks)


def _periods(months: int, first: date, until: date) -> int:
    """How many calendar periods of so many months lie between the days."""
    begin = -(-(first.year * 12 + first.month - 1 + (first.day > 1)) // months)
    return max((until.year * 12 + until.month - 1) // months - begin, 0)


def _hours(each: Mapping[int, tuple[int, float | None]]) -> float | None:
    found = [hours for _, hours in each.values()]
    return max((h for h in found if h is not None), default=None) if found and None not in found else None
