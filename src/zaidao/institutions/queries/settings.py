"""What the office may set for itself in the catalogue, as pages show it: what came with the system, what holds now, what held before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zaidao.engine import catalogue
from zaidao.engine.catalogue import Catalogue
from zaidao.engine.catalogue.labels import Label
from zaidao.engine.catalogue.rules import cite
from zaidao.institutions.decisions.values import LEFT_OPEN, Own, with_value, with_values
from zaidao.institutions.models import OfficeValue
from zaidao.organisations.queries import bound


@dataclass(frozen=True)
class Setting:
    """A rule that may be changed or a parameter. `packaged`: what came with the system, in words; `ground`: where a rule is from, why a
    parameter is what it is; `label`: a parameter's name and unit."""

    key: str
    group: str
    name: str
    packaged: str
    ground: str
    value: Any
    is_rule: bool
    label: Label = field(default_factory=lambda: Label(""))


def every() -> list[Setting]:
    """All that may be set: rules first, then parameters, in the catalogue's order. No query."""
    known = catalogue.load()
    rules = [
        Setting(r.key, r.group, r.name, r.text, cite(r), dict(r.values), is_rule=True) for r in known.rules if r.office_may_change
    ]
    params = [
        Setting(p.name, p.group, p.label.name, p.said, p.reason, p.value, is_rule=False, label=p.label)
        for p in known.parameters if not p.label.fixed
    ]
    return [*rules, *params]


def one(key: str) -> Setting | None:
    return next((s for s in every() if s.key == key), None)


STATES = {"now": "现行", "coming": "将起用", "past": "曾用"}


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
        return setting.label.said(value)
    return with_value(catalogue.load().rule(setting.key), Own(setting.key, value, since)).text


def in_force(day: date) -> list[dict[str, str | Any]]:
    """What the office had set by a day and bears on it, the latest first, as a judgement keeps it for later (`as_told`). Two queries."""
    return [_told(era) for era in eras(day) if era.state == "now" or (era.state == "past" and era.setting.key in LEFT_OPEN)]


def _told(era: Era) -> dict[str, str | Any]:
    row = era.row
    return {"key": row.key, "name": era.setting.name, "value": row.value, "words": era.words, "since": row.since.isoformat(),
            "reason": row.reason, "source": row.source}


def as_told(told: Iterable[Mapping[str, Any]]) -> Catalogue:
    """The catalogue with the values that a judgement was made with (`in_force`). No query."""
    own = [Own(each["key"], each["value"], date.fromisoformat(each["since"])) for each in told]
    return with_values(catalogue.load(), sorted(own, key=lambda each: each.since))


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
