"""The group at a glance: the tree two levels at a time, totals, the picture of paper against pulse."""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any

from zaidao.core.parquet import Folder, Row
from zaidao.engine.schema import ELEMENTS, FINDINGS
from zaidao.engine.words import FINDING_NAMES

SHOWN_FROM = 2  # severity that superiors see by default (SIGNALS 2)
PAGE = 50
WHOLE_TREE = 80  # up to so many organisations the tree is shown at once
POINTS = 300  # beyond so many organisations the picture counts them in a grid
GRID = 20
ROOTS = "~"  # stands for the superior of those at the top of what is in sight
BRIEF = 8

ORG = """select o.org_id, coalesce(o.name, o.org_id) as name, o.kind, o.parent_id, o.depth, o.ord, o.judged, o.members, o.exposure,
 (select count(*) from {derived/org} c where c.parent_id = o.org_id)::int as children
 from {derived/org} o left join {derived/org} p on p.org_id = o.parent_id"""


def names(folder: Folder) -> dict[str, str]:
    """Organisation -> name, of those in sight."""
    every, seen = _names(folder.path), getattr(folder, "codes", None)
    return every if seen is None else {code: every[code] for code in seen if code in every}


@lru_cache(maxsize=8)
def _names(path: Path) -> dict[str, str]:
    """Organisation -> name, of a folder that never changes."""
    found = Folder(path).rows("select org_id, coalesce(name, org_id) as name from {derived/org}")
    return {r["org_id"]: r["name"] for r in found}


def size(folder: Folder) -> int:
    return len(names(folder))


def judged_and_held(folder: Folder) -> tuple[int, int]:
    """Of what is in sight: organisations that could be judged, and activities on record."""
    row = folder.rows("""select (select count(*) filter (judged) from {derived/org})::int as judged,
        (select count(*) from {snapshot/activity})::int as held""")[0]
    return row["judged"], row["held"]


def top(folder: Folder) -> tuple[list[Row], str, int | None]:
    """The first rows of the tree in its order: all organisations where they are few, else the root and a page of the level below,
    or a page of the roots where there are several. With them whose children they are and the `ord` to go on after (None at the end)."""
    if size(folder) <= WHOLE_TREE:
        return folder.rows(f"{ORG} order by o.ord"), ROOTS, None
    roots, after = children(folder, ROOTS)
    if len(roots) > 1:
        return roots, ROOTS, after
    below, after = children(folder, roots[0]["org_id"])
    return [roots[0] | {"opened": True}, *below], roots[0]["org_id"], after


def children(folder: Folder, parent: str, after: int = -1) -> tuple[list[Row], int | None]:
    """A page of the organisations right under one (or of the `ROOTS`), and the `ord` to go on after (None at the end)."""
    rows = folder.rows(
        f"{ORG} where coalesce(p.org_id, $roots) = $parent and o.ord > $after order by o.ord limit $page",
        {"roots": ROOTS, "parent": parent, "after": after, "page": PAGE + 1},
    )
    return rows[:PAGE], rows[PAGE - 1]["ord"] if len(rows) > PAGE else None


def cells(folder: Folder, orgs: list[str], *, below: bool) -> dict[str, dict[str, Row]]:
    """Organisation -> element -> paper, pulse, gap with bounds: its own, or with all below it."""
    found = _rolled(folder, orgs) if below else folder.rows(
        "select org_id, element, paper, pulse, gap, why_null from {elements} where org_id in (select unnest($orgs))", {"orgs": orgs},
    )
    table: dict[str, dict[str, Row]] = {org: {} for org in orgs}
    for row in found:
        table[row["org_id"]][row["element"]] = row
    return table


def _rolled(folder: Folder, orgs: list[str]) -> list[Row]:
    return folder.rows(
        """select org_id, split_part(measure, ':', 2) as element, max(value) filter (measure like 'paper:%') as paper,
        max(value) filter (measure like 'pulse:%') as pulse, max(value) filter (measure like 'gap:%') as gap, null as why_null
        from {rollup} where org_id in (select unnest($orgs)) and measure in (select unnest($measures)) group by all""",
        {"orgs": orgs, "measures": [f"{m}:{e}" for m in ("paper", "pulse", "gap") for e in ELEMENTS]},
    )


def flags(folder: Folder, orgs: list[str]) -> dict[str, Row]:
    """Organisation -> its own findings shown by default (codes in the catalogue's order), and how many below have any."""
    found = folder.rows(
        """with shown as (select org_id, finding, severity from {findings} where severity >= $from),
        own as (select org_id, list(finding) as codes from shown where org_id in (select unnest($orgs)) group by org_id),
        under as (select a.ancestor_id as org_id, count(distinct s.org_id) as below from shown s join {derived/ancestry} a using (org_id)
          where a.distance > 0 and a.ancestor_id in (select unnest($orgs)) group by a.ancestor_id)
        select org_id, own.codes, coalesce(under.below, 0) as below from own full join under using (org_id)""",
        {"orgs": orgs, "from": SHOWN_FROM},
    )
    for row in found:
        row["codes"] = [c for c in FINDINGS if c in (row["codes"] or ())]
    return {r["org_id"]: r for r in found}


def kinds(folder: Folder, unknown: Collection[str]) -> list[Row]:
    """Each kind of finding with the number of organisations by severity; None for those that could not be judged."""
    found = {r["finding"]: r for r in folder.rows(
        """select finding, count(*) filter (severity = 1)::int as one, count(*) filter (severity = 2)::int as two,
        count(*) filter (severity = 3)::int as three from {findings} group by finding""",
    )}
    none = dict.fromkeys(("one", "two", "three"), 0)
    return [
        {"finding": c, "name": FINDING_NAMES[c]} | {k: None if c in unknown else found.get(c, none)[k] for k in none} for c in FINDINGS
    ]


def first_looks(folder: Folder, flag: float) -> tuple[list[Row], int]:
    """Where to look first, in the tree's order: organisations complete on paper and thin in traces, with a gap that is sure to pass
    `flag`, or with a finding of severity 3. The first few with their findings and such elements, and how many there are."""
    orgs = folder.rows(
        """with first as (select org_id from {findings} where severity = 3 or (finding = 'shell' and severity >= $from)
          union select org_id from {elements} where gap_low > $flag)
        select o.org_id, coalesce(o.name, o.org_id) as name, count(*) over ()::int as total from first join {derived/org} o using (org_id)
        order by o.ord limit $brief""", {"from": SHOWN_FROM, "flag": flag, "brief": BRIEF},
    )
    ids = [o["org_id"] for o in orgs]
    found = folder.rows(
        "select org_id, finding, severity, sentence, path from {findings} where org_id in (select unnest($ids)) and severity >= $from",
        {"ids": ids, "from": SHOWN_FROM},
    )
    wide = folder.rows(
        "select org_id, element, paper, pulse from {elements} where org_id in (select unnest($ids)) and gap_low > $flag",
        {"ids": ids, "flag": flag},
    )
    for org in orgs:
        own = sorted((f for f in found if f["org_id"] == org["org_id"]), key=lambda f: FINDINGS.index(f["finding"]))
        org["found"] = [f | {"title": FINDING_NAMES[f["finding"]]} for f in own]
        org["elements"] = [e for e in wide if e["org_id"] == org["org_id"]]
    return orgs, orgs[0]["total"] if orgs else 0


def picture(folder: Folder, element: str) -> dict[str, Any]:
    """Paper against pulse of one element: a point per organisation, or counts in a grid for large groups."""
    if size(folder) <= POINTS:
        points = folder.rows(
            """select e.paper as x, e.pulse as y, coalesce(o.name, o.org_id) as name from {elements} e join {derived/org} o using (org_id)
            where e.element = $element and e.pulse is not null order by o.ord""", {"element": element},
        )
        return {"grid": False, "points": points}
    points = folder.rows(
        f"""select round(paper * {GRID}) / {GRID} as x, round(pulse * {GRID}) / {GRID} as y, count(*)::int as n from {{elements}}
        where element = $element and pulse is not null group by all order by all""", {"element": element},
    )
    return {"grid": True, "points": points}


def duty_totals(folder: Folder) -> dict[str, int]:
    """State -> number of duties of the window; `shared` for those that most of a site missed together."""
    state = "case when shared then 'shared' else state end"
    found = folder.rows(f"select {state} as state, count(*)::int as n from {{duties}} where in_window group by all")
    return {r["state"]: r["n"] for r in found}


def findings(folder: Folder, *, code: str = "", org: str = "", least: int = SHOWN_FROM, page: int = 1) -> tuple[list[Row], int]:
    """A page of findings in the tree's order, of a kind and at or below an organisation where asked; and how many there are."""
    found = folder.rows(
        """select f.org_id, coalesce(o.name, f.org_id) as name, f.finding, f.score, f.low, f.high, f.severity, f.sentence,
        len(f.evidence)::int as pieces, count(*) over ()::int as total from {findings} f join {derived/org} o using (org_id)
        where f.severity >= $least and ($code = '' or f.finding = $code)
        and ($org = '' or f.org_id in (select org_id from {derived/ancestry} where ancestor_id = $org))
        order by o.ord, list_position($codes, f.finding) limit $page offset $skip""",
        {"least": least, "code": code, "org": org, "codes": list(FINDINGS), "page": PAGE, "skip": (page - 1) * PAGE},
    )
    return found, found[0]["total"] if found else 0
