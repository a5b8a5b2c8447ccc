"""The catalogue: the field's rules and every threshold of the diagnosis, as dated, cited data with reasons.

`data/*.toml` hold parameters (`[name] v=…, reason="…"`), `data/findings/*.toml` one card per finding, `data/rules.toml`,
`functions.csv` and `hours.csv` the field's rules with source, article and confidence, `names.csv` what each parameter is called.
"""

import csv
import hashlib
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from zaidao.engine.catalogue import labels
from zaidao.engine.catalogue.labels import Label
from zaidao.engine.catalogue.rules import Rule, read

_DATA = files(__package__) / "data"


_GROUPS = {"frame": "判断框架", "statistics": "统计方法", "elements": "六个要素", "duties": "应办事项", "marks": "记录痕迹",
           "living": "日常管理"}


@dataclass(frozen=True)
class Parameter:
    """One threshold as people read it: where it is used, what it is called, its value and why it is what it is."""

    name: str
    group: str
    value: Any
    reason: str
    label: Label

    @property
    def said(self) -> str:
        """The value in words, with its unit."""
        return self.label.said(self.value)


@dataclass(frozen=True)
class Catalogue:
    """What the rules and thresholds are; `version` changes when any of them does."""

    params: Mapping[str, Any]
    cards: Mapping[str, Mapping[str, Any]]
    rules: tuple[Rule, ...]
    functions: tuple[Mapping[str, str], ...]
    hours: tuple[Mapping[str, str], ...]
    version: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)

    def param(self, name: str) -> Any:
        """The value of a threshold such as `backfill.floor`. Raises KeyError where the catalogue has none."""
        return self.params[name]

    def rule(self, key: str) -> Rule:
        """A rule such as `branch.max_members_soft`. Raises KeyError where the catalogue has none."""
        for rule in self.rules:
            if rule.key == key:
                return rule
        raise KeyError(key)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every threshold with its reason, in the order of the data."""
        titles = _GROUPS | {code: card["name"] for code, card in self.cards.items() if "name" in card}
        return tuple(
            Parameter(name, titles.get(prefix, prefix), value, self.reasons[name], self.labels[name])
            for name, value in self.params.items() for prefix in (name.split(".")[0],)
        )

    def card(self, code: str) -> Mapping[str, Any]:
        """The card of a finding: name, why, sentence, path, sources."""
        return self.cards[code]


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_DATA / name).read_text(encoding="utf-8"))


def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = (_DATA / name).read_text(encoding="utf-8-sig")
    return tuple(csv.DictReader(io.StringIO(text, newline="")))


def _texts() -> list[tuple[str, bytes]]:
    folders = (_DATA, _DATA / "findings")
    found = [(f"{d.name}/{f.name}", f.read_bytes()) for d in folders for f in d.iterdir() if f.is_file()]
    return sorted(found)


@cache
def load() -> Catalogue:
    """The packaged catalogue."""
    params: dict[str, Any] = {}
    reasons: dict[str, str] = {}

    def take(prefix: str, entries: Mapping[str, Any]) -> None:
        for name, entry in entries.items():
            params[f"{prefix}.{name}"], reasons[f"{prefix}.{name}"] = entry["v"], entry["reason"]

    for stem in _GROUPS:
        take(stem, _toml(f"{stem}.toml"))
    names = sorted(f.name for f in (_DATA / "findings").iterdir() if f.name.endswith(".toml"))
    cards = {name.removesuffix(".toml"): _toml(f"findings/{name}") for name in names}
    for code, card in cards.items():
        take(code, card.get("params", {}))
    version = hashlib.sha256(b"".join(content for _, content in _texts())).hexdigest()[:12]
    rules, called = read(_toml("rules.toml")), labels.read(_rows("names.csv"))
    return Catalogue(params, cards, rules, _rows("functions.csv"), _rows("hours.csv"), version, reasons, called)
