"""The columns of the ledger as offices keep it; the screen and the file show the same cells."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from zaidao.carriers.models import Activity, Attendance, Decision, Participation
from zaidao.carriers.queries.ledger import Line

APART = "见该次记录"  # of kinds whose texts are not put side by side
Cell = str | int | None


@dataclass(frozen=True)
class Column:
    """`of` gives the cell of a line; None is unknown. `long`: a text of several lines. `dated`: days, which a
    page tells in words."""

    header: str
    of: Callable[[Line], Cell]
    long: bool = False
    num: bool = False
    dated: bool = False


def name_of(who: Attendance) -> str:
    return who.person.name if who.person else who.guest


def missed(who: Attendance) -> str:
    """张三(请假:出差)"""
    return f"{name_of(who)}({who.get_state_display()}{f':{who.why}' if who.why else ''})"


def vote(decision: Decision) -> str:
    """What was counted and what follows from it; empty where nobody voted."""
    if decision.kind == Decision.Kind.AGREED or decision.in_favour is None:
        return ""
    counted = [f"赞成{decision.in_favour}票"]
    counted += [f"其中会前书面意见{decision.written}票"] if decision.written else []
    told = (("反对", decision.against), ("弃权", decision.abstained))
    counted += [f"{name}{'未知' if n is None else f'{n}票'}" for name, n in told]
    passed = {True: ";通过", False: ";未通过", None: ""}[decision.passed]
    return ",".join(counted) + passed


def numbered(texts: list[str]) -> str:
    """One a line, with numbers where there are several."""
    return texts[0] if len(texts) == 1 else "\n".join(f"{n}. {text}" for n, text in enumerate(texts, 1))


def expected(participation: Participation) -> str:
    """应到20人(有表决权18人)"""
    if participation.eligible is None:
        return "未知"
    votes = participation.voting
    return f"{participation.eligible}人" + (f"(有表决权{votes}人)" if votes is not None and votes != participation.eligible else "")


def _texts(of: Callable[[Line], str]) -> Callable[[Line], Cell]:
    """A cell of what was said or decided: kept apart where the kind asks for it."""
    return lambda line: APART if line.private else of(line)


def _host(line: Line) -> Cell:
    return line.activity.host.name if line.activity.host else None


def _recorder(line: Line) -> Cell:
    return line.activity.recorder.name if line.activity.recorder else None


def _held(line: Line) -> Cell:
    return f"{timezone.localtime(line.activity.held_at):%Y-%m-%d %H:%M}"


def _votes(line: Line) -> str:
    return numbered([vote(d) or "未表决" for d in line.decisions]) if any(vote(d) for d in line.decisions) else ""


def topics(activity: Activity) -> str:
    """The agenda without the line that says which rule asks for the meeting: that is for whoever plans it."""
    return "\n".join(line for line in activity.agenda.splitlines() if not line.startswith("(依据:")).strip()


def _agenda(line: Line) -> str:
    return topics(line.activity) or line.activity.title


COLUMNS: tuple[Column, ...] = (
    Column("组织", lambda line: line.name),
    Column("类型", lambda line: line.activity.kind),
    Column("时间", _held, dated=True),
    Column("地点", lambda line: line.activity.place or None),
    Column("主持", _host),
    Column("记录", _recorder),
    Column("应到", lambda line: line.participation.eligible, num=True),
    Column("实到", lambda line: line.participation.present, num=True),
    Column("缺席及原因", lambda line: "、".join(missed(a) for a in line.missing), long=True),
    Column("列席", lambda line: "、".join(name_of(a) for a in line.observers), long=True),
    Column("议题", _texts(_agenda), long=True),
    Column("发言要点(含不同意见)", _texts(lambda line: line.minutes.opinions if line.minutes else ""), long=True),
    Column("表决结果", _texts(_votes), long=True),
    Column("决议", _texts(lambda line: numbered([d.text for d in line.decisions]) if line.decisions else ""), long=True),
    Column("责任人", _texts(lambda line: "\n".join(f.who.name if f.who else "未定" for f in line.follow_ups)), long=True, dated=True),
    Column("完成时限", _texts(lambda line: "\n".join(f"{f.due_on:%Y-%m-%d}" for f in line.follow_ups)), long=True, dated=True),
)
