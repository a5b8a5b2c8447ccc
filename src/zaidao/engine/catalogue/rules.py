"""The field's rules as objects: what each says, where it says so, how sure we are, and whether an office may change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

CONFIDENCE = {"S": "见到条文或官方答复", "S2": "见于地方制度或手册,条号待核", "M": "凭记忆,待核"}
UNITS = {"month": "每月", "quarter": "每季度", "half": "每半年", "year": "每年", "configurable": "由单位规定"}
_META = ("group", "name", "source", "article", "confidence", "in_force_from", "office_may_change", "note", "subject", "applies_to")
_WORDS = {
    "min": "至少", "max": "至多", "cap": "最多", "usual_min": "一般至少", "usual_max": "一般至多", "surplus_min": "差额比例至少",
    "branch": "党支部", "general_branch": "党总支", "committee": "党委", "village_community": "村、社区",
    "usual_quarter": "一般在第几季度", "excellent_max_share": "优秀比例上限", "grades": "等次", "pairs": "对象", "base": "基数",
    "rounding": "取整", "requires": "条件", "central_training": "集中培训次数", "local": "地方口径", "secret": "无记名",
    "one_by_one": "逐个表决", "prior_written_opinion_counts": "会前书面意见计入", "alt_of": "另一口径", "allowed": "允许",
    "expr": "条件", "action": "办法", "or": "或者", "rule": "规则",
}
_TEXTS = {
    "returned <= cast": "收回选票不多于投票人数", "marked <= seats": "所选人数不多于应选人数", "revote_among_tied": "就得票相等者再次投票",
    "plurality": "得票多者当选", "elect_remaining": "另行选举", "ceil(configurable)": "向上取整(可设)",
    "reduce_seats_if_majority_of_voters_agree_and_close_to_full": "接近名额且过半数选举人同意可减少名额",
}


@dataclass(frozen=True)
class Rule:
    """One rule of the field. `confidence` is S, S2 or M (`CONFIDENCE`); `in_force_from` is as exact as known, else empty.

    `values` holds what the rule sets, `text` the same in Chinese. `subject` and `applies_to` stand where it asks for records. `until`: the
    day on which another rhythm of the same rule begins. `own_since`: since when an office's own value stands in place of the packaged one.
    """

    key: str
    group: str
    name: str
    text: str
    source: str
    article: str
    confidence: str
    in_force_from: str
    office_may_change: bool
    values: Mapping[str, Any]
    note: str = ""
    subject: str = ""
    applies_to: str = ""
    until: date = date.max
    own_since: str = ""

    @property
    def value(self) -> Any:
        """The single value `v` of the rule. Raises KeyError where it has none."""
        return self.values["v"]

    @property
    def since(self) -> date:
        """The first day in force; `date.min` where the source gives none. A year or month counts from its first day."""
        parts = [int(p) for p in self.in_force_from.split("-") if p]
        return date(*[*parts, 1, 1][:3]) if parts else date.min

    @property
    def unverified(self) -> bool:
        """To be shown with the note 待核."""
        return self.confidence != "S"


def cite(rule: Rule) -> str:
    """《source》article, 待核 where the confidence asks for it, and that an office's own value holds where it does."""
    article = "" if rule.article == "—" else rule.article
    sources = "、".join(part if "《" in part else f"《{part}》" for part in rule.source.split(";"))
    own = f",按本单位自{rule.own_since}起的取值" if rule.own_since else ""
    return f"{sources}{article}{'(待核)' if rule.unverified and '待核' not in article else ''}{own}"


def read(tables: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> tuple[Rule, ...]:
    """The rules of `rules.toml`, in its order. Raises KeyError for an entry without name, source, article or confidence."""
    return tuple(_rule(f"{group}.{name}", entry) for group, entries in tables.items() for name, entry in entries.items())


def _rule(key: str, entry: Mapping[str, Any]) -> Rule:
    values = {k: v for k, v in entry.items() if k not in _META}
    if entry["confidence"] not in CONFIDENCE:
        raise ValueError(f"{key}: {entry['confidence']}")
    return Rule(
        key, entry["group"], entry["name"], describe(values), entry["source"], entry["article"], entry["confidence"],
        entry["in_force_from"], entry["office_may_change"], values,
        entry.get("note", ""), entry.get("subject", ""), entry.get("applies_to", ""),
    )


def describe(values: Mapping[str, Any]) -> str:
    """What a rule sets, in Chinese: `每季度 1 次`, `大于等于 应到会人数 的 4/5`, `至少 3;至多 5`."""
    rest = dict(values)
    parts = []
    if "per" in rest:
        parts.append(f"{UNITS[rest.pop('per')]} {rest.pop('n')} 次" if "n" in rest else UNITS[rest.pop("per")])
    if "num" in rest:
        relation = {">=": "不少于", ">": "超过"}[rest.pop("op")]
        parts.append(f"{relation}{rest.pop('of')}的 {rest.pop('num')}/{rest.pop('den')}")
    if "v" in rest:
        parts.append(_say(rest.pop("v")))
    return ";".join(parts + [f"{_WORDS[k]} {_say(v)}" for k, v in rest.items()])


def _say(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_say(v) for v in value)
    if isinstance(value, float):
        return f"{value * 100:.4g}%"
    return _TEXTS.get(value, str(value)) if isinstance(value, str) else str(value)
