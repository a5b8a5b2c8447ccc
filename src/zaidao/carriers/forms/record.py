"""The form of a record: when and where, who came, what was said and decided, what is to follow. One page, sent at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms

from zaidao.carriers.decisions.record import Record, Resolved, Task, Ticks
from zaidao.carriers.decisions.votes import Vote
from zaidao.carriers.forms import fields
from zaidao.carriers.forms.planning import split
from zaidao.carriers.forms.rows import Rows, written
from zaidao.carriers.models import Decision
from zaidao.core import inputs, scrub
from zaidao.organisations.decisions.expected import plain

NUMBERS = "到会情况里请不要写身份号码或手机号:文字会原样保存。"
AWAY = [("", "—"), ("leave", "请假"), ("absent", "缺席")]


class HeadForm(forms.Form):
    """Minutes are never filled in from anything."""

    held_at = fields.moment("开会时间")
    hours = forms.DecimalField(label="时长(小时)", required=False, min_value=Decimal("0.1"), max_value=24, max_digits=4, decimal_places=1)
    place = fields.words("地点")
    host = fields.person("主持人")
    recorder = fields.person("记录人")
    text = fields.long("记录正文", required=True, longest=20_000, rows=12)
    opinions = fields.long("发言要点(含不同意见)", longest=8000, rows=4)
    late_reason = fields.words("延迟归档的原因", longest=300)
    correction = fields.words("更正原因", longest=300)

    HEAD = ("held_at", "hours", "place", "host", "recorder")

    def __init__(self, *args: Any, people: Iterable[Any] = (), correcting: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(people)
        fields.offer(self.fields["host"], people)
        fields.offer(self.fields["recorder"], people)
        del self.fields["late_reason" if correcting else "correction"]
        if correcting:
            self.fields["correction"].required = True

    @property
    def head(self) -> list[Any]:
        return [self[name] for name in self.HEAD]


class DecisionForm(forms.Form):
    kind = forms.ChoiceField(label="方式", choices=Decision.Kind.choices, initial=Decision.Kind.AGREED)
    text = fields.words("内容", required=True, longest=500)
    in_favour = forms.IntegerField(label="赞成", required=False, min_value=0, max_value=99_999)
    against = forms.IntegerField(label="反对", required=False, min_value=0, max_value=99_999)
    abstained = forms.IntegerField(label="弃权", required=False, min_value=0, max_value=99_999)
    written = forms.IntegerField(label="其中会前书面意见", required=False, min_value=0, max_value=99_999)

    def resolved(self) -> Resolved:
        told = self.cleaned_data
        votes = [told[name] for name in ("in_favour", "against", "abstained", "written")]
        counted = told["kind"] != Decision.Kind.AGREED and votes[0] is not None
        return Resolved(told["text"], told["kind"], Vote(*(v or 0 for v in votes)) if counted else None)


class TaskForm(forms.Form):
    what = fields.words("事项", required=True, longest=300)
    who = fields.person("责任人")
    due_on = inputs.day("完成时限")

    def __init__(self, *args: Any, people: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields.offer(self.fields["who"], people)


@dataclass(frozen=True)
class Line:
    """One person in a tick list: expected or not, with the reason, and what is told so far."""

    person: Any
    counted: bool
    votes: bool
    reason: str
    state: str = ""
    why: str = ""
    kept: str = ""  # the state on file

    @property
    def remark(self) -> str:
        """What is to be known of this person and not of most, whose number stands above the list."""
        return "" if plain(self.reason) else self.reason

    @property
    def away(self) -> str:
        return self.state if self.state in ("leave", "absent") else ""

    @property
    def here(self) -> bool:
        return self.state in ("present", "observer")


@dataclass(frozen=True)
class List:
    """The tick list of one organisation. `guests`: names in one line. `freely`: whoever takes part does so of their own accord."""

    participation: Any
    lines: tuple[Line, ...]
    guests: str = ""
    freely: bool = False

    @property
    def known(self) -> str:
        """Of whom something was on file when the page was made: what came in since is not wiped out by an empty line."""
        return ",".join(str(line.person.pk) for line in self.lines if line.kept)

    @property
    def expected(self) -> list[Line]:
        return [line for line in self.lines if line.counted]

    @property
    def others(self) -> list[Line]:
        return [line for line in self.lines if not line.counted]

    @property
    def open(self) -> int:
        """Of how many of those expected nothing is told yet."""
        return 0 if self.freely else sum(not line.state for line in self.expected)

    @property
    def voting(self) -> int:
        return sum(line.votes for line in self.expected)


def ticked(listed: List, data: Mapping[str, Any], *, rest: bool = False) -> List:
    """The list as it was filled in. `rest`: everybody else expected was there."""
    n, rest = listed.participation.pk, rest and not listed.freely
    seen = set(str(data.get(f"had-{n}", "")).split(","))
    came = ("present", "present") if listed.freely else ("present", "observer")  # those expected, those who are not
    lines = [
        line if line.state and str(line.person.pk) not in seen and not _typed(key, data) else _ticked(line, key, data, rest, came)
        for line in listed.lines for key in (f"{n}-{line.person.pk}",)
    ]
    return List(listed.participation, tuple(lines), data.get(f"guests-{n}", ""), listed.freely)


def _typed(key: str, data: Mapping[str, Any]) -> bool:
    return bool(data.get(f"in-{key}") or data.get(f"away-{key}"))


def _ticked(line: Line, key: str, data: Mapping[str, Any], rest: bool, came: tuple[str, str]) -> Line:
    away = data.get(f"away-{key}", "")
    state = came[not line.counted] if data.get(f"in-{key}") else away if away in dict(AWAY) and line.counted else ""
    if not state and rest and line.counted:
        state = "present"
    why = str(data.get(f"why-{key}", "")).strip()[:120] if state in ("leave", "absent") else ""
    return Line(line.person, line.counted, line.votes, line.reason, state, why, line.kept)


def ticks(listed: List, before: List) -> Ticks:
    """What the list tells: states of people, "" for those of whom something was told before and is not any more."""
    told = {line.person.pk for line in before.lines if line.state}
    states = {line.person.pk: (line.state, line.why) for line in listed.lines if line.state or line.person.pk in told}
    return Ticks(states, split(listed.guests))


def numbers(lists: Iterable[List]) -> bool:
    """Whether somebody's number stands where a reason or a guest belongs."""
    texts = [text for each in lists for text in (each.guests, *(line.why for line in each.lines))]
    return any(scrub.numbers(text) != text for text in texts)


class RecordForm:
    """Head, decisions and follow-ups together. `data`: what was sent, checked; else `typed` or `first` are shown to go on with."""

    def __init__(self, *, people: Sequence[Any], data: Any = None, typed: Any = None, first: Mapping[str, Any] | None = None,
                 decisions: Sequence[Mapping[str, Any]] = (), correcting: bool = False, more: str = "") -> None:
        if typed is not None:
            first = {name: typed.get(name, "") for name in HeadForm.base_fields}
            decisions = written(typed, "decisions", DecisionForm)
            tasks = written(typed, "tasks", TaskForm)
        else:
            tasks = []
        add = {"decisions": 0, "tasks": 0} | ({more: 2} if more else {})
        self.head = HeadForm(data, initial=first, people=people, correcting=correcting)
        self.decisions = Rows(DecisionForm, "decisions", data=data, first=decisions, least=len(decisions) + 1 + add["decisions"])
        self.tasks = Rows(TaskForm, "tasks", data=data, first=tasks, least=len(tasks) + 1 + add["tasks"], people=people)

    @property
    def parts(self) -> tuple[Any, ...]:
        return self.head, self.decisions, self.tasks

    def is_valid(self) -> bool:
        return not [part for part in self.parts if not part.is_valid()]

    @property
    def wrong(self) -> bool:
        return bool(self.head.is_bound and (self.head.errors or any(f.errors for rows in (self.decisions, self.tasks) for f in rows)))

    def record(self, ticked: Mapping[int, Ticks]) -> Record:
        """What the form tells, after `is_valid`."""
        told = self.head.cleaned_data
        return Record(
            held_at=told["held_at"], text=told["text"], place=told["place"],
            hours=float(told["hours"]) if told["hours"] is not None else None,
            host=told["host"], recorder=told["recorder"], opinions=told["opinions"], ticks=ticked,
            decisions=[f.resolved() for f in self.decisions if f.has_changed()],  # type: ignore[attr-defined]
            follow_ups=[Task(t["what"], t["who"], t["due_on"]) for t in self.tasks.told],
        )
