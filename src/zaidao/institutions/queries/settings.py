"""What the office may set for itself in the catalogue, as pages show it: what came with the system, what holds now, what held before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from zaidao.engine import catalogue
from zaidao.engine.catalogue.rules import cite
from zaidao.institutions.decisions.values import LEFT_OPEN, Own, with_value
from zaidao.institutions.models import OfficeValue
from zaidao.organisations.queries import bound

UNNAMED = "参数"


@dataclass(frozen=True)
class Setting:
    """A rule that may be changed or a parameter. `packaged`: what came with the system, in words; `ground`: where a rule is from, why a
    parameter is what it is."""

    key: str
    group: str
    name: str
    packaged: str
    ground: str
    value: Any
    is_rule: bool


def every() -> list[Setting]:
    """All that may be set: rules first, then parameters, in the catalogue's order. No query."""
    known = catalogue.load()
    rules = [
        Setting(r.key, r.group, r.name, r.text, cite(r), dict(r.values), is_rule=True) for r in known.rules if r.office_may_change
    ]
    params = [
        Setting(p.name, p.group, UNNAMED, said(p.value), p.reason, p.value, is_rule=False)
        for p in known.parameters if not isinstance(p.value, dict)
    ]
    return [*rules, *params]


def one(key: str) -> Setting | None:
    return next((s for s in every() if s.key == key), None)


def said(value: Any) -> str:
    """A value in words."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(map(said, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Era:
    """One value that the office set. `state`: "now", "coming" or "past"."""

    row: OfficeValue
    setting: Setting
    words: str
    state: str


def eras(day: date, key: str = "") -> list[Era]:
    """What was set, the latest first; of one key where one is given. One query, two where something was set."""
    rows = OfficeValue.objects.select_related("set_by").order_by("key", "-since", "-pk")
    found = list(rows.filter(key=key) if key else rows)
    known = {s.key: s for s in every()} if found else {}
    return [_era(row, known[row.key], found, day) for row in found if row.key in known]


def _era(row: OfficeValue, setting: Setting, rows: Sequence[OfficeValue], day: date) -> Era:
    holds = next((r.pk for r in rows if r.key == row.key and r.since <= day), None)
    state = "coming" if row.since > day else "now" if row.pk == holds else "past"
    return Era(row, setting, value_said(setting, row.value, row.since), state)


def value_said(setting: Setting, value: Any, since: date) -> str:
    """What the office set, in words; a rule as it then reads."""
    if not setting.is_rule:
        return said(value)
    return with_value(catalogue.load().rule(setting.key), Own(setting.key, value, since)).text


def tops() -> list[str]:
    """Where one must manage to set values: they hold for everybody. One query."""
    return bound.roots() or [""]


def fields(setting: Setting) -> dict[str, Any]:
    """The parts of a setting that are asked for, with what came with the system; the rhythm of a rule that leaves it open."""
    if not setting.is_rule:
        return {"value": setting.value}
    if setting.key in LEFT_OPEN:
        return {"per": "quarter", "n": 1}
    return {name: value for name, value in setting.value.items() if name not in ("expr", "rounding")}


def of_kind(settings: Iterable[Setting]) -> dict[str, list[Setting]]:
    """Settings by their group, in their order."""
    found: dict[str, list[Setting]] = {}
    for each in settings:
        found.setdefault(each.group, []).append(each)
    return found
