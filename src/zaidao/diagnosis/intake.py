"""From an office's files to facts and problems: the only place that sees citizen ID numbers and phones.

Reads workbooks and text tables by `columns`, or fact tables as Parquet; joins the same sheet of many files; checks across rows
(`engine.checks`); and accounts for every row: read = used + refused + no data. No Django.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from zaidao.diagnosis import ledgers, parquet
from zaidao.diagnosis.joined import Joined
from zaidao.engine import checks
from zaidao.engine.facts import Facts
from zaidao.sheets.files import TEXTS, WORKBOOKS
from zaidao.sheets.problem import Problem, shown
from zaidao.sheets.reader import Counts

Progress = Callable[[float, str], None]
SheetCount = Counts
REFUSED = {".et", ".xlsb", ".numbers"}  # tables in a folder that must be saved anew: said as errors
ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass
class Intake:
    """What reading gave.

    `facts`: the usable rows; `problems`: in a fixed order; `counts`: one per sheet; `as_of_hint`: the day after the last dated
    activity, else the day that titles state (截至…), else None; `refused`: nothing can be diagnosed, and why (Chinese), else "".
    """

    facts: Facts
    problems: list[Problem] = field(default_factory=list)
    counts: list[SheetCount] = field(default_factory=list)
    as_of_hint: date | None = None
    refused: str = ""

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if p.severity == "error"]


def read(paths: Sequence[Path | str], progress: Progress | None = None, limits: checks.Limits = checks.LIMITS) -> Intake:
    """Read files and folders. Never raises for what they contain: what cannot be used is a problem with a remedy.

    A folder (or file) of Parquet fact tables is read as such and then must be the only input. `progress(share, message)` is
    called with shares from 0 to 1; `limits` says when a date cannot be meant.
    """
    tell = progress or (lambda _share, _message: None)
    found = expand([Path(p) for p in paths])
    tell(0.0, "正在查看文件")
    joined = parquet.read(found) if found.parquet else ledgers.read(found, tell)
    tell(0.8, "正在核对各表之间的关系")
    intake = _settle(joined, limits)
    tell(1.0, "读取完成")
    return intake


@dataclass
class Found:
    """The files behind the given paths: `files` with the name that problems call them by, the folder of Parquet, and troubles."""

    files: list[tuple[Path, str]] = field(default_factory=list)
    parquet: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def expand(paths: Sequence[Path]) -> Found:
    """The files of the given files and folders, folders walked in order of names, lock and hidden files left out."""
    found = Found()
    for path in paths:
        if path.is_dir():
            if parquet.is_tables(path):
                found.parquet.append(path)
            else:
                _walk(path, found)
        elif path.suffix == ".parquet":
            found.parquet += [path.parent] if path.parent not in found.parquet else []
        else:
            found.files.append((path, path.name))
    found.files = _distinct(found.files)
    return found


def _walk(folder: Path, found: Found) -> None:
    """Take the tables of a folder; what else lies there is noted, not an error: nobody offered it as a ledger."""
    for file in sorted(folder.rglob("*")):
        if not _is_ledger(file, folder):
            continue
        name = file.relative_to(folder).as_posix()
        if file.suffix.lower() in WORKBOOKS | TEXTS | REFUSED:
            found.files.append((file, name))
        else:
            reason, remedy = "文件夹中的这个文件不是表格，未读取。", "无需处理；如应读取，请另存为 .xlsx。"
            found.problems.append(Problem(name, "", "", "", "unknown_extension", "note", "", reason, remedy))


def _is_ledger(file: Path, root: Path) -> bool:
    return file.is_file() and not any(part.startswith((".", "~$", "__MACOSX")) for part in file.relative_to(root).parts)


def _distinct(files: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """Each file once; files of one name in different folders are told apart by their folder."""
    unique = list(dict.fromkeys((path.resolve(), name) for path, name in files))
    names = [name for _, name in unique]
    return [(path, name if names.count(name) == 1 else f"{path.parent.name}/{name}") for path, name in unique]


def _settle(joined: Joined, limits: checks.Limits) -> Intake:
    """Check across rows, drop what is refused, void what is unusable, count."""
    breaches = checks.find(joined.tables, also_known=joined.also_known, today=joined.stated, limits=limits)
    problems = joined.problems + [_problem(joined, b) for b in breaches]
    for breach in breaches:
        if breach.effect in ("refuse", "repeat"):
            count = joined.count_of(breach.table, breach.row)
            count.used -= 1
            count.refused += breach.effect == "refuse"
            count.no_data += breach.effect == "repeat"
    facts = joined.facts_without(breaches)
    last = checks.last_activity({"activity": facts.table("activity", ["held_at", "recorded_at"])}, limits)
    hint = last + timedelta(days=1) if last else joined.stated
    refused = "" if facts.has("organisation") else "没有可用的“组织”表，无法诊断。请提供含组织编号的“组织”表。"
    if refused:
        problems.append(
            Problem(
                "", "组织", "", "", "no_organisation", "error", "", "没有可用的“组织”表。", "请提供含“组织编号”列的“组织”表，可用模板填写。"
            )
        )
    return Intake(facts, _sorted(problems), joined.counts, hint, refused)


def _problem(joined: Joined, breach: checks.Breach) -> Problem:
    file, sheet, cell = joined.place(breach.table, breach.row, breach.field)
    return Problem(file, sheet, cell, breach.field, breach.code, breach.severity, shown(breach.value), breach.reason, breach.remedy)


def _sorted(problems: Sequence[Problem]) -> list[Problem]:
    """By file, sheet, row, column, code: the order in which a clerk would work through them."""
    return sorted(set(problems), key=lambda p: (p.file, p.sheet, *_address(p.cell), p.code, p))


def _address(cell: str) -> tuple[int, int, str]:
    letters = cell.rstrip("0123456789")
    digits = cell[len(letters) :] if letters.isascii() else "".join(c for c in cell if c.isdigit())
    return int(digits or 0), len(letters), letters


def summary(intake: Intake) -> Mapping[str, int]:
    """Number of problems by severity."""
    return {s: sum(p.severity == s for p in intake.problems) for s in ORDER}
