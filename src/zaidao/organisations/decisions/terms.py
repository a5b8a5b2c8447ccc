"""Terms: when they end, how near that is, and whether an election or an extension can be registered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from zaidao.engine import structure
from zaidao.engine.catalogue import Catalogue
from zaidao.engine.catalogue.rules import cite
from zaidao.organisations.decisions.posts import Doubt, Verdict, said


@dataclass(frozen=True)
class Notice:
    """How near the end is. `days` to it, negative after; `step`: the notice that is due (None: none yet); None throughout: unknown."""

    ends: date | None
    days: int | None = None
    step: int | None = None

    @property
    def over(self) -> bool:
        return self.days is not None and self.days < 0

    @property
    def words(self) -> str:
        if self.days is None:
            return "届满日未知"
        if self.over:
            return f"已届满{-self.days}天"
        return f"还有{self.days}天届满" if self.days else "今天届满"


def end_of(kind: str, started_on: date, years: Decimal | float | None, extended_to: date | None, known: Catalogue) -> date | None:
    """The day a term ends: by its length on file or the rule of the kind, or as extended; None for kinds without terms."""
    length = structure.term_length(kind, None if years is None else float(years), known.rule("branch.term_years").values)
    return structure.term_end(started_on, length, extended_to)


def notice(ends: date | None, day: date, steps: Sequence[int]) -> Notice:
    """The notice that is due on `day`: the smallest of `steps` (days before the end) that is reached; none of them once it is over."""
    if ends is None:
        return Notice(None)
    days = (ends - day).days
    reached = [step for step in steps if days <= step]
    return Notice(ends, days, min(reached) if reached and days >= 0 else None)


@dataclass(frozen=True)
class Request:
    """换届请示: the superior is asked from `opens` on, by `by` at the latest; `done_on` once that is on file. `waits`: it is time, and
    nothing is on file; `late`: the last day for it has passed."""

    opens: date
    by: date
    done_on: date | None
    waits: bool
    late: bool

    @property
    def words(self) -> str:
        if self.done_on:
            return f"已于{said(self.done_on)}请示换届"
        if self.late:
            return f"应在{said(self.by)}前请示换届,未见登记"
        return f"请在{said(self.by)}前向上级请示换届" if self.waits else f"{said(self.opens)}起可以请示换届"


def request(ends: date | None, requested_on: date | None, day: date, months: Sequence[int]) -> Request | None:
    """When the superior is asked for an election: `months` before the end, the earliest and the latest; None where the end is unknown
    or has passed without."""
    if ends is None or (requested_on is None and ends < day):
        return None
    opens, by = (structure.months_after(ends, -n) for n in (max(months), min(months)))
    waits = requested_on is None and ends <= structure.months_after(day, max(months))
    return Request(opens, by, requested_on, waits, waits and day > by)


def requested(*, on: date, today: date, started_on: date, document: str) -> tuple[str, ...]:
    """Refusals of a request that was made on `on`."""
    if on > today:
        return ("请示日期不能晚于今天。",)
    if on <= started_on:
        return (f"请示日期须晚于本届开始日期{said(started_on)}。",)
    return () if document.strip() else ("请填写请示文号。",)


def latest_start(limit: date, years: float) -> date:
    """The last day on which a term of so many years may have begun to be over by `limit`: its end is not after it."""
    months = round(years * 12)
    start = structure.months_after(limit, -months) + timedelta(days=4)
    while structure.months_after(start, months) > limit:
        start -= timedelta(days=1)
    return start


@dataclass(frozen=True)
class Running:
    """The term that an election follows: its start, and its end with extensions; None where unknown or none is on file."""

    started_on: date | None = None
    ends: date | None = None


def elect(*, on: date, today: date, kind: str, years: float | None, before: Running, known: Catalogue) -> Verdict:
    """Verdict on an election held on `on` for `years` (None: by the rule of the kind)."""
    refusals = []
    if kind == "group":
        refusals.append("党小组不设任期。")
    if on > today:
        refusals.append("换届日期不能晚于今天;请在选举结果批复后登记。")
    if before.started_on and on <= before.started_on:
        refusals.append(f"换届日期须晚于本届开始日期{said(before.started_on)};要改本届资料,请用“更正”。")
    return Verdict(tuple(refusals), (*_years(kind, years, known), *_shift(on, before.ends, known)))


def _years(kind: str, years: float | None, known: Catalogue) -> Iterable[Doubt]:
    rule = known.rule("branch.term_years")
    if years is not None and years != rule.values.get(kind):
        yield Doubt("years", f"任期{years:g}年与规定的{rule.values.get(kind, '—')}年不同,请核对。", rule)


def _shift(on: date, ends: date | None, known: Catalogue) -> Iterable[Doubt]:
    """Held more than a year before or after the end."""
    rule = known.rule("branch.term_shift_max_years")
    months = round(rule.value * 12)
    if ends and not structure.months_after(ends, -months) <= on <= structure.months_after(ends, months):
        text = f"与届满日{said(ends)}相差超过{rule.value}年;提前或延期换届须报上级批准,一般不超过{rule.value}年。"
        yield Doubt("shift", text, rule)


def extend(*, to: date, ends: date | None, extended_to: date | None, document: str, known: Catalogue) -> tuple[str, ...]:
    """Refusals of an extension. `ends`: the end of the term without any extension; `extended_to`: an earlier one."""
    shift = known.rule("branch.term_shift_max_years")
    if ends is None:
        return ("本届开始日期或任期未登记,请先更正本届资料。",)
    limit = structure.months_after(ends, round(shift.value * 12))
    refusals = []
    if not document.strip():
        refusals.append("延期须经上级党组织批准,请填写批准文号。")
    if to <= max(ends, extended_to or ends):
        refusals.append(f"延期须晚于现在的届满日{said(max(ends, extended_to or ends))}。")
    if to > limit:
        refusals.append(f"延期一般不超过{shift.value}年({cite(shift)}),即不晚于{said(limit)}。")
    return tuple(refusals)


def correct(*, started_on: date, before: date | None, extended_to: date | None, today: date) -> tuple[str, ...]:
    """Refusals of other dates for the running term. `before`: the start of the term before it."""
    if started_on > today:
        return ("本届开始日期不能晚于今天。",)
    if before and started_on <= before:
        return (f"本届开始日期须晚于上一届的开始日期{said(before)}。",)
    return ("延期日期须晚于本届开始日期。",) if extended_to and extended_to <= started_on else ()
