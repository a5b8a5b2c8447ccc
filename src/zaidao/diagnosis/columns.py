"""The eight sheets as offices keep them: those of organisations and people from below, the records' own words here."""

import tomllib
from importlib import resources
from typing import Any

from zaidao.engine.schema import TABLES
from zaidao.organisations import columns as below
from zaidao.sheets.spec import Sheet

_OWN: dict[str, Any] = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
WORDS: dict[str, Any] = {part: below.WORDS[part] | _OWN[part] for part in ("sheets", "headers", "labels", "examples")}

SHEETS: tuple[Sheet, ...] = tuple(below.sheet(table, WORDS) for table in TABLES.values())
