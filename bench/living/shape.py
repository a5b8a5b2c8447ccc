"""The tree of an invented group, as values: who stands under whom, who stood elsewhere before, what was dissolved.

    group -> five divisions -> companies -> branches and general branches with branches -> groups of some branches

Everything stands from the first day; only leaves came later, moved, or ended.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

DIVISIONS = 5
WORK = ("运行", "检修", "生产", "物资", "机关", "营销", "财务", "研发", "质检", "仓储", "运输", "后勤", "化验", "电气", "仪表", "调度")
ORDINAL = "一二三四五六七八九十"


@dataclass(frozen=True)
class Shape:
    """How large, and how long ago it began. `organisations` and `people` are those of today; those that are gone come on top."""

    organisations: int = 10_000
    people: int = 150_000
    company: int = 100  # organisations of one company
    years: int = 5
    seed: int = 11
    moved: float = 0.03  # share of leaves that stood elsewhere before
    late: float = 0.05  # share of leaves established since
    dissolved: float = 0.02  # of all organisations, on top
    audited: bool = True  # the audit of five years, an entry a person and an appointment


@dataclass
class Node:
    """One organisation. `parent`, `before`: positions in the list. `moved_on`: since when it stands under `parent`."""

    code: str
    name: str
    kind: str
    parent: int | None
    since: date
    before: int | None = None
    moved_on: date | None = None
    until: date | None = None
    leaf: bool = True


@dataclass
class Plan:
    """The list under construction."""

    shape: Shape
    day: date
    draw: random.Random
    nodes: list[Node] = field(default_factory=list)

    @property
    def began(self) -> date:
        return self.day - timedelta(days=365 * self.shape.years + 180)

    def add(self, name: str, kind: str, parent: int | None) -> int:
        if parent is not None:
            self.nodes[parent].leaf = False
        self.nodes.append(Node(f"ZZ{len(self.nodes):06d}", name, kind, parent, self.began))
        return len(self.nodes) - 1

    def some_day(self) -> date:
        """A day between the beginning and yesterday."""
        return self.began + timedelta(days=self.draw.randrange(1, (self.day - self.began).days))


def plan(shape: Shape, day: date) -> list[Node]:
    """The organisations, superiors before subordinates."""
    made = Plan(shape, day, random.Random(shape.seed))
    root = made.add("海澜集团党委", "committee", None)
    for n, size in enumerate(_shares(shape.organisations - 1, DIVISIONS)):
        _division(made, root, n, size)
    _dissolved(made)
    _history(made)
    return made.nodes


def _shares(total: int, parts: int) -> Iterator[int]:
    """A whole number cut into parts that differ by one at most."""
    return (total * (n + 1) // parts - total * n // parts for n in range(parts))


def _division(made: Plan, root: int, n: int, size: int) -> None:
    top = made.add(f"第{ORDINAL[n]}事业部党委", "committee", root)
    count = max(1, (size - 1) // made.shape.company)
    for k, part in enumerate(_shares(size - 1, count)):
        _company(made, top, f"{ORDINAL[n]}部{k + 1}公司", part)


def _company(made: Plan, top: int, name: str, size: int) -> None:
    """A committee with `size` - 1 organisations below: a quarter of them under general branches, a fifth groups of branches."""
    company = made.add(f"{name}党委", "committee", top)
    left = size - 1
    for k in range(left // 30):
        general = made.add(f"{name}第{k + 1}党总支", "general_branch", company)
        left -= 1 + _branches(made, general, f"{name}{k + 1}总支", min(7, left - 1))
    branches = len(made.nodes)
    left -= _branches(made, company, name, left - left // 4)
    for k in range(left):
        parent = branches + k // 2
        made.add(f"{made.nodes[parent].name}第{k % 2 + 1}小组", "group", parent)


def _branches(made: Plan, above: int, name: str, count: int) -> int:
    for k in range(count):
        made.add(f"{name}{made.draw.choice(WORK)}{k + 1}党支部", "branch", above)
    return count


def _dissolved(made: Plan) -> None:
    """Branches that ended, each beside one that stands and took its people."""
    leaves = [i for i, node in enumerate(made.nodes) if node.leaf and node.kind == "branch"]
    for k, beside in enumerate(made.draw.sample(leaves, int(len(made.nodes) * made.shape.dissolved))):
        gone = made.add(f"{made.nodes[beside].name}(原{k + 1})", "branch", made.nodes[beside].parent)
        made.nodes[gone].until = made.some_day()


def _history(made: Plan) -> None:
    """Leaves that came later, and leaves that moved from another superior of the same kind in their own division."""
    leaves = [n for n in made.nodes if n.leaf and n.kind == "branch" and n.until is None]
    for node in leaves:
        fate = made.draw.random()
        if fate < made.shape.late:
            node.since = made.some_day()
        elif fate < made.shape.late + made.shape.moved:
            node.before, node.moved_on = _elsewhere(made, node), made.some_day()
            if node.before is None:
                node.moved_on = None


def _elsewhere(made: Plan, node: Node) -> int | None:
    """Another superior of the same kind, not far in the list; None where there is none."""
    assert node.parent is not None
    near = range(max(0, node.parent - 250), min(len(made.nodes), node.parent + 250))
    kind = made.nodes[node.parent].kind
    others = [i for i in near if i != node.parent and made.nodes[i].kind == kind and made.nodes[i].parent not in (None, 0)]
    return made.draw.choice(others) if others else None
