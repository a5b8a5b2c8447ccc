"""HTML and SVG as nested calls: whatever is not already markup is escaped."""

from collections.abc import Iterable
from html import escape

VOID = frozenset({"meta", "br", "hr", "col", "line", "rect", "circle", "path"})


class Markup(str):
    """Text that is already markup and goes in as it is."""

    __slots__ = ()


Node = str | int | float | None | Iterable["Node"]


def join(*nodes: Node) -> Markup:
    """The nodes one after another; None is nothing, lists are flattened, plain text is escaped."""
    return Markup("".join(_flat(nodes)))


def tag(name: str, /, *children: Node, **attributes: str | int | float | None) -> Markup:
    """One element. `class_` gives class, `stroke_width` gives stroke-width; attributes that are None are left out."""
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    opened = "".join([name, *(f' {key}="{escape(_number(value))}"' for key, value in pairs)])
    if name in VOID and not children:
        return Markup(f"<{opened}/>")
    return Markup(f"<{opened}>{join(*children)}</{name}>")


def _flat(nodes: Iterable[Node]) -> Iterable[str]:
    for node in nodes:
        if node is None:
            continue
        if isinstance(node, Markup):
            yield node
        elif isinstance(node, str | int | float):
            yield escape(_number(node), quote=False)
        else:
            yield from _flat(node)


def _number(value: str | int | float) -> str:
    """Coordinates with two decimals at most: enough for print, and the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
