"""What an office may set for itself in the catalogue, and what such a value must look like."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from zaidao.engine.catalogue import Catalogue
from zaidao.engine.catalogue.labels import FIXED, Label
from zaidao.engine.catalogue.rules import UNITS, Rule, describe
from zaidao.engine.duties.clauses import MONTHS

# A rule that leaves the rhythm to the office: what it then asks of whom. (frequency.party_lecture: 党课 of every branch)
LEFT_OPEN = {"frequency.party_lecture": ("党课", "党支部")}


@dataclass(frozen=True)
class Own:
    """The office's value of a key from a day on."""

    key: str
    value: Any
    since: date


def refusals(key: str, value: Any, reason: str, known: Catalogue) -> tuple[str, ...]:
    """Why the office cannot set this value; empty where it can."""
    if not reason.strip():
        return ("请写明理由。",)
    if key in known.params:
        return _param(known.labels[key], known.param(key), value)
    rule = next((r for r in known.rules if r.key == key), None)
    if rule is None:
        return ("规则目录里没有这一项。",)
    if not rule.office_may_change:
        return (f"“{rule.name}”出自{rule.source}{rule.article},单位不能自行改动;可以在本单位制度里提出更高要求。",)
    return _rule(rule, value)


def _param(label: Label, packaged: Any, value: Any) -> tuple[str, ...]:
    if label.fixed:
        return (f"“{label.name}”:{FIXED[label.fixed]}",)
    given = value if isinstance(value, list) else [value]
    if label.words and any(each not in label.words for each in given):
        return (f"“{label.name}”要从这些中选:{'、'.join(label.words.values())}。",)
    return _like(packaged, value)


def _rule(rule: Rule, value: Any) -> tuple[str, ...]:
    if not isinstance(value, Mapping) or not value:
        return ("请至少填写一项取值。",)
    if rule.key in LEFT_OPEN:
        return _rhythm(value)
    strange = sorted(set(value) - set(rule.values))
    if strange:
        return (f"“{rule.name}”没有这些取值项:{'、'.join(strange)}。",)
    wrong = [said for name, each in value.items() for said in _like(rule.values[name], each)]
    return tuple(dict.fromkeys(wrong)) or _whole({**rule.values, **value})


def _rhythm(value: Mapping[str, Any]) -> tuple[str, ...]:
    if set(value) != {"per", "n"} or value["per"] not in MONTHS:
        return ("请填写周期(每月、每季度、每半年、每年之一)和次数。",)
    return () if _count(value["n"]) and value["n"] > 0 else ("次数要填正整数。",)


def _whole(values: Mapping[str, Any]) -> tuple[str, ...]:
    """A share is a fraction of whole numbers between nothing and all."""
    if "num" in values and not 0 < values["num"] <= values["den"]:
        return ("比例要大于 0、不大于 1。",)
    return ("周期要从每月、每季度、每半年、每年中选。",) if "per" in values and values["per"] not in UNITS else ()


def _like(packaged: Any, value: Any) -> tuple[str, ...]:
    """The value is of the packaged one's type; a number is not below nothing, a share stays a share."""
    if isinstance(packaged, bool) or isinstance(value, bool):
        return () if isinstance(packaged, bool) and isinstance(value, bool) else ("请填“是”或“否”。",)
    if isinstance(packaged, int):
        return () if _count(value) else ("请填不小于 0 的整数。",)
    if isinstance(packaged, float):
        right = isinstance(value, int | float) and value >= 0 and (packaged > 1 or value <= 1)
        return () if right else ("请填不小于 0 的数,比例不大于 1。",)
    if isinstance(packaged, str):
        return () if isinstance(value, str) and value.strip() else ("请填文字。",)
    if isinstance(packaged, list | tuple):
        right = isinstance(value, list) and bool(value) and not any(_like(packaged[0], each) for each in value)
        return () if right else ("请按原有格式逐项填写。",)
    return ("这一项不能由单位设定。",)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def with_values(known: Catalogue, own: Iterable[Own]) -> Catalogue:
    """The catalogue with the office's values, given from the earliest on, in place of the packaged ones: of one key the last holds. A
    rhythm that is left to the office holds from its day until the next one's; of such a rule the latest stands first."""
    values: dict[str, list[Own]] = defaultdict(list)
    for each in own:
        values[each.key].append(each)
    if not values:
        return known
    params = {name: values[name][-1].value if name in values else value for name, value in known.params.items()}
    rules = tuple(set_one for rule in known.rules for set_one in (_eras(rule, values[rule.key]) if rule.key in values else (rule,)))
    marked = known.version + "".join(f"+{each.key}@{each.since}" for eras in values.values() for each in _told(eras))
    cards = {code: _card(code, card, values) for code, card in known.cards.items()}
    return replace(known, params=params, cards=cards, rules=rules, version=marked)


def _card(code: str, card: Mapping[str, Any], values: Mapping[str, Sequence[Own]]) -> Mapping[str, Any]:
    """A finding's card as its sentences are filled from: with the office's values among its parameters."""
    params = card.get("params", {})
    own = {name: {**entry, "v": values[f"{code}.{name}"][-1].value} for name, entry in params.items() if f"{code}.{name}" in values}
    return {**card, "params": {**params, **own}} if own else card


def _told(eras: Sequence[Own]) -> Sequence[Own]:
    return eras if eras[0].key in LEFT_OPEN else eras[-1:]


def _eras(rule: Rule, own: Sequence[Own]) -> tuple[Rule, ...]:
    ends = [*(each.since for each in own[1:]), date.max]
    if rule.key not in LEFT_OPEN:
        return (with_value(rule, own[-1]),)
    return tuple(replace(with_value(rule, each), until=end) for each, end in zip(own, ends, strict=True))[::-1]


def with_value(rule: Rule, own: Own) -> Rule:
    """The rule as the office has set it."""
    values, since = {**rule.values, **own.value}, own.since.isoformat()
    made = replace(rule, values=values, text=describe(values), own_since=since)
    if rule.key not in LEFT_OPEN:
        return made
    subject, applies_to = LEFT_OPEN[rule.key]
    return replace(made, subject=subject, applies_to=applies_to, in_force_from=since)
