"""Records and sheets as PDF, set by typst in the layout of GB/T 9704-2012 (see `data/page.typ`; `word.py` has the same figures).

What is set goes in as JSON and is shown as text: nothing in a record is ever read as markup or code. Fonts are asked for by name; where
one is missing the next takes its place, down to any font of the machine that has Chinese characters.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import typst

from zaidao.carriers.forms_out.paper import Paper, clean
from zaidao.core import mark

PDF = "application/pdf"
SERIF = ("Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC", "AR PL UMing CN", "Songti SC", "NSimSun")
SANS = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "PingFang SC",
        "Microsoft YaHei", "Droid Sans Fallback")
OFFICIAL = ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "STFangsong", "FandolFang", "FandolFang R", "SimSun", "宋体", "SimHei")


@cache
def _fonts() -> typst.Fonts:
    """The fonts of this machine, looked for once: a fifth of a second."""
    return typst.Fonts()


def has_chinese() -> bool:
    """Whether any font of the machine is known to have Chinese characters; without one a page would show boxes."""
    return not {*SERIF, *SANS, *OFFICIAL}.isdisjoint(_fonts().families())


def minutes(paper: Paper) -> bytes:
    return _set("minutes", paper.data)


@dataclass(frozen=True)
class Roll:
    """The attendance sheet of one organisation. `rows`: name, category, state ("" to be ticked), remark. `spare`: empty lines below."""

    title: str
    head: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, str, str, str]]
    notes: Sequence[str] = ()
    spare: int = 0

    @property
    def data(self) -> dict[str, Any]:
        return {
            "title": clean(self.title), "head": [[name, clean(value)] for name, value in self.head],
            "rows": [[clean(cell) for cell in row] for row in self.rows], "notes": [clean(n) for n in self.notes], "spare": self.spare,
        }


def attendance(rolls: Sequence[Roll]) -> bytes:
    """Each organisation's sheet on a page of its own."""
    return _set("attendance", {"parts": [roll.data for roll in rolls]})


def blank(title: str) -> bytes:
    """An empty sheet for minutes taken by hand."""
    return _set("blank", {"title": clean(title)})


def _set(name: str, told: dict[str, Any]) -> bytes:
    """One of the layouts in `data`, filled."""
    data = files(__package__) / "data"
    source = "\n".join((data / f"{part}.typ").read_text(encoding="utf-8") for part in ("page", name))
    here = _fonts().families()
    fonts = {"fonts": [f for f in (*SERIF, *SANS) if f in here], "heavy": [f for f in (*SANS, *SERIF) if f in here]}
    given = told | fonts | {"mark": mark.word()}
    made = typst.Compiler(font_paths=_fonts()).compile(
        source.encode(), format="pdf", sys_inputs={"told": json.dumps(given, ensure_ascii=False)})
    if not isinstance(made, bytes):
        raise TypeError(f"{name}: typst gave {type(made).__name__}")
    return made
