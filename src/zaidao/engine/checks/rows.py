"""Checks within one row: dates, counts, choices, conditions."""

from collections.abc import Iterator
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.applies import applies
from zaidao.engine.checks.base import Breach, Scene, said
from zaidao.engine.schema import TABLES

PLANNED = frozenset(
    {
        "organisation.extended_to",
        "organisation.dissolved_on",
        "appointment.until",
        "institution.repealed_on",
        "institution.adopted_on",
        "carrier.ended_on",
        "carrier.started_on",
        "activity.planned_for",
        "idea.pilot_from",
        "idea.pilot_to",
        "person.moved_out_on",
    }
)
BORN = "person.born_on"
HAPPENED = "activity.held_at"  # null here would say "not held", so a row whose date is impossible is refused as a whole
PERIODS = (
    ("organisation", "established_on", "dissolved_on"),
    ("person", "joined_on", "full_since"),
    ("person", "moved_in_on", "moved_out_on"),
    ("appointment", "since", "until"),
    ("institution", "adopted_on", "repealed_on"),
    ("carrier", "started_on", "ended_on"),
    ("idea", "pilot_from", "pilot_to"),
    ("idea", "proposed_on", "adopted_on"),
)


def keyless(scene: Scene) -> Iterator[Breach]:
    """Rows without a required field."""
    for name in scene.tables:
        for f in TABLES[name].fields:
            if f.required and scene.has(name, f.name):
                for i in scene.rows(name, pc.is_null(scene.column(name, f.name))):
                    yield Breach(
                        name,
                        i,
                        f.name,
                        "missing_required",
                        "error",
                        "refuse",
                        "",
                        f"“{f.header}”为空，这一行未能使用。",
                        "请补填后重新提供。",
                    )


def enums(scene: Scene) -> Iterator[Breach]:
    """Codes outside the closed lists (workbooks are checked cell by cell; this is for other input)."""
    for name in scene.tables:
        for f in TABLES[name].fields:
            if f.kind == "enum" and scene.has(name, f.name):
                column = scene.column(name, f.name)
                odd = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, pa.array(list(f.enum), pa.string()))))
                for i in scene.rows(name, odd):
                    remedy = "请从这些选项中选择：" + "、".join(f"{k}({v})" if k != v else k for k, v in f.enum.items()) + "。"
                    yield Breach(
                        name, i, f.name, "unknown_enum", "error", "null", str(column[i].as_py()), f"“{f.header}”没有这个选项。", remedy
                    )


def dates(scene: Scene) -> Iterator[Breach]:
    """Dates before the Party was founded, or further ahead than can be meant."""
    for name in scene.tables:
        for f in TABLES[name].fields:
            if f.kind in ("date", "time") and scene.has(name, f.name):
                yield from _odd_dates(scene, name, f.name)


def _odd_dates(scene: Scene, name: str, column: str) -> Iterator[Breach]:
    path = f"{name}.{column}"
    days = scene.column(name, column).cast(pa.date32(), safe=False)
    odd = pc.less_equal(days, scene.limits.born) if path == BORN else pc.less(days, scene.limits.first)
    if scene.today is not None:
        ahead = scene.limits.plan if path in PLANNED else scene.limits.past
        odd = pc.or_kleene(odd, pc.greater(days, scene.today + timedelta(days=ahead)))
    for i in scene.rows(name, odd):
        refuse = path == HAPPENED
        end = "整行未使用(按空白处理会与“没有记录”混淆)。" if refuse else "按未填处理。"
        yield Breach(
            name,
            i,
            column,
            "date_out_of_range",
            "error",
            "refuse" if refuse else "null",
            said(scene.column(name, column)[i].as_py()),
            f"“{TABLES[name][column].header}”超出合理范围，{end}",
            "请核对年份后改正。",
        )


def births(scene: Scene) -> Iterator[Breach]:
    """Joined the Party before birth."""
    if scene.has("person", "born_on", "joined_on"):
        born, joined = scene.column("person", "born_on"), scene.column("person", "joined_on")
        for i in scene.rows("person", pc.less(joined, born), "born_on", "joined_on"):
            yield Breach(
                "person",
                i,
                "joined_on",
                "date_out_of_range",
                "error",
                "null",
                said(joined[i].as_py()),
                "入党日期早于出生日期，按未填处理。",
                "请核对两个日期。",
            )


def periods(scene: Scene) -> Iterator[Breach]:
    """Ends before starts."""
    for name, start, end in PERIODS:
        if scene.has(name, start, end):
            first, last = scene.column(name, start), scene.column(name, end)
            for i in scene.rows(name, pc.less(last, first), start, end):
                reason = f"“{TABLES[name][end].header}”早于“{TABLES[name][start].header}”({first[i].as_py()})，按未填处理。"
                yield Breach(name, i, end, "end_before_start", "error", "null", said(last[i].as_py()), reason, "请核对两个日期。")


def attendance(scene: Scene) -> Iterator[Breach]:
    """More present than were to come."""
    if scene.has("activity", "present", "eligible"):
        present, eligible = scene.column("activity", "present"), scene.column("activity", "eligible")
        for i in scene.rows("activity", pc.greater(present, eligible)):
            reason = f"实到人数多于应到人数({eligible[i].as_py()})，实到人数按未填处理。"
            yield Breach(
                "activity", i, "present", "present_gt_eligible", "error", "null", str(present[i].as_py()), reason, "请核对应到、实到人数。"
            )


def negatives(scene: Scene) -> Iterator[Breach]:
    """Counts below zero (workbooks are checked cell by cell; this is for other input)."""
    for name in scene.tables:
        for f in TABLES[name].fields:
            if f.kind == "integer" and scene.has(name, f.name):
                column = scene.column(name, f.name)
                for i in scene.rows(name, pc.less(column, 0), f.name):
                    yield Breach(
                        name,
                        i,
                        f.name,
                        "negative_number",
                        "error",
                        "null",
                        str(column[i].as_py()),
                        f"“{f.header}”不能为负，按未填处理。",
                        "请核对后改正。",
                    )


def conditions(scene: Scene) -> Iterator[Breach]:
    """Clauses whose 适用对象 is outside the closed list."""
    if scene.has("clause", "applies_to"):
        column = scene.column("clause", "applies_to")
        for i in scene.rows("clause", pc.is_valid(column)):
            text = column[i].as_py()
            if applies(text) is None:
                yield Breach(
                    "clause",
                    i,
                    "applies_to",
                    "unknown_condition",
                    "error",
                    "refuse",
                    said(text),
                    "适用对象不在可识别的范围内，这一条未使用。",
                    "请写组织类型(党委、党总支、党支部、党小组)，可加“且设支委会”“且不设支委会”“且设党小组”“且正式党员数≥N”。",
                )
