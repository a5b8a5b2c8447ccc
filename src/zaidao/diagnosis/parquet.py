"""The eight tables as Parquet: the same checks as for workbooks, with row numbers for cells."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from zaidao.diagnosis.joined import Joined, Part
from zaidao.engine.facts import Facts, FactsRefused, conform, parquet_files
from zaidao.engine.schema import PERSON, TABLES
from zaidao.sheets import identity
from zaidao.sheets.problem import Problem, Severity, masked
from zaidao.sheets.reader import Counts

if TYPE_CHECKING:
    from zaidao.diagnosis.intake import Found


def is_tables(folder: Path) -> bool:
    """True for a folder that holds fact tables."""
    return any(parquet_files(folder, name) for name in TABLES)


def read(found: "Found") -> Joined:
    """Read the one folder of fact tables."""
    folder = found.parquet[0]
    problems = list(found.problems)
    for _, name in found.files:
        problems.append(Problem(name, "", "", "", "mixed_input", "warning", "", "已读取 Parquet 数据，此文件未读取。", "请分别提供。"))
    for other in found.parquet[1:]:
        problems.append(Problem(other.name, "", "", "", "mixed_input", "warning", "", "只读取了第一个 Parquet 文件夹。", "请合并后提供。"))
    try:
        facts = Facts.from_parquet(folder)
        tables = {name: facts.stored(name, _light(folder, name)) for name in TABLES if parquet_files(folder, name)}
    except FactsRefused as refused:
        where = Problem(refused.file, "", "", refused.column, "unreadable_table", "error", "", refused.reason, refused.remedy)
        return Joined(Facts.from_tables({}), {}, problems=[*problems, where])
    parts = {name: _parts(folder, name) for name in tables}
    joined = Joined(facts, tables, parts, problems, [p.counts for ps in parts.values() for p in ps])
    joined.problems += list(_check_identities(folder, joined))
    return joined


def _light(folder: Path, name: str) -> list[str]:
    """The stored columns without sensitive fields, text and photos: those two are most of the bytes and no check needs them."""
    stored = set().union(*(pq.read_schema(f).names for f in parquet_files(folder, name)))
    return [n for n in TABLES[name].arrow.names if n in stored and n not in ("minutes", "photos")]


def _parts(folder: Path, name: str) -> list[Part]:
    parts = []
    for file in parquet_files(folder, name):
        rows = pq.read_metadata(file).num_rows
        counts = Counts(file.relative_to(folder).as_posix(), TABLES[name].sheet, name, read=rows, used=rows)
        parts.append(Part(rows, counts, lambda row, _field: f"第{row + 1}行"))
    return parts


def _check_identities(folder: Path, joined: Joined) -> Iterator[Problem]:
    """Check digits, birth dates and genders of ID numbers, where they are given at all; the numbers are dropped here."""
    row = 0
    for file in parquet_files(folder, "person"):
        stored = pq.read_schema(file).names
        if "id_no" not in stored:
            row += pq.read_metadata(file).num_rows
            continue
        wanted = [n for n in ("id_no", "born_on", "gender") if n in stored]
        table = conform(pq.read_table(file, columns=wanted, partitioning=None), pa.schema([PERSON[n].arrow for n in wanted]), file.name)
        for i, record in enumerate(table.to_pylist()):
            for name, code, severity, value, reason in _faults(record):
                yield Problem(*joined.place("person", row + i, name), name, code, severity, value, reason, "请按证件核对。")
        row += table.num_rows


def _faults(record: Mapping[str, Any]) -> Iterator[tuple[str, str, Severity, str, str]]:
    number = (record["id_no"] or "").strip().upper()
    if not number or "*" in number:
        return
    if not identity.is_shaped(number):
        yield "id_no", "id_format", "error", masked(number), "公民身份号码应为17位数字加1位校验码。"
    elif not identity.is_valid(number):
        yield "id_no", "id_check_digit", "error", masked(number), "校验码不对，号码有误。"
    else:
        if record.get("born_on") is not None and identity.birth_date(number) != record["born_on"]:
            yield "born_on", "id_birth_mismatch", "warning", str(record["born_on"]), "出生日期与公民身份号码不一致。"
        if record.get("gender") is not None and identity.gender(number) != record["gender"]:
            yield "gender", "id_gender_mismatch", "warning", record["gender"], "性别与公民身份号码不一致。"
