"""The overview on one page, and the matrix of organisations and elements in the tree's order."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import pyarrow.compute as pc

from zaidao.engine.report import svg
from zaidao.engine.report.markup import Markup, Node, tag
from zaidao.engine.report.material import Material, Row, bounded
from zaidao.engine.schema import ELEMENTS, FINDINGS
from zaidao.engine.sentences import percent
from zaidao.engine.words import ELEMENT_NAMES, ELEMENT_ROOTS, FINDING_NAMES, SEVERITY_NAMES

MATRIX_ROWS = 200  # about six A4 pages; the rest is in the workbook
GAP_STEPS = (0.1, 0.25, 0.4, 0.6)  # shades of the matrix only; nothing is judged by them


def section(material: Material) -> Markup:
    return tag(
        "section", tag("h2", "一页概览"), _tiles(material), _reading(), tag("h3", "哪些方面台账与印证有差距"), _plots(material),
        tag("h3", "提示的种类"), _kinds(material), class_="first",
    )


def _tiles(material: Material) -> Markup:
    shown = material.shown_findings()
    duties = Counter(material.counted_duties()["state"].to_pylist())
    kept = sum(duties[s] for s in ("kept", "kept_late", "moved"))
    numbers = [
        ("组织", len(material.orgs)), ("其中可作判断的组织", sum(bool(o["judged"]) for o in material.orgs)),
        ("活动记录", material.facts.rows("activity")), ("应办事项中有记录的", f"{kept} / {kept + duties['missed']}"),
        ("提示(请核实及以上)", len(shown)), ("涉及组织", len({f["org_id"] for f in shown})),
        ("已说明而不再计入的依据", material.manifest.get("explained_evidence", 0)), ("表格中的数据问题", len(material.problems)),
    ]
    return tag("ul", [tag("li", tag("b", value), name) for name, value in numbers], class_="tiles")


def _reading() -> Markup:
    return tag(
        "p", "“台账”指按规定应有的,台账上有多少;“印证”指其中又有时间、文本、图片、出席等痕迹能印证的有多少;两者之差为“差距”。"
        "差距大说明台账与实际痕迹不一致,先去了解情况,不等于没有做。台账低而差距小,多半是做了没有记全,需要的是记录上的帮助。",
    )


def _plots(material: Material) -> Markup:
    table = material.tables["elements"]
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for element, paper, pulse in zip(*(table[c].to_pylist() for c in ("element", "paper", "pulse")), strict=True):
        if paper is not None and pulse is not None:
            points[element].append((paper, pulse))
    plots = [svg.scatter(points[e], f"{ELEMENT_NAMES[e]}({len(points[e])}个组织)", "台账", "印证") for e in ELEMENTS if points[e]]
    if not plots:
        return tag("p", "没有可比较的要素,原因见“未作判断的部分”。")
    note = "每点一个组织,落在虚线上表示台账上的都有痕迹印证,越靠下差距越大。"
    if max(map(len, points.values())) > svg.PLAIN_POINTS:
        note = "组织较多,按格汇总,圆越大组织越多;落在虚线上表示台账上的都有痕迹印证,越靠下差距越大。"
    return Markup(tag("div", plots, class_="plots") + tag("p", note + "数值见下页表格。", class_="soft"))


def _kinds(material: Material) -> Markup:
    found = Counter((f["finding"], f["severity"]) for f in material.shown_findings())
    most = max([found[c, 2] + found[c, 3] for c in FINDINGS] or [0])
    rows = []
    for code in FINDINGS:
        total = found[code, 2] + found[code, 3]
        unknown = material.unknown.get(code)
        picture = svg.bar(total / most, f"{FINDING_NAMES[code]} {total}") if total else None
        rows.append(tag(
            "tr", tag("td", FINDING_NAMES[code]), tag("td", found[code, 2], class_="number"), tag("td", found[code, 3], class_="number"),
            tag("td", f"未作判断:{unknown}" if unknown else picture),
        ))
    head = [("提示", None), (SEVERITY_NAMES[2], "number"), (SEVERITY_NAMES[3], "number"), ("组织数", None)]
    return table_of("各类提示涉及的组织数", head, rows, "kinds")


def table_of(caption: str, head: Sequence[tuple[str, str | None]], rows: Sequence[Node], class_: str | None = None) -> Markup:
    """A table in a box that scrolls sideways on small screens; `head` is (name, class)."""
    columns = tag("tr", [tag("th", name, scope="col", class_=kind) for name, kind in head])
    table = tag("table", tag("caption", caption), tag("thead", columns), tag("tbody", rows), class_=class_)
    return tag("div", table, class_="wide", tabindex=0, role="region", aria_label=caption)


def matrix_section(material: Material) -> Markup:
    orgs = bounded(material.orgs, MATRIX_ROWS)
    cells = material.by_org(material.tables["elements"], {o["org_id"] for o in orgs})
    rows = [_matrix_row(o, {c["element"]: c for c in cells.get(o["org_id"], ())}) for o in orgs]
    caption = "组织按隶属关系排列;每格为 台账→印证;底色越深差距越大;“—”为未评估。"
    if len(orgs) < len(material.orgs):
        caption += f"共{len(material.orgs)}个组织,此处由上级往下列出{len(orgs)}个,全部见 report.xlsx“要素”表和 elements.csv。"
    head = [("组织", None), *((ELEMENT_NAMES[e], None) for e in ELEMENTS)]
    terms = [tag("li", f"{ELEMENT_NAMES[e]}:{ELEMENT_ROOTS[e]}") for e in ELEMENTS]
    table = table_of(caption, head, rows, "matrix")
    return tag("section", tag("h2", "组织与要素"), table, tag("p", "各要素“台账”的口径:"), tag("ul", terms), class_="newpage")


def _matrix_row(org: Row, cells: dict[str, Row]) -> Markup:
    label = tag("span", org["name"] or org["org_id"])
    name = tag("th", label, scope="row", class_=f"d{min(org['depth'], 4)}" if org["depth"] else None)
    return tag("tr", name, [_matrix_cell(cells.get(e)) for e in ELEMENTS])


def _matrix_cell(cell: Row | None) -> Markup:
    if cell is None or cell["paper"] is None:
        return tag("td", "—", title=(cell or {}).get("why_null"))
    if cell["pulse"] is None:
        return tag("td", f"{percent(cell['paper'])}→—", title=cell.get("why_null"))
    shade = sum((cell["gap"] or 0.0) > step for step in GAP_STEPS)
    return tag("td", f"{percent(cell['paper'])}→{percent(cell['pulse'])}", class_=f"g{shade}" if shade else None)


def unknown_cells(material: Material) -> Counter[tuple[str, str]]:
    """(element, reason) -> organisations for which it is not assessed."""
    table = material.tables["elements"]
    if "why_null" not in table.column_names:
        return Counter()
    blank = table.filter(pc.is_valid(table["why_null"]))
    return Counter(zip(blank["element"].to_pylist(), blank["why_null"].to_pylist(), strict=True))
