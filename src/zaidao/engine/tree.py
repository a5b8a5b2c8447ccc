"""The organisation tree as of one day: order, depth, ancestors. Damaged links (unknown parent, circle) make a root."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Tree:
    """Organisations in tree order (children by code) with depth and path of ancestors, root first, itself last."""

    order: tuple[str, ...]
    path: Mapping[str, tuple[str, ...]]
    children: Mapping[str, tuple[str, ...]]


def build(parents: Mapping[str, str | None]) -> Tree:
    """The tree of `parents`; whoever has no known parent is a root, and a circle is cut at its least code."""
    children: dict[str, list[str]] = defaultdict(list)
    roots: list[str] = []
    for org in sorted(parents):
        parent = parents[org]
        (children[parent] if parent is not None and parent in parents and parent != org else roots).append(org)
    order: list[str] = []
    path: dict[str, tuple[str, ...]] = {}
    for root in roots + sorted(parents):
        if root not in path:
            _descend(root, children, order, path)
    return Tree(tuple(order), path, {k: tuple(v) for k, v in children.items()})


def _descend(root: str, children: Mapping[str, list[str]], order: list[str], path: dict[str, tuple[str, ...]]) -> None:
    stack: list[tuple[str, tuple[str, ...]]] = [(root, ())]
    while stack:
        org, above = stack.pop()
        if org in path:
            continue
        path[org] = (*above, org)
        order.append(org)
        stack.extend((child, path[org]) for child in reversed(children.get(org, ())))
