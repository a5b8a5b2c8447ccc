"""How near a duty is, how a day is said, and the words to paste. Days and the calendar come in; nothing reads the clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from zaidao.core import written
from zaidao.core.calendar import Calendar

WEEK = "一二三四五六日"
NAMED = 300  # organisations that one text names; more are counted


class Stage(StrEnum):
    """Where a day stands to an open duty, the most pressing first."""

    PAST = "past"
    GRACE = "grace"
    MONTH = "month"
    AHEAD = "ahead"


WORDS = {Stage.PAST: "逾期未见记录", Stage.GRACE: "宽限期内", Stage.MONTH: "本月内", Stage.AHEAD: "以后到期"}
KINDS = {Stage.PAST: "wait", Stage.GRACE: "wait", Stage.MONTH: "open", Stage.AHEAD: "off"}


def stage(period_end: date, due_on: date, day: date) -> Stage:
    """`period_end` does not belong to the period; `due_on` is the last day with grace. A duty is of the month in which its period ends."""
    if due_on < day:
        return Stage.PAST
    if period_end <= day:
        return Stage.GRACE
    return Stage.MONTH if period_end <= next_month(day) else Stage.AHEAD


def next_month(day: date) -> date:
    """The first day of the month after that of the day."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def period(every: str, start: date) -> str:
    """What a period is called: 2026年11月, 2026年第四季度, 2026年下半年, 2026年."""
    quarter, half = "一二三四"[(start.month - 1) // 3], "上下"[(start.month - 1) // 6]
    part = {"month": f"{start.month}月", "quarter": f"第{quarter}季度", "half": f"{half}半年"}
    return f"{start.year}年{part.get(every, '')}"


def said(day: date, today: date, calendar: Calendar) -> str:
    """A day with its weekday, the year where it is another: 11月30日(周一); one of rest that is still to come with the next working day."""
    return f"{_short(day, today)}({_weekday(day, today, calendar)})"


def _short(day: date, today: date) -> str:
    return f"{day.month}月{day.day}日" if day.year == today.year else written.day(day)


def _weekday(day: date, today: date, calendar: Calendar) -> str:
    weekday = f"周{WEEK[day.weekday()]}"
    if day < today:
        return weekday
    if calendar.is_working_day(day):
        return f"{weekday},上班" if day.weekday() >= len(WEEK) - 2 else weekday
    return f"{weekday},休息日,下一个工作日是{_short(calendar.add_working_days(day, 1), today)}"


def near(day: date, today: date) -> str:
    """还有 4 天, 今天, 已过 3 天."""
    left = (day - today).days
    if left == 0:
        return "今天"
    return f"还有 {left} 天" if left > 0 else f"已过 {-left} 天"


@dataclass(frozen=True)
class Asked:
    """One organisation that a text names: its name, the last day of the period, and whether a meeting for it is planned already."""

    name: str
    ends_on: date
    planned: bool = False


@dataclass(frozen=True)
class Standing:
    """How far one subject is in one month: `owed` organisations, `done` of them with records."""

    subject: str
    month: date
    basis: str
    owed: int
    done: int
    open: int


def asking(standing: Standing, asked: Sequence[Asked], today: date, calendar: Calendar) -> str:
    """The text to paste: how far it is, who has nothing on file yet by the day it ends, and an offer. Names organisations, never persons,
    in the order given, which is the tree's."""
    cited = f",依据{standing.basis}" if standing.basis else ""
    lines = [(
        f"各有关党组织:关于{standing.month.year}年{standing.month.month}月的“{standing.subject}”{cited},截至{_short(today, today)},"
        f"应办{standing.owed}个组织中,{standing.done}个已有记录,{standing.open}个还没有见到记录。"
    )]
    lines += _by_day([a for a in asked[:NAMED] if not a.planned], today, calendar)
    planned = [a.name for a in asked[:NAMED] if a.planned]
    if planned:
        lines.append(f"已经安排、等待归档的:{'、'.join(planned)}。")
    if standing.open > len(asked[:NAMED]):
        lines.append(f"另有{standing.open - len(asked[:NAMED])}个组织,不一一列出。")
    lines.append("已经办理的,请补充归档,延迟归档写明原因即可;办理有困难的,请告诉我们,可以说明顺延或申请延期。谢谢大家。")
    return "\n".join(lines)


def _by_day(asked: Iterable[Asked], today: date, calendar: Calendar) -> list[str]:
    days: dict[date, list[str]] = {}
    for each in asked:
        days.setdefault(each.ends_on, []).append(each.name)
    return [
        f"请在{said(day, today, calendar)}前安排:{'、'.join(names)}。" if day >= today
        else f"周期已于{_short(day, today)}结束,请补充归档或说明:{'、'.join(names)}。"
        for day, names in sorted(days.items())
    ]


# What the day's reminder counts, in the order in which it says it.
COUNTED = {
    "meetings": "今天有 {n} 次会议或活动", "past": "逾期未见记录 {n} 项", "soon": "即将到期 {n} 项",
    "unfiled": "已到时间、等待归档的会议或活动 {n} 次", "mine": "您负责的事项近期到期 {n} 件", "confirm": "等待确认办结的事项 {n} 件",
}


def lines(told: dict[str, int]) -> list[str]:
    """What the reminder says: counts alone, none that is nothing."""
    return [words.format(n=told[key]) for key, words in COUNTED.items() if told.get(key)]


def letter(told: dict[str, int], day: date) -> tuple[str, str]:
    """Subject and text of the mail: counts alone, no names, no titles."""
    said_ = "\n".join(f"· {line}" for line in lines(told))
    return (
        f"载道:{day.month}月{day.day}日提要",
        f"您好,今天的提要:\n\n{said_}\n\n内容请登录载道查看。本邮件由系统发送,每天最多一封,没有事项的日子和休息日不发;请不要回复。\n",
    )


def month_of(text: str | None, today: date) -> date:
    """The first day of a month written 2026-11; of the running one for anything else, and for what lies more than a year away."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return found if abs((found - today).days) <= 400 else today.replace(day=1)


def months(today: date) -> list[date]:
    """The months offered: the next, the running one, and the twelve before."""
    first = next_month(today)
    out = [first]
    for _ in range(13):
        first = (first - timedelta(days=1)).replace(day=1)
        out.append(first)
    return out
