"""The register of institutions: which one may read, and how each stands on a day.

Whoever sees an organisation reads what binds it: its own institutions, drafts too, and those that superiors have adopted.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from zaidao.core import scope
from zaidao.engine import schema
from zaidao.engine.applies import applies
from zaidao.engine.duties import clauses as engine
from zaidao.institutions import access
from zaidao.institutions.models import Clause, Edition, Institution
from zaidao.organisations.queries.people import within

STATES = {"": "全部", "force": "施行中", "coming": "将施行", "draft": "有草案", "repealed": "已废止"}
NO_RHYTHM = "本条没有明确周期,不产生应办事项"
UNREAD_WHOM = "适用对象无法识别,不产生应办事项"
BY_HAND = "by-hand-"  # how kinds of records begin that were told by hand
EVERY_TERM = "每届一次,不按月列出应办事项"


@dataclass(frozen=True)
class Asked:
    """What the register is asked for; empty means all."""

    q: str = ""
    organisation: str = ""
    origin: str = ""
    state: str = ""


@dataclass(frozen=True)
class Row:
    """One institution as the register shows it. `edition`: the one in force, else the latest; `asks`, `silent`: its clauses with and
    without a duty; `draft`: whether one is being written, told only to whom the draft may be shown."""

    institution: Institution
    edition: Edition | None
    state: str
    draft: bool
    asks: int
    silent: int

    @property
    def pill(self) -> dict[str, str]:
        return pill(self.state)


def pill(state: str) -> dict[str, str]:
    """A state in words and the kind of its mark."""
    return {"words": STATES[state] if state != "draft" else "草案", "kind": {"force": "done", "repealed": "off"}.get(state, "wait")}


def running(day: date, to: str = "") -> Q:
    """Editions in force on a day."""
    return Q(**{f"{to}since__lte": day}) & (Q(**{f"{to}until": None}) | Q(**{f"{to}until__gt": day}))


def readable(verb: str = access.VIEW) -> "QuerySet[Institution]":
    """Those of the organisations in reach, and what their superiors have adopted."""
    reach = scope.active().reach(verb)
    above = {path for own in reach.subtrees | reach.nodes for path in scope.parents(own)}
    adopted = Exists(Edition.everything.filter(institution=OuterRef("pk"), since__isnull=False))
    return Institution.everything.filter(reach.q("organisation__path") | Q(adopted, organisation__path__in=above))


def drafts_shown(institution: Institution, verb: str = access.VIEW) -> bool:
    """Whether drafts of it may be read: only inside one's own part of the tree."""
    return scope.active().reach(verb).covers(institution.organisation.path)


def found(asked: Asked, day: date, verb: str = access.VIEW) -> "QuerySet[Institution]":
    """The institutions that fit, by the tree and their numbers. One query more where an organisation is named."""
    rows = readable(verb).filter(within("organisation__path", asked.organisation), _matching(asked.q), _in_state(asked.state, day, verb))
    if asked.origin:
        rows = rows.filter(origin=asked.origin)
    return rows.select_related("organisation").order_by("organisation__path", "code")


def _matching(text: str) -> Q:
    text = text.strip()
    return Q(title__icontains=text) | Q(code__iexact=text) if text else Q()


def _in_state(state: str, day: date, verb: str) -> Q:
    editions = Edition.everything.filter(institution=OuterRef("pk"))
    if state == "draft":
        return Q(Exists(editions.filter(since=None)), scope.active().reach(verb).q("organisation__path"))
    if state == "force":
        return Q(Exists(editions.filter(running(day))))
    if state == "coming":
        return Q(Exists(editions.filter(since__gt=day)))
    return Q(repealed_on__lte=day) if state == "repealed" else Q()


def rows(institutions: Sequence[Institution], day: date, verb: str = access.VIEW) -> list[Row]:
    """Institutions with how they stand. Two queries, however many."""
    editions: dict[int, list[Edition]] = defaultdict(list)
    for each in Edition.everything.filter(institution__in=institutions).order_by("number"):
        editions[each.institution_id].append(each)
    chosen = {i.pk: _shown(editions[i.pk], day) for i in institutions}
    counts = _counts([e.pk for e in chosen.values() if e])
    return [_row(i, chosen[i.pk], editions[i.pk], counts, day, drafts_shown(i, verb)) for i in institutions]


def _row(
    institution: Institution, edition: Edition | None, editions: list[Edition], counts: dict[int, list[int]], day: date, mine: bool,
) -> Row:
    asks, silent = counts.get(edition.pk, [0, 0]) if edition else (0, 0)
    draft = mine and any(e.since is None for e in editions)
    return Row(institution, edition, state(institution, edition, day), draft, asks, silent)


def state(institution: Institution, edition: Edition | None, day: date) -> str:
    """How an institution stands on a day, judged by the edition that is shown: a key of STATES."""
    if institution.repealed_on and institution.repealed_on <= day:
        return "repealed"
    if edition is None or edition.since is None:
        return "draft"
    return "coming" if edition.since > day else "force"


def _shown(editions: list[Edition], day: date) -> Edition | None:
    """The edition in force; else the last adopted one; else the draft."""
    adopted = [e for e in editions if e.since]
    now = [e for e in adopted if e.since and e.since <= day and (e.until is None or e.until > day)]
    return next(iter([*now, *reversed(adopted), *editions]), None)


def _counts(editions: list[int]) -> dict[int, list[int]]:
    """Edition -> clauses that ask for something, clauses that do not."""
    told: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for clause in Clause.everything.filter(edition__in=editions):
        told[clause.edition_id][bool(silent(clause))] += 1
    return told


def silent(clause: Clause) -> str:
    """Why a clause lays no duty on anybody, or "" where it does."""
    if not engine.yields({"subject": clause.subject, "every": clause.every, "at_least": clause.at_least}):
        return NO_RHYTHM
    if clause.every == "term":
        return EVERY_TERM
    return UNREAD_WHOM if applies(clause.applies_to) is None else ""


def by_hand(subject: str) -> bool:
    """Whether no kind of meeting or activity answers to it, so that somebody must say when it was done."""
    return engine.activity_kind(subject) is None


def one(pk: int | None) -> Institution | None:
    """One that may be read; None for any other. One query, none for no number."""
    return readable().select_related("organisation").filter(pk=pk).first() if pk else None


def editions(institution: Institution) -> list[Edition]:
    """Its editions that may be read, the latest first. One query."""
    rows = Edition.everything.filter(institution=institution).select_related("adopted_by").order_by("-number")
    return list(rows if drafts_shown(institution) else rows.filter(since__isnull=False))


def chosen(editions: Sequence[Edition], number: int, day: date) -> Edition | None:
    """The edition of this number; without one the edition in force, else the last."""
    named = next((e for e in editions if e.number == number), None)
    return named or _shown(sorted(editions, key=lambda e: e.number), day)


@dataclass(frozen=True)
class Read:
    """An article as it is read: its text, and the clause below it, with why that asks for nothing ("" where it does)."""

    label: str
    text: str
    clause: Clause | None
    silent: str

    @property
    def by_hand(self) -> bool:
        return self.clause is not None and by_hand(self.clause.subject)


def articles(edition: Edition) -> list[Read]:
    """The articles in the document's order, clauses without an article's text behind them. Two queries."""
    asked = {c.article: c for c in Clause.everything.filter(edition=edition).order_by("pk")}
    written = [(a.label, a.text) for a in edition.articles(manager="everything").all()]
    left = [label for label in asked if label not in {label for label, _ in written}]
    return [_read(label, text, asked.get(label)) for label, text in [*written, *((label, "") for label in left)]]


def _read(label: str, text: str, clause: Clause | None) -> Read:
    return Read(label, text, clause, silent(clause) if clause else "")


def bound(clauses: Iterable[Clause]) -> set[str]:
    """The kinds of organisations that clauses reach; empty where they name none, which is the maker alone."""
    told: list[Any] = [applies(c.applies_to) for c in clauses if not silent(c)]
    return {kind for each in told if each for kind in each[0]}


def kind_name(kind: str) -> str:
    """What a kind of organisation is called."""
    return schema.ORG_KINDS[kind]
