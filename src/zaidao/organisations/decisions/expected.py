"""应到: whether somebody counts among those expected at a meeting on a day, whether with a vote, and why. One function for all pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zaidao.engine.catalogue import Catalogue
from zaidao.engine.catalogue.rules import cite
from zaidao.engine.schema import CATEGORIES
from zaidao.organisations.decisions.posts import Span, said


@dataclass(frozen=True)
class Absent:
    """Away or suspended over a span. `excused`: on what ground the superior and the congress left them out; empty for none."""

    kind: str
    label: str
    span: Span
    excused: str = ""


@dataclass(frozen=True)
class PersonFacts:
    """What is on file. `memberships`: in the organisation that meets (a branch's groups included).

    `steps`: (day, category before it) of changes on file, oldest first. `leaving`: a transfer is asked for and not received.
    """

    category: str
    joined_on: date | None
    full_since: date | None
    memberships: tuple[Span, ...]
    absences: tuple[Absent, ...] = ()
    steps: tuple[tuple[date, str], ...] = ()
    leaving: bool = False


VOTES = "正式党员,有表决权"


@dataclass(frozen=True)
class Expected:
    """`counted`: among 应到; `votes`: among 应到会有表决权; `reason` in words."""

    counted: bool
    votes: bool
    reason: str


def plain(reason: str) -> bool:
    """Whether the reason says no more than of most: a full member who votes."""
    return reason == f"{VOTES}。"


def expected(facts: PersonFacts, day: date, known: Catalogue) -> Expected:
    """The verdict on one person and day."""
    away = _not_here(facts.memberships, day)
    category = category_on(facts, day)
    if away:
        return _out(away)
    if category not in known.param("living.expected_categories"):
        return _out(_not_yet(facts, category))
    absences = [a for a in facts.absences if a.span.start <= day < a.span.end]
    return _absent(absences, category, known) or _present(facts, absences, category, known)


def category_on(facts: PersonFacts, day: date) -> str:
    """The category on the day: by the changes on file, else today's; never a member before joining, nor full before becoming so."""
    category = next((before for on, before in facts.steps if day < on), facts.category)
    if category == "full" and facts.full_since and day < facts.full_since:
        category = "probationary"
    if category in ("full", "probationary") and facts.joined_on and day < facts.joined_on:
        category = "candidate"
    return category


def _not_here(memberships: Sequence[Span], day: date) -> str:
    """Why somebody did not belong there on the day; empty where they did."""
    if any(s.start <= day < s.end for s in memberships):
        return ""
    later = [s.since for s in memberships if s.since and s.since > day]
    before = [s.until for s in memberships if s.until and s.until <= day]
    if before:
        return f"已于{said(max(before))}转出,不计入。"
    return f"{said(min(later))}才转入,不计入。" if later else "不在本组织,不计入。"


def _not_yet(facts: PersonFacts, category: str) -> str:
    if facts.category in ("full", "probationary") and facts.joined_on:
        return f"{said(facts.joined_on)}才被接收为预备党员,当日不计入。"
    return f"{CATEGORIES.get(category, category)},不计入。"


def _absent(absences: Sequence[Absent], category: str, known: Catalogue) -> Expected | None:
    """What an absence changes; None where it changes nothing."""
    for absent in absences:
        if absent.kind in known.param("living.not_counted_absences"):
            return _out(f"{absent.label}期间,不计入。")
        if absent.excused and absent.kind in known.param("living.excusable_absences"):
            return _out(f"{absent.label},经上级同意并经党员大会通过({absent.excused}),不计入({_ground(known)})。")
    if category in known.param("living.vote_categories"):
        for absent in absences:
            if absent.kind in known.param("living.no_vote_absences"):
                reason = f"{absent.label}期间,计入应到,没有表决权({cite(known.rule('election.without_vote'))})。"
                return Expected(counted=True, votes=False, reason=reason)
    return None


def _present(facts: PersonFacts, absences: Sequence[Absent], category: str, known: Catalogue) -> Expected:
    """Counted; what else is to be known stands in the reason."""
    votes = category in known.param("living.vote_categories")
    told = [VOTES if votes else "预备党员,计入应到,没有表决权"]
    if votes and facts.full_since is None:
        told.append("转正日期未登记,按现在的类别计")
    told += [f"{a.label},没有“上级同意并经党员大会通过”的登记,仍计入({_ground(known)})" for a in absences]
    if facts.leaving:
        told.append("组织关系转出未被接收,仍由本组织负责")
    return Expected(counted=True, votes=votes, reason=";".join(told) + "。")


def _out(reason: str) -> Expected:
    return Expected(counted=False, votes=False, reason=reason)


def _ground(known: Catalogue) -> str:
    return cite(known.rule("election.not_expected"))
