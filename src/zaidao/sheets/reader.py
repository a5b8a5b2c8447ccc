"""A file's sheets as rows of values, with every row accounted for: rows read = used + refused + no data."""

import re
from collections.abc import Sequence
from itertools import islice
from math import ceil
from typing import Any

from zaidao.sheets.files import FileRefused, RawSheet, Source, read_raw
from zaidao.sheets.header import Header, Headings, recognise, same_text
from zaidao.sheets.problem import Problem, shown
from zaidao.sheets.result import Counts, FileRead, SheetRows
from zaidao.sheets.spec import Column, Sheet
from zaidao.sheets.values import DITTO, OPEN_ENDED, PARSERS, Flaw, Mode, is_blank, is_error, normal, plain, says_nothing

TOTAL = re.compile(r"^(?:本页|本表|本单位|全部|以上)?(?:合计|小计|总计|共计|累计|平均)(?:[:(]|\d|人|$)")
NOTE = re.compile(
    r"^(?:备注|说明|填表说明|填写说明|填报说明|注|附注|注意|填表人|填报人|审核人|制表人|制表|复核人|负责人|联系人|填报单位|填表单位|填报日期|填表日期|审批|签字|盖章)\s*\d*[:.、]"
)
EXAMPLE = re.compile(r"^[(\[【]?(?:示例|样例|举例|填写示例|范例)")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
REPEATED = 0.8  # share of a row's cells that repeat headings: then it is the header printed again on a new page
PROSE = 6  # characters: one cell alone in a row, shorter than this, may be a code whose row is otherwise empty
NUMBERING = frozenset({"序号", "序", "行号", "No", "No.", "NO"})
EXPLANATIONS = frozenset({"说明", "填写说明", "填表说明", "使用说明"})


def read_file(path: Source, sheets: Sequence[Sheet], name: str | None = None, *, cells: bool = False) -> FileRead:
    """Read a workbook or text table against the column specifications; never raises for what a file contains.

    `cells`: also give every data row's cells as they stand, for whoever hands rows back to be corrected.
    """
    file = name or path.name
    result = FileRead()
    try:
        raws = list(read_raw(path))
    except FileRefused as refused:
        result.problems.append(Problem(file, "", "", "", refused.code, "error", "", refused.reason, refused.remedy))
        return result
    except OSError:
        result.problems.append(Problem(file, "", "", "", "unreadable_file", "error", "", "文件不存在或无权读取。", "请检查路径和权限。"))
        return result
    headings = [Headings(sheet) for sheet in sheets]
    found = [(raw, recognise(raw, headings)) for raw in raws]
    visible = {match[0].sheet.name for raw, match in found if match and not raw.hidden}
    for raw, match in found:
        _take(file, raw, match, visible, result, cells=cells)
    return result


def _take(
    file: str, raw: RawSheet, match: tuple[Headings, Header | None] | None, visible: set[str], result: FileRead, *, cells: bool,
) -> None:
    """Read one sheet into the result, or say why not."""
    say = _Say(file, raw.name, result.problems)
    if not any(not is_blank(c) for row in raw.rows for c in row) and not raw.broken:
        if match:
            say(Flaw("empty_sheet", "工作表是空的。", "如有数据，请补填。", "note"))
        return
    if match is None and raw.name.strip() in EXPLANATIONS:
        return
    if match is None:
        say(Flaw("unknown_sheet", "不是所需的表，未读取。", "如应读取，请按模板修改工作表名称和表头。", "note"))
        return
    headings, header = match
    if raw.hidden:
        double = headings.sheet.name in visible
        say(
            Flaw(
                "hidden_sheet",
                "隐藏的工作表，已有可见的同类表，未读取。" if double else "隐藏的工作表，已读取。",
                "请确认是否应当保留该表；不需要的请删除。",
                "warning" if double else "note",
            )
        )
        if double:
            return
    if raw.unseen:
        say(Flaw("hidden_rows", "表中有隐藏(或被筛选)的行、列，也已读取。", "不需要的行请先删除，再提供。", "note"))
    missing = [c.header for c in headings.sheet.columns if c.required and (header is None or c.name not in header.columns)]
    if header is None or missing:
        _refuse_sheet(raw, headings.sheet, missing, say, result)
        return
    result.titles += [plain(c) for row in raw.rows[: header.last_row] for c in row if isinstance(c, str) and c.strip()]
    result.sheets.append(_Reading(file, raw, headings, header, say, cells=cells).run())


class _Say:
    """Adds problems of one sheet."""

    def __init__(self, file: str, sheet: str, problems: list[Problem]) -> None:
        self.file, self.sheet, self.problems = file, sheet, problems

    def __call__(self, flaw: Flaw, cell: str = "", name: str = "", *, value: str = "") -> None:
        self.problems.append(Problem(self.file, self.sheet, cell, name, flaw.code, flaw.severity, value, flaw.reason, flaw.remedy))


def _refuse_sheet(raw: RawSheet, sheet: Sheet, missing: list[str], say: _Say, result: FileRead) -> None:
    """A sheet that is one of ours but has no usable header: all its rows are refused, in one problem."""
    filled = sum(any(not is_blank(c) for c in row) for row in raw.rows)
    say(Flaw("missing_key_column", f"没有找到“{'、'.join(missing)}”列，整张表未能使用。", "请补上这些列，或按模板修改表头。"))
    result.sheets.append(SheetRows(Counts(say.file, raw.name, sheet.name, read=filled, refused=filled)))


def letters(index: int) -> str:
    """A for 0, AA for 26."""
    text, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


class _Reading:
    """Reads the rows below one header."""

    def __init__(self, file: str, raw: RawSheet, headings: Headings, header: Header, say: _Say, *, cells: bool = False) -> None:
        self.raw, self.header, self.say, self.keep = raw, header, say, cells
        self.sheet = headings.sheet
        self.columns = [
            (c, header.columns[c.name], letters(header.columns[c.name])) for c in self.sheet.columns if c.name in header.columns
        ]
        self.keys = [j for c, j, _ in self.columns if c.required]
        self.modes = {c.name: Mode(raw.date1904, header.scales.get(c.name, 1.0)) for c, _, _ in self.columns}
        self.known: dict[str, dict[Any, Any]] = {c.name: {} for c, _, _ in self.columns}
        self.headline = self._headline()
        mine = {letter for _, _, letter in self.columns}
        self.broken_rows = {int(a.lstrip(ALPHABET)) for a in raw.broken if a.rstrip("0123456789") in mine}
        self.out = SheetRows(Counts(file, raw.name, self.sheet.name), {c.name: letter for c, _, letter in self.columns})
        self.out.values = {c.name: [] for c, _, _ in self.columns}

    def run(self) -> SheetRows:
        self._note_columns()
        self._fill_merged()
        end = len(self.raw.rows)
        while end > self.header.last_row + 1 and all(is_blank(c) for c in self.raw.rows[end - 1]) and end not in self.broken_rows:
            end -= 1
        previous: list[Any] = []
        for number in range(self.header.last_row + 2, end + 1):
            row = self._ditto(self.raw.rows[number - 1], previous)
            self.out.counts.read += 1
            if self._no_data(number, row):
                self.out.counts.no_data += 1
            else:
                self._row(number, row)
                previous = row
                if self.keep:
                    self.out.cells[number] = {c.name: row[j] for c, j, _ in self.columns if j < len(row) and not is_blank(row[j])}
        return self.out

    def _headline(self) -> set[str]:
        return {same_text(c) for row in self.raw.rows[: self.header.last_row + 1] for c in row if isinstance(c, str)} - {""}

    def _note_columns(self) -> None:
        row = self.header.last_row + 1
        unknown = [(j, text) for j, text in self.header.unknown if text not in NUMBERING]
        if unknown:
            flaw = Flaw("unknown_column", "不认识的列，未使用。", "无需处理；如应使用，请按模板修改列名。", "note")
            self.say(flaw, f"{letters(unknown[0][0])}{row}", value=shown("、".join(text for _, text in unknown)))
        for j, text in self.header.twice:
            flaw = Flaw("column_twice", "同一内容有两列，只使用了更相符的一列。", "请删去多余的一列。", "warning")
            self.say(flaw, f"{letters(j)}{row}", value=shown(text))
        for j, text, header in self.header.guessed:
            flaw = Flaw("guessed_column", f"这一列按“{header}”理解。", "如理解有误，请按模板修改列名。", "note")
            self.say(flaw, f"{letters(j)}{row}", value=shown(text))

    def _fill_merged(self) -> None:
        """Cells merged downwards in the data stand for each of their rows."""
        used = {j for _, j, _ in self.columns}
        for (top, left), (bottom, _) in self.raw.merged:
            if top > self.header.last_row and bottom > top and left in used:
                for row in self.raw.rows[top + 1 : bottom + 1]:
                    if left < len(row) and is_blank(row[left]):
                        row[left] = self.raw.rows[top][left]

    def _no_data(self, number: int, row: list[Any]) -> bool:
        """Blank rows, rows that are only numbered, totals, notes, examples and repeated headers hold no data."""
        if self._nothing_known(number, row):
            self._mention(number, row)
            return True
        marks = self._marks(row)
        if any(EXAMPLE.match(t) or TOTAL.match(t.replace(" ", "")) or NOTE.match(t) for t in marks):
            return True
        filled = [c for c in row if not is_blank(c)]
        if len(filled) >= 3 and self._repeats_headings(filled):
            return True
        if len(filled) == 1 and isinstance(filled[0], str) and not filled[0].isascii() and len(filled[0].strip()) >= PROSE:
            self._mention(number, row)
            return True
        return False

    def _nothing_known(self, number: int, row: list[Any]) -> bool:
        return number not in self.broken_rows and all(is_blank(row[j]) for _, j, _ in self.columns if j < len(row))

    def _repeats_headings(self, filled: list[Any]) -> bool:
        """Whether REPEATED of the cells do; looked at only until too many do not, which in most rows are the first ones."""
        others = (c for c in filled if same_text(c) not in self.headline)
        most = len(filled) - ceil(REPEATED * len(filled))
        return next(islice(others, most, None), None) is None

    def _marks(self, row: list[Any]) -> list[str]:
        """Where 合计 or 备注: would stand: in the key, or at the row's beginning where it has no key (示例: in either)."""
        first = next((normal(plain(c)) for c in row if not is_blank(c)), "")
        keys = [normal(plain(row[j])) for j in self.keys if j < len(row) and not is_blank(row[j])]
        return keys[:1] + ([first] if not keys or EXAMPLE.match(first) else [])

    def _mention(self, number: int, row: list[Any]) -> None:
        """Say that a row of prose is no data, unless it is a usual note or total, or only extra columns are filled."""
        said = [normal(plain(c)) for c in row if isinstance(c, str) and not is_blank(c)]
        usual = any(TOTAL.match(t.replace(" ", "")) or NOTE.match(t) or EXAMPLE.match(t) for t in said)
        if said and not usual and max(map(len, said)) >= PROSE:
            self.say(Flaw("text_row", "这一行是说明文字，不作为数据。", "无需处理。", "note"), f"A{number}", value=shown(said[0]))

    @staticmethod
    def _ditto(row: list[Any], previous: list[Any]) -> list[Any]:
        """The row with 同上 replaced by what stands above."""
        if not any(isinstance(c, str) and c.strip() in DITTO for c in row):
            return row
        return [previous[j] if isinstance(c, str) and c.strip() in DITTO and j < len(previous) else c for j, c in enumerate(row)]

    def _row(self, number: int, row: list[Any]) -> None:
        values: dict[str, Any] = {}
        refused = False
        for column, j, letter in self.columns:
            cell = row[j] if j < len(row) else None
            value, ok = self._value(column, cell, f"{letter}{number}")
            values[column.name] = value
            if column.required and value is None:
                if ok:
                    self.say(
                        Flaw("missing_required", f"“{column.header}”为空，这一行未能使用。", "请补填后重新提供。"),
                        f"{letter}{number}",
                        column.name,
                    )
                refused = True
        if refused:
            self.out.counts.refused += 1
            if values.get(self.sheet.key[0]) is not None:
                self.out.refused_keys.add(values[self.sheet.key[0]])
            return
        self.out.counts.used += 1
        self.out.rows.append(number)
        for name, value in values.items():
            self.out.values[name].append(value)

    def _value(self, column: Column, cell: Any, address: str) -> tuple[Any, bool]:
        """The cell's value and whether it was without fault; a fault is said."""
        if self.raw.broken and address in self.raw.broken:
            return self._broken(column, address, self.raw.broken[address])
        if is_blank(cell):
            return None, True
        known = self.known[column.name]
        memo = (type(cell), cell)
        if memo not in known:
            known[memo] = self._parse(column, cell)
        value, flaw = known[memo]
        if flaw is not None:
            self.say(flaw, address, column.name, value=shown(plain(cell), sensitive=column.sensitive))
        return (list(value) if isinstance(value, list) else value), flaw is None or value is not None

    def _parse(self, column: Column, cell: Any) -> tuple[Any, Flaw | None]:
        if is_error(cell):
            return None, Flaw("formula_error", "公式出错，没有结果。", "请修正公式，或直接填写数值。")
        if column.kind == "enum" and isinstance(cell, str) and normal(cell).replace(" ", "") in column.labels:
            return column.labels[normal(cell).replace(" ", "")], None
        if says_nothing(cell) or (column.kind in ("date", "time") and isinstance(cell, str) and normal(cell) in OPEN_ENDED):
            return None, None
        parsed = PARSERS[column.kind](cell, column, self.modes[column.name])
        if isinstance(parsed, Flaw):
            return None, parsed
        return parsed if isinstance(parsed, tuple) else (parsed, None)

    def _broken(self, column: Column, address: str, what: str) -> tuple[None, bool]:
        if what == "公式":
            self.say(
                Flaw("formula_without_value", "公式没有保存计算结果。", "请用 Excel 或 WPS 打开并保存一次，再提供。"), address, column.name
            )
        else:
            self.say(Flaw("formula_error", "公式出错，没有结果。", "请修正公式，或直接填写数值。"), address, column.name, value=what)
        return None, False
