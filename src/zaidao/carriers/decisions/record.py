"""What is told of one meeting: values that forms, sheets and corrections hand to the same verbs, and what is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from zaidao.carriers.decisions.votes import Vote

FIRST_YEAR = 2000  # of ledgers; what is dated before is a slip of the pen
STATES = {"present": "到会", "leave": "请假", "absent": "缺席", "observer": "列席"}


@dataclass(frozen=True)
class Ticks:
    """The tick list of one organisation. `states`: number of the person -> (a key of `STATES`, why). `guests`: names of observers who
    are on no roster (they replace those told before). `rest`: the state of everybody expected of whom nothing is told; empty: none."""

    states: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    guests: Sequence[str] = ()
    rest: str = ""


@dataclass(frozen=True)
class Resolved:
    """One decision. `kind`: a key of `Decision.Kind`; `vote` where there was one, None for what was agreed without."""

    text: str
    kind: str = "agreed"
    vote: Vote | None = None


@dataclass(frozen=True)
class Task:
    """One follow-up: who (number of a person) does what by when, for which decision."""

    what: str
    who: int | None
    due_on: date
    decision_text: str = ""


@dataclass(frozen=True)
class Record:
    """The whole record of one meeting. `host`, `recorder`: numbers of persons; `ticks`: number of the organisation -> its tick list,
    where it is told together with the minutes; `hours` None: unknown."""

    held_at: datetime
    text: str
    hours: float | None = None
    place: str = ""
    host: int | None = None
    recorder: int | None = None
    opinions: str = ""
    decisions: Sequence[Resolved] = ()
    follow_ups: Sequence[Task] = ()
    ticks: Mapping[int, Ticks] = field(default_factory=dict)


def flaws(record: Record, now: datetime) -> Iterator[str]:
    """What is wrong with a record on its own, in words for whoever files it."""
    if record.held_at > now:
        yield "会议时间还没有到,现在只能存为草稿,会后再归档。"
    if record.held_at.year < FIRST_YEAR:
        yield f"会议时间早于{FIRST_YEAR}年,请核对年份。"
    if not record.text.strip():
        yield "请填写记录正文。"
    if record.hours is not None and not 0 < record.hours <= 24:
        yield "时长应在 0 到 24 小时之间。"
    if any(not each.text.strip() for each in record.decisions):
        yield "有一条决议没有写内容。"
    for task in record.follow_ups:
        if not task.what.strip():
            yield "有一件办理事项没有写内容。"
        elif task.due_on < record.held_at.date():
            yield f"“{task.what.strip()}”的完成时限早于会议日期。"


def late(held_on: date, filed_on: date, days: int) -> bool:
    """Whether it is filed so long after the day that a reason is asked for; no penalty follows."""
    return (filed_on - held_on).days > days
