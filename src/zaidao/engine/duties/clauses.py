"""What asks for records: clauses of institutions and rules of the catalogue, read alike, and which of them holds when.

Among local clauses the nearest level's holds (own, then the superior's, then the root's). Against a catalogue rule of
confidence S a local clause holds where it asks at least as much; where it asks less the rule holds and the clause is a
reported conflict. Rules of confidence S2 and M are replaced by any local clause.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import pyarrow as pa

from zaidao.engine.applies import applies
from zaidao.engine.catalogue import Catalogue
from zaidao.engine.facts import Facts
from zaidao.engine.schema import ACTIVITY_KINDS
from zaidao.engine.tree import Tree

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_AROUND = re.compile(r"^(定期|按期|召开|开展|组织|举办|进行|落实|支部|党支部|党员参加)+|(会议|活动|工作|制度|情况|一次)+$")
_NAMES = {
    "支部委员会": "支委会", "委员会": "支委会", "支部党员大会": "党员大会", "支部大会": "党员大会", "小组会": "党小组会",
    "谈心": "谈心谈话", "民主评议党员": "民主评议", "党员民主评议": "民主评议",
    "上党课": "党课", "讲党课": "党课", "走访慰问": "走访", "教育培训": "培训",
}
CLAUSE = pa.schema([
    ("institution_id", pa.string()), ("article", pa.string()), ("org_id", pa.string()), ("subject", pa.string()), ("kind", pa.string()),
    ("every", pa.string()), ("yields", pa.bool_()), ("adopted_on", pa.date32()), ("repealed_on", pa.date32()),
])
CONFLICT = pa.schema([
    (name, pa.string()) for name in ("institution_id", "article", "org_id", "subject", "clause_asks", "rule_asks", "rule_key", "source",
                                     "article_of_rule", "resolution")
])


@dataclass(frozen=True)
class Source:
    """One thing that asks for records of `subject` (an activity kind) `at_least` times `every` period.

    Binds organisations of `kinds` from `since` (inclusive) to `until` (exclusive) where every condition holds:
    ("committee", 0), ("no_committee", 0), ("groups", 0), ("full", n). `org_id` made it; None for the catalogue.
    `firm`: a rule of confidence S. `narrow`: it binds on conditions of its own, and where they don't hold the next source does.
    """

    key: str
    level: str
    org_id: str | None
    subject: str
    kinds: frozenset[str]
    conditions: tuple[tuple[str, int], ...]
    every: str
    at_least: int
    grace: int
    since: date = date.min
    until: date = date.max
    firm: bool = False
    narrow: bool = False

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def months(self) -> int:
        return MONTHS[self.every]

    def asks_at_least(self, other: "Source") -> bool:
        """No longer a period and no fewer times than `other`."""
        return self.months <= other.months and self.at_least * other.months >= other.at_least * self.months


@dataclass(frozen=True)
class Segment:
    """`source` is what holds for its subject on the days [since, until). `tier` 1: only where tier 0 binds on unmet conditions."""

    source: Source
    since: date
    until: date
    tier: int = 0


@cache
def activity_kind(subject: str | None) -> str | None:
    """The activity kind that a clause's subject names, or None for free text that no record can be matched to."""
    text = re.sub(r"\s|[“”\"《》]", "", subject or "")
    for words in (text, _AROUND.sub("", text)):
        name = _NAMES.get(words, words)
        if name in ACTIVITY_KINDS and name != "其他":
            return name
    return None


def catalogue_sources(catalogue: Catalogue) -> list[Source]:
    """The catalogue's rules that ask for records at dated intervals."""
    grace = catalogue.param("duties.default_grace_days")
    out = []
    for rule in catalogue.rules:
        bound, every = applies(rule.applies_to), rule.values.get("per")
        if rule.subject and bound and every in MONTHS:
            kinds, conditions = bound
            out.append(Source(
                f"rule:{rule.key}", "catalogue", None, rule.subject, kinds, conditions, every, rule.values["n"], grace, rule.since,
                rule.until, firm=rule.confidence == "S",
            ))
    return out


def joined(facts: Facts) -> list[dict[str, Any]]:
    """Clauses with the organisation and days of their institution, by institution and article; none without both sheets."""
    institutions = {r["institution_id"]: r for r in facts.table("institution").to_pylist()}
    rows = [institutions[r["institution_id"]] | r for r in facts.table("clause").to_pylist() if r["institution_id"] in institutions]
    return sorted(rows, key=lambda r: (r["institution_id"], r["article"]))


def yields(row: Mapping[str, Any]) -> bool:
    """Whether a clause asks for something at dated intervals at all; otherwise it is decorative."""
    return bool(row["subject"]) and row["every"] not in (None, "none") and (row["at_least"] is None or row["at_least"] > 0)


def local_sources(
    rows: Iterable[Mapping[str, Any]], catalogue: Catalogue, names: Callable[[str | None], str | None] = activity_kind,
) -> list[Source]:
    """The clauses that ask for records of a known kind, with the conditions that the catalogue sets on the same subject. `names`: what
    the subject of a clause is called, None where nothing can be recorded for it."""
    grace = catalogue.param("duties.default_grace_days")
    implied = {s.subject: s.conditions for s in catalogue_sources(catalogue)}
    out = []
    for row in rows:
        kind, bound = names(row["subject"]), applies(row["applies_to"])
        if not (yields(row) and kind and bound and row["every"] in MONTHS):
            continue
        kinds, own = bound
        conditions = own + tuple(c for c in implied.get(kind, ()) if c not in own)
        days = row["grace_days"] if row["grace_days"] is not None else grace
        out.append(Source(
            f"clause:{row['institution_id']}|{row['article']}", "local", row["org_id"], kind, kinds, conditions, row["every"],
            row["at_least"] or 1, days, row["adopted_on"] or date.min, row["repealed_on"] or date.max,
            narrow=bool(set(own) - set(implied.get(kind, ()))),
        ))
    return out


def clause_table(rows: Iterable[Mapping[str, Any]], yielding: Iterable[bool]) -> pa.Table:
    """`duty_clause`: every clause, the activity kind it names (null: free text), and whether it yields a dated duty for anyone."""
    pairs = zip(rows, yielding, strict=True)
    return pa.Table.from_pylist([{**r, "kind": activity_kind(r["subject"]), "yields": does} for r, does in pairs], CLAUSE)


def conflicts(local: Sequence[Source], catalogue: Catalogue) -> pa.Table:
    """Local clauses that ask less than a catalogue rule of confidence S on the same subject; the rule holds."""
    firm = {s.subject: s for s in catalogue_sources(catalogue) if s.firm}
    rows = []
    for clause in local:
        rule = firm.get(clause.subject)
        if rule is not None and not clause.asks_at_least(rule):
            institution, article = clause.key.removeprefix("clause:").split("|", 1)
            cited = catalogue.rule(rule.key.removeprefix("rule:"))
            rows.append({
                "institution_id": institution, "article": article, "org_id": clause.org_id, "subject": clause.subject,
                "clause_asks": asked(clause), "rule_asks": asked(rule), "rule_key": rule.key, "source": cited.source,
                "article_of_rule": cited.article, "resolution": "条款要求低于上位规定,按上位规定计",
            })
    return pa.Table.from_pylist(rows, CONFLICT)


def asked(source: Source) -> str:
    words = {"month": "每月", "quarter": "每季度", "half": "每半年", "year": "每年"}
    return f"{words[source.every]} {source.at_least} 次"


@cache
def resolve(levels: tuple[tuple[int, Source], ...]) -> tuple[Segment, ...]:
    """Which source of one subject holds when, from (distance of its maker, source); the catalogue's distance is ignored."""
    days = sorted({d for _, s in levels for d in (s.since, s.until)})
    out: list[Segment] = []
    for since, until in pairwise(days):
        holds = _strongest([(d, s) for d, s in levels if s.since <= since and s.until >= until])
        if holds and out and out[-1].source == holds and out[-1].until == since:
            out[-1] = replace(out[-1], until=until)
        elif holds:
            out.append(Segment(holds, since, until))
    return tuple(out)


def _strongest(levels: list[tuple[int, Source]]) -> Source | None:
    rule = next((s for _, s in levels if s.level == "catalogue"), None)
    local = [(d, s) for d, s in levels if s.level == "local"]
    if not local:
        return rule
    nearest = min(local, key=lambda x: (x[0], -x[1].at_least / x[1].months, x[1].months, x[1].key))[1]
    if rule is not None and rule.firm and not nearest.asks_at_least(rule):
        return rule
    return nearest


def bindings(orgs: Mapping[str, str | None], tree: Tree, sources: Sequence[Source]) -> Iterable[tuple[str, tuple[Segment, ...]]]:
    """(organisation, segments of all its subjects) for organisations with their kinds, in tree order."""
    made = by_maker(sources)
    known = cache(segments)
    resolve.cache_clear()  # sources of an earlier run are not kept alive
    for org in tree.order:
        yield org, known(levels(orgs[org], reversed(tree.path[org]), made))


def by_maker(sources: Iterable[Source]) -> dict[str | None, list[Source]]:
    """Maker -> its sources; None is the catalogue."""
    made: dict[str | None, list[Source]] = defaultdict(list)
    for source in sources:
        made[source.org_id].append(source)
    return made


def levels(kind: str | None, above: Iterable[str], made: Mapping[str | None, Sequence[Source]]) -> tuple[tuple[int, Source], ...]:
    """(distance of its maker, source) of all that binds an organisation of a kind. `above`: itself first, then its superiors, upwards."""
    near = [(i, org) for i, org in enumerate(above) if org in made]
    bound = [(d, s) for d, org in near for s in made[org] if kind in s.kinds or (not s.kinds and d == 0)]
    return (*bound, *((0, s) for s in made.get(None, ()) if kind in s.kinds))


def segments(bound: tuple[tuple[int, Source], ...]) -> tuple[Segment, ...]:
    """What holds when of all that binds an organisation (`levels`), by subject."""
    by_subject: dict[str, list[tuple[int, Source]]] = defaultdict(list)
    for distance, source in bound:
        by_subject[source.subject].append((distance, source))
    out: list[Segment] = []
    for subject in sorted(by_subject):
        found = by_subject[subject]
        out += resolve(tuple(found))
        if any(s.narrow for _, s in found):
            out += [replace(s, tier=1) for s in resolve(tuple((d, s) for d, s in found if not s.narrow))]
    return tuple(out)
