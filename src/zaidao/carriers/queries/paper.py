"""One meeting's record as it is handed on: the version that holds, in the sight of whoever asks."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone

from zaidao.carriers import access as verbs
from zaidao.carriers import columns
from zaidao.carriers.forms_out.paper import Paper, Section
from zaidao.carriers.models import Activity, Decision, FollowUp, Minutes, Participation
from zaidao.carriers.queries import ledger
from zaidao.core import access, written
from zaidao.core.errors import Refused
from zaidao.organisations.queries import then

UNKNOWN = "—"


def participations(user: Any, pk: int) -> list[Any]:
    """Those of a meeting whose organisations this person may hand on, the convener's first, with what they were called on
    its day. Raises Http404, Denied. One query."""
    found = ledger.dated(Participation.objects.filter(activity=pk).select_related(
        "organisation", "activity__organisation", "activity__host", "activity__recorder", "activity__carrier",
    )).annotate(convener=then.name("activity__organisation"))
    rows = sorted(found, key=lambda p: (p.organisation_id != p.activity.organisation_id, p.organisation.path))
    if not rows:
        raise Http404("没有找到")
    held = access.holder(user)
    mine = [row for row in rows if held.may(verbs.EXPORT, row.organisation.path)]
    if not mine:
        access.require(user, verbs.EXPORT, rows[0].organisation.path)
    return mine


def paper(mine: list[Any]) -> Paper:
    """The filed record, organisations as they were called on its day. Names stand for the organisations in sight; of others that met
    along only their numbers. Raises Refused where nothing is filed yet. Five queries."""
    activity = mine[0].activity
    if activity.state != Activity.State.FILED:
        raise Refused("这次会议还没有归档,没有可以导出的记录。")
    lines = ledger.lines(mine, whole=True)
    minutes = lines[0].minutes
    others = ledger.dated(Participation.everything.filter(activity=activity).exclude(pk__in=[p.pk for p in mine]))
    if minutes is None:
        raise Refused("这次会议没有记录正文。")
    return Paper(
        f"{mine[0].convener}{activity.kind}记录", [*_head(activity), *_came(lines), *_along(others)],
        _sections(activity, minutes, lines), _notes(activity, minutes),
    )


def when(moment: datetime | None) -> str:
    """2026年3月5日15:30"""
    if moment is None:
        return UNKNOWN
    at = timezone.localtime(moment)
    return f"{written.day(at)}{at:%H:%M}"


def _head(activity: Activity) -> list[tuple[str, str]]:
    hours = f"(约{activity.hours.normalize():f}小时)" if activity.hours else ""
    told = [
        ("主题", activity.title), ("时间", f"{when(activity.held_at)}{hours}"), ("地点", activity.place or UNKNOWN),
        ("主持人", activity.host.name if activity.host else UNKNOWN), ("记录人", activity.recorder.name if activity.recorder else UNKNOWN),
    ]
    return [*told, ("载体", activity.carrier.name)] if activity.carrier else told


def _came(lines: list[ledger.Line]) -> list[tuple[str, str]]:
    """Who was expected, who came, who did not and why, organisation by organisation."""
    found = []
    for line in lines:
        of = f"({line.name})" if len(lines) > 1 else ""
        found += [
            (f"应到{of}", columns.expected(line.participation)), (f"实到{of}", _present(line.participation)),
            (f"缺席及原因{of}", "、".join(columns.missed(a) for a in line.missing) or "无"),
        ]
        found += [(f"列席{of}", "、".join(columns.name_of(a) for a in line.observers))] if line.observers else []
    return found


def _present(participation: Participation) -> str:
    n, votes = participation.present, participation.voting_present
    if n is None:
        return "未知"
    return f"{n}人" + (f"(有表决权{votes}人)" if votes is not None and votes != n else "")


def _along(others: Any) -> list[tuple[str, str]]:
    """Organisations that met along and are out of sight."""
    return [("联合召开", f"{p.name_then}(应到{columns.expected(p)},实到{_present(p)})") for p in others]


def _sections(activity: Activity, minutes: Minutes, lines: list[ledger.Line]) -> list[Section]:
    follow_ups = [f for line in lines for f in line.follow_ups]
    return [
        Section("议题", [columns.topics(activity)]), Section("会议记录", [minutes.text]),
        Section("发言要点(含不同意见)", [minutes.opinions]),
        Section("决议和表决", _numbered([_decided(d) for d in lines[0].decisions])),
        Section("落实事项", _numbered([_task(f) for f in follow_ups])),
    ]


def _numbered(texts: list[str]) -> list[str]:
    return [f"{n}. {text}" for n, text in enumerate(texts, 1)]


def _decided(decision: Decision) -> str:
    counted = columns.vote(decision)
    verdict = f"({decision.verdict})" if decision.verdict else ""
    return f"{decision.text}{f'({counted})' if counted else ''}{verdict}"


def _task(follow_up: FollowUp) -> str:
    return f"{follow_up.what}(责任人:{follow_up.who.name if follow_up.who else '未定'};完成时限:{written.day(follow_up.due_on)})"


def _notes(activity: Activity, minutes: Minutes) -> list[str]:
    told = [f"第{minutes.number}版,{when(minutes.filed_at)}归档。"]
    told += [f"更正原因:{minutes.correction}"] if minutes.correction else []
    told += [f"延迟归档的原因:{minutes.late_reason}"] if minutes.late_reason else []
    return [*told, f"情况说明:{activity.remark}"] if activity.remark else told
