"""Who is comparable: the same kind and size class, under the nearest ancestor that has enough of them (SIGNALS 1)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zaidao.engine.tree import Tree


@dataclass(frozen=True)
class Grouping:
    """For each of the given organisations the index of its peer group (-1: none large enough) and the groups' members."""

    index: np.ndarray
    members: tuple[np.ndarray, ...]
    levels: tuple[str, ...]

    def level(self, i: int) -> str:
        """`under:<ancestor>`, `snapshot`, `kind` or `packaged`."""
        return self.levels[self.index[i]] if self.index[i] >= 0 else "packaged"


@dataclass(frozen=True)
class Peers:
    """Kind and size class of every organisation, and the tree above it."""

    tree: Tree
    classes: Mapping[str, tuple[str | None, int | None]]
    least: int

    @classmethod
    def of(cls, tree: Tree, orgs: pa.Table, least: int) -> "Peers":
        kinds = zip(orgs["kind"].to_pylist(), orgs["size_class"].to_pylist(), strict=True)
        return cls(tree, dict(zip(orgs["org_id"].to_pylist(), kinds, strict=True)), least)

    def group(self, orgs: Sequence[str]) -> Grouping:
        """The peer group of each organisation among `orgs` themselves."""
        pools: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for i, org in enumerate(orgs):
            for key in self._keys(org):
                pools[key].append(i)
        chosen: dict[tuple[str, ...], int] = {}
        index = np.full(len(orgs), -1)
        for i, org in enumerate(orgs):
            key = next((k for k in self._keys(org) if len(pools[k]) >= self.least), ())
            if key:
                index[i] = chosen.setdefault(key, len(chosen))
        levels = tuple(":".join(k[:2]) if k[0] == "under" else k[0] for k in chosen)
        return Grouping(index, tuple(np.array(pools[k]) for k in chosen), levels)

    def _keys(self, org: str) -> list[tuple[str, ...]]:
        """Candidate peer groups, nearest first."""
        kind, size = self.classes[org]
        same = (str(kind), str(size))
        above = [("under", ancestor, *same) for ancestor in reversed(self.tree.path[org][:-1])]
        return [*above, ("snapshot", *same), ("kind", str(kind))]
