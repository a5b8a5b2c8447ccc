"""What asks for something: clauses of the editions in force and the catalogue's rules, as the engine's sources."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, OuterRef, Subquery

from zaidao.engine import catalogue
from zaidao.engine.catalogue import Catalogue
from zaidao.engine.duties import clauses
from zaidao.engine.duties.clauses import Source
from zaidao.institutions.decisions.values import LEFT_OPEN, Own, with_values
from zaidao.institutions.models import Clause, Edition
from zaidao.institutions.queries.values import own_values

COLUMNS = ("pk", "article", "subject", "applies_to", "every", "at_least", "grace_days", "edition__number", "edition__since",
           "edition__until", "edition__institution__code", "edition__institution__organisation_id")


@dataclass(frozen=True)
class Sources:
    """`made`: maker's number as text (None: the catalogue) -> its sources. `clause`: key of a source -> number of its clause."""

    known: Catalogue
    made: Mapping[str | None, Sequence[Source]]
    clause: Mapping[str, int]


def facts_code(code: str, number: int, last: int | None) -> str:
    """What an edition is called in the facts: the institution's own code for the last one adopted, `Z001@1` for those before."""
    return code if last is None or number >= last else f"{code}@{number}"


def stable_key(key: str) -> str:
    """The key of a source without the edition: what a duty is called by, whatever comes after."""
    return re.sub(r"@\d+\|", "|", key, count=1)


def last_edition() -> Subquery:
    """The number of an institution's last adopted edition, for a query over editions' rows."""
    adopted = Edition.everything.filter(institution=OuterRef("edition__institution"), since__isnull=False).order_by()
    return Subquery(adopted.values("institution").annotate(last=Max("number")).values("last"))


def named(subject: str | None) -> str | None:
    """What a duty of the subject is called: the activity kind it names, else its own words."""
    return clauses.activity_kind(subject) or (subject or "").strip() or None


def clause_rows() -> list[dict[str, Any]]:
    """Every clause of an adopted edition, shaped as `clauses.joined` gives them, with `pk`; `org_id` is the maker's number. One query."""
    rows = Clause.everything.filter(edition__since__isnull=False).annotate(last=last_edition()).values(*COLUMNS, "last")
    found = [row_of(row, facts_code(row["edition__institution__code"], row["edition__number"], row["last"])) for row in rows]
    return sorted(found, key=lambda r: (r["institution_id"], r["article"]))


def row_of(row: Mapping[str, Any], code: str) -> dict[str, Any]:
    """A clause's columns as the engine's rules read them."""
    return {
        "pk": row["pk"], "institution_id": code, "article": row["article"], "subject": row["subject"] or None,
        "org_id": str(row["edition__institution__organisation_id"]), "applies_to": row["applies_to"] or None, "every": row["every"],
        "at_least": row["at_least"], "grace_days": row["grace_days"], "adopted_on": row["edition__since"],
        "repealed_on": row["edition__until"],
    }


def sources(day: date, rows: Iterable[Mapping[str, Any]] | None = None, values: Sequence[Own] | None = None) -> Sources:
    """All that asks, with the office's values as of a day and the rhythms that begin later. Two queries less the clauses
    (`clause_rows`) and values that are given."""
    told = clause_rows() if rows is None else list(rows)
    own = own_values() if values is None else values
    known = with_values(catalogue.load(), [each for each in own if each.key in LEFT_OPEN or each.since <= day])
    local = clauses.local_sources(told, known, named)
    numbers = {f"clause:{r['institution_id']}|{r['article']}": r["pk"] for r in told}
    return Sources(known, clauses.by_maker([*local, *clauses.catalogue_sources(known)]), numbers)

