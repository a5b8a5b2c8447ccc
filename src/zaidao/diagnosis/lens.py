"""A run's folder as one person may see it: every statement is cut to the organisations in sight, whatever the page asks for.

Each published file has its cut below; a file without one cannot be read through a lens. Findings that their organisation is still
to see and answer first are left out for everybody else and only counted (`kept_back`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from zaidao.core.parquet import Folder, Row

SEEN = "org_id in (select unnest($lens_codes))"
ABOVE = "org_id in (select ancestor_id from {derived/ancestry} where org_id in (select unnest($lens_codes)))"
OPEN = "(org_id || '|' || finding) not in (select unnest($lens_closed))"
CUTS: dict[str, str] = {
    "findings": f"{SEEN} and {OPEN}",
    "derived/evidence": f"{SEEN} and {OPEN}",
    "derived/marks": f"{SEEN} and org_id not in (select split_part(c, '|', 1) from (select unnest($lens_closed) as c))",
    "rollup": f"{SEEN} and not (measure like 'finding:%' and split_part(measure, ':', 2) in "
              "(select split_part(c, '|', 2) from (select unnest($lens_closed) as c)))",
    "derived/shared_causes": "true",  # told of sites, and asked for by pages of organisations in sight
    "snapshot/institution": f"({SEEN} or {ABOVE})",  # rules of the superiors bind those below, who may read them
    "snapshot/clause": f"institution_id in (select institution_id from {{snapshot/institution}} where {SEEN} or {ABOVE})",
    "snapshot/person": f"({SEEN} or person_id in (select person_id from {{snapshot/appointment}} where {SEEN}))",
} | dict.fromkeys((
    "elements", "duties", "derived/org", "derived/ancestry", "derived/conflicts", "derived/element_parts", "derived/load",
    "snapshot/activity", "snapshot/carrier", "snapshot/idea", "snapshot/appointment", "snapshot/organisation",
), SEEN)


class Lens(Folder):
    """`codes`: organisations in sight, None for all. `closed`: (organisation, code) of findings that are not for this person yet."""

    def __init__(self, path: Path, codes: Collection[str] | None, closed: Collection[tuple[str, str]] = ()) -> None:
        super().__init__(path)
        self.codes = None if codes is None else frozenset(codes)
        self.closed = frozenset(closed)

    @property
    def whole(self) -> bool:
        """Nothing is cut off."""
        return self.codes is None and not self.closed

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        given = dict(values or {})
        if not self.whole:
            told = sql + "".join(CUTS.get(name, "") for name in self._named(sql))
            codes = "$lens_codes" in told
            given |= {"lens_codes": self._codes()} if codes else {}
            given |= {"lens_closed": [f"{o}|{f}" for o, f in sorted(self.closed)]} if "$lens_closed" in told else {}
        return super().rows(sql, given)

    def _codes(self) -> list[str]:
        return sorted(self.codes) if self.codes is not None else [r["org_id"] for r in Folder(self.path).rows(
            "select org_id from {derived/org}")]

    def _source(self, name: str) -> str:
        """The file, cut to what is in sight. Raises KeyError for a file that has no cut."""
        file = super()._source(name)
        if self.whole:
            return file
        cut = self.plain(CUTS[name])
        return f"(select * from {file} where {cut})"

    def kept_back(self, least: int) -> dict[str, int]:
        """Finding -> how many organisations in sight are still to answer it first, under "" those with any. A sum is told only where it
        stands for at least `least`, and where at least as many in sight have none: else whoever has one could be told from the sum."""
        if not self.closed:
            return {}
        every = Folder(self.path).rows("select org_id, finding from {findings} where severity > 0")
        seen = self.codes if self.codes is not None else frozenset(self._codes())
        waiting: dict[str, set[str]] = defaultdict(set)
        told: dict[str, set[str]] = defaultdict(set)
        for org, code in ((r["org_id"], r["finding"]) for r in every if r["org_id"] in seen):
            (waiting if (org, code) in self.closed else told)[code].add(org)
        waiting[""] = set().union(*waiting.values())
        return {c: len(w) for c, w in sorted(waiting.items()) if len(w) >= least and len(seen - w - told[c]) >= least}
