"""One organisation's bodies held against the catalogue, line by line with article and confidence.

The judgement itself is the engine's (`engine.structure.judge`), so that this page and the finding 组织设置待补 say the same. What the
engine does not weigh (size of the committee, deputies) is added as hints that change no verdict.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from zaidao.engine import structure
from zaidao.engine.catalogue import Catalogue
from zaidao.engine.catalogue.rules import Rule, cite
from zaidao.engine.structure import Case, Item
from zaidao.engine.words import SEVERITY_NAMES
from zaidao.organisations.decisions.posts import said

TITLES = {
    structure.SECRETARY: "书记", structure.COMMITTEE: "支部委员会", structure.TERM: "任期", structure.SIZE: "党员人数",
}


@dataclass(frozen=True)
class Bodies:
    """One organisation: the engine's case, and what is there in words. `there`: required post -> its holders.

    `committee`: how many persons hold committee posts, `deputies` how many of them are deputy secretaries; None: nothing on file.
    """

    case: Case
    there: Mapping[str, str] = field(default_factory=dict)
    committee: int | None = None
    deputies: int | None = None


@dataclass(frozen=True)
class Line:
    """One requirement. `severity` as in the finding (None: cannot be told); `missing` empty where it is met; a hint weighs nothing."""

    name: str
    asks: str
    ground: str
    confidence: str
    there: str
    missing: str
    since: date | None
    severity: int | None
    hint: bool = False
    vacancy: bool = False

    @property
    def open(self) -> bool:
        return bool(self.missing)

    @property
    def words(self) -> str:
        if self.severity is None:
            return "资料不全"
        if not self.missing:
            return "符合"
        return SEVERITY_NAMES[max(self.severity, 1)]

    @property
    def state(self) -> str:
        """The kind of its pill."""
        return "off" if self.severity is None else "wait" if self.missing else "done"


@dataclass(frozen=True)
class Judged:
    """The verdict. `exempt`: why nothing is held against it (then there are no lines)."""

    severity: int
    lines: tuple[Line, ...]
    exempt: str = ""

    @property
    def open(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.open)


def judge(bodies: Bodies, day: date, known: Catalogue) -> Judged:
    """The verdict on one organisation as of `day`."""
    why = exempt(bodies.case, day, known)
    if why:
        return Judged(0, (), why)
    items = structure.judge(bodies.case, day, known)
    lines = [_line(item, bodies, known) for item in items]
    if bodies.case.kind == "branch":
        lines += _hints(bodies, [i.name for i in items if i.severity == 0], known)
    return Judged(structure.severity(items), tuple(lines))


def exempt(case: Case, day: date, known: Catalogue) -> str:
    """Why the organisation is left out, empty where it is judged."""
    if case.kind == "group":
        return "党小组不设委员会和任期,不作对照。"
    if case.form in known.param("structure_gap.silent_forms"):
        return f"{case.form}党支部的设置从其批准文件,不作对照。"
    if structure.is_new(case.established_on, day, known):
        return f"成立于{said(case.established_on)},不满{known.param('structure_gap.settling_days')}天,留出调整时间,不作对照。"
    return ""


def _line(item: Item, bodies: Bodies, known: Catalogue) -> Line:
    rule = known.rule(item.rule)
    return Line(
        TITLES.get(item.name, item.name), asks(item.name, known), cite(rule), rule.confidence, _there(item.name, bodies, known),
        item.words if item.severity else "", item.since, item.severity, vacancy=item.name not in (structure.TERM, structure.SIZE),
    )


def asks(name: str, known: Catalogue) -> str:
    """What the rule asks, in one sentence."""
    if name == structure.TERM:
        return "按期换届"
    if name == structure.SIZE:
        most, least = known.rule("branch.max_members_soft").value, known.rule("branch.min_formal_members").value
        return f"正式党员{least}人以上,党员一般不超过{most}人"
    if name == structure.COMMITTEE:
        return f"正式党员{known.rule('branch.committee_required_from').value}人以上的,设支部委员会"
    return f"设{name},空缺的及时补选"


def _there(name: str, bodies: Bodies, known: Catalogue) -> str:
    case = bodies.case
    if name == structure.SIZE:
        return "未知" if case.full_members is None or not case.members else f"正式党员{case.full_members}人,党员共{case.members}人"
    if name == structure.TERM:
        return _term(case, known)
    if name == structure.COMMITTEE:
        return "任职未登记" if bodies.committee is None else f"{bodies.committee}人在任"
    return bodies.there.get(name, "无人在任") if case.tenures is not None else "任职未登记"


def _term(case: Case, known: Catalogue) -> str:
    length = structure.term_length(case.kind, case.term_years, known.rule("branch.term_years").values)
    ends = structure.term_end(case.term_started_on, length, case.extended_to)
    if ends is None:
        return "本届开始日期未登记"
    return f"{said(case.term_started_on)}至{said(ends)}{'(已批准延期)' if case.extended_to == ends else ''}"


def _hints(bodies: Bodies, met: Collection[str], known: Catalogue) -> list[Line]:
    """Size of the committee, where one is asked for and there; deputies. `met`: the names of requirements that are met."""
    found = []
    if bodies.committee and structure.COMMITTEE in met:
        found.append(_committee_size(bodies.committee, known))
    if bodies.deputies is not None:
        rule = known.rule("branch.deputy_secretary_max")
        missing = f"副书记{bodies.deputies}人,多于{rule.value}人" if bodies.deputies > rule.value else ""
        there = f"{bodies.deputies}人在任" if bodies.deputies else "不设"
        found.append(_hint("副书记", f"必要时设{rule.value}人", rule, there, missing))
    return found


def _committee_size(people: int, known: Catalogue) -> Line:
    rule = known.rule("branch.committee_size")
    least, most, cap = rule.values["min"], rule.values["max"], rule.values["cap"]
    missing = f"现有{people}人,不足{least}人" if people < least else f"现有{people}人,多于{cap}人" if people > cap else ""
    asked = f"委员会{least}至{most}人,一般不超过{cap}人"
    return _hint("委员会人数", asked, rule, f"{people}人在任", missing)


def _hint(name: str, asked: str, rule: Rule, there: str, missing: str) -> Line:
    return Line(name, asked, cite(rule), rule.confidence, there, missing, None, int(bool(missing)), hint=True)
