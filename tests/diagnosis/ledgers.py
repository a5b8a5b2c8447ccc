"""A small sound group as rows of the contract, written as workbooks and text tables in any layout."""

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from zaidao.engine.schema import TABLES
from zaidao.sheets.identity import check_character

Rows = dict[str, list[dict[str, Any]]]


def number(birth: date, order: int) -> str:
    """A citizen ID number of the impossible region 999999."""
    first = f"999999{birth:%Y%m%d}{order:03d}"
    return first + check_character(first)


ORGS = (("O1", "总公司党委", "committee", None), ("O2", "一公司党总支", "general_branch", "O1"), ("O3", "一队党支部", "branch", "O2"),
        ("O4", "二队党支部", "branch", "O2"))
ORG = {
    "established_on": date(2019, 1, 1), "dissolved_on": None, "term_started_on": date(2024, 1, 1), "term_years": 3.0, "headcount": 30,
    "form": "固定", "extended_to": date(2027, 6, 1),
}
PERSON = {
    "category": "full", "gender": "男", "ethnicity": "汉族", "education": "大学本科", "occupation": "电工", "joined_on": date(2010, 7, 1),
    "full_since": date(2011, 7, 1), "moved_in_on": date(2020, 1, 1), "moved_out_on": None,
}
ACT = {
    "org_id": "O3", "kind": "党课", "carrier_id": "Z1", "hours": 1.5, "place": "会议室", "eligible": 4, "present": 3, "volunteers": 1,
    "participants": ["P1", "P2"], "minutes": "第一行\n第二行，讲了三件事。", "recorder_id": "P1", "photos": [0x39A485F300E3E48D, 2**64 - 1],
    "ratings": 3, "rating": 4.5, "host_id": "P2", "remark": "按期", "decisions": 2, "followups_done": 1,
}
POST = {
    "person_id": "P1", "org_id": "O3", "post": "书记", "domain": "party", "full_time": "no", "since": date(2024, 1, 1),
    "until": date(2026, 8, 1), "basis": "文1", "tenure": "正式",
}
INSTITUTION = {
    "institution_id": "R1", "title": "办法", "org_id": "O1", "origin": "own", "adopted_on": date(2024, 1, 1),
    "repealed_on": date(2026, 5, 1), "document_no": "文2", "idea_id": "D1",
}
CLAUSE = {
    "institution_id": "R1", "article": "第一条", "subject": "党课", "applies_to": "党支部且正式党员数≥3", "every": "quarter", "at_least": 1,
    "evidence": "会议记录", "grace_days": 10,
}
CARRIER = {
    "carrier_id": "Z1", "name": "先锋行动", "org_id": "O3", "kind": "先锋岗", "origin": "own", "directive_no": "文3",
    "started_on": date(2025, 1, 1), "ended_on": date(2026, 4, 1), "end_reason": "完成", "aim": "减少差错",
}
IDEA = {
    "idea_id": "D1", "org_id": "O3", "proposer_id": "P1", "title": "看板", "proposed_on": date(2025, 1, 1), "adopted_on": date(2025, 2, 1),
    "pilot_from": date(2025, 3, 1), "pilot_to": date(2025, 5, 1), "measure": "件数", "baseline": 9.0, "target": 5.0, "result": 4.5,
    "verdict": "adopt", "carrier_id": "Z1", "institution_id": "R1", "closing_note": "有效",
}


def small_world() -> Rows:
    """Four organisations, six people, and one or two rows of everything; each optional column has a value."""
    orgs = [{"org_id": o, "name": name, "kind": kind, "parent_id": parent, "unit": name} | ORG for o, name, kind, parent in ORGS]
    orgs[3]["dissolved_on"] = date(2026, 9, 1)
    people = [_person(i) for i in range(1, 7)]
    people[5]["moved_out_on"] = date(2026, 2, 1)
    many = {"organisation": orgs, "person": people, "activity": [_act(i) for i in range(1, 4)]}
    single = {"appointment": POST, "institution": INSTITUTION, "clause": CLAUSE, "carrier": CARRIER, "idea": IDEA}
    return many | {table: [dict(row)] for table, row in single.items()}


def _person(i: int) -> dict[str, Any]:
    """The first three in one branch, the others in the other."""
    born = date(1980, 1, i)
    own = {"person_id": f"P{i}", "name": f"人{i}", "org_id": "O3" if i < 4 else "O4", "born_on": born}
    return PERSON | own | {"id_no": number(born, 11), "phone": f"1000000000{i}"}


def _act(i: int) -> dict[str, Any]:
    """A lecture on the i-th of March 2026, recorded the same day."""
    held, recorded = datetime(2026, 3, i, 14, 30), datetime(2026, 3, i, 17, 0)
    own = {"activity_id": f"H{i}", "title": f"第{i}课", "planned_for": held.date(), "held_at": held, "recorded_at": recorded}
    return ACT | own | {"participants": list(ACT["participants"]), "photos": list(ACT["photos"])}


def cell(table: str, name: str, value: Any) -> Any:
    """A value as an office writes it: labels, joined codes, hexadecimal hashes."""
    field = TABLES[table][name]
    if value is None:
        return None
    if field.kind == "enum":
        return field.enum[value]
    if field.kind == "codes":
        return "、".join(value)
    return ";".join(f"{h:016x}" for h in value) if field.kind == "hashes" else value


def grid(rows: Rows, table: str, drop: str = "") -> list[list[Any]]:
    """One table as header and rows, less the column `drop`."""
    names = [n for n in TABLES[table].names if n != drop]
    return [[TABLES[table][n].header for n in names], *([cell(table, n, r.get(n)) for n in names] for r in rows[table])]


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """Write named grids as .xlsx."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def plain_workbook(path: Path, rows: Rows, without: str = "", drop: str = "") -> Path:
    """All tables but `without`, less the column `drop` (table.column)."""
    table, _, column = drop.partition(".")
    return workbook(path, {TABLES[t].sheet: grid(rows, t, column if t == table else "") for t in rows if t != without})


def csv_folder(folder: Path, rows: Rows, encoding: str) -> Path:
    """One .csv per table."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in rows:
        out = io.StringIO(newline="")
        csv.writer(out).writerows([["" if v is None else v for v in row] for row in grid(rows, table)])
        (folder / f"{TABLES[table].sheet}.csv").write_bytes(out.getvalue().encode(encoding))
    return folder
