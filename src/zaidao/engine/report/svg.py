"""Static inline pictures: scatter with diagonal, bar, interval, month strip. One neutral hue; every picture has a title in words."""

from collections import Counter
from collections.abc import Callable, Sequence

from zaidao.engine.report.markup import Markup, Node, tag

INK, LINE, HUE = "#1c2733", "#b9c4cf", "#2f6690"
BINS = 20
PLAIN_POINTS = 400  # above this, points lie on each other and the file swells: one circle a grid cell

Point = tuple[float, float]
Place = Callable[[float, float], Point]  # from the unit square to the picture


def svg(width: float, height: float, title: str, *children: Node) -> Markup:
    """A picture that scales with its place and reads its title aloud."""
    return tag(
        "svg", tag("title", title), *children, viewBox=f"0 0 {width:g} {height:g}", role="img", aria_label=title,
        xmlns="http://www.w3.org/2000/svg", preserveAspectRatio="xMinYMin meet", style=f"max-width:{width:g}px", width="100%",
    )


def text(x: float, y: float, words: str, anchor: str = "start", size: float = 11) -> Markup:
    return tag("text", words, x=x, y=y, text_anchor=anchor, font_size=size, fill=INK)


def scatter(points: Sequence[Point], title: str, x_name: str, y_name: str, *, side: float = 190) -> Markup:
    """Points in the unit square, x to the right, y up, with the diagonal; many points become circles sized by count."""
    left, bottom, top = 34.0, 30.0, 22.0

    def place(x: float, y: float) -> Point:
        return left + x * side, top + (1 - y) * side

    ticks = [_tick(v, place, side) for v in (0.0, 0.5, 1.0)]
    (x0, y0), (x1, y1) = place(0, 0), place(1, 1)
    return svg(
        left + side + 12, top + side + bottom, title, text(left, 13, title, size=12), ticks,
        tag("line", x1=x0, y1=y0, x2=x1, y2=y1, stroke=LINE, stroke_dasharray="4 3"),
        [tag("circle", cx=cx, cy=cy, r=r, fill=HUE, fill_opacity=0.55) for (cx, cy), r in _circles(points, place, side)],
        text(left + side, top + side + 26, x_name, "end", 10), text(left - 30, top - 8, y_name, size=10),
    )


def _tick(value: float, place: Place, side: float) -> list[Markup]:
    x, y = place(value, value)
    left, base = place(0, 0)
    return [
        tag("line", x1=x, y1=base - side, x2=x, y2=base, stroke=LINE, stroke_width=0.6), text(x, base + 13, f"{value:.0%}", "middle", 9),
        tag("line", x1=left, y1=y, x2=left + side, y2=y, stroke=LINE, stroke_width=0.6), text(left - 4, y + 3, f"{value:.0%}", "end", 9),
    ]


def _circles(points: Sequence[Point], place: Place, side: float) -> list[tuple[Point, float]]:
    if len(points) <= PLAIN_POINTS:
        return [(place(x, y), 3.0) for x, y in points]
    cells = Counter((min(int(x * BINS), BINS - 1), min(int(y * BINS), BINS - 1)) for x, y in points)
    most, widest = max(cells.values()), side / BINS / 2
    return [(place((i + 0.5) / BINS, (j + 0.5) / BINS), max(1.0, widest * (n / most) ** 0.5)) for (i, j), n in sorted(cells.items())]


def bar(share: float, title: str, width: float = 160, height: float = 12) -> Markup:
    """A share in [0, 1] as a bar on its full length."""
    return svg(
        width, height, title, tag("rect", x=0, y=2, width=width, height=height - 4, fill="#e6ebf0"),
        tag("rect", x=0, y=2, width=width * min(max(share, 0.0), 1.0), height=height - 4, fill=HUE),
    )


def interval(value: float, low: float, high: float, title: str, *, width: float = 160, height: float = 14) -> Markup:
    """A value in [0, 1] with its interval on a scale from 0 to 1."""
    middle = height / 2
    return svg(
        width, height, title, tag("line", x1=0, y1=middle, x2=width, y2=middle, stroke=LINE),
        tag("line", x1=width * low, y1=middle, x2=width * high, y2=middle, stroke=HUE, stroke_width=4, stroke_opacity=0.5),
        tag("circle", cx=width * value, cy=middle, r=3.5, fill=HUE),
    )


def strip(counts: Sequence[tuple[str, int, int]], title: str, cell: float = 24) -> Markup:
    """Months as (label, on file, due): the darker, the more of what was due is on file; nothing due stays white."""
    cells = []
    for i, (label, done, due) in enumerate(counts):
        depth = 0.08 + 0.5 * done / due if due else 0.0
        cells += [
            tag("rect", x=i * cell, y=0, width=cell - 2, height=16, fill=HUE, fill_opacity=depth, stroke=LINE),
            text(i * cell + cell / 2 - 1, 12, f"{done}/{due}" if due else "", "middle", 9),
            text(i * cell + cell / 2 - 1, 27, label, "middle", 8),
        ]
    return svg(len(counts) * cell, 30, title, cells)
