"""Checks across the rows of the fact tables: what no single cell can show to be wrong.

Pure and the same for every kind of input. A `Breach` names the stored row (from 0) and what follows for it:
refuse (the row is not used), repeat (an exact repeat, used once), null (the row is used without this value), keep (used, but said).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.duties.clauses import applies
from zaidao.engine.schema import TABLES

Effect = Literal["refuse", "repeat", "null", "keep"]
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Breach:
    """One thing wrong between rows; `reason` and `remedy` are Chinese sentences."""

    table: str
    row: int
    field: str
    code: str
    severity: Severity
    effect: Effect
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Limits:
    """When a date cannot be meant. Days after the present day of the data (see `present_day`)."""

    gap: int = 366  # an office files every month; a whole year without any record, then one date, is a slip of the pen
    past: int = 366  # what is said to have happened may be typed a year ahead at most (a planned start), not more
    plan: int = 3660  # plans, terms and extensions reach two terms of five years ahead, not more
    first: date = date(1921, 7, 1)  # nothing of the Party is older than its founding
    born: date = date(1900, 1, 1)  # Excel's first day: earlier or equal comes from an empty or damaged cell


LIMITS = Limits()
PLANNED = frozenset({
    "organisation.extended_to", "organisation.dissolved_on", "appointment.until", "institution.repealed_on", "institution.adopted_on",
    "carrier.ended_on", "carrier.started_on", "activity.planned_for", "idea.pilot_from", "idea.pilot_to", "person.moved_out_on",
})
BORN = "person.born_on"
HAPPENED = "activity.held_at"  # null here would say "not held", so a row whose date is impossible is refused as a whole
PERIODS = (
    ("organisation", "established_on", "dissolved_on"), ("person", "joined_on", "full_since"), ("person", "moved_in_on", "moved_out_on"),
    ("appointment", "since", "until"), ("institution", "adopted_on", "repealed_on"), ("carrier", "started_on", "ended_on"),
    ("idea", "pilot_from", "pilot_to"), ("idea", "proposed_on", "adopted_on"),
)
ORG_REFERENCES = ("person", "appointment", "institution", "carrier", "activity", "idea")
REFERENCES = (  # table, field, table referred to
    ("appointment", "person_id", "person"), ("activity", "carrier_id", "carrier"), ("activity", "recorder_id", "person"),
    ("activity", "host_id", "person"), ("institution", "idea_id", "idea"), ("idea", "proposer_id", "person"),
    ("idea", "carrier_id", "carrier"), ("idea", "institution_id", "institution"),
)
RANK = {"committee": 0, "general_branch": 1, "branch": 2, "group": 3}


@dataclass
class Scene:
    """The stored tables while they are checked: what is already refused or void, and which codes exist."""

    tables: Mapping[str, pa.Table]
    also_known: Mapping[str, set[str]]
    limits: Limits
    today: date | None
    gone: dict[str, set[int]] = field(default_factory=dict)
    void: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    def has(self, table: str, *columns: str) -> bool:
        return table in self.tables and self.tables[table].num_rows > 0 and set(columns) <= set(self.tables[table].column_names)

    def column(self, table: str, name: str) -> pa.ChunkedArray:
        return self.tables[table][name]

    def codes(self, table: str) -> pa.Array:
        """Every code of a table, also of rows that were refused: they exist, though nothing is known of them."""
        key = TABLES[table].key[0]
        stored = pc.unique(self.column(table, key)) if self.has(table, key) else pa.array([], pa.string())
        return pa.concat_arrays([stored, pa.array(sorted(self.also_known.get(table, ())), pa.string())])

    def rows(self, table: str, mask: pa.ChunkedArray | pa.Array, *used: str) -> list[int]:
        """Rows where `mask` is true, still in use, and with none of the `used` fields void."""
        gone = self.gone.get(table, set()).union(*(self.void.get((table, name), set()) for name in used))
        return [i for i in pc.indices_nonzero(pc.fill_null(mask, False)).to_pylist() if i not in gone]

    def note(self, breach: Breach) -> Breach:
        if breach.effect in ("refuse", "repeat"):
            self.gone.setdefault(breach.table, set()).add(breach.row)
        elif breach.effect == "null":
            self.void.setdefault((breach.table, breach.field), set()).add(breach.row)
        return breach


def find(
    tables: Mapping[str, pa.Table], *, also_known: Mapping[str, set[str]] | None = None, today: date | None = None, limits: Limits = LIMITS,
) -> list[Breach]:
    """All breaches, in order of the checks; one row is refused once, and a refused row is not checked further.

    `tables` are stored rows without sensitive columns; `also_known` the codes of rows refused before (table -> codes);
    `today` is the present day of the data where it is known from elsewhere.
    """
    scene = Scene(tables, also_known or {}, limits, present_day(tables, limits) or today)
    checks: tuple[Callable[[Scene], Iterator[Breach]], ...] = (
        keyless, duplicates, enums, dates, births, unknown_parents, circular_parents, unknown_organisations, orphan_clauses, conditions,
        periods, attendance, negatives, references, participants,
    )
    return [scene.note(breach) for check in checks for breach in check(scene)]


def present_day(tables: Mapping[str, pa.Table], limits: Limits = LIMITS) -> date | None:
    """The last day on which activities were held or filed, before the first gap of over a year after their median.

    None where no activity is dated.
    """
    days: list[date] = []
    if "activity" in tables:
        for name in ("held_at", "recorded_at"):
            if name in tables["activity"].column_names:
                days += pc.unique(pc.drop_null(tables["activity"][name].cast(pa.date32(), safe=False))).to_pylist()
    days = sorted(set(days))
    for i in range(len(days) // 2, len(days) - 1):
        if (days[i + 1] - days[i]).days > limits.gap:
            return days[i]
    return days[-1] if days else None


def last_activity(tables: Mapping[str, pa.Table], limits: Limits = LIMITS) -> date | None:
    """The last day on which an activity was held, impossible dates aside."""
    today = present_day(tables, limits)
    if today is None or "held_at" not in tables["activity"].column_names:
        return None
    days = pc.drop_null(tables["activity"]["held_at"].cast(pa.date32(), safe=False))
    return pc.max(days.filter(pc.less_equal(days, today + timedelta(days=limits.past)))).as_py() if len(days) else None


def keyless(scene: Scene) -> Iterator[Breach]:
    """Rows without a required field."""
    for name in scene.tables:
        for f in TABLES[name].fields:
            if f.required and scene.has(name, f.name):
                for i in scene.rows(name, pc.is_null(scene.column(name, f.name))):
                    yield Breach(name, i, f.name, "missing_required", "error", "refuse", "", f"“{f.header}”为空，这一行未能使用。", "请补填后重新提供。")


def duplicates(scene: Scene) -> Iterator[Breach]:
    """The same key twice: an exact repeat is used once; different content is an error on the later row."""
    for name in scene.tables:
        key = TABLES[name].key
        if scene.has(name, *key):
            for rows in _groups(scene, name, key):
                yield from _conflicts(scene, name, rows)


def _groups(scene: Scene, name: str, key: Sequence[str]) -> list[list[int]]:
    """Rows that share a key, each group in stored order, groups by their first row."""
    columns = [scene.column(name, k) for k in key]
    keys = columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, "\x1f")
    if pc.count_distinct(keys).as_py() == len(keys):
        return []
    counts = pc.value_counts(keys)
    shared = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    groups: dict[str, list[int]] = {}
    for i in scene.rows(name, pc.is_in(keys, shared)):
        groups.setdefault(keys[i].as_py(), []).append(i)
    return list(groups.values())


def _conflicts(scene: Scene, name: str, rows: list[int]) -> Iterator[Breach]:
    table = scene.tables[name]
    content = {i: table.slice(i, 1).to_pylist()[0] for i in rows}
    kept: list[int] = []
    for i in rows:
        rival = next((k for k in kept if not (name == "appointment" and _apart(content[k], content[i]))), None)
        if rival is None:
            kept.append(i)
            continue
        different = _difference(name, content[rival], content[i])
        code = content[i][TABLES[name].key[0]]
        if name == "appointment" and different is not None:
            value = _said(content[i][different])
            reason = f"同一人在同一组织的同一职务出现两次，“{TABLES[name][different].header}”不同，只使用前一行。"
            yield Breach(name, i, different, "duplicate_appointment", "warning", "repeat", value, reason, "请核对任职、离任日期，或删去重复的一行。")
        elif different is None:
            yield Breach(name, i, TABLES[name].key[0], "duplicate_row", "note", "repeat", code, "与前面的一行完全相同，只使用一次。", "可删去重复的一行。")
        else:
            header = TABLES[name][different].header
            value = _said(content[i][different])
            reason = f"编号 {code} 出现两次，“{header}”不一致(前面为“{_said(content[rival][different])}”)，后一行未使用。"
            yield Breach(name, i, different, "duplicate_code_conflict", "error", "refuse", value, reason, "请核对哪一行正确，删去或改正另一行。")


def _difference(name: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> str | None:
    """The first field in which two rows differ, a field known in both before one that is empty in one."""
    fields = [f.name for f in TABLES[name].fields if f.name in first and first[f.name] != second[f.name]]
    return next((f for f in fields if first[f] is not None and second[f] is not None), fields[0] if fields else None)


def _apart(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """True if two appointments to one post follow each other in time: held, left, held again."""
    a, b = sorted((first, second), key=lambda r: (r.get("since") is not None, r.get("since") or date.min))
    return a.get("until") is not None and b.get("since") is not None and a["until"] <= b["since"]


def _said(value: object) -> str:
    text = "、".join(map(str, value)) if isinstance(value, list) else "空" if value is None else str(value)
    return text if len(text) <= 40 else text[:40] + "…"


def enums(scene: Scene) -> Iterator[Breach]:
    """Codes outside the closed lists (workbooks are checked cell by cell; this is for other input)."""
    for name in scene.tables:
        for f in TABLES[name].fields:
            if f.kind == "enum" and scene.has(name, f.name):
                column = scene.column(name, f.name)
                odd = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, pa.array(list(f.enum), pa.string()))))
                for i in scene.rows(name, odd):
                    remedy = "请从这些选项中选择：" + "、".join(f"{k}({v})" if k != v else k for k, v in f.enum.items()) + "。"
                    yield Breach(name, i, f.name, "unknown_enum", "error", "null", str(column[i].as_py()), f"“{f.header}”没有这个选项。", remedy)


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
        end = "整行未使用(留空会被当作未召开)。" if refuse else "按未填处理。"
        yield Breach(
            name, i, column, "date_out_of_range", "error", "refuse" if refuse else "null", _said(scene.column(name, column)[i].as_py()),
            f"“{TABLES[name][column].header}”超出合理范围，{end}", "请核对年份后改正。",
        )


def births(scene: Scene) -> Iterator[Breach]:
    """Joined the Party before birth."""
    if scene.has("person", "born_on", "joined_on"):
        born, joined = scene.column("person", "born_on"), scene.column("person", "joined_on")
        for i in scene.rows("person", pc.less(joined, born), "born_on", "joined_on"):
            yield Breach("person", i, "joined_on", "date_out_of_range", "error", "null", _said(joined[i].as_py()), "入党日期早于出生日期，按未填处理。", "请核对两个日期。")


def unknown_parents(scene: Scene) -> Iterator[Breach]:
    """A superior that is not in the table. The only top of a partial table may name one: it is the top then."""
    if not scene.has("organisation", "org_id", "parent_id"):
        return
    parents = scene.column("organisation", "parent_id")
    unknown = scene.rows("organisation", pc.and_(pc.is_valid(parents), pc.invert(pc.is_in(parents, scene.codes("organisation")))))
    tops = scene.rows("organisation", pc.is_null(parents))
    outside = len({parents[i].as_py() for i in unknown}) == 1 and not tops
    for i in unknown:
        if outside:
            yield Breach("organisation", i, "parent_id", "parent_outside", "warning", "null", parents[i].as_py(), "上级组织不在表内，按最上一级处理。", "如应包含上级组织，请补上。")
        else:
            yield Breach("organisation", i, "parent_id", "unknown_org_code", "error", "null", parents[i].as_py(), "上级组织编号在“组织”表中查不到，按未填处理。", "请核对编号，或在“组织”表补上该组织。")


def circular_parents(scene: Scene) -> Iterator[Breach]:
    """Organisations that are their own superior over some steps; the most doubtful link of each circle is the error."""
    if not scene.has("organisation", "org_id", "parent_id"):
        return
    table = scene.tables["organisation"].select([c for c in ("org_id", "parent_id", "kind") if c in scene.tables["organisation"].column_names])
    gone = scene.gone.get("organisation", set()) | scene.void.get(("organisation", "parent_id"), set())
    rows = {r["org_id"]: (i, r) for i, r in enumerate(table.to_pylist()) if i not in gone}
    for circle in _circles({o: r["parent_id"] for o, (_, r) in rows.items()}):
        worst = max(circle, key=lambda o: _doubt(rows, o))
        index, row = rows[worst]
        path = "→".join(_from(circle, worst))
        yield Breach("organisation", index, "parent_id", "circular_parent", "error", "null", row["parent_id"], f"上级关系成环({path})，该上级按未填处理。", "请改正为真正的上级组织编号。")


def _circles(parent: Mapping[str, str | None]) -> list[list[str]]:
    """Every circle of the parent links, each once, in the order of its links."""
    done: set[str] = set()
    found = []
    for start in parent:
        path: dict[str, None] = {}
        node: str | None = start
        while node is not None and node in parent and node not in done and node not in path:
            path[node] = None
            node = parent[node]
        if node in path:
            steps = list(path)
            found.append(steps[steps.index(node):])
        done.update(path)
    return found


def _from(circle: list[str], first: str) -> list[str]:
    at = circle.index(first)
    return [*circle[at:], *circle[:at], first]


def _doubt(rows: Mapping[str, tuple[int, Mapping[str, Any]]], org: str) -> tuple[int, int]:
    """How doubtful an organisation's link upwards is: a superior of lower kind, then a superior listed further below."""
    index, row = rows[org]
    above, parent = rows[row["parent_id"]]
    mine, its = RANK.get(row.get("kind") or ""), RANK.get(parent.get("kind") or "")
    return (its - mine if mine is not None and its is not None else 0, above - index)


def unknown_organisations(scene: Scene) -> Iterator[Breach]:
    """Rows of an organisation that is not in the table of organisations."""
    if not scene.has("organisation", "org_id"):
        return
    codes = scene.codes("organisation")
    for name in ORG_REFERENCES:
        if scene.has(name, "org_id"):
            column = scene.column(name, "org_id")
            for i in scene.rows(name, pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, codes)))):
                header = TABLES[name]["org_id"].header
                yield Breach(name, i, "org_id", "unknown_org_code", "error", "refuse", column[i].as_py(), f"“{header}”在“组织”表中查不到，这一行未使用。", "请核对编号，或在“组织”表补上该组织。")


def orphan_clauses(scene: Scene) -> Iterator[Breach]:
    """Clauses of a rule that is not in the table of rules: nobody knows whom they bind."""
    if scene.has("clause", "institution_id") and scene.has("institution", "institution_id"):
        column = scene.column("clause", "institution_id")
        for i in scene.rows("clause", pc.invert(pc.is_in(column, scene.codes("institution")))):
            yield Breach("clause", i, "institution_id", "unknown_institution_code", "error", "refuse", column[i].as_py(), "制度编号在“制度”表中查不到，这一条未使用。", "请核对编号，或在“制度”表补上该制度。")


def conditions(scene: Scene) -> Iterator[Breach]:
    """Clauses whose 适用对象 is outside the closed list."""
    if scene.has("clause", "applies_to"):
        column = scene.column("clause", "applies_to")
        for i in scene.rows("clause", pc.is_valid(column)):
            text = column[i].as_py()
            if applies(text) is None:
                yield Breach(
                    "clause", i, "applies_to", "unknown_condition", "error", "refuse", _said(text), "适用对象不在可识别的范围内，这一条未使用。",
                    "请写组织类型(党委、党总支、党支部、党小组)，可加“且设支委会”“且不设支委会”“且设党小组”“且正式党员数≥N”。",
                )


def periods(scene: Scene) -> Iterator[Breach]:
    """Ends before starts."""
    for name, start, end in PERIODS:
        if scene.has(name, start, end):
            first, last = scene.column(name, start), scene.column(name, end)
            for i in scene.rows(name, pc.less(last, first), start, end):
                reason = f"“{TABLES[name][end].header}”早于“{TABLES[name][start].header}”({first[i].as_py()})，按未填处理。"
                yield Breach(name, i, end, "end_before_start", "error", "null", _said(last[i].as_py()), reason, "请核对两个日期。")


def attendance(scene: Scene) -> Iterator[Breach]:
    """More present than were to come."""
    if scene.has("activity", "present", "eligible"):
        present, eligible = scene.column("activity", "present"), scene.column("activity", "eligible")
        for i in scene.rows("activity", pc.greater(present, eligible)):
            reason = f"实到人数多于应到人数({eligible[i].as_py()})，实到人数按未填处理。"
            yield Breach("activity", i, "present", "present_gt_eligible", "error", "null", str(present[i].as_py()), reason, "请核对应到、实到人数。")


def negatives(scene: Scene) -> Iterator[Breach]:
    """Counts below zero (workbooks are checked cell by cell; this is for other input)."""
    for name in scene.tables:
        for f in TABLES[name].fields:
            if f.kind == "integer" and scene.has(name, f.name):
                column = scene.column(name, f.name)
                for i in scene.rows(name, pc.less(column, 0), f.name):
                    yield Breach(name, i, f.name, "negative_number", "error", "null", str(column[i].as_py()), f"“{f.header}”不能为负，按未填处理。", "请核对后改正。")


def references(scene: Scene) -> Iterator[Breach]:
    """Codes of people, carriers, rules and ideas that are in no table. The value is kept: it may live in a part not provided."""
    for name, column_name, target in REFERENCES:
        if scene.has(name, column_name) and scene.has(target):
            column = scene.column(name, column_name)
            unknown = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, scene.codes(target))))
            for i in scene.rows(name, unknown):
                reason = f"“{TABLES[name][column_name].header}”在“{TABLES[target].sheet}”表中查不到。"
                yield Breach(name, i, column_name, f"unknown_{target}_code", "warning", "keep", column[i].as_py(), reason, "请核对编号，或补上所缺的一行。")


def participants(scene: Scene) -> Iterator[Breach]:
    """Participants who are not on the roster."""
    if not (scene.has("activity", "participants") and scene.has("person")):
        return
    column = scene.column("activity", "participants").combine_chunks()
    column = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    people = pc.list_flatten(column)
    unknown = pc.and_(pc.is_valid(people), pc.invert(pc.is_in(people, scene.codes("person"))))
    owners = pc.list_parent_indices(column).filter(unknown).to_pylist()
    named: dict[int, list[str]] = {}
    for i, code in zip(owners, people.filter(unknown).to_pylist(), strict=True):
        named.setdefault(i, []).append(code)
    gone = scene.gone.get("activity", set())
    for i, codes in named.items():
        if i not in gone:
            yield Breach("activity", i, "participants", "unknown_person_code", "warning", "keep", _said(codes), f"有 {len(codes)} 个到会人员编号在“人员”表中查不到。", "请核对编号，或在“人员”表补上。")

