"""What a threshold is called, in which unit it is told, and whether an office may set it (`data/names.csv`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SHARE = "%"  # kept as a part of 1, told as a percentage
FIXED = {"privacy": "这是保护个人和单个组织的下限,单位不能改动。", "method": "这是方法内部的取值,随程序一起检验,单位不能改动。"}


@dataclass(frozen=True)
class Label:
    """`fixed`: why an office may not set it (a key of `FIXED`), else empty. `words`: code -> what it means, where the value is of codes."""

    name: str
    unit: str = ""
    fixed: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    def said(self, value: Any) -> str:
        """A value in words, with its unit."""
        if isinstance(value, list | tuple):
            return "、".join(map(self._bare, value)) + self._behind
        return self._bare(value) + self._behind

    @property
    def _behind(self) -> str:
        return f" {self.unit}" if self.unit not in ("", SHARE) else ""

    def _bare(self, value: Any) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, Mapping):
            return ";".join(f"{key}:{self.said(each)}" for key, each in value.items())
        if self.unit == SHARE and isinstance(value, int | float):
            return f"{value * 100:.4g}%"
        return self.words.get(value, value) if isinstance(value, str) else f"{value:g}"


def read(rows: Iterable[Mapping[str, str]]) -> dict[str, Label]:
    """Key of a threshold -> its label, of the rows of `names.csv`. Raises ValueError for a reason that does not exist."""
    found = {}
    for row in rows:
        if row["fixed"] and row["fixed"] not in FIXED:
            raise ValueError(f"{row['key']}: {row['fixed']}")
        words = dict(pair.split("=", 1) for pair in row["words"].split("|") if pair)
        found[row["key"]] = Label(row["name"], row["unit"], row["fixed"], words)
    return found
