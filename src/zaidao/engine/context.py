"""One run's context: facts, catalogue, window and the frame tables that indicators read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine import frame, tree
from zaidao.engine.backend import Engine
from zaidao.engine.catalogue import Catalogue, load
from zaidao.engine.facts import Facts
from zaidao.engine.schema import TABLES
from zaidao.engine.window import Refused, Window


@dataclass
class Context:
    """What an indicator may know. Tables by name: `t("org")`, `ancestry`, `act`, `person`, `appointment`, `carrier`, …

    `marks` gathers the marks found on records (indicators/base.MARKS) in the order in which the families ran.
    """

    engine: Engine
    facts: Facts
    catalogue: Catalogue
    window: Window
    tree: tree.Tree
    orgs: pa.Table
    marks: list[pa.Table] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _memo: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def as_of(self) -> date:
        return self.window.as_of

    def t(self, name: str) -> ir.Table:
        return self.engine.t(name)

    def run(self, expression: ir.Table) -> pa.Table:
        return self.engine.run(expression)

    def param(self, name: str) -> Any:
        return self.catalogue.param(name)

    def once(self, name: str, compute: Callable[[], Any]) -> Any:
        """What `compute` gives, computed at most once per run under this name."""
        if name not in self._memo:
            self._memo[name] = compute()
        return self._memo[name]


def day_after_last_activity(facts: Facts) -> date:
    """The default day of judgement. Without activities: the day after the last founding date on file. Raises Refused for none."""
    for table, column in (("activity", "held_at"), ("activity", "planned_for"), ("organisation", "established_on")):
        if facts.has(table, column):
            last = pc.max(facts.table(table, [column])[column]).as_py()
            return (last.date() if hasattr(last, "date") else last) + timedelta(days=1)
    raise Refused("无法确定截止日:没有活动时间,也没有成立日期;请用 --as-of 指定。")


def build(
    facts: Facts, *, engine: Engine, as_of: date | None = None, frm: date | None = None, to: date | None = None,
    catalogue: Catalogue | None = None,
) -> Context:
    """The frame tables of one run, registered in the engine. `frm` and `to` (half-open, whole months) replace the window."""
    catalogue = catalogue or load()
    as_of = as_of or (to if to else day_after_last_activity(facts))
    window = Window.asked(as_of, catalogue.param("frame.window_months"), frm, to)
    parents = facts.table("organisation", ["org_id", "parent_id"])
    shape = tree.build(dict(zip(parents["org_id"].to_pylist(), parents["parent_id"].to_pylist(), strict=True)))
    orgs = frame.organisations(facts, shape, window, catalogue)
    engine.put("org", orgs)
    engine.store("ancestry", frame.ancestry(shape))
    for name in TABLES:
        if name not in ("organisation", "activity"):
            engine.store(name, facts.table(name))
    columns = [c for c in TABLES["activity"].arrow.names if c != "minutes"]
    raw = engine.put("activity", facts.table("activity", columns))
    act = engine.keep("act", frame.activities(raw, engine.t("org"), window))
    later = engine.count(raw) - engine.count(act)
    warnings = [f"有 {later} 条活动的日期晚于截止日 {as_of.isoformat()},未参与计算。"] if later else []
    return Context(engine, facts, catalogue, window, shape, orgs, warnings=warnings)
