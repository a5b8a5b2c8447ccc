"""Which table a sheet fills and where its columns are, found by what the header says, not by where it stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from zaidao.sheets.files import RawSheet
from zaidao.sheets.spec import Column, Sheet
from zaidao.sheets.values import is_blank, normal

SEARCHED = 40  # rows: title, notes and group headings above a header never take more in the ledgers seen
DEEPEST = 3  # rows that one header may take: group heading, heading, unit
LONGEST = 60  # characters of a heading with its notes
LEAST_ENDING = 4  # characters of a heading that may be recognised by its ending alone: shorter ones (名称, 日期) end many others
OTHERS = re.compile(r"上级|下级|原|曾|前任|父|母|配偶|计划外")  # words before an ending that make it something else
LEAST_MATCHED = 2  # columns; fewer is chance
BRACKETS = re.compile(r"[(\[{【〔<《].*?[)\]}】〕>》]|[(\[【〔].*$")
ANY_BRACKET = re.compile(r"[(\[{【〔<《)\]}】〕>》]")
MARKS = re.compile(r"[\s*★☆▲●#:;、,.?!\"'`_|\\/-]|必填|选填")
SAME = (  # words that mean the same in a header, written one way
    (re.compile(r"编码|代码|代号|编号|id", re.IGNORECASE), "编号"),
    (re.compile(r"年月日|年月|时间|日期"), "日期"),
    (re.compile(r"基层党组织|党组织|党支部|支部"), "组织"),
    (re.compile(r"所属|所在"), "所在"),
    (re.compile(r"起始|开始"), "开始"),
    (re.compile(r"终止|截止|结束"), "结束"),
    (re.compile(r"的"), ""),
)
SHEET_WORDS = re.compile(
    r"登记表|花名册|明细表|汇总表|一览表|统计表|情况表|明细|汇总|台账|台帐|目录|清单|一览|情况|记录表|信息|数据|表$|\d+$|sheet",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Header:
    """Where a sheet's header ends and which columns it names.

    `columns` maps a field to its column index; `scales` the fields whose header names another unit; `unknown` lists headings
    that no field answers to, `twice` headings whose field has a better column, `guessed` headings understood by their ending.
    """

    last_row: int
    columns: dict[str, int]
    scales: dict[str, float] = field(default_factory=dict)
    unknown: tuple[tuple[int, str], ...] = ()
    twice: tuple[tuple[int, str], ...] = ()
    guessed: tuple[tuple[int, str, str], ...] = ()


@lru_cache(maxsize=8192)
def bare(text: str) -> str:
    """A heading without notes in brackets, marks and spaces."""
    cleaned = normal(text)
    return MARKS.sub("", BRACKETS.sub("", cleaned)).lower() or MARKS.sub("", ANY_BRACKET.sub("", cleaned)).lower()


@lru_cache(maxsize=8192)
def canonical(text: str) -> str:
    """A bare heading with words of one meaning written one way."""
    text = bare(text)
    for pattern, word in SAME:
        text = pattern.sub(word, text)
    return text


class Headings:
    """The headings that a sheet's columns answer to."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        names = [(name, c) for c in sheet.columns for name in (c.header, c.name, *c.synonyms)]
        self._exact = {bare(name): c for name, c in reversed(names)}
        self._loose = {canonical(name): c for name, c in reversed(names)}

    def strength(self, text: str, column: Column) -> int:
        """How well a heading names a column, 0 best: its own heading, a known other one, the same in other words, or in part."""
        if bare(text) == bare(column.header):
            return 0
        return 1 if self._exact.get(bare(text)) is column else 2 if self._loose.get(canonical(text)) is column else 3

    def find(self, text: str) -> Column | None:
        """The column a heading names: as written, else in other words."""
        return (self._exact.get(bare(text)) or self._loose.get(canonical(text))) if 0 < len(text) <= LONGEST else None


def locate(raw: RawSheet, headings: Headings) -> Header | None:
    """The header that names most columns of the sheet within the first rows; None if no row names two."""
    best: tuple[int, int, int] | None = None
    grid = spread(raw)
    for top in range(min(SEARCHED, len(grid))):
        for depth in range(1, min(DEEPEST, len(grid) - top) + 1):
            found = len({c.name for c in _named(grid[top : top + depth], headings).values()})
            if found >= LEAST_MATCHED and (best is None or (found, -depth) > (best[0], -best[2])):
                best = (found, top, depth)
    return None if best is None else _header(grid, best[1], best[2], headings)


def spread(raw: RawSheet) -> list[list[str]]:
    """The first rows as text, merged cells repeated over their range."""
    grid = [["" if is_blank(c) or not isinstance(c, str) else c for c in row] for row in raw.rows[: SEARCHED + DEEPEST]]
    for (top, left), (bottom, right) in raw.merged:
        if top < len(grid) and left < len(grid[top]):
            for row in grid[top : bottom + 1]:
                row[left : right + 1] = [grid[top][left]] * (min(right, len(row) - 1) - left + 1)
    return grid


def _named(rows: Sequence[Sequence[str]], headings: Headings) -> dict[int, Column]:
    """Column index -> column named by these header rows."""
    width = max(map(len, rows))
    return {j: c for j in range(width) if (c := _column([r[j] if j < len(r) else "" for r in rows], headings))}


def _column(parts: Sequence[str], headings: Headings) -> Column | None:
    """What a column's stacked headings name: all together, or the lowest of them."""
    said = [p for i, p in enumerate(parts) if p.strip() and p not in parts[:i]]
    if not said:
        return None
    return headings.find(said[-1]) if len(said) == 1 else headings.find("".join(said)) or headings.find(said[-1])


def _header(grid: list[list[str]], top: int, depth: int, headings: Headings) -> Header:
    rows = grid[top : top + depth]
    texts = {j: text for j in range(max(map(len, rows))) if (text := _stacked(rows, j))}
    claims = sorted((headings.strength(texts[j], c), j, c.name) for j, c in _named(rows, headings).items())
    columns: dict[str, int] = {}
    for _, j, name in claims:
        columns.setdefault(name, j)
    twice = {j for _, j, name in claims if columns[name] != j}
    guessed = _guesses({j: t for j, t in texts.items() if j not in columns.values() and j not in twice}, headings, set(columns))
    columns |= guessed
    scales: dict[str, float] = {}
    for name, j in columns.items():
        scales |= _scale(headings.sheet.column(name), texts.get(j, ""))
    return Header(
        top + depth - 1,
        columns,
        scales,
        tuple((j, t) for j, t in texts.items() if j not in columns.values() and j not in twice),
        tuple((j, texts[j]) for j in sorted(twice)),
        tuple((j, texts[j], headings.sheet.column(name).header) for name, j in guessed.items()),
    )


def _stacked(rows: Sequence[Sequence[str]], j: int) -> str:
    """The stacked headings of one column as one text."""
    return "".join(dict.fromkeys(normal(r[j]) for r in rows if j < len(r) and r[j].strip()))


def _guesses(texts: dict[int, str], headings: Headings, taken: set[str]) -> dict[str, int]:
    """Columns whose heading ends in that of one field not yet found (在岗职工人数 for 职工人数), and of no other heading so."""
    found: dict[str, list[int]] = {}
    for j, text in texts.items():
        ends = [c for c in headings.sheet.columns if c.name not in taken and _ends(text, c)]
        if ends:
            found.setdefault(max(ends, key=lambda c: len(canonical(c.header))).name, []).append(j)
    return {name: places[0] for name, places in found.items() if len(places) == 1}


def _ends(text: str, column: Column) -> bool:
    ending = canonical(column.header)
    return len(ending) >= LEAST_ENDING and canonical(text).endswith(ending) and not OTHERS.search(text)


def _scale(column: Column, heading: str) -> dict[str, float]:
    """{field: factor} if the heading names another unit than the column's own."""
    factor = next((f for unit, f in column.scales.items() if unit in heading), None)
    return {} if factor is None else {column.name: factor}


def sheet_by_name(name: str, sheets: Sequence[Sheet]) -> Sheet | None:
    """The sheet that a tab's name (or file's name) means: its title or a synonym, with usual words around it tolerated."""
    wanted = bare(name)
    stripped = SHEET_WORDS.sub("", wanted)
    for form in (wanted, stripped):
        for sheet in sheets:
            if form and form in {bare(n) for n in (sheet.title, sheet.name, *sheet.synonyms)}:
                return sheet
    inside = [(len(n), -i) for i, s in enumerate(sheets) for n in (s.title, *s.synonyms) if len(n) > 1 and bare(n) in wanted]
    return sheets[-max(inside)[1]] if inside else None


def recognise(raw: RawSheet, sheets: Sequence[Headings]) -> tuple[Headings, Header | None] | None:
    """Which sheet this is, by its name where its header agrees, else by its header; None if it is none of them."""
    located = {h.sheet.name: (h, locate(raw, h)) for h in sheets}
    fits = [(h, header) for h, header in located.values() if header and _complete(h.sheet, header)]
    named = sheet_by_name(raw.name, [h.sheet for h in sheets])
    if named and any(h.sheet is named for h, _ in fits):
        return located[named.name]
    if fits:
        fit = max(fits, key=lambda f: (len(f[1].columns), -len(f[1].unknown)))
        if len(fit[1].columns) >= 3:
            return fit
    return located[named.name] if named else None


def _complete(sheet: Sheet, header: Header) -> bool:
    return all(c.name in header.columns for c in sheet.columns if c.required)


def same_text(cell: Any) -> str:
    """A cell as a heading would be compared."""
    return bare(cell) if isinstance(cell, str) and 0 < len(cell) <= LONGEST else ""
