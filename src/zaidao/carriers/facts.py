"""The carrier and activity tables of the engine's contract, streamed from the database to Parquet.

A joint meeting is one row for each organisation: the convener's under the activity's code, the others' under `code@n`. Plans that were
not held are rows without a time. Minutes of private kinds (`PRIVATE_KINDS`) stay here: they are never compared.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from zaidao.carriers.decisions.stated import remark_of
from zaidao.carriers.models import Attendance, Carrier, Decision, FollowUp, Minutes, Participation
from zaidao.core.parquet import stream
from zaidao.engine.schema import PRIVATE_KINDS

CHUNK = 2_000  # participations in memory at once, with their minutes

Row = tuple[Any, ...]


def write(folder: Path) -> dict[str, int]:
    """Write the two tables; returns how many rows each has. Call it inside `system_scope`, best in one transaction."""
    tables = (("carrier", carriers()), ("activity", activities(timezone.localdate())))
    return {name: stream(folder, name, rows, CHUNK) for name, rows in tables}


def carriers() -> Iterator[Row]:
    """Every carrier, running or ended."""
    rows = Carrier.everything.order_by("organisation__path", "pk").values_list(
        "code", "name", "organisation__code", "kind", "origin", "directive_no", "started_on", "ended_on", "end_reason", "aim")
    for row in rows.iterator(CHUNK):
        yield tuple(value if value != "" else None for value in row)


HEAD = ("organisation__code", "activity__code", "activity__kind", "activity__carrier__code", "activity__title", "activity__planned_for",
        "activity__held_at", "activity__hours", "activity__place", "eligible", "present", "volunteers", "activity__host__code",
        "activity__recorder__code", "activity__filed_at", "activity__remark")


@dataclass
class Beside:
    """What stands beside the participations of one chunk, by their number or that of their activity."""

    came: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    minutes: dict[int, Minutes] = field(default_factory=dict)
    decided: dict[int, int] = field(default_factory=dict)  # by number of the minutes
    done: dict[int, int | None] = field(default_factory=dict)
    rank: dict[int, int] = field(default_factory=dict)  # of participations that are not the convener's


def activities(day: date) -> Iterator[Row]:
    """Every meeting that was planned or held, once for each organisation, in the tree's order. `day`: of the snapshot."""
    known = Q(activity__planned_for__isnull=False) | Q(activity__held_at__isnull=False)
    rows = Participation.everything.filter(known).order_by("organisation__path", "pk").values("pk", "activity", *HEAD).iterator(CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        beside = _beside([r["pk"] for r in chunk], {r["activity"] for r in chunk}, day)
        yield from (_row(r, beside) for r in chunk)


def _row(r: dict[str, Any], beside: Beside) -> Row:
    """One row in the order of the contract."""
    held, minutes, rank = r["activity__held_at"], beside.minutes.get(r["activity"]), beside.rank.get(r["pk"])
    text = minutes.text if minutes and r["activity__kind"] not in PRIVATE_KINDS else None
    hours, remark = r["activity__hours"], remark_of(r["activity__remark"], minutes.late_reason if minutes else "")
    return (
        r["activity__code"] if rank is None else f"{r['activity__code']}@{rank}", r["organisation__code"], r["activity__kind"],
        r["activity__carrier__code"], r["activity__title"], r["activity__planned_for"], _local(held),
        None if hours is None else float(hours), r["activity__place"] or None, r["eligible"], r["present"], r["volunteers"],
        beside.came[r["pk"]] if held else None, text, r["activity__recorder__code"], _local(r["activity__filed_at"]),
        None, None, None, r["activity__host__code"], remark or None,
        beside.decided.get(minutes.pk, 0) if minutes else None, beside.done.get(r["activity"]),
    )


def _local(moment: datetime | None) -> datetime | None:
    return timezone.localtime(moment).replace(tzinfo=None) if moment else None


def _beside(parts: Collection[int], acts: Collection[int], day: date) -> Beside:
    """Five queries."""
    found = Beside()
    present = Attendance.everything.filter(participation__in=parts, state=Attendance.State.PRESENT)
    for part, code in present.order_by("participation", "person__code").values_list("participation", "person__code"):
        found.came[part].append(code)
    found.minutes = {m.activity_id: m for m in Minutes.everything.filter(activity__in=acts).defer("opinions", "told").order_by("number")}
    decided = Decision.everything.filter(minutes__in=[m.pk for m in found.minutes.values()]).order_by()
    found.decided = dict(decided.values_list("minutes").annotate(n=Count("*")))
    found.done = _done(acts, day)
    others = Participation.everything.filter(activity__in=acts, joined=True).order_by("activity", "pk")
    before: dict[int, int] = defaultdict(lambda: 1)
    for pk, act in others.values_list("pk", "activity"):
        before[act] += 1
        found.rank[pk] = before[act]
    return found


def _done(acts: Collection[int], day: date) -> dict[int, int | None]:
    """Activity -> follow-ups done. Unknown, not none, while nothing is done and nothing of it is due yet."""
    done, due = Q(state__in=(FollowUp.State.DONE, FollowUp.State.CONFIRMED)), Q(due_on__lt=day) & ~Q(state=FollowUp.State.DROPPED)
    rows = FollowUp.everything.filter(activity__in=acts).order_by().values_list("activity").annotate(
        done=Count("pk", filter=done), due=Count("pk", filter=due))
    return {act: n if n or passed else None for act, n, passed in rows}
