"""What a clause's 适用对象 says: one closed list for reading and for duties (light to import)."""

import re
from functools import cache

from zaidao.engine.schema import ORG_KINDS

_KINDS = {label: frozenset([kind]) for kind, label in ORG_KINDS.items()} | {
    "支部": frozenset(["branch"]), "党支部委员会": frozenset(["branch"]), "总支": frozenset(["general_branch"]),
    "小组": frozenset(["group"]),
} | {label: frozenset(ORG_KINDS) for label in ("全体党组织", "各级党组织", "各党组织", "党组织", "全部")}
_CONDITION = re.compile(r"^(不设支委会|设支委会|设党小组|正式党员数≥(\d+))$")


@cache
def applies(text: str | None) -> tuple[frozenset[str], tuple[tuple[str, int], ...]] | None:
    """Organisation kinds and conditions of 适用对象; empty kinds where nothing is written, None where it cannot be read."""
    head, *tail = re.sub(r"\s", "", text or "").split("且")
    kinds = [_KINDS.get(part) for part in re.split("[、,,;;/]", head) if part]
    found = [_CONDITION.match(part) for part in tail]
    if None in kinds or None in found:
        return None
    names = {"设支委会": "committee", "不设支委会": "no_committee", "设党小组": "groups"}
    conditions = tuple((names.get(m[1], "full"), int(m[2] or 0)) for m in found if m)
    return frozenset().union(*(k for k in kinds if k)), conditions
