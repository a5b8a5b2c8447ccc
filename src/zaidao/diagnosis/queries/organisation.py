"""One organisation: elements with their parts, months of duties, findings, posts, what is below and above it."""

from datetime import date
from typing import Any

from zaidao.core.parquet import Folder, Row
from zaidao.engine.schema import ELEMENTS, FINDINGS

# The names of those who hold the posts of `held`, and of nobody else.
NAMED = """named as (select person_id, any_value(name) as name from {snapshot/person}
  where person_id in (select person_id from held) group by person_id)"""


def one(folder: Folder, org_id: str) -> Row | None:
    return folder.row("select *, coalesce(name, org_id) as title from {derived/org} where org_id = $org", {"org": org_id})


def chain(folder: Folder, org_id: str) -> list[Row]:
    """From the root down to the organisation itself."""
    return folder.rows(
        """select o.org_id, coalesce(o.name, o.org_id) as name from {derived/ancestry} a join {derived/org} o on o.org_id = a.ancestor_id
        where a.org_id = $org order by a.distance desc""", {"org": org_id},
    )


def elements(folder: Folder, org_id: str) -> list[Row]:
    """Its elements in the catalogue's order, each with the parts that were counted."""
    rows = {r["element"]: r for r in folder.rows("select * from {elements} where org_id = $org", {"org": org_id})}
    parts: dict[str, list[Row]] = {}
    if folder.has("derived/element_parts"):
        for part in folder.rows("select * from {derived/element_parts} where org_id = $org order by role, component", {"org": org_id}):
            parts.setdefault(part["element"], []).append(part)
    return [rows[e] | {"parts": parts.get(e, [])} for e in ELEMENTS if e in rows]


def findings(folder: Folder, org_id: str) -> list[Row]:
    """All its findings, of every severity, in the catalogue's order."""
    found = folder.rows("select *, len(evidence)::int as pieces from {findings} where org_id = $org and severity > 0", {"org": org_id})
    return sorted(found, key=lambda r: FINDINGS.index(r["finding"]))


def finding(folder: Folder, org_id: str, code: str) -> Row | None:
    return folder.row("select * from {findings} where org_id = $org and finding = $code", {"org": org_id, "code": code})


def duties(folder: Folder, org_id: str) -> list[Row]:
    """Its duties of the window, by subject and day."""
    return folder.rows(
        """select subject, source_key, period_start, due_on, state, activity_id, m, shared, reason, rule_level, every from {duties}
        where org_id = $org and in_window and m is not null order by subject, due_on, source_key""", {"org": org_id},
    )


def strip(rows: list[Row], months: list[date]) -> list[dict[str, Any]]:
    """Subject by month: each month of the window with what was due in it, for the month strip."""
    subjects: dict[str, list[list[Row]]] = {}
    for row in rows:
        if 0 <= row["m"] < len(months):
            subjects.setdefault(row["subject"] or "未写事项", [[] for _ in months])[row["m"]].append(row)
    return [{"subject": subject, "months": list(zip(months, cells, strict=True))} for subject, cells in subjects.items()]


def posts(folder: Folder, org_id: str, as_of: date) -> list[Row]:
    """Posts in office on the day, as on file, with the holder's name."""
    return folder.rows(
        f"""with held as (select post, domain, full_time, since, person_id from {{snapshot/appointment}}
          where org_id = $org and (since is null or since <= $day) and (until is null or until > $day)), {NAMED}
        select held.*, named.name from held left join named using (person_id)
        order by case domain when 'party' then 0 when 'mass' then 1 else 2 end, post, person_id""", {"org": org_id, "day": as_of},
    )


def rollup(folder: Folder, org_id: str) -> list[Row]:
    """Every measure of the organisation with all below it, in published order; findings only where there are any."""
    return folder.rows(
        """select measure, num, den, value, low, high, organisations from {rollup} where org_id = $org
        and (measure not like 'finding:%' or num > 0)""", {"org": org_id},
    )


def shared_causes(folder: Folder, org_id: str) -> list[Row]:
    """Months and subjects that most organisations under it missed or filed late together: reported here, judged nowhere."""
    if not folder.has("derived/shared_causes"):
        return []
    return folder.rows(
        """select * from {derived/shared_causes}
        where site_id = $org or site_id in (select site_id from {derived/org} where parent_id = $org)
        order by period_start, subject""", {"org": org_id},
    )


def conflicts(folder: Folder, org_id: str) -> list[Row]:
    """Clauses of its own rules that ask for less than a rule of the field."""
    if not folder.has("derived/conflicts"):
        return []
    return folder.rows("select * from {derived/conflicts} where org_id = $org order by institution_id, article", {"org": org_id})


def load(folder: Folder, orgs: list[str]) -> list[Row]:
    """Posts with hours inside each of the organisations, ordered by post (never by hours)."""
    if not folder.has("derived/load") or "post" not in folder.columns("derived/load"):
        return []
    return folder.rows(
        f"""with held as (select * from {{derived/load}} where org_id in (select unnest($orgs))), {NAMED}
        select held.*, coalesce(o.name, org_id) as org_name, named.name as holder from held join {{derived/org}} o using (org_id)
        left join named using (person_id) order by o.ord, held.ord""", {"orgs": orgs},
    )


def loaded(folder: Folder, *, under: str, page: int, size: int) -> tuple[list[str], int]:
    """Organisations with posts, at or below one where asked, in the tree's order: one page of them, and how many."""
    if not folder.has("derived/load") or "post" not in folder.columns("derived/load"):
        return [], 0
    found = folder.rows(
        """select o.org_id, count(*) over ()::int as total from {derived/org} o where o.org_id in (select org_id from {derived/load})
        and ($under = '' or o.org_id in (select org_id from {derived/ancestry} where ancestor_id = $under))
        order by o.ord limit $size offset $skip""", {"under": under, "size": size, "skip": (page - 1) * size},
    )
    return [r["org_id"] for r in found], found[0]["total"] if found else 0
