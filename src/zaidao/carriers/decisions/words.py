"""What plans begin with and what notices say: texts made of plain values."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from zaidao.core.written import moment

LENGTH = {"month": "月", "quarter": "季度", "half": "半年", "year": "年"}
NUMERALS = "一二三四"


@dataclass(frozen=True)
class Meeting:
    """What a notice tells. `at`: in local time."""

    organisations: Sequence[str]
    kind: str
    title: str
    at: datetime | None
    place: str = ""
    agenda: str = ""
    remark: str = ""


@cache
def agendas() -> Mapping[str, Sequence[str]]:
    """Kind -> topics that an agenda begins with."""
    found: Mapping[str, Any] = tomllib.loads((files("zaidao.carriers") / "agenda.toml").read_text(encoding="utf-8"))
    return found


def agenda(kind: str, basis: str) -> str:
    """The agenda a plan begins with, one topic a line, with what asks for the meeting."""
    topics = [f"{n}. {topic}" for n, topic in enumerate(agendas().get(kind, ()), 1)]
    return "\n".join([*topics, f"(依据:{basis})"] if basis else topics)


def period(every: str, start: date) -> str:
    """6月, 第二季度, 上半年, 2026年: a period by its length and first day; empty for others."""
    if every == "month":
        return f"{start.month}月"
    if every == "quarter":
        return f"第{NUMERALS[(start.month - 1) // 3]}季度"
    if every == "half":
        return "上半年" if start.month <= 6 else "下半年"
    return f"{start.year}年" if every == "year" else ""


def notice(told: Meeting) -> str:
    """The text of an invitation, to be pasted as it is."""
    when = moment(told.at) if told.at else "时间另行通知"
    lines = [f"【{told.kind}通知】{'、'.join(told.organisations)}", f"时间:{when}"]
    lines += [f"地点:{told.place or '另行通知'}", f"主题:{told.title}"]
    if told.agenda.strip():
        lines += ["议程:", *(line for line in told.agenda.strip().splitlines() if not line.startswith("(依据:"))]
    return "\n".join([*lines, "请准时参加;确实不能到会的,请提前请假。"])


def cancelled(told: Meeting) -> str:
    """The text that calls a meeting off."""
    when = f"原定{moment(told.at)}" if told.at else "原定"
    why = f",原因:{told.remark}" if told.remark else ""
    return f"【取消通知】{'、'.join(told.organisations)}\n{when}召开的{told.kind}“{told.title}”取消{why}。请相互转告。"
