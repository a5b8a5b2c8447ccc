"""What the rules ask of one organisation's bodies: secretary, committee, term, size. Plain values in, items with reasons out.

The finding (`indicators/structure_gap`) and the pages of the living system judge by these functions, so that both say the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from zaidao.engine import sentences
from zaidao.engine.catalogue import Catalogue

SECRETARY, COMMITTEE, TERM, SIZE = "书记", "支部委员会", "任期", "规模"
PLAIN = "委员"  # a member of the committee without a named portfolio
MONTH = 30.4375  # days

Tenures = Mapping[str, list[tuple[date, date]]]  # required post -> [since, until) of its holders


@dataclass(frozen=True)
class Item:
    """One requirement. severity 0: met; None: cannot be told. `words` name what is open; `rule` is the catalogue's key."""

    name: str
    severity: int | None
    words: str = ""
    vacant_days: int | None = None
    rule: str = ""
    since: date | None = None


@dataclass(frozen=True)
class Case:
    """One organisation as known on the day of judgement. `full_before`: full members as long ago as a crossed limit is left alone.

    `members`: full and probationary; `tenures` None: no appointments on file. Members of a branch include those of its groups.
    """

    kind: str | None
    form: str | None
    established_on: date | None
    term_started_on: date | None
    term_years: float | None
    extended_to: date | None
    full_members: int | None
    full_before: int | None
    members: int | None
    tenures: Tenures | None

    @property
    def steady(self) -> int | None:
        """Full members counted only where they were there long enough; None where nobody knows."""
        known = self.full_members is not None and self.full_before is not None and self.members
        return min(self.full_members or 0, self.full_before or 0) if known else None


def is_committee_post(post: str | None) -> bool:
    """Secretary, deputy secretary and every 委员 of a Party committee; not those of the league or the trade union."""
    return post is not None and post.endswith(("书记", "委员", "支委")) and not any(word in post for word in ("团", "工会", "女工"))


@cache
def role(post: str | None) -> str | None:
    """The required post that a title fills: 书记, 组织委员, 宣传委员, both as `组织宣传委员`; 委员 without a portfolio; None for others."""
    if not is_committee_post(post) or post is None:
        return None
    if post.endswith("书记"):
        return None if "副" in post or "纪" in post else SECRETARY
    named = [w for w in ("组织", "宣传") if w in post or "组宣" in post]
    return "".join(named) + "委员" if named else PLAIN if post.endswith(("支委", "支部委员")) or post == PLAIN else "其他委员"


def is_deputy(post: str | None) -> bool:
    """A deputy secretary of the Party organisation."""
    return is_committee_post(post) and post is not None and post.endswith("副书记") and "纪" not in post


def fills(post: str | None, domain: str | None, tenure: str | None) -> tuple[str, ...]:
    """The required posts that one appointment fills; a deputy who runs the branch (主持工作) fills the secretary's."""
    held = role(post) if domain in ("party", None) else None
    if tenure == "主持工作" and is_committee_post(post):
        held = SECRETARY
    if held is None or held == SECRETARY:
        return (SECRETARY,) if held else ()
    return (COMMITTEE, *(("组织委员", "宣传委员") if held == "组织宣传委员" else (held,)))


def tenures(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[date, date]]]:
    """Required post -> tenures of one organisation's appointments (`post`, `domain`, `since`, `until`, `tenure`)."""
    found: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for row in rows:
        for name in fills(row["post"], row["domain"], row["tenure"]):
            found[name].append((row["since"] or date.min, row["until"] or date.max))
    return found


def is_new(established_on: date | None, day: date, known: Catalogue) -> bool:
    """Founded so lately that it is left alone."""
    return established_on is not None and (day - established_on).days < known.param("structure_gap.settling_days")


def is_silent(case: Case, day: date, known: Catalogue) -> bool:
    """New, joint and temporary organisations."""
    return is_new(case.established_on, day, known) or case.form in known.param("structure_gap.silent_forms")


def judge(case: Case, day: date, known: Catalogue) -> list[Item]:
    """Every requirement of the organisation on the day."""
    items = [_post(case, SECRETARY, day, known), _term(case, day, known)]
    if case.kind != "branch":
        return items
    items.append(_size(case, known))
    steady = case.steady
    if steady is not None and steady >= known.rule("branch.committee_required_from").value:
        items += _committee(case, day, known)
    return items


def severity(items: Iterable[Item]) -> int:
    """The heaviest open item; 0 where nothing is open."""
    return max((i.severity or 0 for i in items), default=0)


def _post(case: Case, name: str, day: date, known: Catalogue) -> Item:
    """Vacant since the last holder left; without a former holder on file since the term began."""
    rule = "branch.vacancy" if name == SECRETARY else "branch.committee_required_from"
    if case.tenures is None:
        return Item(name, None, rule=rule)
    held = case.tenures.get(name, [])
    if any(since <= day < until for since, until in held) or (name != SECRETARY and _open_portfolio(case.tenures, day)):
        return Item(name, 0, rule=rule)
    left = [until for since, until in held if until <= day]
    since = max(left, default=case.term_started_on or case.established_on)
    if since is None:
        return Item(name, None, rule=rule)
    days = (day - since).days
    words = "应设未设支部委员会" if name == COMMITTEE else f"{name}空缺"
    months = round(days / MONTH)
    return Item(name, _weight(name, days, known), f"{words}{f'约{months}个月' if months else '不到1个月'}", days, rule, since)


def _weight(name: str, days: int, known: Catalogue) -> int:
    """How much a vacancy of so many days weighs."""
    if name in (SECRETARY, COMMITTEE) and days > known.param(f"structure_gap.{'secretary' if name == SECRETARY else 'committee'}_days"):
        return 3
    return 2 if days > known.param("structure_gap.vacant_days") else 1


def _open_portfolio(held: Tenures, day: date) -> bool:
    """A committee member without a named portfolio is in office: who has which portfolio cannot be told."""
    return any(since <= day < until for since, until in held.get(PLAIN, []))


def _committee(case: Case, day: date, known: Catalogue) -> list[Item]:
    """No committee at all is one item; otherwise each required post of it."""
    committee = _post(case, COMMITTEE, day, known)
    if committee.severity is None or committee.severity > 0:
        return [committee]
    return [committee, *(_post(case, name, day, known) for name in known.param("structure_gap.committee_posts"))]


def _term(case: Case, day: date, known: Catalogue) -> Item:
    """Days over the term, or over the approved extension; an unknown start is not judged."""
    rule = "branch.term_years"
    ends = term_end(case.term_started_on, term_length(case.kind, case.term_years, known.rule(rule).values), case.extended_to)
    if ends is None:
        return Item(TERM, None, rule=rule)
    over = (day - ends).days
    if over <= 0:
        return Item(TERM, 0, rule=rule)
    words = f"本届已于{sentences.day(ends)}届满未换届"
    return Item(TERM, 2 if over > known.param("structure_gap.over_term_days") else 1, words, rule=rule, since=ends)


def term_ends(org: Mapping[str, Any], years: Mapping[str, int]) -> date | None:
    """The day the term of an organisation row ends."""
    return term_end(org["term_started_on"], term_length(org["kind"], org["term_years"], years), org["extended_to"])


def term_length(kind: str | None, on_file: float | None, years: Mapping[str, int]) -> float | None:
    """Years of a term: as on file, or by the rule of the kind."""
    return on_file or years.get(kind or "")


def term_end(start: date | None, length: float | None, extended_to: date | None = None) -> date | None:
    """The day the term ends: its length after the start, or the day it was extended to; None where either is unknown."""
    if start is None or length is None:
        return None
    ends = months_after(start, round(length * 12))
    return max(ends, extended_to or ends)


def months_after(day: date, months: int) -> date:
    """The same day so many months later (or earlier), the last of the month where it has no such day."""
    month = day.year * 12 + day.month - 1 + months
    last = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return date(month // 12, month % 12 + 1, min(day.day, last.day))


def _size(case: Case, known: Catalogue) -> Item:
    now, steady = case.full_members, case.steady
    many, few = "branch.max_members_soft", "branch.min_formal_members"
    if now is None or steady is None:
        return Item(SIZE, None, rule=many)
    most, least = known.rule(many).value, known.rule(few).value
    if steady > most:
        plain = steady > most * (1 + known.param("structure_gap.oversize"))
        return Item(SIZE, 2 if plain else 1, f"正式党员{now}人,超过一般上限{most}人", rule=many)
    if now < least:
        return Item(SIZE, 1, f"正式党员{now}人,不足成立支部的{least}人", rule=few)
    return Item(SIZE, 0, rule=many)
