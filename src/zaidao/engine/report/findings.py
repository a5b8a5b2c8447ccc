"""What to look into, organisation by organisation: sentence, evidence rows, what was ruled out, which path answers it."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from zaidao.engine.report import evidence, svg
from zaidao.engine.report.markup import Markup, tag
from zaidao.engine.report.material import Material, Row, bounded
from zaidao.engine.sentences import percent
from zaidao.engine.words import FINDING_NAMES, SEVERITY_NAMES, peer_level

DETAILED = 80  # organisations told in full; the rest is in the workbook
FIRST_ROWS = 5
ON_FILE = ("kept", "kept_late", "moved")


def section(material: Material) -> Markup:
    """Organisations with findings of severity 2 or 3, in the tree's order."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in material.shown_findings():
        found[row["org_id"]].append(row)
    concerned = [o for o in material.orgs if o["org_id"] in found]
    told = bounded(concerned, DETAILED)
    keys = [k for o in told for f in found[o["org_id"]] for k in _shown(f)]
    lines = evidence.lines(material.facts, keys, material.names)
    opening = f"{len(concerned)}个组织有需要核实的提示,按隶属关系排列。"
    if len(told) < len(concerned):
        opening += f"此处由上级往下详列{len(told)}个,其余见 report.xlsx“提示”表和 findings.csv。"
    if not concerned:
        opening = "没有需要核实的提示。"
    duties = material.by_org(material.counted_duties(), {o["org_id"] for o in told})
    parts = [_organisation(material, o, found[o["org_id"]], lines, duties[o["org_id"]]) for o in told]
    return tag("section", tag("h2", "需要核实的提示"), tag("p", opening), parts, class_="newpage")


def _organisation(material: Material, org: Row, rows: list[Row], lines: Mapping[str, evidence.Line], duties: list[Row]) -> Markup:
    title = f"{org['name'] or '未命名'}({org['org_id']})"
    return tag("section", tag("h3", title), _strip(material, duties), [_finding(material, f, lines) for f in rows])


def _strip(material: Material, duties: list[Row]) -> Markup | None:
    """Month by month what was due and what of it has a record."""
    due = Counter(d["m"] for d in duties if d["state"] in (*ON_FILE, "missed"))
    done = Counter(d["m"] for d in duties if d["state"] in ON_FILE)
    counts = [(f"{month}月", done[m], due[m]) for m, (_, month) in enumerate(material.months)]
    if not any(total for _, _, total in counts):
        return None
    words = "逐月应办事项:有记录/应办(按周期结束的月份)"
    return tag("div", tag("p", words, class_="soft"), svg.strip(counts, words), class_="strip")


def _finding(material: Material, row: Row, lines: Mapping[str, evidence.Line]) -> Markup:
    card = material.cards.get(row["finding"], {})
    title = FINDING_NAMES.get(row["finding"], row["finding"])
    ruled_out = row.get("ruled_out") or ()
    return tag(
        "article", tag("h4", title, tag("span", SEVERITY_NAMES[row["severity"]], class_="tag")), tag("p", row.get("sentence")),
        _score(row, material.names), _evidence(row, lines),
        tag("p", "已核对的常见情形:" + ";".join(ruled_out) + "。", class_="soft") if ruled_out else None,
        tag("p", tag("b", "可以怎么做:"), card.get("path_text") or row.get("path") or "由上级与该组织一起了解情况。"), class_="finding",
    )


def _score(row: Row, org_names: Mapping[str, str]) -> Markup | None:
    """The estimate with its interval; a rule that was simply looked up has neither."""
    if None in (row["score"], row["low"], row["high"]) or row["low"] == row["high"]:
        return None
    words = f"估计值 {percent(row['score'])},区间 {percent(row['low'])}—{percent(row['high'])}"
    if row.get("peer_level"):
        words += f";比较范围:{peer_level(row['peer_level'], org_names)}"
    return tag("p", svg.interval(row["score"], row["low"], row["high"], words), words, class_="soft")


def _shown(row: Row) -> list[str]:
    """The first evidence keys; where records are alike, each with the one it is like."""
    return list(row.get("pairs") or row["evidence"] or ())[:FIRST_ROWS]


def _evidence(row: Row, lines: Mapping[str, evidence.Line]) -> Markup | None:
    count = len(row["evidence"] or ())
    if not count:
        return None
    first = [lines[k] for k in _shown(row)]
    items = [tag("li", f"{line.day} {line.what}".strip(), tag("span", f" {line.key}", class_="soft")) for line in first]
    if count > FIRST_ROWS:
        items.append(tag("li", f"另有{count - FIRST_ROWS}条,见 report.xlsx“提示”表和 findings.csv 中该组织该提示的“依据”列。"))
    return tag("div", f"依据 {count} 条:", tag("ul", items, class_="evidence"))
